"""Outside data -> checked tables; a table is checked once and can then be evaluated many times."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping

import polars as pl
from attrs import evolve, field, frozen
from polars.exceptions import PanicException, PolarsError

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.errors import DataError, PlanError, listed, suggest
from kpi.fork_guard import use_engine
from kpi.tables import sources
from kpi.tables.checked_table import CheckedTable, checked_frame
from kpi.tables.csv_files import CsvFile
from kpi.tables.foreign_columns import advice, collect_readable
from kpi.tables.large_files import can_stay_on_disk, check_in_chunks
from kpi.tables.needs import Needs, TableNeeds
from kpi.tables.quality import rows_text

LARGE = 5_000_000
"""A file of so many rows is left where it is and read in parts, where it can be."""

SKIPPABLE = ("ids",)
"""The checks that may be left out: "ids", whether ids are repeated (S13)."""


@frozen(kw_only=True)
class Extract:
    """Checked tables, for one plan; `kpi.evaluate` takes them as often as asked.

    Attributes:
        plan: the plan they were checked for.
        needs: what that plan needs of its tables.
        tables: the checked tables by name.
        missing: tables that the plan reads and the extract lacks.
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    needs: Needs = field(repr=False, eq=False)
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
    skip: str | Iterable[str] = (),
) -> Extract:
    """Check tables against what a plan declares, once, for any number of evaluations.

    Args:
        plan: the plan whose tables they are.
        tables: one table, a mapping from name to table, or the path of a file or directory.
        columns: further columns to keep of the tables that have them, beside those that the plan
            reads (default: all).
        strict: refuse missing and empty tables, rejected rows and repeated ids, where else they are
            set aside and counted.
        skip: checks to leave out, for speed; every result says so. "ids": whether ids are repeated, for
            tables of which that is certain. Rows of a repeated id would be counted, each of them.

    Returns:
        the usable rows with typed columns, and the others beside them with their reasons (S12).

    Raises:
        PlanError: where `plan` is none.
        DataError: where a table cannot be read, a column is missing or holds the wrong type, or
            every date of a column is written otherwise than declared: all such at once. Where `skip`
            names no such check, or one that `strict` needs.
    """
    use_engine()
    require_plan(plan)
    skipped = _skipped(skip, strict=strict)
    needs = Needs(plan)
    found = sources.resolve_sources(plan, tables)
    wanted = (columns,) if isinstance(columns, str) else None if columns is None else tuple(columns)
    checked: dict[str, CheckedTable] = {}
    problems: list[str] = []
    if wanted:
        _require_somewhere(wanted, found)
    for table in plan.tables:
        if table.name in found:
            try:
                checked[table.name] = _checked(
                    plan, needs.of(table.name), found[table.name], wanted, skipped
                )
            except DataError as error:
                problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    missing = tuple(name for name in needs.tables if name not in checked)
    extract = Extract(plan=plan, needs=needs, tables=checked, missing=missing)
    if strict:
        refuse(extract)
    return extract


def _skipped(skip: str | Iterable[str], *, strict: bool) -> frozenset[str]:
    names = [skip] if isinstance(skip, str) else list(skip)
    for name in names:
        if name not in SKIPPABLE:
            raise DataError(
                f"skip: found {name!r}; accepted: {listed(SKIPPABLE)}{suggest(name, SKIPPABLE)}"
            )
        if strict:
            raise DataError(
                f"skip: found {name!r} where strict checks it; accepted: one or the other"
            )
    return frozenset(names)


def _require_somewhere(columns: Iterable[str], found: Mapping[str, sources.SourceTable]) -> None:
    """Raises where a column is in none of the tables; one that lacks it does without."""
    schemas: dict[str, pl.Schema] = {}
    for name, its in found.items():
        # A file that cannot be read says so when it is checked.
        with contextlib.suppress(PolarsError, OSError):
            schemas[name] = its.frame.collect_schema()
    for column in columns:
        if schemas and not any(column in schema for schema in schemas.values()):
            known = sorted({name for schema in schemas.values() for name in schema})
            where = listed(list(schemas))
            raise DataError(
                f"{where}: missing column {column}{suggest(column, known)}; found {listed(known)}"
            )


def require_plan(plan: object) -> None:
    """Raises where something is no plan.

    Raises:
        PlanError: saying what was found.
    """
    if not isinstance(plan, Plan):
        raise PlanError(f"found {plan!r}; accepted: a kpi.Plan, such as kpi.load_plan gives")


def refuse(extract: Extract) -> None:
    """Raises where anything of an extract was set aside.

    Raises:
        DataError: naming missing tables, rejected rows, tables that targets count and that have no
            row, and repeated ids, a line each.
    """
    problems = [f"no table {name} in the extract" for name in extract.missing]
    problems += [
        f"{name}: {rows_text(n)} rejected: {reason}"
        for name, table in extract.tables.items()
        for reason, n in table.facts.rejected.items()
    ]
    counted = {target.table for target in extract.needs.targets}
    problems += [
        f"{name}: the table has no rows"
        for name, table in extract.tables.items()
        if name in counted and not table.facts.rows
    ]
    for name, table in extract.tables.items():
        if table.facts.repeated:
            problems.append(f"{name}: {rows_text(table.facts.repeated)} with a repeated id")
    if problems:
        raise DataError("\n".join(problems))


def _checked(
    plan: Plan,
    needs: TableNeeds,
    found: sources.SourceTable,
    wanted: tuple[str, ...] | None,
    skip: Collection[str],
) -> CheckedTable:
    table = needs.table
    try:
        schema = found.frame.collect_schema()
        further = [name for name in wanted or () if name in schema]
        there = [*schema, *found.unreadable]
        needed = list(dict.fromkeys([*needs.columns(there), *further]))
        _require_readable(table, needed, found.unreadable)
        frame = found.frame if wanted is None else found.frame.select(needed)
        if (
            isinstance(frame, pl.LazyFrame)
            and found.rows >= LARGE
            and can_stay_on_disk(plan, needs, schema)
        ):
            checked = check_in_chunks(plan, needs, frame, found.rows, skip)
            if checked is not None:
                return evolve(checked, fingerprint=found.fingerprint)
        raw = _collected(table, needed, frame)
    except (PolarsError, PanicException, OSError) as error:
        raise DataError(f"{table.name}: cannot be read: {sources.first_line(error)}") from error
    return checked_frame(plan, needs, raw, decimal_comma=found.decimal_comma, skip=skip)


def _collected(
    table: Table, needed: Collection[str], frame: pl.LazyFrame | CsvFile
) -> pl.DataFrame:
    """Collect a table; a column that cannot be read stops it only where it is needed."""
    if isinstance(frame, CsvFile):
        return frame.collect()
    try:
        return frame.collect()
    except (PolarsError, PanicException) as error:
        readable = collect_readable(frame, error)
        _require_readable(table, needed, readable.unreadable)
        return readable.frame


def _require_readable(table: Table, needed: Collection[str], unreadable: Mapping[str, str]) -> None:
    """Raise a `DataError` that names each column that is needed and cannot be read."""
    lines = [
        f"{table.name}: column {name} holds {kind}, which cannot be read; {advice(kind)}"
        for name, kind in unreadable.items()
        if name in needed
    ]
    if lines:
        raise DataError("\n".join(lines))
