"""Where tables come from: frames, Arrow objects, files and directories, each as a lazy frame.

Nothing is interpreted here; what the columns hold is checked in `kpi.tables`.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import polars as pl
from polars.exceptions import ComputeError, PolarsError

from kpi.errors import DataError, listed, suggest
from kpi.plan import Plan
from kpi.table import Table


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
_SEPARATORS = (",", ";", "\t", "|")


def find(plan: Plan, tables: Tables) -> dict[str, pl.LazyFrame]:
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
        return {name: lazy_table(source, declared[name]) for name, source in tables.items()}
    if isinstance(tables, str | os.PathLike):
        path = Path(tables)
        if path.is_dir():
            return _directory(path, declared)
        name = path.stem if path.stem in declared else _unnamed(declared, str(path))
    else:
        name = _unnamed(declared, "one table without a name")
    return {name: lazy_table(tables, declared[name])}


def _unnamed(declared: Mapping[str, Table], what: str) -> str:
    if "cases" in declared:
        return "cases"
    if len(declared) == 1:
        return next(iter(declared))
    raise DataError(
        f"{what}: the plan declares {listed(list(declared))}; give a mapping from name to table, or a directory"
    )


def _directory(path: Path, declared: Mapping[str, Table]) -> dict[str, pl.LazyFrame]:
    found: dict[str, pl.LazyFrame] = {}
    for name, table in declared.items():
        files = [f for suffix in SUFFIXES if (f := path / f"{name}{suffix}").is_file()]
        if len(files) > 1:
            raise DataError(
                f"{path}: two files for the table {name}: {listed([f.name for f in files])}; keep one"
            )
        if files:
            found[name] = lazy_table(files[0], table)
    if not found:
        there = sorted(f.name for f in path.iterdir()) or ["nothing"]
        raise DataError(
            f"{path}: no file for any table of the plan ({listed(list(declared))}); "
            f"expected e.g. {next(iter(declared))}.parquet or .csv, found {listed(there)}"
        )
    return found


def lazy_table(source: Any, table: Table) -> pl.LazyFrame:
    """One table as a lazy frame, whatever form it is handed over in.

    Raises:
        DataError: where it cannot be read, or is no table.
    """
    if isinstance(source, pl.LazyFrame):
        return source
    if isinstance(source, pl.DataFrame):
        return source.lazy()
    if isinstance(source, str | os.PathLike):
        return _file(Path(source), table)
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__"):
        try:
            return pl.DataFrame(source).lazy()
        except (PolarsError, TypeError, ValueError) as error:
            raise DataError(
                f"{table.name}: cannot be read as a table: {first_line(error)}"
            ) from error
    raise DataError(
        f"{table.name}: found {type(source).__name__}; accepted: a Polars frame, anything with "
        "__arrow_c_stream__ (PyArrow, pandas, DuckDB), or a path"
    )


def _file(path: Path, table: Table) -> pl.LazyFrame:
    if path.is_dir():
        raise DataError(f"{path}: is a directory; expected a file for the table {table.name}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")
    readers: dict[str, Callable[[], pl.LazyFrame]] = {
        ".parquet": lambda: pl.scan_parquet(path),
        ".csv": lambda: _csv(path, table),
        ".arrow": lambda: pl.scan_ipc(path),
        ".ipc": lambda: pl.scan_ipc(path),
        ".feather": lambda: pl.scan_ipc(path),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: unknown kind of file; accepted: {listed(SUFFIXES)}")
    try:
        found = reader()
        found.collect_schema()
    except (PolarsError, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {first_line(error)}") from error
    return found


def _csv(path: Path, table: Table) -> pl.LazyFrame:
    separator, names = _header(path, table)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path}: the header holds {listed(twice)} twice; keep one")
    _refuse_short_rows(path, separator, len(names))
    # Every column as text: what it should hold is declared, never guessed. And every column, needed
    # or not: only then is a row noticed that has more fields than the header.
    try:
        return pl.read_csv(path, separator=separator, infer_schema=False).lazy()
    except ComputeError as error:
        if "more fields" in str(error):
            raise DataError(
                f"{path}: a row has more fields than the header; quote values that hold a {separator!r}"
            ) from error
        if "utf-8" in str(error):
            raise DataError(f"{path}: not UTF-8; save the extract as UTF-8") from error
        raise


def _header(path: Path, table: Table) -> tuple[str, list[str]]:
    """The separator under which the header holds the table's key, else the comma; the names."""
    try:
        with path.open("rb") as file:
            line = file.readline().decode("utf-8-sig").rstrip("\r\n")
        found = {
            separator: next(csv.reader([line], delimiter=separator), [])
            for separator in _SEPARATORS
        }
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8; save the extract as UTF-8") from None
    except csv.Error as error:
        raise DataError(f"{path}: the header cannot be read: {error}") from None
    separator = next((s for s, names in found.items() if set(table.key) <= set(names)), ",")
    return separator, found[separator]


def _refuse_short_rows(path: Path, separator: str, width: int) -> None:
    """Raises where a row has fewer fields than the header, which Polars fills with nulls silently."""
    lines = pl.scan_csv(
        path, has_header=False, separator="\x1f", quote_char=None, infer_schema=False,
        new_columns=["line"], encoding="utf8-lossy",
    )  # fmt: skip
    text = pl.col("line")
    short = (text.str.count_matches(separator, literal=True) < width - 1) & (text != "")
    if width < 2 or not lines.select(short.any()).collect().item():
        return
    # A quoted value may run over several lines: only now is it worth reading as CSV, row by row.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.reader(file, delimiter=separator)
        for row in rows:
            if 0 < len(row) < width:
                raise DataError(
                    f"{path}:{rows.line_num}: a row of {len(row)} fields, where the header has {width}"
                )


def first_line(error: BaseException) -> str:
    """The first line of what another library says, for a message of one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
