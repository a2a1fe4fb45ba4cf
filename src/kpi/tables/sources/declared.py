"""Sources that an extract file declares, opened under the plan's names."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from kpi.definitions.extract_file import ExtractFile, TableSource
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.errors import DataError, listed, suggest
from kpi.tables.event_log.xes import SUFFIXES as XES_SUFFIXES
from kpi.tables.event_log.xes import read_xes_log
from kpi.tables.sources.databases import open_database
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.opened import OpenedSources
from kpi.tables.sources.paths import open_paths
from kpi.tables.sources.renamed_columns import RenamedColumns
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.urls import is_url


def declared_sources(
    plan: Plan, file: ExtractFile, opened: OpenedSources
) -> dict[str, SourceTable]:
    """Return the source of each table of a plan that an extract file declares, by name.

    Tables that the plan does not declare are ignored, for an extract file serves many plans.

    Args:
        plan: the plan that declares the tables.
        file: the extract file.
        opened: the sources that have been opened for other plans.

    Raises:
        DataError: where a source cannot be read or lacks a declared column, where a table's name
            seems misspelt, or where the file declares no table of the plan: all at once.
    """
    tables = {table.name: table for table in plan.tables}
    resolved: dict[str, SourceTable] = {}
    problems: list[str] = []
    given = {source.name for source in file.tables}
    for source in file.tables:
        where = f"{file.name}: table {source.name}"
        if source.name not in tables:
            if hint := suggest(source.name, tables.keys() - given):
                problems.append(f"{where}: the plan {plan.id} declares no such table{hint}")
            continue
        try:
            resolved[source.name] = _opened(source, tables[source.name], file, opened)
        except DataError as error:
            # The place names the table already.
            lines = (line.removeprefix(f"{source.name}: ") for line in str(error).splitlines())
            problems += [f"{where}: {line}" for line in lines]
    if problems:
        raise DataError("\n".join(problems))
    if not resolved:
        raise DataError(
            f"{file.name}: no table of the plan {plan.id} ({listed(list(tables))}); "
            f"found {listed(sorted(given))}"
        )
    return resolved


def _opened(
    source: TableSource, table: Table, file: ExtractFile, known: OpenedSources
) -> SourceTable:
    """Open a source, and give its columns the plan's names.

    Raises:
        DataError: where the source cannot be read, or lacks a declared column.
    """
    _require_dates(source, table)
    events = source.from_events
    if events is None:
        layout = Layout.of_source(table, source, table.key, table.date_columns)
    else:
        names = [name for name in (events.case, events.event, events.time) if name is not None]
        layout = Layout.of_source(table, source, names or ["case_id", "event", "time"], names[2:])
        path = source.path or ""
        if path.lower().endswith(XES_SUFFIXES):
            layout.require_used(path, "an event log in XES")

            def read() -> SourceTable:
                frame = read_xes_log(file.directory / path, events, source.columns)
                return SourceTable(frame.lazy(), declared=source)

            return known.once((source, file.directory), read)
    opened = known.once(
        (source, layout, file.directory), lambda: open_declared(source, layout, file.directory)
    )
    present = [*opened.frame.collect_schema(), *opened.unreadable]
    renamed = RenamedColumns.of(present, source.columns, source.origin)
    remarks = tuple(renamed.remarks(source.columns))
    return evolve(renamed.applied(opened), declared=source, remarks=remarks)


def open_declared(source: TableSource, layout: Layout, directory: Path) -> SourceTable:
    """Open a source as it is, under its own names.

    Args:
        source: the declaration of the source.
        layout: its layout.
        directory: the directory that paths are relative to.

    Raises:
        DataError: where the source cannot be read.
    """
    if source.database is not None:
        return open_database(
            source.database,
            query=source.query,
            table=source.table,
            layout=layout,
            directory=directory,
        )
    if source.files:
        return open_paths(directory, layout, source.files)
    assert source.path is not None, "a source has exactly one origin"
    return open_paths(source.path if is_url(source.path) else directory / source.path, layout)


def _require_dates(source: TableSource, table: Table) -> None:
    """Check that no date of a declared format or unit is misspelt.

    A date that the plan does not declare is one of another plan.

    Raises:
        DataError: naming the misspelt dates.
    """
    formats = source.date_format if not isinstance(source.date_format, str | None) else {}
    dates = table.date_columns
    known = {*dates, *source.columns}
    time = None if source.from_events is None else source.from_events.time or "time"
    lines = [
        f"{key}.{name}: is no date of the plan{hint}"
        for key, names in (("date_format", formats), ("epochs", source.epochs))
        for name in names
        if name not in known and name != time and (hint := suggest(name, dates))
    ]
    if lines:
        raise DataError("\n".join(lines))
