"""Check of outside data: a table is checked once and can then be evaluated many times."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterable, Mapping

import polars as pl
from attrs import evolve, field, frozen
from polars.exceptions import PanicException, PolarsError

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.windows import to_date
from kpi.errors import DataError, PlanError, first_line, listed, suggest
from kpi.events import stage
from kpi.foreign_text import terminal_text
from kpi.fork_guard import use_engine
from kpi.notebook_html import html_table
from kpi.tables.checked_table import CheckedTable, checked_frame
from kpi.tables.event_log.declared_log import from_declared_log
from kpi.tables.large_files import can_stay_on_disk, check_in_chunks
from kpi.tables.needs import Needs, TableNeeds
from kpi.tables.quality import rows_text
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.csv_parts import CsvParts
from kpi.tables.sources.foreign_columns import advice, collect_readable
from kpi.tables.sources.resolve import Tables, resolve_sources
from kpi.tables.sources.source_table import SourceTable

LARGE = 5_000_000
"""Rows from which a file is left where it is and read in chunks, where it can be."""

SKIPPABLE = ("ids",)
"""The checks that may be left out: "ids", whether ids are repeated (S13)."""


@frozen(kw_only=True, repr=False)
class Extract:
    """Checked tables for one plan, which `kpi.evaluate` takes any number of times.

    Attributes:
        plan: the plan that the tables were checked for.
        needs: the needs of that plan.
        tables: the checked tables by name.
        missing: tables that the plan reads and the extract lacks.
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    needs: Needs = field(repr=False, eq=False)
    tables: Mapping[str, CheckedTable]
    missing: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Extract {terminal_text(self._text)}>"

    def _repr_html_(self) -> str:
        """Return the extract as a notebook shows it: its tables, a row each, and no case."""
        rows = [
            (name, f"{table.facts.rows:,}", f"{sum(table.facts.rejected.values()):,}")
            for name, table in self.tables.items()
        ]
        missing = [(name, "missing", "") for name in self.missing]
        heads = ("Table", "Rows", "Rejected")
        return html_table(self._text, heads, [*rows, *missing], numbers=heads[1:])

    @property
    def _text(self) -> str:
        """The extract in a line: the plan that it was checked for, the rows of each table."""
        tables = [f"{name} {rows_text(t.facts.rows)}" for name, t in self.tables.items()]
        missing = [f"{name} missing" for name in self.missing]
        return f"checked for {self.plan.id}: {listed([*tables, *missing]) or 'no table'}"

    @property
    def rejected(self) -> dict[str, pl.DataFrame]:
        """The rows that cannot be used, with their reasons, by table; only tables that have any.

        Those of an event log that a table is made of are under the table's name and "(log)".
        """
        rows = {name: t.rejected for name, t in self.tables.items()}
        rows |= {log_name(n): t.log.rejected for n, t in self.tables.items() if t.log is not None}
        return {name: frame for name, frame in rows.items() if frame.height}


def log_name(table: str) -> str:
    """Return the name under which the rejected rows of a table's event log stand."""
    return f"{table} (log)"


def check(
    plan: Plan,
    tables: Tables,
    *,
    columns: str | Iterable[str] | None = None,
    strict: bool = False,
    skip: str | Iterable[str] = (),
    as_of: dt.date | str | None = None,
) -> Extract:
    """Check tables against what a plan declares, once, for any number of evaluations.

    Args:
        plan: the plan that declares the tables.
        tables: one table, a mapping from name to table, or the path of a file, a directory or an
            extract file.
        columns: further columns to keep of the tables that have them, beside those that the plan
            reads (default: all).
        strict: whether to refuse missing and empty tables, rejected rows and repeated ids, which
            else are set aside and counted.
        skip: checks to leave out, for speed; every result says so. "ids": whether ids are repeated,
            for tables whose ids are certainly unique. Each row of a repeated id would be counted.
        as_of: the as-of date of tables that an extract file makes of an event log, of which later
            rows are left out (S15; default: the last day of the plan's period). Other tables are
            checked whole.

    Returns:
        the usable rows with typed columns, and beside them the rejected rows with reasons (S12).

    Raises:
        PlanError: where `plan` is no plan, or `as_of` is not a date.
        DataError: where a table cannot be read, a column is missing or holds the wrong type, or
            every date of a column is written otherwise than declared: all mistakes at once. Where
            `skip` names no check, or a check that `strict` needs.
    """
    use_engine()
    require_plan(plan)
    skipped = _skipped(skip, strict=strict)
    day = as_of_date(plan, as_of)
    wanted = (columns,) if isinstance(columns, str) else None if columns is None else tuple(columns)
    extract = check_sources(plan, resolve_sources(plan, tables), wanted, skipped, as_of=day)
    if strict:
        refuse(extract)
    return extract


def check_sources(
    plan: Plan,
    resolved: Mapping[str, SourceTable],
    wanted: tuple[str, ...] | None,
    skipped: Collection[str] = (),
    *,
    as_of: dt.date,
    part: bool = False,
    hold: bool = False,
) -> Extract:
    """Check the sources of tables, see `check`.

    Args:
        plan: the plan that declares the tables.
        resolved: the source of each table, by name.
        wanted: further columns to keep of the tables that have them; None for all.
        skipped: the checks to leave out.
        as_of: the as-of date of tables that are made of an event log.
        part: whether the rows are a part of each table: a column of which no value can be read then
            makes no table unusable, for the other parts may have values. Its rows are rejected (S12).
        hold: whether the rows of a large file are held for the evaluation that follows, where they
            are small enough (`CheckedTable.held`).

    Raises:
        DataError: as `check`.
    """
    needs = Needs(plan)
    sources: dict[str, SourceTable] = {}
    checked: dict[str, CheckedTable] = {}
    problems: list[str] = []
    for table in plan.tables:
        if table.name in resolved:
            try:
                sources[table.name] = from_declared_log(plan, table, resolved[table.name], as_of)
            except DataError as error:
                problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    if wanted:
        require_somewhere(wanted, sources)
    for table in plan.tables:
        if table.name in sources:
            source = sources[table.name]
            try:
                checked[table.name] = _with_source(
                    _checked(
                        plan,
                        needs.of(table.name).of_source(source.declared),
                        source,
                        wanted,
                        skipped,
                        part=part,
                        hold=hold,
                    ),
                    source,
                )
            except DataError as error:
                problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    missing = tuple(name for name in needs.tables if name not in checked)
    return Extract(plan=plan, needs=needs, tables=checked, missing=missing)


def as_of_date(plan: Plan, as_of: dt.date | str | None) -> dt.date:
    """Return the as-of date; where none is given, the last day of the plan's period.

    Raises:
        PlanError: where `as_of` is not a date.
    """
    if as_of is None:
        return plan.period.closed.last
    try:
        return to_date(as_of)
    except PlanError as error:
        raise PlanError(f"as_of: {error}") from None


def _with_source(checked: CheckedTable, source: SourceTable) -> CheckedTable:
    """Return a checked table with what became of the event log, and the notes on the source."""
    if source.log is None and not source.remarks:
        return checked
    facts = evolve(checked.facts, remarks_of_source=source.remarks)
    return evolve(checked, log=source.log, facts=facts)


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


def require_somewhere(columns: Iterable[str], resolved: Mapping[str, SourceTable]) -> None:
    """Check that each column is in at least one table.

    Raises:
        DataError: naming the first column that no table has.
    """
    schemas: dict[str, pl.Schema] = {}
    for name, source in resolved.items():
        # A file that cannot be read says so when it is checked.
        with contextlib.suppress(PolarsError, OSError):
            schemas[name] = source.frame.collect_schema()
    for column in columns:
        if schemas and not any(column in schema for schema in schemas.values()):
            present = sorted({name for schema in schemas.values() for name in schema})
            where = listed(list(schemas))
            hint = suggest(column, present)
            raise DataError(f"{where}: missing column {column}{hint}; found {listed(present)}")


def require_plan(plan: object) -> None:
    """Check that an argument is a plan.

    Raises:
        PlanError: where it is something else, naming that.
    """
    if not isinstance(plan, Plan):
        raise PlanError(f"found {plan!r}; accepted: a kpi.Plan, such as kpi.load_plan gives")


def refuse(extract: Extract) -> None:
    """Check that nothing of an extract was set aside.

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
    problems += [
        f"{name}: {rows_text(n)} of the event log rejected: {reason}"
        for name, table in extract.tables.items()
        if table.log is not None
        for reason, n in table.log.reasons.items()
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
    source: SourceTable,
    wanted: tuple[str, ...] | None,
    skip: Collection[str],
    *,
    part: bool,
    hold: bool,
) -> CheckedTable:
    table = needs.table
    try:
        schema = source.frame.collect_schema()
        further = [name for name in wanted or () if name in schema]
        present = [*schema, *source.unreadable]
        needed = list(dict.fromkeys([*needs.columns(present), *further]))
        _require_readable(table, needed, source.unreadable)
        frame = source.frame if wanted is None else source.frame.select(needed)
        if (
            isinstance(frame, pl.LazyFrame)
            and source.rows >= LARGE
            and can_stay_on_disk(plan, needs, schema)
        ):
            with stage("check", table.name, source=source.name, rows=source.rows) as current:
                checked = check_in_chunks(plan, needs, frame, source.rows, skip, current, hold=hold)
            if checked is not None:
                return evolve(checked, fingerprint=source.fingerprint)
        raw = _read(table, needed, frame, source)
    except (PolarsError, PanicException, OSError) as error:
        raise DataError(f"{table.name}: cannot be read: {first_line(error)}") from error
    with stage("check", table.name, rows=raw.height):
        return checked_frame(
            plan, needs, raw, decimal_comma=source.decimal_comma, skip=skip, part=part
        )


def _read(
    table: Table,
    needed: Collection[str],
    frame: pl.LazyFrame | CsvFile | CsvParts,
    source: SourceTable,
) -> pl.DataFrame:
    if source.is_read:
        return _collected(table, needed, frame)
    with stage("read", table.name, source=source.name) as current:
        raw = _collected(table, needed, frame)
        current.rows = raw.height
    return raw


def _collected(
    table: Table, needed: Collection[str], frame: pl.LazyFrame | CsvFile | CsvParts
) -> pl.DataFrame:
    """Collect a table; a column that cannot be read is an error only where it is needed."""
    if not isinstance(frame, pl.LazyFrame):
        return frame.collect()
    try:
        return frame.collect()
    except (PolarsError, PanicException) as error:
        readable = collect_readable(frame, error)
        _require_readable(table, needed, readable.unreadable)
        return readable.frame


def _require_readable(table: Table, needed: Collection[str], unreadable: Mapping[str, str]) -> None:
    """Check that all columns that are needed can be read.

    Raises:
        DataError: naming each column that is needed and cannot be read.
    """
    lines = [
        f"{table.name}: column {name} holds {kind}, which cannot be read; {advice(kind)}"
        for name, kind in unreadable.items()
        if name in needed
    ]
    if lines:
        raise DataError("\n".join(lines))
