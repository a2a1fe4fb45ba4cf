"""DuckDB: files, opened for reading alone, and the connections of a user."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from kpi.errors import DataError, first_line
from kpi.tables.redaction import without_quoted
from kpi.tables.sources.database_uri import Address
from kpi.tables.sources.extras import load_extra
from kpi.tables.sources.foreign_columns import Readable, from_arrow
from kpi.tables.sources.python_rows import require_unique
from kpi.tables.sources.sql_names import quoted, select_all, unknown_table

_TABLES = """
SELECT schema_name, table_name, database_name FROM duckdb_tables() WHERE NOT internal
UNION ALL
SELECT schema_name, view_name, database_name FROM duckdb_views() WHERE NOT internal
ORDER BY ALL
"""
MAGIC = b"DUCK"
"""The mark of a DuckDB file, behind its first eight bytes."""

_SCHEMA = "SELECT current_schema()"
_KIND = re.compile(r"^(?:\w+ )+Error: ")


def read_duckdb(address: Address, wanted: str | tuple[str, ...]) -> Readable:
    """Read a query, or a table by the parts of its name, of a DuckDB file.

    Raises:
        DataError: where DuckDB is not installed, the file is no database of it, lacks the table, or
            the query is no single SELECT or fails.
    """
    duckdb = load_extra("duckdb", "duckdb", "reading a DuckDB database")
    path, place = address.path, address.place
    assert path is not None, "DuckDB is a file"
    _require_duckdb(path, place)
    try:
        # Neither are variables of this program tables, nor is a library loaded from the network.
        config = {"python_enable_replacements": False, "autoinstall_known_extensions": False}
        with duckdb.connect(str(path), read_only=True, config=config) as connection:
            if isinstance(wanted, str):
                kinds = [statement.type for statement in duckdb.extract_statements(wanted)]
                if kinds != [duckdb.StatementType.SELECT]:
                    raise DataError(f"{place}: the query must be a single SELECT")
            return from_duckdb(connection, wanted, place)
    except duckdb.Error as error:
        raise DataError(f"{place}: {_said(error)}") from None


def _require_duckdb(path: Path, place: str) -> None:
    """Check that a file is a DuckDB database: DuckDB opens those of others by libraries it downloads.

    Raises:
        DataError: where it is not.
    """
    with path.open("rb") as file:
        head = file.read(16)
    if head[8:12] != MAGIC:
        hint = "; an SQLite database: write sqlite:///" * head.startswith(b"SQLite format 3")
        raise DataError(f"{place}: not a DuckDB database{hint}")


def _said(error: Exception) -> str:
    """Return an error of DuckDB as one line."""
    return without_quoted(_KIND.sub("", first_line(error)))


def from_duckdb(connection: Any, wanted: str | tuple[str, ...], place: str) -> Readable:
    """Read a query, or a table by the parts of its name, by a connection.

    Raises:
        DataError: where the table is unknown, or two columns have one name.
        duckdb.Error: where the query fails.
    """
    if isinstance(wanted, str):
        query = wanted
    else:
        _require_table(connection, wanted, place)
        query = select_all(wanted)
    relation = connection.sql(query)
    require_unique(relation.columns, place)
    return from_arrow(relation.to_arrow_table())


def _require_table(connection: Any, parts: tuple[str, ...], place: str) -> None:
    """Check that a table or view exists; DuckDB tells no capital from a small letter.

    Raises:
        DataError: naming those that there are.
    """
    # By this very connection, for temporary tables and registered frames are known to it alone.
    ((current,),) = connection.sql(_SCHEMA).fetchall()
    tables = connection.sql(_TABLES).fetchall()
    wanted = quoted(parts).casefold()
    if not any(
        wanted == quoted(form).casefold()
        for schema, name, database in tables
        for form in _forms(schema, name, database)
    ):
        names = [n if schema in (current, "main") else f"{schema}.{n}" for schema, n, _ in tables]
        raise unknown_table(place, parts, names)


def _forms(schema: str, name: str, database: str) -> list[tuple[str, ...]]:
    """Return the forms in which a table may be named."""
    return [(name,), (schema, name), (database, name), (database, schema, name)]
