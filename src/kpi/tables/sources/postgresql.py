"""PostgreSQL through ADBC: rows come as Arrow, in a transaction that can only read."""

from __future__ import annotations

import os
import re
from typing import Any

import polars as pl

from kpi.errors import DataError
from kpi.tables.redaction import without_quoted
from kpi.tables.sources.database_uri import Address
from kpi.tables.sources.extras import load_extra
from kpi.tables.sources.foreign_columns import Readable, from_arrow
from kpi.tables.sources.python_rows import require_unique
from kpi.tables.sources.sql_names import select_all, unknown_table

_UNDEFINED_TABLE = ("42P01", "3F000")
_PATIENCE = "10"
"""Seconds for which a server is waited for, unless the URI or the environment says another time."""

_DIGITS = 38
_SAID = re.compile(r"(?:ERROR|FATAL):\s+(.*)")
_CONNECT = re.compile(r"Failed to connect: (.*)")
_TABLES = """
SELECT CASE WHEN n.nspname = ANY (current_schemas(false)) THEN c.relname::text
    ELSE n.nspname || '.' || c.relname END AS name
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY 1
"""
_UNREAD = ("money", "timetz")
"""Types that come as numbers or bytes of another meaning: money as cents."""


def read_postgresql(address: Address, wanted: str | tuple[str, ...]) -> Readable:
    """Read a query, or a table by the parts of its name, of a PostgreSQL server.

    Raises:
        DataError: where ADBC is not installed, the server cannot be reached, refuses the user, lacks
            the database or the table, or the query fails.
    """
    dbapi = load_extra("adbc_driver_postgresql.dbapi", "postgres", "reading a PostgreSQL database")
    problem, found = None, None
    try:
        with dbapi.connect(_conninfo(address)) as connection, connection.cursor() as cursor:
            # The connection has begun a transaction, and a query is a single statement.
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(wanted_query(wanted))
            found = cursor.fetch_arrow_table()
    except dbapi.Error as error:
        problem = error
    if found is not None:
        if not found.schema.names:
            raise DataError(f"{address.place}: the query must be a SELECT; this has no columns")
        if not all(map(_kind, found.schema)):
            raise DataError(
                "adbc-driver-postgresql is too old, and does not say which columns are of money: "
                "pip install --upgrade 'kpi[postgres]'"
            )
        require_unique(found.schema.names, address.place)
        return from_adbc(found)
    assert problem is not None, "there are rows or a mistake"
    if problem.sqlstate in _UNDEFINED_TABLE and not isinstance(wanted, str):
        raise unknown_table(address.place, wanted, _tables(dbapi, address))
    # Raised here, the error has neither the other as its context nor what that might say.
    raise DataError(f"{address.place}: {_said(problem, address)}")


def wanted_query(wanted: str | tuple[str, ...]) -> str:
    """Return the query; one that ends in a comment ends its line, for ADBC puts it in brackets."""
    return f"{wanted.strip().rstrip(';')}\n" if isinstance(wanted, str) else select_all(wanted)


def _conninfo(address: Address) -> str:
    """Return the options of the connection in the form that needs no signs to be encoded."""
    options = {"application_name": "kpi", **address.options}
    if "PGCONNECT_TIMEOUT" not in os.environ:
        options = {"connect_timeout": _PATIENCE, **options}
    quoted = ((k, v.replace("\\", "\\\\").replace("'", "\\'")) for k, v in options.items())
    return " ".join(f"{name}='{value}'" for name, value in quoted)


def _tables(dbapi: Any, address: Address) -> list[str]:
    """Return the names of the tables and views, with their schema where it must be named."""
    with dbapi.connect(_conninfo(address)) as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES)
        names: list[str] = cursor.fetch_arrow_table().column("name").to_pylist()
        return names


def _said(error: Exception, address: Address) -> str:
    """Return an error of the server, or of the connection to it, as one line without a password."""
    text = str(error)
    match = _CONNECT.search(text)
    if match:
        return address.without_secrets(match[1].strip())
    match = _SAID.search(text)
    said = match[1] if match else text.strip().partition("\n")[0]
    return without_quoted(address.without_secrets(said.strip()))


def from_adbc(table: Any) -> Readable:
    """Take the columns of an Arrow table that ADBC has read; of PostgreSQL in the types meant.

    NUMERIC comes as texts and is exact as decimals; CHAR(n) has no blanks at its end, which mean
    nothing in PostgreSQL.
    """
    kinds = {field.name: _kind(field) for field in table.schema}
    texts = {name: table.column(name) for name, kind in kinds.items() if kind == "numeric"}
    unread = {
        field.name: kinds[field.name]
        for field in table.schema
        if kinds[field.name] in _UNREAD or _is_opaque(field, kinds[field.name])
    }
    others = [name for name in kinds if name not in texts and name not in unread]
    readable = from_arrow(table.select(others))
    frame = readable.frame.with_columns(
        pl.col(name).str.strip_chars_end(" ")
        for name in readable.frame.columns
        if kinds[name] == "bpchar"
    )
    numbers, wide = _numbers(texts)
    columns = {series.name: series for series in [*frame.iter_columns(), *numbers]}
    kept = pl.DataFrame([columns[name] for name in kinds if name in columns])
    return Readable(kept, {**readable.unreadable, **unread, **wide})


def _kind(field: Any) -> str:
    """Return the type of a column in PostgreSQL; empty for other databases."""
    kind: bytes = (field.metadata or {}).get(b"POSTGRESQL:type", b"")
    return kind.decode()


def _is_opaque(field: Any, kind: str) -> bool:
    """Return whether a column has bytes that only PostgreSQL can read, such as inet."""
    return kind != "numeric" and getattr(field.type, "extension_name", "") == "arrow.opaque"


def _numbers(columns: dict[str, Any]) -> tuple[list[pl.Series], dict[str, str]]:
    """Return exact decimals of columns of NUMERIC; and those that have too many digits."""
    taken: list[pl.Series] = []
    wide: dict[str, str] = {}
    for name, column in columns.items():
        storage = [getattr(chunk, "storage", chunk) for chunk in column.chunks]
        texts = pl.concat(
            [pl.Series(name, chunk, pl.String) for chunk in storage] or [_empty(name)]
        )
        if texts.str.contains("(?i)nan|inf").any():
            taken.append(texts.cast(pl.Float64))
            continue
        whole, fraction = _lengths(texts)
        if whole + fraction > _DIGITS:
            wide[name] = f"numeric of {whole + fraction} digits"
        else:
            taken.append(texts.cast(pl.Decimal(_DIGITS, fraction)))
    return taken, wide


def _empty(name: str) -> pl.Series:
    return pl.Series(name, [], pl.String)


def _lengths(texts: pl.Series) -> tuple[int, int]:
    """Return the most digits before and behind the point."""
    digits = (
        texts.str.extract(pattern).str.len_bytes().max() for pattern in (r"^-?(\d+)", r"\.(\d+)$")
    )
    whole, fraction = (int(n) if isinstance(n, int) else 0 for n in digits)
    return whole, fraction
