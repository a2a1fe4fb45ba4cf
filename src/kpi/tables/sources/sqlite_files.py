"""SQLite: its tables have types by value, so that a column has the type of all its values.

SQLite has neither dates nor truth values: a date is a text, to be read as the plan says, and 0 and 1
in a column declared BOOLEAN are false and true.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from kpi.errors import DataError, first_line
from kpi.tables.redaction import without_quoted
from kpi.tables.sources.database_uri import Address
from kpi.tables.sources.duckdb_files import MAGIC
from kpi.tables.sources.foreign_columns import Readable
from kpi.tables.sources.python_rows import require_unique
from kpi.tables.sources.python_values import from_columns
from kpi.tables.sources.sql_names import select_all, unknown_table

_VIEW = "kpi_query"
_NOT_UTF_8 = re.compile(r"Could not decode to UTF-8 column '(.*?)' with text", re.DOTALL)


def read_sqlite(address: Address, wanted: str | tuple[str, ...]) -> Readable:
    """Read a query, or a table by the parts of its name, of an SQLite file.

    Raises:
        DataError: where the file is no database, lacks the table, or the query fails.
    """
    import sqlite3  # noqa: PLC0415 - by this alone

    path, place = address.path, address.place
    assert path is not None, "SQLite is a file"
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return from_sqlite(connection, wanted, place)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise _said(error, address) from None


def _said(error: Exception, address: Address) -> DataError:
    """Return an error of SQLite as one line."""
    text = first_line(error)
    bad = _NOT_UTF_8.match(text)
    if bad:
        text = f"column {bad[1]} holds texts that are not UTF-8; leave it out of the query"
    elif text == "file is not a database" and address.path is not None:
        with address.path.open("rb") as file:
            is_duckdb = file.read(12)[8:] == MAGIC
        text = "not an SQLite database" + "; a DuckDB database: write duckdb:///" * is_duckdb
    return DataError(f"{address.place}: {without_quoted(text)}")


def from_sqlite(connection: Any, wanted: str | tuple[str, ...], place: str) -> Readable:
    """Read a query, or a table by the parts of its name, by a connection.

    Raises:
        DataError: where the table is unknown, or two columns have one name.
        sqlite3.Error: where the query fails.
    """
    if isinstance(wanted, str):
        query = wanted
    else:
        names = _tables(connection)
        if not _is_known(wanted, names):
            raise unknown_table(place, wanted, names)
        query = select_all(wanted)
    # A view takes a single SELECT, and knows the types that its columns are declared with.
    connection.execute(f"CREATE TEMP VIEW {_VIEW} AS\n{query}")
    try:
        declared = [row[2] for row in connection.execute(f"PRAGMA temp.table_info({_VIEW})")]
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description]
        require_unique(names, place)
        rows = cursor.fetchall()
    finally:
        connection.execute(f"DROP VIEW temp.{_VIEW}")
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(names)
    readable = from_columns(zip(names, columns, strict=True))
    kinds = dict(zip(names, declared, strict=True))
    typed = [_as_declared(series, kinds[series.name]) for series in readable.frame.iter_columns()]
    return Readable(pl.DataFrame(typed), readable.unreadable)


def _tables(connection: Any) -> list[str]:
    """Return the names of all tables and views of a database."""
    query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
    return [name for (name,) in connection.execute(query) if not name.startswith("sqlite_")]


def _is_known(parts: tuple[str, ...], names: Sequence[str]) -> bool:
    """Return whether a database has a table; SQLite tells no capital from a small letter."""
    known = {name.casefold() for name in names}
    *schema, name = parts
    return name.casefold() in known and [part.casefold() for part in schema] in ([], ["main"])


def _as_declared(series: pl.Series, declared: str) -> pl.Series:
    """Return a column of truth values, or of no value, with the type that it is declared with."""
    kind = declared.upper()
    if series.dtype == pl.Int64 and kind.startswith("BOOL"):
        return series.cast(pl.Boolean) if series.is_between(0, 1).all() else series
    if series.dtype != pl.Null:
        return series
    # The order is that of SQLite's affinities.
    if kind.startswith("BOOL"):
        return series.cast(pl.Boolean)
    if "INT" in kind:
        return series.cast(pl.Int64)
    if any(word in kind for word in ("CHAR", "CLOB", "TEXT")):
        return series.cast(pl.String)
    return series.cast(pl.Float64) if any(w in kind for w in ("REAL", "FLOA", "DOUB")) else series
