"""One call from a plan and its tables to a result: finish(merge(partial(batch) for each batch))."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import polars as pl
from attrs import evolve
from polars._typing import EngineType

from kpi import compile as compiled
from kpi.asof import KnownTable, known_at
from kpi.deadlines import due_date
from kpi.errors import DataError, PlanError, listed, suggest
from kpi.limits import Span
from kpi.periods import Every, period_name
from kpi.periods import to_date as date_of
from kpi.plan import Plan, Target
from kpi.result import COLUMNS, Result, TargetResult, Verdict
from kpi.sources import Tables
from kpi.state import COUNTED, EXCLUDED, INSIDE, PERIOD, ROWS, UNDETERMINED, State, added
from kpi.tables import Extract, check, require_plan

_EVERY: tuple[Every, ...] = ("month", "quarter", "half-year")
_GROUPING = pl.String | pl.Categorical | pl.Enum | pl.Boolean | pl.Date | pl.Null
_TAKEN = frozenset({*COLUMNS, "target", "quantity", "n", PERIOD})
_MONTHS: dict[Every, int] = {"month": 1, "quarter": 3, "half-year": 6}


def evaluate(
    plan: Plan,
    tables: Tables | Extract,
    as_of: dt.date | str | None = None,
    *,
    by: str | Sequence[str] = (),
    every: Every | None = None,
    engine: EngineType = "in-memory",
) -> Result:
    """Evaluate every target of a plan over the cases of an extract.

    Args:
        plan: the plan.
        tables: checked tables, which are taken as they are, or what `kpi.check` takes: one table,
            a mapping from name to table, or the path of a file or directory.
        as_of: the date that the cases are looked at from (S15; default: the last day of the plan's
            period, and the result says so).
        by: a column, or several, to break every target down by.
        every: "month", "quarter" or "half-year": a series by the date that each target's window is
            about. Both from the same state.
        engine: the Polars engine; every one gives the same answers.

    Raises:
        DataError: where a table cannot be used as the plan says; see `kpi.check`.
        PlanError: where `as_of` is not a date.
    """
    known, day, given = _known(plan, tables, as_of, by)
    result = finish(_state(plan, known, day, given=given, by=by, every=every, engine=engine))
    return evolve(result, tables=known)


def partial(
    plan: Plan,
    tables: Tables | Extract,
    as_of: dt.date | str | None = None,
    *,
    by: str | Sequence[str] = (),
    every: Every | None = None,
    engine: EngineType = "in-memory",
) -> State:
    """The state of a plan over one batch of cases: a handful of integers, no cases.

    Takes and raises what `evaluate` does. Keys are checked within the batch.
    """
    known, day, given = _known(plan, tables, as_of, by)
    return _state(plan, known, day, given=given, by=by, every=every, engine=engine)


def _known(
    plan: Plan, tables: Tables | Extract, as_of: dt.date | str | None, by: str | Sequence[str]
) -> tuple[dict[str, KnownTable], dt.date, bool]:
    """The tables at the as-of date, that date, and whether the caller said it."""
    extract = _extract(plan, tables, by)
    day, given = _as_of(plan, as_of)
    return {name: known_at(table, day) for name, table in extract.tables.items()}, day, given


def _extract(plan: Plan, tables: Tables | Extract, by: str | Sequence[str]) -> Extract:
    require_plan(plan)
    if not isinstance(tables, Extract):
        return check(plan, tables, columns=_names(by))
    if tables.plan != plan:
        raise DataError(
            f"the tables were checked for the plan {tables.plan.id}, not for this {plan.id}; check them for it"
        )
    return tables


def _names(by: str | Sequence[str]) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else tuple(by)


def _as_of(plan: Plan, as_of: dt.date | str | None) -> tuple[dt.date, bool]:
    if as_of is not None:
        try:
            return date_of(as_of), True
        except PlanError as error:
            raise PlanError(f"as_of: {error}") from None
    assert plan.period.last is not None, "a plan's period has both ends"  # noqa: S101
    return plan.period.last, False


def _state(
    plan: Plan,
    tables: Mapping[str, KnownTable],
    as_of: dt.date,
    *,
    given: bool,
    by: str | Sequence[str],
    every: Every | None,
    engine: EngineType,
) -> State:
    if every is not None and every not in _EVERY:
        raise DataError(
            f"every: found {every!r}; accepted: {listed(_EVERY)}{suggest(str(every), _EVERY)}"
        )
    names = _names(by)
    parts = []
    for name, targets in plan.tables_read().items():
        if name in tables:
            _check_groups(tables[name], names)
            parts.append(
                compiled.sums(plan, tables[name], targets, by=names, every=every, engine=engine)
            )
    keys = dict.fromkeys(names, pl.String) | ({PERIOD: pl.Date} if every else {})
    none = pl.DataFrame(schema={"target": pl.String, **keys, "quantity": pl.String, "n": pl.Int64})
    sums = pl.concat(parts, how="vertical_relaxed") if parts else none
    return State(
        plan=plan,
        as_of=as_of,
        as_of_given=given,
        by=names,
        every=every,
        sums=added(sums),
        facts={name: table.facts for name, table in tables.items()},
    )


def _check_groups(known: KnownTable, by: Sequence[str]) -> None:
    columns = [name for name in known.columns if not name.startswith("kpi:")]
    for name in by:
        if name not in columns:
            raise DataError(
                f"{known.table.name}: no column {name!r} to break down by{suggest(name, columns)}"
            )
        if name in _TAKEN:
            raise DataError(
                f"{known.table.name}: a result has a column {name!r} of its own; rename it to break down by it"
            )
        kind = known.frame.collect_schema()[name]
        if not (kind.is_integer() or isinstance(kind, _GROUPING)):
            raise DataError(
                f"{known.table.name}: column {name} holds {kind}; a break-down takes text, whole "
                "numbers, true or false, or dates"
            )
    if len(set(by)) < len(by):
        raise DataError(f"by: found a column twice: {listed(by)}")


def finish(state: State) -> Result:
    """The result that a state comes to: values, verdicts, groups. It has no audit trail."""
    group = state.group
    found: dict[str, dict[tuple[object, ...], dict[str, int]]] = {}
    for target, *key, quantity, n in state.sums.iter_rows():
        found.setdefault(target, {}).setdefault(tuple(key), {})[quantity] = n
    results = []
    for target in state.plan.targets:
        states = found.get(target.id, {})
        whole: dict[str, int] = {}
        for sums in states.values():
            for quantity, n in sums.items():
                whole[quantity] = whole.get(quantity, 0) + n
        groups = tuple(
            _finished(state, target, sums, dict(zip(group, key, strict=True)))
            for key, sums in states.items()
            if group
        )
        record = _finished(state, target, whole, {})
        results.append(evolve(record, groups=groups, remarks=tuple(target.remarks(state.plan))))
    return Result(
        plan=state.plan,
        as_of=state.as_of,
        as_of_given=state.as_of_given,
        targets=tuple(results),
        facts=state.facts,
        notes=tuple(_notes(state, results)),
    )


def _finished(
    state: State, target: Target, sums: Mapping[str, int], group: dict[str, Any]
) -> TargetResult:
    plan = state.plan
    window = target.window_of(plan)
    last = cast("dt.date", window.last)
    first = group.get(PERIOD) if state.every else None
    if state.every and first is not None:
        last = min(last, _last_day(first, state.every))
        group = {**group, PERIOD: period_name(first, state.every)}
    # A group without a row inside has no sums of its own: they are zero.
    measure = target.measure(defaultdict(int, sums))
    verdict: Verdict
    if target.table not in state.facts:
        verdict = "not_assessable"
    elif state.as_of < last:
        verdict = "open"
    elif measure.reached is None:
        verdict = "not_assessable"
    else:
        verdict = "met" if measure.reached else "missed"
    return TargetResult(
        id=target.id,
        title=target.title,
        title_da=target.title_da,
        rule=target.rule,
        table=target.table,
        rows=sums.get(ROWS, 0),
        outside=sums.get(ROWS, 0) - sums.get(INSIDE, 0),
        counted=sums.get(COUNTED, 0),
        excluded={
            quantity.removeprefix(EXCLUDED): n
            for quantity, n in sums.items()
            if quantity.startswith(EXCLUDED) and n
        },
        undetermined=sums.get(UNDETERMINED, 0),
        met=measure.met,
        total=measure.total,
        value=measure.value,
        unit=measure.unit,
        limit=target.limit_text,
        threshold=getattr(target, "threshold", None),
        requirement=target.requirement,
        verdict=verdict,
        group=group,
    )


def _last_day(first: dt.date, every: Every) -> dt.date:
    following = due_date(first, Span(months=_MONTHS[every]), "down")
    return (following or dt.date.max) - dt.timedelta(1)


def _notes(state: State, results: Iterable[TargetResult]) -> Iterator[str]:
    if not state.as_of_given:
        yield f"as of {state.as_of}, the last day of the plan's period, as no date was given"
        newest = [facts.newest for facts in state.facts.values() if facts.newest is not None]
        old = due_date(max(newest), Span(months=1), "down") if newest else None
        if old is not None and old < state.as_of:
            yield (
                f"the newest entry or event in the tables is of {max(newest)}, more than a month "
                "earlier: the extract is probably from before the period's end"
            )
    for table, targets in state.plan.tables_read().items():
        if table not in state.facts:
            ids = listed([target.id for target in targets])
            yield f"no table {table} in the extract: not assessable: {ids}"
        else:
            yield from state.facts[table].remarks(table)
    for result in results:
        for remark in result.remarks:
            yield f"{result.id}: {remark}"
        if result.verdict in ("met", "missed") and _hangs_on_excluded(result):
            yield (
                f"{result.id}: the verdict hangs on the excluded cases ({result.reasons}): "
                "with them it could be the other one"
            )

        if result.verdict in ("met", "missed") and result.undetermined and _could_turn(result):
            yield f"{result.id}: the verdict could still turn: {result.undetermined} cases are undetermined"


def _could_turn(result: TargetResult) -> bool:
    """Whether the undetermined rows of a share could turn its verdict (S27)."""
    if result.met is None or result.threshold is None:
        return False
    needed = result.threshold * (result.counted + result.undetermined)
    return result.met * 100 < needed <= (result.met + result.undetermined) * 100


def _hangs_on_excluded(result: TargetResult) -> bool:
    """Whether a share's threshold lies within the range that the excluded rows leave (S12)."""
    if result.range is None or result.threshold is None or not result.excluded:
        return False
    low, high = result.range
    return low * 100 < result.threshold <= high * 100
