"""Decisions still to be made: what deciding each open row would do to a target (F31, F32).

As with options, nothing is worked out apart from the rules: each distinct open row is ended on every
day that can make a difference, and the row expressions of the target say what comes of it. So the
last day in time is right for every denominator and limit that the engine knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias, get_args

import polars as pl
from attrs import frozen

from kpi.definitions.derived_dates import Derived
from kpi.definitions.messages import Message
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PREFIX, ROW
from kpi.definitions.target import Target
from kpi.engine.completions.amount_effects import AmountEffects
from kpi.engine.completions.asked import Asked
from kpi.engine.completions.complete import Completer, TooManyCompletionsError
from kpi.engine.completions.deciding import IS_PAUSED, Deciding
from kpi.engine.completions.open_rows import distinct_rows, with_open_tests
from kpi.engine.completions.option_effects import EFFECTS, OptionEffects, favours_more
from kpi.engine.completions.outcomes import COUNT, OPTION
from kpi.engine.target_query import columns_needed, columns_of, target_queries
from kpi.rules._reported import FactTarget
from kpi.tables.as_of import Snapshot

WorkGroup: TypeAlias = Literal["in time", "late", "against", "paused", "not started"]
"""What an open case is to a target (F31).

`in time`: decided by its last day it helps; `late`: decided, it counts as late; `against`: decided, it
counts against the target, and lateness has no part in that; `paused`: no due date while its pause
runs; `not started`: no start is known.
"""

GROUPS: tuple[WorkGroup, ...] = get_args(WorkGroup)

GROUP_DTYPE = pl.Enum(GROUPS)

CASES = f"{PREFIX}cases"
"""Integer column: the cases that a distinct row stands for."""

_ROWS_AT_ONCE = 50_000
"""Distinct rows that are completed together: their completions fit into memory."""


@frozen(eq=False, repr=False)
class Decisions:
    """What deciding its open cases would do to a target.

    Attributes:
        asked: the target, in its window.
        keys: a row for each distinct open row whose deciding changes the figure: the raw columns
            that the target reads, which tell it apart.
        rows: of each of them, in the same order: `kpi:cases`, `group`, `start`, `due`, `first_day` and `last_day` (the days from and to
            which deciding it helps; null where none does), the columns `EFFECTS` (null where that
            cannot come about), `effect_in_time` and `effect_late` (F32).
        no_effect: open cases whose deciding changes nothing.
        waiting: cases that are decided, and wait for another date that can still change the figure.
        untold: open cases that could not be completed in every way.
    """

    asked: Asked
    keys: pl.DataFrame
    rows: pl.DataFrame
    no_effect: int = 0
    waiting: int = 0
    untold: int = 0

    def cases(self, group: WorkGroup) -> int:
        """Return the number of cases of a group."""
        return int(self.rows.filter(pl.col("group") == group)[CASES].sum())


def why_not_listed(target: Target) -> Message | None:
    """Return why the cases of a target cannot be listed; None where they can (F31)."""
    if not target.has_requirement:
        return Message("asks for nothing")
    figure = target.figure
    if isinstance(target, FactTarget):
        return Message("is reported by people, and has no cases")
    if figure is None:
        return Message("has a figure to which no case adds a part of its own")
    if figure.is_of_days:
        return Message("has days for rows, and no cases")
    if figure.kind in ("mean", "percentile") and figure.most is None and target.limit is None:
        return Message("is compared with a base, and has no limit that a case could keep")
    if figure.kind in ("number", "late") and favours_more(target) is None:
        return Message("asks for a number between two bounds")
    return None


def decisions(
    plan: Plan, snapshot: Snapshot, derived: Mapping[str, Derived], asked: Asked
) -> Decisions:
    """Return what deciding its open cases would do to a target.

    Args:
        plan: the plan.
        snapshot: the table at the as-of date, with the paused days of its cases.
        derived: the derived dates of the table that targets read.
        asked: a target whose cases can be listed (see `why_not_listed`).
    """
    completer = Completer(plan, snapshot, derived, asked)
    (query,) = target_queries(plan, asked.target, completer.columns(), (), None, with_periods=False)
    reads = completer.reads(query)
    decider = _Decider(Deciding(completer, reads, columns_of(plan, snapshot)))
    if not reads.events:
        return Decisions(asked, pl.DataFrame(), _NO_ROWS)
    scan = snapshot.scan(None, {*columns_needed(query), *reads.columns})
    tests = with_open_tests(query, derived, reads).tests.values()
    opened = distinct_rows(scan.filtered([*tests]), reads.columns).collect()
    parts = [
        of_part for some in opened.iter_slices(_ROWS_AT_ONCE) for of_part in decider.decided(some)
    ]
    numbers: Counter[str] = Counter()
    for of_part in parts:
        numbers.update(of_part.numbers)
    return Decisions(
        asked,
        pl.concat([opened.clear().drop(COUNT), *(of_part.keys for of_part in parts)]),
        pl.concat([_NO_ROWS, *(of_part.rows for of_part in parts)]),
        no_effect=numbers["no_effect"],
        waiting=numbers["waiting"],
        untold=numbers["untold"],
    )


@frozen(eq=False, repr=False)
class _Part:
    """What deciding some distinct rows does: keys and rows as in `Decisions`, and numbers of cases."""

    keys: pl.DataFrame
    rows: pl.DataFrame
    numbers: Counter[str]


@frozen(eq=False)
class _Decider:
    """Deciding of distinct open rows, and what becomes of each."""

    deciding: Deciding

    def decided(self, part: pl.DataFrame) -> Iterator[_Part]:
        """Yield what deciding some distinct rows does, in halves where they are too many at once."""
        try:
            yield self._of(part)
        except TooManyCompletionsError:
            if part.height == 1:
                untold = Counter(untold=int(part[COUNT].sum()))
                yield _Part(part.clear().drop(COUNT), _NO_ROWS, untold)
                return
            half = part.height // 2
            yield from self.decided(part[:half])
            yield from self.decided(part[half:])

    def _of(self, part: pl.DataFrame) -> _Part:
        names = part.drop(COUNT).columns
        # Each case is decided by itself: what a row counts as is its own weight.
        frame = part.with_row_index(ROW).with_columns(
            pl.col(COUNT).alias(CASES), pl.lit(1, pl.Int64).alias(COUNT)
        )
        deciding = self.deciding
        frame = deciding.completer.with_derived(frame)
        end = deciding.end
        if end is None or end not in frame.columns:
            return _Part(part.clear().drop(COUNT), _NO_ROWS, Counter(waiting=self._waiting(frame)))
        ended, opened = (
            frame.filter(test) for test in (pl.col(end).is_not_null(), pl.col(end).is_null())
        )
        numbers = Counter(waiting=self._waiting(ended))
        if not opened.height:
            return _Part(part.clear().drop(COUNT), _NO_ROWS, numbers)
        is_amount = deciding.figure.kind in ("mean", "percentile")
        effects = AmountEffects(deciding) if is_amount else OptionEffects(deciding)
        per_row = effects.of(opened)
        start = self._start(opened)
        # A table may have columns of these names itself, so that its own stand apart.
        listed = (
            opened.select(
                ROW, CASES, start.alias("start"), deciding.is_paused(opened).alias(IS_PAUSED)
            )
            .with_columns(self._due(opened).alias("due"))
            .join(per_row, on=ROW, how="left")
        )
        has_start = (
            pl.lit(value=True) if self._start_column is None else pl.col("start").is_not_null()
        )
        group = (
            pl.when(~pl.col("changes"))
            .then(None)
            .when(~has_start)
            .then(pl.lit("not started"))
            .when(IS_PAUSED)
            .then(pl.lit("paused"))
            .when("helps")
            .then(pl.lit("in time"))
            .when("late")
            .then(pl.lit("late"))
            .otherwise(pl.lit("against"))
        )
        listed = listed.with_columns(group.cast(GROUP_DTYPE).alias("group"))
        numbers["no_effect"] = int(listed.filter(pl.col("group").is_null())[CASES].sum())
        in_time = pl.col("group") == "in time"
        listed = listed.filter(pl.col("group").is_not_null()).with_columns(
            pl.when(in_time).then(name).alias(name)
            for name in (
                "first_day",
                "last_day",
                "in_time_met",
                "in_time_counted",
                "effect_in_time",
            )
        )
        listed = listed.with_columns(
            pl.when(pl.col("group") != "paused").then(name).alias(name)
            for name in ("late_met", "late_counted", "effect_late")
        )
        keys = listed.select(ROW).join(
            opened.select(ROW, *names), on=ROW, how="left", maintain_order="left"
        )
        rows = listed.select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items())
        return _Part(keys.drop(ROW), rows, numbers)

    @property
    def _start_column(self) -> str | None:
        return getattr(self.deciding.target, "start", None)

    def _start(self, frame: pl.DataFrame) -> pl.Expr:
        column = self._start_column
        if column is None or column not in frame.columns:
            return pl.lit(None, pl.Date)
        return pl.col(column)

    def _due(self, frame: pl.DataFrame) -> pl.Series:
        """Return the due date of each row as known now; of amounts, null where they have none."""
        due = self.deciding.target.rows(self.deciding.now).due
        if due is None:
            return pl.repeat(None, frame.height, dtype=pl.Date, eager=True)
        return frame.with_columns(due.cast(pl.Date).alias("due"))["due"]

    def _waiting(self, ended: pl.DataFrame) -> int:
        """Return the cases that have ended and can still be more than one thing."""
        if not ended.height:
            return 0
        completer = self.deciding.completer
        found = completer.outcomes(completer.completed(ended, self.deciding.reads.events))
        several = found.group_by(ROW).agg(pl.col(OPTION).n_unique() > 1)
        return int(ended.join(several.filter(OPTION), on=ROW, how="semi")[CASES].sum())


_SCHEMA: Mapping[str, pl.DataType] = {
    CASES: pl.Int64(),
    "group": GROUP_DTYPE,
    "start": pl.Date(),
    "due": pl.Date(),
    "first_day": pl.Date(),
    "last_day": pl.Date(),
    **dict.fromkeys(EFFECTS, pl.Int64()),
    "effect_in_time": pl.Float64(),
    "effect_late": pl.Float64(),
}

_NO_ROWS = pl.DataFrame(schema=dict(_SCHEMA))
