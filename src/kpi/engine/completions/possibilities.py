"""Possibilities of the targets of a batch: what rows can still be, as sums that merge (F2 to F15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import polars as pl
from attrs import evolve, frozen
from polars._typing import EngineType

from kpi.definitions.derived_dates import Derived
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import BIN, PART, PERIOD, ROW
from kpi.definitions.target import Target
from kpi.engine import compile as compiled
from kpi.engine.completions.asked import Asked, asked_after
from kpi.engine.completions.complete import Completer, TooManyCompletionsError
from kpi.engine.completions.newcomers import Newcomers, UnboundedNewcomersError
from kpi.engine.completions.open_rows import (
    Reads,
    depends_on_day,
    distinct_rows,
    known,
    with_open_tests,
)
from kpi.engine.completions.outcomes import (
    CAN_HELP,
    CAN_HURT,
    COUNT,
    MAY_BE_EXCLUDED,
    OPTIONS,
    OTHER,
    newcomer_sums,
    options_of,
)
from kpi.engine.state import encode_segment
from kpi.engine.target_query import TargetQuery, columns_of, target_queries
from kpi.rules._reported import FactTarget
from kpi.tables.as_of import Snapshot
from kpi.tables.needs import Needs

WIDE = "wide"
"""Quantity: above 0 where options are wider than what can come about (F14)."""

_ANY = OPTIONS[7]


def possibilities(
    plan: Plan,
    needs: Needs,
    snapshot: Snapshot,
    targets: Sequence[Target],
    *,
    by: Sequence[str],
    engine: EngineType,
) -> list[pl.DataFrame]:
    """Return the possibilities of the targets of one table that end after the as-of date.

    Args:
        plan: the plan.
        needs: the needs of the plan.
        snapshot: the table at the as-of date, with the paused days of its cases.
        targets: the targets that read the table, and no table that is missing.
        by: the columns of the break-down.
        engine: the Polars engine.

    Returns:
        frames with the columns of a state's `possible`: a row for each target, group, period of the
        target's own series, segment and quantity. Beside the options of the open rows stand the
        sums of the settled rows as of the target's last day, named as in a state.
    """
    derived = needs.of(snapshot.table.name).derived_dates
    questions = [
        _question(plan, snapshot, derived, asked)
        for asked in asked_after(plan, targets, snapshot.as_of)
    ]
    if not questions:
        return []
    frames = [*_settled(plan, snapshot, questions, by, engine)]
    with_events = [question for question in questions if question.reads.events]
    opened = _open_rows(snapshot, derived, with_events, by, engine)
    frames += (question.of_open_rows(rows, by) for question, rows in opened)
    frames += (question.of_newcomers(by) for question in questions)
    return frames


def scans(plan: Plan, needs: Needs, snapshot: Snapshot, targets: Sequence[Target]) -> int:
    """Return how often `possibilities` goes over the rows of a table."""
    derived = needs.of(snapshot.table.name).derived_dates
    days = set()
    has_open_rows = False
    for asked in asked_after(plan, targets, snapshot.as_of):
        days.add(asked.last if depends_on_day(plan, snapshot, asked) else None)
        question = _question(plan, snapshot, derived, asked)
        has_open_rows = has_open_rows or bool(question.reads.events)
    return len(days) + has_open_rows


def _open_rows(
    snapshot: Snapshot,
    derived: Mapping[str, Derived],
    questions: Sequence[_Question],
    by: Sequence[str],
    engine: EngineType,
) -> Iterator[tuple[_Question, pl.DataFrame]]:
    """Yield the open rows of each target, numbered, out of a single reading of the table."""
    if not questions:
        return
    present = [name for name in by if name in snapshot.columns]
    reads = {
        question.asked.target.id: {*question.reads.columns, *present} for question in questions
    }

    def needs(query: TargetQuery) -> set[str]:
        tested = (name for test in query.tests.values() for name in test.meta.root_names())
        return reads[query.target.id].union(tested)

    queries = [with_open_tests(one.query, derived, one.reads) for one in questions]
    scan = snapshot.scan(None, {*chain.from_iterable(map(needs, queries))}).cached()
    by_target = {
        query.target.id: distinct_rows(rows, reads[query.target.id])
        for rows, query in compiled.target_frames(
            scan.filtered, queries, rechunk=False, needs=needs
        )
    }
    lazy = [by_target[question.asked.target.id] for question in questions]
    collected = pl.collect_all(
        lazy, engine=compiled.engine_for(snapshot, engine), optimizations=compiled.QUERIES
    )
    for question, rows in zip(questions, collected, strict=True):
        yield question, _with_groups(rows.with_row_index(ROW), by)


def _with_groups(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return rows with every column of the break-down, null where the table lacks it."""
    lacking = [name for name in by if name not in frame.columns]
    if not lacking:
        return frame
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in lacking)


@frozen(eq=False, repr=False)
class _Question:
    """A target in a window that ends later, with what it reads of its table.

    Attributes:
        asked: the target.
        query: the query of the target.
        reads: the raw columns that it reads.
        completer: the completion of the rows of the table.
    """

    asked: Asked
    query: TargetQuery
    reads: Reads
    completer: Completer

    def of_open_rows(self, opened: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
        """Return the sums of what open rows can be."""
        names = [f"{ROW}:{n}" for n in range(len(by))]
        frame = opened
        if names:
            copies = zip(by, names, strict=True)
            frame = opened.with_columns(pl.col(own).alias(name) for own, name in copies)
        try:
            completed = self.completer.completed(frame, self.reads.events)
        except TooManyCompletionsError:
            sums = self.completer.outcomes(self.completer.with_derived(frame))
            wide = _widened(sums, names)
            return self._labelled(wide, names, by)
        sums = options_of(self.completer.outcomes(completed), names)
        if not self.completer.is_sharp:
            sums = pl.concat([sums, _mark(sums, names)])
        return self._labelled(sums, names, by)

    def of_newcomers(self, by: Sequence[str]) -> pl.DataFrame:
        """Return what cases that are still to come can do, by segment."""
        target, snapshot = self.asked.target, self.completer.snapshot
        both = {PART: [None, None], "quantity": [CAN_HELP, CAN_HURT], BIN: [None, None]}
        if isinstance(target, FactTarget):
            sums = pl.DataFrame({**both, "n": [1, 1]}, schema=_SUMS)
        else:
            schema = snapshot.frame.collect_schema()
            newcomers = Newcomers(
                self.completer, self.reads.columns, self.reads.events, dict(schema)
            )
            try:
                completed = newcomers.completed()
                rows = self.completer.outcomes(completed)
                assert target.figure is not None, "a target without a figure is not asked"
                sums = newcomer_sums(rows, target.figure, start_freely=newcomers.start_freely)
            except (TooManyCompletionsError, UnboundedNewcomersError):
                of_any = encode_segment([pl.lit(OTHER)]) if target.each else pl.lit(None, pl.String)
                sums = pl.DataFrame({**both, "n": [1, 1]}, schema=_SUMS).with_columns(
                    of_any.alias(PART)
                )
                sums = pl.concat([sums, _mark(sums, [])])
        return self._labelled(_with_groups(sums, by), list(by), by)

    def _labelled(
        self, sums: pl.DataFrame, names: Sequence[str], by: Sequence[str]
    ) -> pl.DataFrame:
        """Return sums with the columns of a state's `possible`."""
        target = pl.lit(self.asked.id).alias("target")
        first = pl.lit(self.asked.period, pl.Date).alias(PERIOD)
        groups = [pl.col(own).alias(name) for own, name in zip(names, by, strict=True)]
        return _plain(sums.select(target, *groups, first, PART, "quantity", BIN, "n"), by)


_SUMS = {PART: pl.String, "quantity": pl.String, BIN: pl.Int64, "n": pl.Int64}


def _question(
    plan: Plan, snapshot: Snapshot, derived: Mapping[str, Derived], asked: Asked
) -> _Question:
    # What a row is in the end is asked, on the last day.
    columns = columns_of(plan, evolve(snapshot, as_of=asked.last))
    (query,) = target_queries(plan, asked.target, columns, (), None, with_periods=False)
    completer = Completer(plan, snapshot, derived, asked)
    return _Question(asked, query, completer.reads(query), completer)


def _settled(
    plan: Plan,
    snapshot: Snapshot,
    questions: Sequence[_Question],
    by: Sequence[str],
    engine: EngineType,
) -> Iterator[pl.DataFrame]:
    """Yield the sums of the rows of which all events are known, as of each target's last day."""
    latest = max(question.asked.last for question in questions)
    by_day: dict[dt.date, list[_Question]] = {}
    for question in questions:
        asked = question.asked
        # Most targets say the same on every day, and share a pass over the rows.
        day = asked.last if depends_on_day(plan, snapshot, asked) else latest
        by_day.setdefault(day, []).append(question)
    for day, sharing in by_day.items():
        sums = compiled.aggregate(
            plan,
            evolve(snapshot, as_of=day),
            [question.asked.target for question in sharing],
            by=by,
            series=None,
            with_periods=False,
            engine=engine,
            further={
                question.asked.target.id: known(question.reads.events, snapshot.as_of)
                for question in sharing
            },
        )
        labels = pl.DataFrame(
            {
                "target": [question.asked.target.id for question in sharing],
                "of": [question.asked.id for question in sharing],
                PERIOD: [question.asked.period for question in sharing],
            },
            schema={"target": pl.String, "of": pl.String, PERIOD: pl.Date},
        )
        named = sums.join(labels, on="target").with_columns(target=pl.col("of"))
        yield _plain(named.select("target", *by, PERIOD, PART, "quantity", BIN, "n"), by)


def _plain(sums: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return sums whose groups are of the dtypes that other batches share."""
    schema = sums.schema
    texts = [n for n in by if isinstance(schema[n], pl.Categorical | pl.Enum | pl.Null)]
    numbers = [n for n, kind in schema.items() if kind.is_integer() and kind != pl.Int64]
    if not texts and not numbers:
        return sums
    return sums.with_columns(pl.col(texts).cast(pl.String), pl.col(numbers).cast(pl.Int64))


def _widened(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return the sums of open rows each of which could be anything (F14)."""
    counts = rows.group_by(*by, PART).agg(pl.col(COUNT).sum().alias("n"))
    sums = [
        counts.select(*by, PART, pl.lit(name).alias("quantity"), _NO_BIN, "n")
        for name in (_ANY, MAY_BE_EXCLUDED, WIDE)
    ]
    return pl.concat(sums)


def _mark(sums: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return the mark that the sums of each group and segment are wide (F14)."""
    keys = sums.select(*by, PART).unique()
    return keys.select(
        *by, PART, pl.lit(WIDE).alias("quantity"), _NO_BIN, pl.lit(1, pl.Int64).alias("n")
    )


_NO_BIN = pl.lit(None, pl.Int64).alias(BIN)
