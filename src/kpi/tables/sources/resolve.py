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

from kpi.definitions.extract_file import ExtractFile
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.errors import DataError, listed, reason, suggest, without_credentials
from kpi.planfile.extract_file import is_plan_file, load_extract
from kpi.tables.sources.declared import declared_sources
from kpi.tables.sources.files import ACCEPTED, SUFFIXES, absent, kind_of, unknown_kind
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.objects import open_object
from kpi.tables.sources.opened import OpenedSources
from kpi.tables.sources.part_files import (
    holds_parts,
    is_delta,
    is_pattern,
    looks_like_parts,
    parts_of,
)
from kpi.tables.sources.paths import Paths, is_paths, named_table, open_paths
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.standard_input import DASH, StandardInput
from kpi.tables.sources.urls import is_url, local_path


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
    | Paths
)
"""Source of one table: a frame, an Arrow object or dataset, a cursor of a database, a list of dicts, a
pair of a connection (DuckDB, SQLite) and the name of a table, or what names the file or files; `-`
is standard input."""

Tables: TypeAlias = OneTable | Mapping[str, OneTable] | ExtractFile
"""Sources of tables: a table, tables by name, the path of a file or a directory, an extract file."""

ReadOnce: TypeAlias = Tables | StandardInput | Mapping[str, OneTable | StandardInput]
"""Sources of tables of which standard input and an extract file have been read, for several plans."""


def read_once(tables: Tables) -> ReadOnce:
    """Return sources of tables with what does not hang on the plan read: for several plans, once.

    Standard input can be read once only, and an extract file says the same to every plan.

    Raises:
        DataError: where standard input is no table, or naming every mistake in an extract file.
    """
    if isinstance(tables, Mapping):
        return {
            name: StandardInput.read() if _is_dash(source) else source
            for name, source in tables.items()
        }
    if _is_dash(tables):
        return StandardInput.read()
    if isinstance(tables, str | os.PathLike) and _is_extract_file(Path(tables)):
        return load_extract(tables)
    return tables


def _is_dash(source: object) -> bool:
    return isinstance(source, str | os.PathLike) and Path(source) == DASH


def _is_extract_file(path: Path) -> bool:
    return (
        path.suffix.lower() == ".toml"
        and os.path.isfile(path)  # noqa: PTH113 - false too for a name that is too long
        and not is_plan_file(path)
    )


def resolve_sources(
    plan: Plan, tables: ReadOnce, opened: OpenedSources | None = None
) -> dict[str, SourceTable]:
    """Return the source of each declared table that is handed over, by name.

    One table without a name is the plan's `cases`, or its only table. A directory holds a file, or a
    directory of parts, per table; or the parts of one table. Tables that the plan does not declare
    are ignored in a directory and in an extract file, refused in a mapping.

    Args:
        plan: the plan that declares the tables.
        tables: the tables, as `kpi.check` takes them.
        opened: the sources that have been opened for other plans.

    Raises:
        DataError: where a path does not exist, is empty or cannot be read; where an object is no
            table, or a table is not declared.
    """
    opened = OpenedSources() if opened is None else opened
    declared = {table.name: table for table in plan.tables}
    if isinstance(tables, Mapping):
        unknown = [name for name in tables if name not in declared]
        if unknown:
            hint = suggest(str(unknown[0]), declared)
            raise DataError(
                f"unknown table {unknown[0]!r}; the plan {plan.id} declares: {listed(list(declared))}{hint}"
            )
        return {
            name: _source_table(source, declared[name], opened) for name, source in tables.items()
        }
    if isinstance(tables, ExtractFile):
        return declared_sources(plan, tables, opened)
    if not is_paths(tables):
        is_stream = isinstance(tables, StandardInput)
        name = _unnamed(declared, "standard input" if is_stream else "one table without a name")
        return {name: _source_table(tables, declared[name], opened)}
    if isinstance(tables, str | os.PathLike):
        path = local_path(tables) if isinstance(tables, str) and is_url(tables) else Path(tables)
        if path == DASH:
            name = _unnamed(declared, "standard input")
            return {name: _source_table(path, declared[name], opened)}
        if path is not None and os.path.isdir(path):  # noqa: PTH112 - false too for a long name
            try:
                resolved = _directory(path, declared, opened)
            except OSError as error:
                raise DataError(f"{path}: cannot be read: {reason(error)}") from error
            if resolved is not None:
                return resolved
        # An address may hold credentials.
        text = without_credentials(os.fspath(tables)) if path is None else str(path)
        if path is not None and not os.path.exists(path) and not is_pattern(text):  # noqa: PTH110 - false too for a name that is too long
            raise DataError(f"{path}: {absent(path)}")
        if path is not None and _is_extract_file(path):
            return declared_sources(plan, load_extract(path), opened)
    else:
        text = listed([os.fspath(path) for path in tables])
    name = named_table(tables, declared) or _unnamed(declared, text)
    return {name: _source_table(tables, declared[name], opened)}


def _unnamed(declared: Mapping[str, Table], what: str) -> str:
    if "cases" in declared:
        return "cases"
    if len(declared) == 1:
        return next(iter(declared))
    raise DataError(
        f"{what}: the plan declares {listed(list(declared))}; give a mapping from name to table, or a directory"
    )


def _directory(
    path: Path, declared: Mapping[str, Table], opened: OpenedSources
) -> dict[str, SourceTable] | None:
    """Return the tables in a directory; None where the directory is one table in parts.

    It is one table where no name in it is that of a declared table, and its own name is, or what
    wrote the parts left a mark.

    Raises:
        DataError: where that cannot be told, or a table cannot be read.
        OSError: where the directory cannot be read.
    """
    if is_delta(path):
        return None
    present = sorted(f for f in path.iterdir() if not f.name.startswith("."))
    resolved: dict[str, SourceTable] = {}
    problems: list[str] = []
    named: list[Path] = []
    for name, table in declared.items():
        sources = [f for f in present if _bears(f, name)]
        if len(sources) > 1:
            # A directory of another name's ending, or of other things, is no source.
            sources = [f for f in sources if f.is_file() or holds_parts(f)] or sources[:1]
        named += sources
        if len(sources) > 1:
            sources.sort(key=lambda f: [*SUFFIXES, ""].index(kind_of(f)))
            problems.append(
                f"{path}: two files for the table {name}: {listed([f.name for f in sources])}; keep one"
            )
        elif table.files:
            resolved[name] = _declared_files(path, table, sources, opened)
        elif sources:
            resolved[name] = _source_table(sources[0], table, opened)
        else:
            problems += _misnamed_files(name, declared, present)
    if not (resolved or problems) and (path.stem in declared or looks_like_parts(path)):
        return None
    if path.stem in declared and not any(declared[name].files for name in resolved):
        others = [f for f in present if f not in named and kind_of(f) in SUFFIXES]
        if others:
            problems.append(
                f"{path}: a directory of parts of the table {path.stem}, by its name, or of tables, by "
                f"{named[0].name}; pass a pattern such as '{path / '*'}' for parts, or move "
                f"{listed([f.name for f in others])}"
            )
    if problems:
        raise DataError("\n".join(problems))
    if not resolved:
        names = [f.name for f in sorted(path.iterdir())] or ["nothing"]
        kinds = [kind_of(f) for f in present if f.is_file() and kind_of(f) in SUFFIXES]
        together = path / f"*{kinds[0]}" if len(kinds) > 1 else None
        hint = f"; where these are one table, pass a pattern, such as '{together}'"
        raise DataError(
            f"{path}: no file for any table of the plan ({listed(list(declared))}); "
            f"expected e.g. {next(iter(declared))}.parquet or .csv, found {listed(names)}"
            f"{hint if together else ''}"
        )
    return resolved


def _bears(path: Path, name: str) -> bool:
    """Return whether a file or directory bears the name of a table."""
    kind = kind_of(path)
    if path.is_dir():
        # A directory of parts may have the ending of one of them.
        return path.name == name or (path.stem == name and kind in SUFFIXES)
    return path.is_file() and kind in SUFFIXES and path.name == name + path.name[-len(kind) :]


def _declared_files(
    path: Path, table: Table, sources: list[Path], opened: OpenedSources
) -> SourceTable:
    """Return the source of a table whose files in a directory the plan names.

    Raises:
        DataError: where a pattern matches nothing, or leaves out a file that bears the table's name.
    """
    try:
        parts = {part.resolve() for part in parts_of(table.files, path)}
    except DataError as error:
        raise DataError(f"{error} (files of the table {table.name} in the plan)") from error
    for source in sources:
        if source.is_file() and source.resolve() not in parts:
            raise DataError(
                f"{source}: bears the name of the table {table.name}, and is none of the files "
                f"that the plan names ({listed(table.files)}); move it"
            )
    return _source_table(path, table, opened)


def _misnamed_files(name: str, declared: Mapping[str, Table], present: list[Path]) -> list[str]:
    """Return the mistake in the name or kind of what bears the name of a table without a file."""
    for file in present:
        stem = file.name.split(".")[0]
        if stem.casefold() != name.casefold() or (stem != name and stem in declared):
            continue
        if file.is_dir() and not holds_parts(file):
            return [f"{file}: is a directory; expected a file for the table {name}"]
        if not (file.is_dir() or file.is_file()):
            return [f"{file}: {absent(file)}; expected a file for the table {name}"]
        kind = kind_of(file)
        if kind in SUFFIXES or file.is_dir():
            return [f"{file}: rename it {name}{kind} for the table {name}"]
        return [f"{file}: {unknown_kind(file)}, for the table {name}; {ACCEPTED}"]
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
    resolved = _source_table(source, table, OpenedSources())
    frame = resolved.frame
    if isinstance(frame, pl.LazyFrame):
        return frame, resolved.unreadable
    try:
        return frame.collect(categories=False).lazy(), {}
    except (PolarsError, OSError) as error:
        raise DataError(f"{source}: cannot be read: {reason(error)}") from error


def _source_table(source: Any, table: Table, opened: OpenedSources) -> SourceTable:
    layout = Layout.of(table)
    if _is_dash(source):
        return StandardInput.read().source(layout)
    if isinstance(source, StandardInput):
        return opened.once((source, layout), lambda: source.source(layout))
    if not is_paths(source):
        return open_object(source, layout)
    files = table.files
    return opened.once((source, layout, files), lambda: open_paths(source, layout, files))
