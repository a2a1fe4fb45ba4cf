"""Outside data -> checked tables: typed columns, rejected rows with reasons, facts (S1, S12, S13).

A table is checked once and can then be evaluated many times.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

import polars as pl
from attrs import evolve, field, frozen
from polars.exceptions import PolarsError

from kpi import sources
from kpi.column_types import TypedColumns
from kpi.columns import REPEATED
from kpi.conditions import Kind
from kpi.errors import DataError, PlanError, listed, suggest
from kpi.facts import NAMED, Facts, rows_text
from kpi.plan import Plan, Table

Bounds: TypeAlias = Mapping[str, tuple[int, int]]


@frozen(kw_only=True)
class CheckedTable:
    """One table, checked: its usable rows with typed columns, and beside them what is not.

    Attributes:
        table: its declaration in the plan.
        frame: the usable rows; every declared date as a local date (S1).
        rejected: the rows that cannot be used: `row` (counted from 1 in the data), `reason`, and
            the columns as they came.
        rejected_keys: the keys of the rejected rows, typed as in `frame`.
        bounds: smallest and largest day number (days since 1970-01-01) of each date column.
        facts: what stands beside the rows: rejected ones, repeated ids, strange categories.
    """

    table: Table
    frame: pl.DataFrame
    rejected: pl.DataFrame
    rejected_keys: pl.DataFrame
    bounds: Bounds
    facts: Facts


@frozen(kw_only=True)
class Extract:
    """Checked tables, for one plan; `kpi.evaluate` takes them as often as asked.

    Attributes:
        plan: the plan they were checked for.
        tables: the checked tables by name.
        missing: tables that the plan reads and the extract lacks.
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    tables: Mapping[str, CheckedTable]
    missing: tuple[str, ...] = ()

    @property
    def rejected(self) -> dict[str, pl.DataFrame]:
        """The rows that cannot be used, by table, with their reasons."""
        return {name: t.rejected for name, t in self.tables.items() if t.rejected.height}


def check(
    plan: Plan,
    tables: sources.Tables,
    *,
    columns: str | Iterable[str] | None = None,
    strict: bool = False,
) -> Extract:
    """Check tables against what a plan declares, once, for any number of evaluations.

    Args:
        plan: the plan whose tables they are.
        tables: one table, a mapping from name to table, or the path of a file or directory.
        columns: further columns to keep, beside those that the plan reads (default: all).
        strict: refuse rejected rows and repeated ids, where else they are set aside and counted.

    Returns:
        the usable rows with typed columns, and the others beside them with their reasons (S12).

    Raises:
        PlanError: where `plan` is none.
        DataError: where a table cannot be read, a column is missing or holds the wrong type, or
            every date of a column is written otherwise than declared: all such at once.
    """
    require_plan(plan)
    found = sources.find(plan, tables)
    wanted = (columns,) if isinstance(columns, str) else None if columns is None else tuple(columns)
    checked: dict[str, CheckedTable] = {}
    problems: list[str] = []
    for table in plan.tables:
        if table.name in found:
            try:
                checked[table.name] = _checked(plan, table, found[table.name], wanted)
            except DataError as error:
                problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    missing = tuple(name for name in plan.tables_read() if name not in checked)
    extract = Extract(plan=plan, tables=checked, missing=missing)
    if strict:
        _refuse(extract)
    return extract


def require_plan(plan: object) -> None:
    """Raises where something is no plan.

    Raises:
        PlanError: saying what was found.
    """
    if not isinstance(plan, Plan):
        raise PlanError(f"found {plan!r}; accepted: a kpi.Plan, such as kpi.load_plan gives")


def _refuse(extract: Extract) -> None:
    problems = [
        f"{name}: {rows_text(n)} rejected: {reason}"
        for name, table in extract.tables.items()
        for reason, n in table.facts.rejected.items()
    ]
    for name, table in extract.tables.items():
        if table.facts.repeated:
            problems.append(f"{name}: {rows_text(table.facts.repeated)} with a repeated id")
    if problems:
        raise DataError("\n".join(problems))


def _checked(
    plan: Plan, table: Table, lazy: pl.LazyFrame, wanted: tuple[str, ...] | None
) -> CheckedTable:
    try:
        raw = _read(plan, table, lazy, wanted)
    except (PolarsError, OSError) as error:
        raise DataError(f"{table.name}: cannot be read: {sources.first_line(error)}") from error
    typed = TypedColumns(plan, table, raw)
    for name, kind in _kinds(plan, table, raw.columns).items():
        typed.column(name, kind)
    for name in table.key:
        key = raw[name].replace("", None) if raw.schema[name] == pl.String else raw[name]
        typed.reject(f"{name} missing", key.is_null())
    typed.raise_problems()
    return _finished(typed, table)


def _kinds(plan: Plan, table: Table, there: Collection[str]) -> dict[str, Kind]:
    """What each column that the plan reads or declares must hold, in the order of the declaration.

    A declared date that no target reads may be missing; where it is there, `as_of` must know it.
    """
    read = {r.column: r.kind for t in plan.targets if t.table == table.name for r in t.reads()}
    dates: dict[str, Kind] = {
        name: "date"
        for name in table.date_columns
        if name in read or name == table.entry or name in there
    }
    return dates | read


def _read(
    plan: Plan, table: Table, lazy: pl.LazyFrame, wanted: tuple[str, ...] | None
) -> pl.DataFrame:
    schema = lazy.collect_schema()
    needed = list(dict.fromkeys([*table.key, *_kinds(plan, table, schema), *(wanted or ())]))
    missing = [name for name in needed if name not in schema]
    if missing:
        hints = [f"{name}{suggest(name, schema)}" for name in missing]
        raise DataError(
            f"{table.name}: missing column {listed(hints)}; found {listed(list(schema))}"
        )
    return lazy.collect() if wanted is None else lazy.select(needed).collect()


def _finished(typed: TypedColumns, table: Table) -> CheckedTable:
    """The usable rows, and beside them the rejected ones with the first reason of each."""
    raw = typed.raw
    frame = raw.with_columns(
        *(series.alias(name) for name, series in typed.columns.items()), *typed.flags
    )
    repeated = _repeated(frame.select(table.key))
    if repeated is not None:
        frame = frame.with_columns(repeated)
    reasons = pl.select(
        pl.coalesce(
            *(pl.when(rows).then(pl.lit(why)) for why, rows in typed.rejections),
            pl.repeat(None, raw.height, dtype=pl.String),
        ).alias("reason")
    ).to_series()
    rejected = raw.select(
        pl.int_range(1, raw.height + 1, dtype=pl.Int64).alias("row"),
        reasons,
        pl.exclude("row", "reason"),
    ).filter(reasons.is_not_null())
    facts = Facts(
        rows=raw.height,
        rejected=dict(rejected.group_by("reason").len().sort("reason").iter_rows()),
        repeated=0 if repeated is None else int(repeated.sum()),
        repeated_ids=_some_ids(frame, table.key),
        unheard=frozenset(typed.unheard),
        strange=typed.strange,
    )
    rejected_keys = frame.filter(reasons.is_not_null()).select(table.key)
    frame = frame.filter(reasons.is_null()) if rejected.height else frame
    bounds = _bounds(frame, [name for name in typed.columns if name in table.date_columns])
    dated = [table.entry, *table.events]
    newest = max((bounds[name][1] for name in dated if name in bounds), default=None)
    if newest is not None:
        facts = evolve(facts, newest=dt.date(1970, 1, 1) + dt.timedelta(newest))
    return CheckedTable(
        table=table,
        frame=frame,
        rejected=rejected,
        rejected_keys=rejected_keys,
        bounds=bounds,
        facts=facts,
    )


def _repeated(key: pl.DataFrame) -> pl.Series | None:
    """Which rows have a key that stands elsewhere too, rejected rows included (S13)."""
    if key.n_unique() == key.height:
        return None
    known = key.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    flag = (key.is_duplicated() & known).alias(REPEATED)
    return flag if flag.any() else None


def _some_ids(frame: pl.DataFrame, key: Iterable[str]) -> tuple[str, ...]:
    """A few of the keys that are repeated."""
    if REPEATED not in frame.columns:
        return ()
    names = frame.filter(pl.col(REPEATED)).select(key).unique(maintain_order=True)
    return tuple(", ".join(map(str, row)) for row in names.head(NAMED).iter_rows())


def _bounds(frame: pl.DataFrame, dates: list[str]) -> dict[str, tuple[int, int]]:
    days = frame.select(pl.col(name).to_physical() for name in dates)
    found = {}
    for name in dates:
        low, high = days[name].min(), days[name].max()
        if isinstance(low, int) and isinstance(high, int):
            found[name] = (low, high)
    return found
