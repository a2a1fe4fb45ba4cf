"""Sources of tables: frames, Arrow objects, files and directories, each to be collected.

No value is interpreted here; columns are checked in `kpi.tables.check`.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import polars as pl
from attrs import field, frozen
from polars.exceptions import PanicException, PolarsError

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.errors import DataError, listed, suggest
from kpi.tables.csv_files import CsvFile
from kpi.tables.foreign_columns import (
    Readable,
    from_arrow,
    from_file,
    from_pandas,
    has_wide_decimals,
    names_foreign_zone,
)


class ArrowStream(Protocol):
    """Object that hands rows over by the Arrow C stream: pandas, PyArrow, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a capsule of a C stream."""


class ArrowArray(Protocol):
    """Object that hands rows over as one Arrow C array, such as a record batch."""

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        """Return the capsules of a C schema and a C array."""


OneTable: TypeAlias = (
    pl.DataFrame | pl.LazyFrame | ArrowStream | ArrowArray | str | os.PathLike[str]
)
"""Source of one table: a frame, an Arrow object, or the path of a Parquet, CSV or Arrow file."""

Tables: TypeAlias = OneTable | Mapping[str, OneTable]
"""Sources of tables: one table, tables by name, or the path of a file or a directory."""

SUFFIXES = (".parquet", ".csv", ".arrow", ".ipc", ".feather")

_OTHERS = (".xlsx", ".xls", ".xlsm", ".ods", ".tsv", ".txt", ".json", ".xml", ".gz", ".zip")
"""Suffixes of files that may well hold a table, and that `kpi` does not read."""

_ACCEPTED = f"accepted: {listed(SUFFIXES)}"


@frozen
class FileFingerprint:
    """Fingerprint of a file at the time when it was read.

    Attributes:
        path: the path of the file.
        size: the size in bytes.
        changed: the time of the last modification, in nanoseconds since 1970.
        footer: a digest of the footer of a Parquet file, which says where each column chunk lies
            and between which values; else empty.
    """

    path: Path
    size: int
    changed: int
    footer: bytes = b""

    @classmethod
    def of(cls, path: Path) -> FileFingerprint:
        """Return the fingerprint of a file as it is now.

        Raises:
            OSError: where the file does not exist or cannot be read.
        """
        status = path.stat()
        return cls(path, status.st_size, status.st_mtime_ns, _footer_digest(path))

    def require_unchanged(self) -> None:
        """Check that the file is unchanged.

        Raises:
            DataError: where the file has changed since, or cannot be read; names the file.
        """
        try:
            same = FileFingerprint.of(self.path) == self
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read: {_reason(error)}") from error
        if not same:
            raise DataError(f"{self.path}: has changed since it was checked; check it again")


def _footer_digest(path: Path) -> bytes:
    """Return a digest of the footer of a Parquet file; empty where the file is none.

    The footer is read first anyway, and a rewrite that keeps size and time changes it.
    """
    if path.suffix.lower() != ".parquet":
        return b""
    with path.open("rb") as file:
        # A footer, then its length in four bytes, then the magic number.
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 8, 0))
        length = min(int.from_bytes(file.read(4), "little") + 8, end)
        file.seek(end - length)
        return hashlib.blake2b(file.read(length)).digest()


@frozen(eq=False, repr=False)
class SourceTable:
    """Source of one table, ready to be collected.

    Attributes:
        frame: the rows, to be collected.
        decimal_comma: whether the comma in texts of numbers is that of decimals, as in a file whose
            separator is the semicolon.
        rows: number of rows of a file that can be read in parts; else 0.
        fingerprint: the fingerprint of a Parquet or Arrow file; None for other sources.
        unreadable: the type of each column that cannot be read, by name; they are not in `frame`.
    """

    frame: pl.LazyFrame | CsvFile
    decimal_comma: bool = False
    rows: int = 0
    fingerprint: FileFingerprint | None = None
    unreadable: Mapping[str, str] = field(factory=dict)

    @classmethod
    def of(cls, readable: Readable, fingerprint: FileFingerprint | None = None) -> SourceTable:
        """Return the source of a table whose readable columns are in memory."""
        return cls(readable.frame.lazy(), fingerprint=fingerprint, unreadable=readable.unreadable)


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
                raise DataError(f"{path}: cannot be read: {_reason(error)}") from error
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
                return [f"{file}: unknown kind of file for the table {name}; {_ACCEPTED}"]
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
        raise DataError(f"{frame.path}: cannot be read: {_reason(error)}") from error


def _source_table(source: Any, table: Table) -> SourceTable:
    if isinstance(source, pl.LazyFrame):
        return SourceTable(source)
    if isinstance(source, pl.DataFrame):
        return SourceTable(source.lazy())
    if isinstance(source, str | os.PathLike):
        return _file(Path(source), table)
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__"):
        try:
            return _of_arrow(source)
        except (PanicException, Exception) as error:
            # The rows may come from any library, which may raise anything.
            raise DataError(
                f"{table.name}: cannot be read as a table: {first_line(error)}"
            ) from error
    raise DataError(
        f"{table.name}: found {type(source).__name__}; accepted: a Polars frame, anything with "
        "__arrow_c_stream__ (PyArrow, pandas, DuckDB), or a path"
    )


def _of_arrow(source: Any) -> SourceTable:
    """Return the source of an Arrow object; of PyArrow and pandas the columns that can be read."""
    # The library that a table belongs to has been imported.
    arrow, pandas = sys.modules.get("pyarrow"), sys.modules.get("pandas")
    of_arrow = arrow is not None and isinstance(source, arrow.Table | arrow.RecordBatch)
    if of_arrow and any(has_wide_decimals(kind) for kind in source.schema.types):
        return SourceTable.of(from_arrow(source))
    try:
        return SourceTable(pl.DataFrame(source).lazy())
    except (PanicException, Exception):
        if of_arrow:
            return SourceTable.of(from_arrow(source))
        # Any other source may be a stream, whose rows are gone by now.
        if pandas is None or not isinstance(source, pandas.DataFrame):
            raise
        if not source.columns.is_unique:
            raise
        return SourceTable.of(from_pandas(source))


def _file(path: Path, table: Table) -> SourceTable:
    if path.is_dir():
        raise DataError(f"{path}: is a directory; expected a file for the table {table.name}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        what = "is a plan file (TOML), not a table" if kind == ".toml" else "unknown kind of file"
        raise DataError(f"{path}: {what}; {_ACCEPTED}")
    scan: Callable[..., pl.LazyFrame] = pl.scan_parquet if kind == ".parquet" else pl.scan_ipc
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise DataError(f"{path}: the file is empty")
        if kind == ".csv":
            extract = CsvFile.of(path, table)
            return SourceTable(extract, extract.decimal_comma)
        fingerprint = FileFingerprint.of(path)
        if names_foreign_zone(path):
            return SourceTable.of(from_file(path), fingerprint)
        # A name may hold signs that would be a pattern.
        frame = scan(path, glob=False)
        try:
            rows = frame.select(pl.len()).collect().item()
        except PanicException:
            return SourceTable.of(from_file(path), fingerprint)
    except (PolarsError, OSError) as error:
        raise DataError(f"{path}: cannot be read: {_reason(error)}") from error
    return SourceTable(frame, rows=rows, fingerprint=fingerprint)


def _reason(error: BaseException) -> str:
    why = error.strerror if isinstance(error, OSError) else None
    return why or first_line(error)


def first_line(error: BaseException) -> str:
    """Return the first line of another library's error, or its type, for a message of one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
