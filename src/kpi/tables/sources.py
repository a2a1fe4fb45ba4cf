"""Where tables come from: frames, Arrow objects, files and directories, each to be collected.

Nothing is interpreted here; what the columns hold is checked in `kpi.tables.check`.
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
    """Anything that hands its rows over by the Arrow C stream: pandas, PyArrow, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule of a C stream."""


class ArrowArray(Protocol):
    """Anything that hands its rows over as one Arrow C array, such as a record batch."""

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        """Capsules of a C schema and a C array."""


OneTable: TypeAlias = (
    pl.DataFrame | pl.LazyFrame | ArrowStream | ArrowArray | str | os.PathLike[str]
)
"""One table: a frame, an Arrow object, or the path of a Parquet, CSV or Arrow file."""

Tables: TypeAlias = OneTable | Mapping[str, OneTable]
"""What `kpi` evaluates: one table, tables by name, or the path of a file or a directory."""

SUFFIXES = (".parquet", ".csv", ".arrow", ".ipc", ".feather")

_OTHERS = (".xlsx", ".xls", ".xlsm", ".ods", ".tsv", ".txt", ".json", ".xml", ".gz", ".zip")
"""Files that may well hold a table, and are none that `kpi` reads."""

_ACCEPTED = f"accepted: {listed(SUFFIXES)}"


@frozen
class FileFingerprint:
    """What a file looked like when it was read.

    Attributes:
        path: where it is.
        size: how many bytes it had.
        changed: when it was last written, in nanoseconds.
        footer: a digest of the footer of a Parquet file, which says where each column chunk lies and
            between which values; else empty.
    """

    path: Path
    size: int
    changed: int
    footer: bytes = b""

    @classmethod
    def of(cls, path: Path) -> FileFingerprint:
        """A file as it is now.

        Raises:
            OSError: where it is not there.
        """
        found = path.stat()
        return cls(path, found.st_size, found.st_mtime_ns, _footer_digest(path))

    def require_unchanged(self) -> None:
        """Raises where the file is another now.

        Raises:
            DataError: saying which.
        """
        try:
            same = FileFingerprint.of(self.path) == self
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read: {_reason(error)}") from error
        if not same:
            raise DataError(f"{self.path}: has changed since it was checked; check it again")


def _footer_digest(path: Path) -> bytes:
    """Return a digest of the footer of a Parquet file; empty where the file is none.

    The footer is what is read first anyway, and a rewrite that keeps size and time changes it.
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
    """A table as it was found.

    Attributes:
        frame: its rows, to be collected.
        decimal_comma: whether the comma in its texts is that of decimals, as in a file whose
            separator is the semicolon.
        rows: how many they are, of a file that can be read in parts; else 0.
        fingerprint: such a file as it was found.
        unreadable: the columns beside those of `frame` that cannot be read, with the type of each.
    """

    frame: pl.LazyFrame | CsvFile
    decimal_comma: bool = False
    rows: int = 0
    fingerprint: FileFingerprint | None = None
    unreadable: Mapping[str, str] = field(factory=dict)

    @classmethod
    def of(cls, readable: Readable, stamp: FileFingerprint | None = None) -> SourceTable:
        """What can be read of a table, in memory."""
        return cls(readable.frame.lazy(), fingerprint=stamp, unreadable=readable.unreadable)


def resolve_sources(plan: Plan, tables: Tables) -> dict[str, SourceTable]:
    """The tables that the plan reads, by name, of all that is handed over.

    One table without a name is the plan's `cases`, or its only one. A directory holds a file per
    table. Tables that the plan does not declare are ignored in a directory, refused in a mapping.

    Raises:
        DataError: where a path does not exist, is empty or cannot be read, or a thing is no table.
    """
    declared = {table.name: table for table in plan.tables}
    if isinstance(tables, Mapping):
        unknown = [name for name in tables if name not in declared]
        if unknown:
            hint = suggest(str(unknown[0]), declared)
            raise DataError(
                f"unknown table {unknown[0]!r}; the plan {plan.id} declares: {listed(list(declared))}{hint}"
            )
        return {name: _found(source, declared[name]) for name, source in tables.items()}
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
    return {name: _found(tables, declared[name])}


def _unnamed(declared: Mapping[str, Table], what: str) -> str:
    if "cases" in declared:
        return "cases"
    if len(declared) == 1:
        return next(iter(declared))
    raise DataError(
        f"{what}: the plan declares {listed(list(declared))}; give a mapping from name to table, or a directory"
    )


def _directory(path: Path, declared: Mapping[str, Table]) -> dict[str, SourceTable]:
    there = sorted(f for f in path.iterdir() if f.is_file())
    found: dict[str, SourceTable] = {}
    problems: list[str] = []
    for name, table in declared.items():
        files = [f for f in there if f.stem == name and f.suffix.lower() in SUFFIXES]
        if len(files) > 1:
            files.sort(key=lambda f: SUFFIXES.index(f.suffix.lower()))
            problems.append(
                f"{path}: two files for the table {name}: {listed([f.name for f in files])}; keep one"
            )
        elif files:
            found[name] = _found(files[0], table)
        else:
            problems += _misnamed_files(name, declared, there)
    if problems:
        raise DataError("\n".join(problems))
    if not found:
        names = [f.name for f in sorted(path.iterdir())] or ["nothing"]
        raise DataError(
            f"{path}: no file for any table of the plan ({listed(list(declared))}); "
            f"expected e.g. {next(iter(declared))}.parquet or .csv, found {listed(names)}"
        )
    return found


def _misnamed_files(name: str, declared: Mapping[str, Table], there: list[Path]) -> list[str]:
    """What is wrong with the files that are all but the file of a table that has none."""
    for file in there:
        stem = file.name.split(".")[0]
        if stem.casefold() == name.casefold() and (stem == name or stem not in declared):
            kind = file.suffix.lower()
            if kind in SUFFIXES:
                return [f"{file}: rename it {name}{kind} for the table {name}"]
            if kind in _OTHERS:
                return [f"{file}: unknown kind of file for the table {name}; {_ACCEPTED}"]
    return []


def lazy_table(source: Any, table: Table) -> pl.LazyFrame:
    """One table as a lazy frame, whatever form it is handed over in.

    Raises:
        DataError: where it cannot be read, or is no table.
    """
    return readable_table(source, table)[0]


def readable_table(source: Any, table: Table) -> tuple[pl.LazyFrame, Mapping[str, str]]:
    """Return a table as a lazy frame, and the type of each column that cannot be read.

    Raises:
        DataError: where it cannot be read, or is no table.
    """
    found = _found(source, table)
    frame = found.frame
    if not isinstance(frame, CsvFile):
        return frame, found.unreadable
    try:
        return frame.collect(categories=False).lazy(), {}
    except (PolarsError, OSError) as error:
        raise DataError(f"{frame.path}: cannot be read: {_reason(error)}") from error


def _found(source: Any, table: Table) -> SourceTable:
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
            # Whatever library the rows come from, and whatever it raises.
            raise DataError(
                f"{table.name}: cannot be read as a table: {first_line(error)}"
            ) from error
    raise DataError(
        f"{table.name}: found {type(source).__name__}; accepted: a Polars frame, anything with "
        "__arrow_c_stream__ (PyArrow, pandas, DuckDB), or a path"
    )


def _of_arrow(source: Any) -> SourceTable:
    """Rows that another library hands over; of its own tables the columns that can be read."""
    # Whose table it is, that library has been imported.
    arrow, pandas = sys.modules.get("pyarrow"), sys.modules.get("pandas")
    of_arrow = arrow is not None and isinstance(source, arrow.Table | arrow.RecordBatch)
    if of_arrow and any(has_wide_decimals(kind) for kind in source.schema.types):
        return SourceTable.of(from_arrow(source))
    try:
        return SourceTable(pl.DataFrame(source).lazy())
    except (PanicException, Exception):
        if of_arrow:
            return SourceTable.of(from_arrow(source))
        # Another source may be a stream, whose rows are gone by now.
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
        stamp = FileFingerprint.of(path)
        if names_foreign_zone(path):
            return SourceTable.of(from_file(path), stamp)
        # A name is a name, whatever signs stand in it.
        found = scan(path, glob=False)
        try:
            rows = found.select(pl.len()).collect().item()
        except PanicException:
            return SourceTable.of(from_file(path), stamp)
    except (PolarsError, OSError) as error:
        raise DataError(f"{path}: cannot be read: {_reason(error)}") from error
    return SourceTable(found, rows=rows, fingerprint=stamp)


def _reason(error: BaseException) -> str:
    why = error.strerror if isinstance(error, OSError) else None
    return why or first_line(error)


def first_line(error: BaseException) -> str:
    """The first line of what another library says, for a message of one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
