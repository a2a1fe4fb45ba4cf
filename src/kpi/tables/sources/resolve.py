"""Sources of the tables of a plan: what is passed, resolved table by table.

No value is interpreted here; columns are checked in `kpi.tables.check`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import polars as pl
from polars.exceptions import PolarsError

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.errors import DataError, listed, reason, suggest
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.files import ACCEPTED, SUFFIXES, open_file
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.objects import open_object
from kpi.tables.sources.source_table import SourceTable


class ArrowStream(Protocol):
    """Object that hands rows over by the Arrow C stream: pandas, PyArrow, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a capsule of a C stream."""


class ArrowArray(Protocol):
    """Object that hands rows over as one Arrow C array, such as a record batch."""

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        """Return the capsules of a C schema and a C array."""


class ArrowDataset(Protocol):
    """Dataset or scanner of PyArrow."""

    def to_table(self) -> Any:
        """Return all rows as a PyArrow table."""


class NarwhalsFrame(Protocol):
    """Frame of narwhals, eager or lazy."""

    def to_native(self) -> Any:
        """Return the frame that is wrapped."""


class Cursor(Protocol):
    """Cursor of any database (PEP 249), on which a query has been executed."""

    @property
    def description(self) -> Any:
        """The columns of the result, the name of each first."""

    def fetchall(self) -> Any:
        """Return the rows of the result."""


OneTable: TypeAlias = (
    pl.DataFrame
    | pl.LazyFrame
    | ArrowStream
    | ArrowArray
    | ArrowDataset
    | NarwhalsFrame
    | Cursor
    | Sequence[Mapping[str, object]]
    | tuple[object, str]
    | str
    | os.PathLike[str]
)
"""Source of one table: a frame, an Arrow object or dataset, a cursor of a database, a list of dicts, a
pair of a connection (DuckDB, SQLite) and the name of a table, or the path of a file."""

Tables: TypeAlias = OneTable | Mapping[str, OneTable]
"""Sources of tables: one table, tables by name, or the path of a file or a directory."""

_OTHERS = (".xlsx", ".xls", ".xlsm", ".ods", ".tsv", ".txt", ".json", ".xml", ".gz", ".zip")
"""Suffixes of files that may well hold a table, and that `kpi` does not read."""


def resolve_sources(plan: Plan, tables: Tables) -> dict[str, SourceTable]:
    """Return the source of each declared table that is handed over, by name.

    One table without a name is the plan's `cases`, or its only table. A directory holds a file per
    table. Tables that the plan does not declare are ignored in a directory, refused in a mapping.

    Raises:
        DataError: where a path does not exist, is empty or cannot be read; where an object is no
            table, or a table is not declared.
    """
    declared = {table.name: table for table in plan.tables}
    if isinstance(tables, Mapping):
        unknown = [name for name in tables if name not in declared]
        if unknown:
            hint = suggest(str(unknown[0]), declared)
            raise DataError(
                f"unknown table {unknown[0]!r}; the plan {plan.id} declares: {listed(list(declared))}{hint}"
            )
        return {name: _source_table(source, declared[name]) for name, source in tables.items()}
    if isinstance(tables, str | os.PathLike):
        path = Path(tables)
        if not os.path.exists(path):  # noqa: PTH110 - false too for a name that is too long
            raise DataError(f"{path}: no such file")
        if path.is_dir():
            try:
                return _directory(path, declared)
            except OSError as error:
                raise DataError(f"{path}: cannot be read: {reason(error)}") from error
        name = path.stem if path.stem in declared else _unnamed(declared, str(path))
    else:
        name = _unnamed(declared, "one table without a name")
    return {name: _source_table(tables, declared[name])}


def _unnamed(declared: Mapping[str, Table], what: str) -> str:
    if "cases" in declared:
        return "cases"
    if len(declared) == 1:
        return next(iter(declared))
    raise DataError(
        f"{what}: the plan declares {listed(list(declared))}; give a mapping from name to table, or a directory"
    )


def _directory(path: Path, declared: Mapping[str, Table]) -> dict[str, SourceTable]:
    present = sorted(f for f in path.iterdir() if f.is_file())
    resolved: dict[str, SourceTable] = {}
    problems: list[str] = []
    for name, table in declared.items():
        files = [f for f in present if f.stem == name and f.suffix.lower() in SUFFIXES]
        if len(files) > 1:
            files.sort(key=lambda f: SUFFIXES.index(f.suffix.lower()))
            problems.append(
                f"{path}: two files for the table {name}: {listed([f.name for f in files])}; keep one"
            )
        elif files:
            resolved[name] = _source_table(files[0], table)
        else:
            problems += _misnamed_files(name, declared, present)
    if problems:
        raise DataError("\n".join(problems))
    if not resolved:
        names = [f.name for f in sorted(path.iterdir())] or ["nothing"]
        raise DataError(
            f"{path}: no file for any table of the plan ({listed(list(declared))}); "
            f"expected e.g. {next(iter(declared))}.parquet or .csv, found {listed(names)}"
        )
    return resolved


def _misnamed_files(name: str, declared: Mapping[str, Table], present: list[Path]) -> list[str]:
    """Return the mistake in the name or kind of a file that seems meant for a table without one."""
    for file in present:
        stem = file.name.split(".")[0]
        if stem.casefold() == name.casefold() and (stem == name or stem not in declared):
            kind = file.suffix.lower()
            if kind in SUFFIXES:
                return [f"{file}: rename it {name}{kind} for the table {name}"]
            if kind in _OTHERS:
                return [f"{file}: unknown kind of file for the table {name}; {ACCEPTED}"]
    return []


def lazy_table(source: Any, table: Table) -> pl.LazyFrame:
    """Return one table as a lazy frame, in whatever form it is handed over.

    Raises:
        DataError: where the source cannot be read, or is no table.
    """
    return readable_table(source, table)[0]


def readable_table(source: Any, table: Table) -> tuple[pl.LazyFrame, Mapping[str, str]]:
    """Return a table as a lazy frame, and the type of each column that cannot be read.

    Raises:
        DataError: where the source cannot be read, or is no table.
    """
    resolved = _source_table(source, table)
    frame = resolved.frame
    if not isinstance(frame, CsvFile):
        return frame, resolved.unreadable
    try:
        return frame.collect(categories=False).lazy(), {}
    except (PolarsError, OSError) as error:
        raise DataError(f"{frame.path}: cannot be read: {reason(error)}") from error


def _source_table(source: Any, table: Table) -> SourceTable:
    layout = Layout.of(table)
    if isinstance(source, str | os.PathLike):
        return open_file(Path(source), layout)
    return open_object(source, layout)
