"""`kpi.compare`: an extract against a later one, target by target and bucket by bucket (F40 to F46)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.messages import Listing, Word
from kpi.definitions.notes import Note, about
from kpi.definitions.plan import Plan
from kpi.definitions.windows import to_date
from kpi.engine.partial import Batch
from kpi.engine.state import State
from kpi.errors import DataError, PlanError
from kpi.evaluation.comparison.bucket_sums import sums_along
from kpi.evaluation.comparison.buckets import (
    NEWS,
    NOT_TOLD_APART,
    RESTATED,
    TIME_PASSED,
    StepName,
)
from kpi.evaluation.comparison.comparison import Comparison
from kpi.evaluation.comparison.late_registration import SCHEMA as LATE
from kpi.evaluation.comparison.late_registration import late_registration
from kpi.evaluation.comparison.missing_columns import lacking, with_nulls
from kpi.evaluation.comparison.preconditions import (
    later_notes,
    order_notes,
    require_common_keys,
    require_order,
    require_same_tables,
)
from kpi.evaluation.comparison.records import BucketChange, Step, TargetComparison
from kpi.evaluation.comparison.table_pairs import TablePair, table_pairs
from kpi.fork_guard import use_engine
from kpi.results.finish import finish, records
from kpi.results.result import Result
from kpi.results.target_result import TargetResult
from kpi.tables.check import Extract, as_of_date, check_sources, require_plan
from kpi.tables.sources.resolve import Tables, resolve_sources


def compare(
    plan: Plan,
    old: Tables | Extract | State,
    new: Tables | Extract,
    as_of: dt.date | str,
    to: dt.date | str | None = None,
    *,
    old_plan: Plan | None = None,
) -> Comparison:
    """Compare an extract with a later one: three figures for each target, and why they differ.

    *Then* is OLD as of D, *then as known now* NEW as of D, *now* NEW as of D2 (F40). Every key is in
    exactly one bucket of each step (F41), and the changes of the buckets add up (F42).

    Args:
        plan: the plan that judges both extracts.
        old: the earlier extract, as `kpi.evaluate` takes it; or a stored state of it as of D, of which
            only totals are known (F46).
        new: the later extract.
        as_of: the day D that both are looked at from.
        to: the day D2 that NEW is looked at from too (default: the last day of the plan's period, or D
            where that is later).
        old_plan: the plan that OLD was judged by. A fourth figure is then OLD under `plan`, so that a
            change of definition is never taken for a change of fact.

    Raises:
        PlanError: where a date is none, or `to` is before `as_of`.
        DataError: where an extract cannot be used as the plan says; where only one of them holds a
            table, NEW lacks the cases of D, or no key is in both; where a state is of another plan or
            day, or is to be judged by another plan.
    """
    use_engine()
    require_plan(plan)
    day = as_of_date(plan, as_of)
    later = _later_day(plan, day, to)
    if isinstance(old, State):
        return _with_state(plan, old, new, day, later, old_plan)
    extracts = _extracts(plan, old, new, day, later)
    require_same_tables(extracts.old, extracts.new)
    before = Batch.of(plan, extracts.old, day)
    known_now = Batch.of(plan, extracts.new_then, day)
    after = Batch.of(plan, extracts.new, later)
    restated = table_pairs("restated", before, known_now, checked={}, missing=extracts.missing)
    require_common_keys(restated, before, known_now)
    news = table_pairs(
        "news",
        known_now,
        after,
        checked={
            name: (table, extracts.new.tables[name])
            for name, table in extracts.new_then.tables.items()
        },
        missing={},
        known=restated,
    )
    states = [
        batch.state(by=(), series=None, engine="auto") for batch in (before, known_now, after)
    ]
    first = _walk("restated", states[0], states[1], restated, before)
    second = _walk("news", states[1], states[2], news, known_now)
    reported = None
    if old_plan is not None:
        reported = finish(Batch.of(old_plan, old, day).state(by=(), series=None, engine="auto"))
    notes = [
        *_day_notes(plan, later, to),
        *order_notes(extracts.old, extracts.new),
        *later_notes(before, extracts.old),
        *extracts.notes,
        *_quality_notes(before, after),
    ]
    return _comparison(
        plan,
        day,
        later,
        first,
        second,
        reported,
        (restated, news),
        late_registration(before, restated),
        notes,
    )


@frozen(kw_only=True, eq=False, repr=False)
class _Extracts:
    """Both extracts, checked.

    Attributes:
        old: OLD.
        new_then: NEW as it is checked for D; another than `new` only where tables are made of event
            logs, whose choice depends on the day.
        new: NEW as it is checked for D2.
        missing: the columns that one of them lacks, by table (F46).
        notes: a note for each of these.
    """

    old: Extract
    new_then: Extract
    new: Extract
    missing: Mapping[str, tuple[str, ...]]
    notes: tuple[Note, ...]


def _extracts(
    plan: Plan, old: Tables | Extract, new: Tables | Extract, day: dt.date, later: dt.date
) -> _Extracts:
    """Check both extracts; a column that one of them lacks is null there, and said so (F46)."""
    sources = []
    for which, tables in (("OLD", old), ("NEW", new)):
        with _said_of(which):
            sources.append(None if isinstance(tables, Extract) else resolve_sources(plan, tables))
    absent = [{} if source is None else lacking(plan, source) for source in sources]
    only_in_one = [
        {
            table: tuple(c for c in columns if c not in other.get(table, ()))
            for table, columns in one.items()
        }
        for one, other in (absent, absent[::-1])
    ]
    missing: dict[str, tuple[str, ...]] = {}
    notes = []
    for which, added in zip(("OLD", "NEW"), only_in_one, strict=True):
        for table, columns in added.items():
            if columns:
                missing[table] = (*missing.get(table, ()), *columns)
                notes.append(
                    Note(
                        "column-missing",
                        "{table}: {which} has no column {columns}: not known there, and taken as "
                        'null; cases whose outcome differs for it are under "other column"',
                        table=table,
                        which=Word(which),
                        columns=Listing(columns),
                    )
                )

    def checked(tables: Tables | Extract, place: int, as_of: dt.date) -> Extract:
        source = sources[place]
        if source is None:
            assert isinstance(tables, Extract), "its sources were not resolved"
            return tables
        with _said_of(("OLD", "NEW")[place]):
            return check_sources(plan, with_nulls(source, only_in_one[place]), (), as_of=as_of)

    newer = checked(new, 1, later)
    is_log = any(table.log is not None for table in newer.tables.values())
    return _Extracts(
        old=checked(old, 0, day),
        new_then=checked(new, 1, day) if is_log and day != later else newer,
        new=newer,
        missing=missing,
        notes=tuple(notes),
    )


@contextmanager
def _said_of(which: str) -> Iterator[None]:
    """Name the extract, OLD or NEW, before each line of a mistake in it.

    Raises:
        DataError: the mistake, each line behind the name.
    """
    try:
        yield
    except DataError as error:
        lines = str(error).split("\n")
        raise DataError("\n".join(f"{which}: {line}" for line in lines)) from error


def _later_day(plan: Plan, day: dt.date, to: dt.date | str | None) -> dt.date:
    """Return D2: the day that is asked for, else the last day of the plan's period, or D if later.

    Raises:
        PlanError: where it is no date, or is before D.
    """
    if to is None:
        return max(day, plan.period.closed.last)
    try:
        later = to_date(to)
    except PlanError as error:
        raise PlanError(f"to: {error}") from None
    require_order(day, later)
    return later


def _day_notes(plan: Plan, later: dt.date, to: dt.date | str | None) -> Iterator[Note]:
    if to is None:
        last = plan.period.closed.last
        yield Note(
            "default-to",
            "now is {day}, the last day of the plan's period, as no other day was given"
            if later == last
            else "now is {day}, the as-of date itself, as no other day was given",
            day=later,
        )


def _quality_notes(before: Batch, after: Batch) -> Iterator[Note]:
    """Yield what both extracts say of rejected rows and repeated ids, each with its name."""
    for which, batch in (("OLD", before), ("NEW", after)):
        for name, table in batch.tables.items():
            for note in table.facts.remarks(name):
                if note.code in ("rejected-rows", "repeated-ids", "empty-table"):
                    yield about(Word(which), note)


@frozen(kw_only=True, eq=False, repr=False)
class _Walk:
    """The way from one figure to the next.

    Attributes:
        step: the step.
        names: the buckets, in their order.
        first: the result that it begins with.
        last: the result that it ends with.
        between: the records of every requirement and part after each bucket but the last.
        pairs: the tables side by side; empty where cases are not told apart.
    """

    step: StepName
    names: Sequence[str]
    first: Result
    last: Result
    between: Sequence[Sequence[TargetResult]]
    pairs: Mapping[str, TablePair]

    def steps(self) -> Iterator[Step]:
        """Yield the step of each requirement and part of one, in the order of the plan."""
        along = [_with_parts(self.first.targets), *self.between, _with_parts(self.last.targets)]
        for figures in zip(*along, strict=True):
            keys = self._keys(figures[0])
            yield Step(
                name=self.step,
                before=figures[0],
                after=figures[-1],
                buckets=tuple(
                    BucketChange(
                        bucket=name, cases=keys[n], before=figures[n], after=figures[n + 1]
                    )
                    for n, name in enumerate(self.names)
                ),
            )

    def _keys(self, record: TargetResult) -> Sequence[int | None]:
        pair = None if record.table is None else self.pairs.get(record.table)
        if pair is None or record.id not in pair.codes:
            return [None] * len(self.names)
        return pair.codes[record.id].keys


def _with_parts(requirements: Iterable[TargetResult]) -> list[TargetResult]:
    """Return the records of requirements, each followed by those of its parts."""
    return [record for whole in requirements for record in (whole, *whole.parts)]


def _walk(
    step: StepName, before: State, after: State, pairs: Mapping[str, TablePair], batch: Batch
) -> _Walk:
    """Return the records along the way from one state to the next, bucket by bucket (F43).

    From one day to a later one, the later day judges from the bucket "only time passed" on.
    """
    names = RESTATED if step == "restated" else NEWS
    first, between = finish(before), []
    last_records, current = _with_parts(first.targets), before.sums
    steps = sums_along(batch.plan, before, pairs, batch.needs.targets, len(names))
    for place, sums in enumerate(steps):
        day_comes = step == "news" and place == TIME_PASSED
        if sums is not None or day_comes:
            current = current if sums is None else sums
            is_early = step == "news" and place < TIME_PASSED
            judged = evolve(before if is_early else after, sums=current)
            last_records = _with_parts(records(judged))
        between.append(last_records)
    return _Walk(
        step=step, names=names, first=first, last=finish(after), between=between, pairs=pairs
    )


def _with_state(
    plan: Plan,
    old: State,
    new: Tables | Extract,
    day: dt.date,
    later: dt.date,
    old_plan: Plan | None,
) -> Comparison:
    """Compare a stored state with an extract: totals only, and a single bucket (F46)."""
    _require_state(plan, old, day, old_plan)
    newer = new if isinstance(new, Extract) else None
    sources = None if isinstance(new, Extract) else resolve_sources(plan, new)
    if newer is None:
        assert sources is not None, "an extract that is not checked has sources"
        newer = check_sources(plan, sources, (), as_of=later)
    then = newer
    if (
        sources is not None
        and day != later
        and any(t.log is not None for t in newer.tables.values())
    ):
        then = check_sources(plan, sources, (), as_of=day)
    known_now, after = Batch.of(plan, then, day), Batch.of(plan, newer, later)
    states = [batch.state(by=(), series=None, engine="auto") for batch in (known_now, after)]
    news = table_pairs(
        "news",
        known_now,
        after,
        checked={name: (table, newer.tables[name]) for name, table in then.tables.items()},
        missing={},
    )
    first = _Walk(
        step="restated",
        names=(NOT_TOLD_APART,),
        first=finish(evolve(old, values={})),
        last=finish(states[0]),
        between=[],
        pairs={},
    )
    second = _walk("news", states[0], states[1], news, known_now)
    notes = [
        Note(
            "state-as-old", "OLD is a stored state: its cases are not told apart, only its totals"
        ),
    ]
    late = pl.DataFrame(schema=LATE)
    return _comparison(plan, day, later, first, second, None, (news,), late, notes)


def _require_state(plan: Plan, old: State, day: dt.date, old_plan: Plan | None) -> None:
    """Check that a state can stand for OLD.

    Raises:
        DataError: where it is of another plan or day, or is to be judged by another plan.
    """
    if old_plan is not None:
        raise DataError(
            "old_plan: OLD is a stored state, which holds no cases to judge anew; give its extract"
        )
    if old.plan != plan:
        raise DataError(
            f"OLD is a state of the plan {old.plan.id}, not of this {plan.id}; give its extract"
        )
    if old.as_of != day:
        raise DataError(
            f"OLD is a state as of {old.as_of}, not of {day}; compare as of {old.as_of}"
        )


def _comparison(
    plan: Plan,
    day: dt.date,
    later: dt.date,
    first: _Walk,
    second: _Walk,
    reported: Result | None,
    pairs: tuple[Mapping[str, TablePair], ...],
    late: pl.DataFrame,
    notes: list[Note],
) -> Comparison:
    targets = []
    was = {} if reported is None else {r.id: r for r in _with_parts(reported.targets)}
    for restated, news in zip(first.steps(), second.steps(), strict=True):
        name = restated.before.id
        targets.append(
            TargetComparison(
                id=name,
                then=restated.before if reported is None else was.get(name),
                then_under_plan=None if reported is None else restated.before,
                then_known_now=restated.after,
                now=news.after,
                restated=restated,
                news=news,
            )
        )
    notes = [*_contradictions(targets), *notes]
    for which, result in (("OLD", first.first), ("NEW", second.last)):
        # An extract that ends long before the day knows little of it (S15).
        notes += [
            Note(
                note.code,
                "{which} as of {day}: {note}",
                which=Word(which),
                day=result.as_of,
                note=note,
            )
            for note in result.notes
            if note.code in ("old-extract", "missing-table")
        ]
    if reported is not None:
        notes += _plan_notes([target.id for target in targets], was)
    scores = {
        "then": first.first.score if reported is None else reported.score,
        **({} if reported is None else {"then_under_plan": first.first.score}),
        "then_known_now": first.last.score,
        "now": second.last.score,
    }
    return Comparison(
        plan=plan,
        as_of=day,
        to=later,
        targets=tuple(sorted(targets, key=lambda target: not target.contradicted)),
        scores=scores,
        late=late,
        notes=tuple(notes),
        pairs=pairs,
    )


def _contradictions(targets: Sequence[TargetComparison]) -> Iterator[Note]:
    """Yield a note for each certain verdict of OLD that NEW contradicts, with the bucket (F44)."""
    for target in targets:
        if target.contradicted:
            turned = target.restated.turned or target.news.turned
            assert turned is not None, "a verdict that is contradicted has turned"
            yield Note(
                "certain-verdict-contradicted",
                "{target}: {before} in OLD, {after} in NEW: what was certain assumed that "
                'no case would come under "{bucket}"',
                target=target.id,
                before=Word(str(turned.before)),
                after=Word(str(turned.after)),
                bucket=Word(str(turned.bucket)),
            )


def _plan_notes(ids: Sequence[str], was: Mapping[str, TargetResult]) -> Iterator[Note]:
    """Yield the targets that only one of the plans has."""
    missing = [name for name in ids if name not in was]
    gone = [name for name in was if name not in ids]
    if missing:
        yield Note("target-in-one-plan", "not in the plan of OLD: {ids}", ids=Listing(missing))
    if gone:
        yield Note("target-in-one-plan", "only in the plan of OLD: {ids}", ids=Listing(gone))
