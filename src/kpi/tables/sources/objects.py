"""Tables in memory: frames, Arrow objects, rows of Python, cursors and connections, as sources."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from polars.exceptions import PanicException, PolarsError

from kpi.errors import DataError, first_line
from kpi.tables.sources.arrow_objects import from_arrow_object, from_dataset
from kpi.tables.sources.duckdb_files import from_duckdb
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.postgresql import from_adbc
from kpi.tables.sources.python_rows import from_cursor, from_rows, is_cursor
from kpi.tables.sources.python_values import without_objects
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.sql_names import parts_of
from kpi.tables.sources.sqlite_files import from_sqlite

ACCEPTED_OBJECTS = (
    "a Polars, pandas or narwhals frame, anything with __arrow_c_stream__ (PyArrow, DuckDB), a "
    "PyArrow dataset or scanner, a list of dicts, a cursor after execute, a pair (DuckDB or SQLite "
    "connection, table name), or a path"
)
"""What a table may be handed over as, for messages."""


def open_object(source: Any, layout: Layout) -> SourceTable:
    """Return the source of a table that an object of Python holds.

    Raises:
        DataError: where the object is no table, or cannot be read as one.
    """
    try:
        opened = _opened(source, layout)
    except DataError:
        raise
    except (PanicException, Exception) as error:
        # The rows may come from any library, which may raise anything.
        raise DataError(
            f"{layout.table}: cannot be read as a table: {first_line(error)}"
        ) from error
    if opened is None:
        found = f"{layout.table}: found {type(source).__name__}"
        raise DataError(f"{found}{_hint(source)}; accepted: {ACCEPTED_OBJECTS}")
    return opened


def _opened(source: Any, layout: Layout) -> SourceTable | None:
    """Return the source of a table that an object holds; None where it is of no known kind.

    Raises:
        DataError: where the object is of a known kind, and wrong.
        Exception: whatever the library of the object raises.
    """
    if isinstance(source, SourceTable):
        return source
    if isinstance(source, pl.LazyFrame):
        return _of_lazy_frame(source)
    if isinstance(source, pl.DataFrame):
        return SourceTable.of(without_objects(source))
    native = _native(source)
    if native is not None:
        return open_object(native, layout)
    if _is_of(source, "pyarrow.dataset", "Dataset", "Scanner"):
        return from_dataset(source)
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__"):
        return from_arrow_object(source, layout)
    if _is_pair(source):
        return _of_connection(source[0], source[1], layout)
    if isinstance(source, list | tuple) and (not source or isinstance(source[0], Mapping)):
        return SourceTable.of(from_rows(source, layout.table))
    # A connection of DuckDB has the methods of a cursor too; one of ADBC has rows in Arrow.
    if is_cursor(source):
        if source.description is not None and hasattr(source, "fetch_arrow_table"):
            return SourceTable.of(from_adbc(source.fetch_arrow_table()))
        return SourceTable.of(from_cursor(source, layout.table))
    return None


def _hint(source: Any) -> str:
    if isinstance(source, list | tuple):
        return f" of {type(source[0]).__name__}"
    if isinstance(source, Iterator):
        return ", whose rows can be read once only: pass list(rows)"
    if callable(getattr(source, "cursor", None)):
        return ", a connection: pass the pair (connection, 'cases'), or a cursor after execute"
    return ""


def _is_of(source: Any, module: str, *names: str) -> bool:
    """Return whether an object is of a class of a library, which has been imported if so."""
    classes = (getattr(sys.modules.get(module), name, None) for name in names)
    return any(isinstance(source, kind) for kind in classes if kind is not None)


def _of_lazy_frame(frame: pl.LazyFrame) -> SourceTable:
    schema: pl.Schema | None = None
    # A frame that cannot be read says so when it is collected.
    with contextlib.suppress(PolarsError, PanicException, OSError):
        schema = frame.collect_schema()
    if schema is not None and pl.Object in schema.values():
        return SourceTable.of(without_objects(frame.collect()))
    return SourceTable(frame)


def _native(source: Any) -> Any:
    """Return the table that narwhals wraps, collected where `kpi` takes none of its kind; or None."""
    if not _is_of(source, "narwhals", "DataFrame", "LazyFrame"):
        return None
    native = source.to_native()
    if isinstance(native, pl.LazyFrame) or hasattr(native, "__arrow_c_stream__"):
        return native
    eager = source.collect("polars") if hasattr(source, "collect") else source.to_polars()
    return eager if isinstance(eager, pl.DataFrame) else eager.to_native()


def _is_pair(source: Any) -> bool:
    """Return whether an object is a pair of a connection and the name of a table."""
    return (
        isinstance(source, Sequence)
        and len(source) == 2
        and isinstance(source[1], str)
        and callable(getattr(source[0], "cursor", None))
    )


def _of_connection(connection: Any, name: str, layout: Layout) -> SourceTable:
    """Return the source of a table of a database that is open.

    Raises:
        DataError: where the connection is of another database, or lacks the table.
    """
    parts = parts_of(name, layout.table)
    if _is_of(connection, "duckdb", "DuckDBPyConnection"):
        return SourceTable.of(from_duckdb(connection, parts, layout.table))
    if _is_of(connection, "sqlite3", "Connection"):
        return SourceTable.of(from_sqlite(connection, parts, layout.table))
    kind = f"{type(connection).__module__}.{type(connection).__name__}"
    raise DataError(
        f"{layout.table}: found a connection of {kind}; accepted in a pair: a connection of DuckDB "
        "or SQLite; of another database pass a cursor after execute"
    )
