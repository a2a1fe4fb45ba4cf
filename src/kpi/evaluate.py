"""One call from a plan and its tables to a result: finish(merge(partial(batch) for each batch))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl
from attrs import evolve
from polars._typing import EngineType

from kpi import compile as compiled
from kpi.asof import KnownTable, known_at
from kpi.batches import coverage_of
from kpi.errors import DataError, PlanError, listed, suggest
from kpi.finish import finish
from kpi.measured import measured, measured_by_table
from kpi.pauses import with_pauses
from kpi.periods import Every
from kpi.periods import to_date as date_of
from kpi.plan import Plan
from kpi.result import COLUMNS, Result
from kpi.sources import Tables
from kpi.state import BIN, PART, PERIOD, State, added
from kpi.tables import Extract, check, require_plan

_EVERY: tuple[Every, ...] = ("month", "quarter", "half-year")
_GROUPING = (
    pl.String
    | pl.Categorical
    | pl.Enum
    | pl.Boolean
    | pl.Date
    | pl.Null
    | pl.Int8
    | pl.Int16
    | pl.Int32
    | pl.Int64
    | pl.UInt8
    | pl.UInt16
    | pl.UInt32
)
_TAKEN = frozenset({*COLUMNS, "target", "quantity", "n", PERIOD, PART, BIN})


def evaluate(
    plan: Plan,
    tables: Tables | Extract,
    as_of: dt.date | str | None = None,
    *,
    by: str | Sequence[str] = (),
    every: Every | None = None,
    engine: EngineType = "auto",
) -> Result:
    """Evaluate every target of a plan over the cases of an extract.

    Args:
        plan: the plan.
        tables: checked tables, which are taken as they are, or what `kpi.check` takes: one table,
            a mapping from name to table, or the path of a file or directory.
        as_of: the date that the cases are looked at from (S15; default: the last day of the plan's
            period, and the result says so).
        by: a column, or several, to break every target down by whose table has it.
        every: "month", "quarter" or "half-year": a series by the date that each target's window is
            about. Both from the same state.
        engine: the Polars engine; every one gives the same answers.

    Raises:
        DataError: where a table cannot be used as the plan says; see `kpi.check`. Where a file that a
            checked table is left in has changed since.
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
    engine: EngineType = "auto",
) -> State:
    """The state of a plan over one batch of cases: a handful of integers, no cases.

    Takes and raises what `evaluate` does. Keys are checked within the batch.
    """
    known, day, given = _known(plan, tables, as_of, by)
    return _state(plan, known, day, given=given, by=by, every=every, engine=engine)


def known_tables(
    plan: Plan, tables: Tables | Extract, as_of: dt.date | str | None = None
) -> dict[str, KnownTable]:
    """The tables at the as-of date, as `evaluate` takes them; raises what it does."""
    return _known(plan, tables, as_of, ())[0]


def _known(
    plan: Plan, tables: Tables | Extract, as_of: dt.date | str | None, by: str | Sequence[str]
) -> tuple[dict[str, KnownTable], dt.date, bool]:
    """The tables at the as-of date, that date, and whether the caller said it."""
    extract = _extract(plan, tables, by)
    day, given = _as_of(plan, as_of)
    known = {name: known_at(plan, table, day) for name, table in extract.tables.items()}
    return with_pauses(plan, known), day, given


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
    assert plan.period.last is not None, "a plan's period has both ends"
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
    facts = {name: table.facts for name, table in tables.items()}
    _require_groups(tables, names)
    for name, targets in measured_by_table(plan).items():
        if name in tables:
            _check_groups(tables[name], names)
            facts[name] = evolve(facts[name], lacking=_lacking(tables[name], names))
            # A target whose pauses are lacking cannot be assessed, whatever its cases are.
            told = [target for target in targets if set(target.tables) <= tables.keys()]
            if told:
                parts.append(
                    compiled.sums(plan, tables[name], told, by=names, every=every, engine=engine)
                )
    keys = dict.fromkeys(names, pl.String) | ({PERIOD: pl.Date} if every else {})
    none = pl.DataFrame(
        schema={
            "target": pl.String,
            **keys,
            PART: pl.String,
            "quantity": pl.String,
            BIN: pl.Int64,
            "n": pl.Int64,
        }
    )
    return State(
        plan=plan,
        as_of=as_of,
        as_of_given=given,
        by=names,
        every=every,
        sums=added([*parts, none]),
        facts=facts,
        batches=int(any(its.rows for its in facts.values())),
        coverage=coverage_of(facts, (target.tables for target in measured(plan))),
    )


def _columns(known: KnownTable) -> list[str]:
    return [name for name in known.columns if not name.startswith("kpi:")]


def _lacking(known: KnownTable, by: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in by if name not in known.columns)


def _require_groups(tables: Mapping[str, KnownTable], by: Sequence[str]) -> None:
    """Raises where no table has a column to break down by, or one is asked for twice."""
    for name in by:
        if tables and all(name not in table.columns for table in tables.values()):
            columns = sorted({column for table in tables.values() for column in _columns(table)})
            where = listed(list(tables))
            raise DataError(f"{where}: no column {name!r} to break down by{suggest(name, columns)}")
        if name in _TAKEN:
            raise DataError(
                f"a result has a column {name!r} of its own; rename that of the table to break down by it"
            )
    if len(set(by)) < len(by):
        raise DataError(f"by: found a column twice: {listed(by)}")


def _check_groups(known: KnownTable, by: Sequence[str]) -> None:
    schema = known.frame.collect_schema() if by else {}
    for name in by:
        if name in schema and not isinstance(schema[name], _GROUPING):
            raise DataError(
                f"{known.table.name}: column {name} holds {schema[name]}; a break-down takes text, "
                "whole numbers, true or false, or dates"
            )
