"""Tables of databases: SQLite, DuckDB and PostgreSQL, each read by a query and never written to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from kpi.errors import DataError, reason
from kpi.tables.sources.database_uri import Address, address_of
from kpi.tables.sources.duckdb_files import read_duckdb
from kpi.tables.sources.foreign_columns import Readable
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.postgresql import read_postgresql
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.sql_names import parts_of
from kpi.tables.sources.sqlite_files import read_sqlite

_READERS: Mapping[str, Callable[[Address, str | tuple[str, ...]], Readable]] = {
    "sqlite": read_sqlite,
    "duckdb": read_duckdb,
    "postgresql": read_postgresql,
}


def open_database(
    uri: str,
    *,
    query: str | None,
    table: str | None,
    layout: Layout,
    directory: Path | None = None,
) -> SourceTable:
    """Return the source of a table that a query of a database gives, or a table of it.

    Args:
        uri: `sqlite:///cases.db`, `duckdb:///cases.duckdb`, `postgresql://user@host:5432/database`,
            or the path of a file of the first two. `$NAME` and `${NAME}` stand for variables of the
            environment, `$$` for a dollar sign.
        query: the query, a single SELECT; None with `table`.
        table: the name of a table or view, perhaps with its schema; None with `query`.
        layout: the layout of the table; its name stands in messages.
        directory: the directory from which the path of a file starts (default: the current one).

    Raises:
        DataError: where not exactly one of `query` and `table` is given, the URI or a variable in it
            is wrong, the database cannot be reached or read, or lacks the table, or the query
            fails. No message has a password.
    """
    if (query is None) == (table is None):
        found = "both" if query is not None else "neither"
        raise DataError(f"{layout.table}: found {found} of query and table; accepted: one of them")
    if query is not None and not query.strip():
        raise DataError(f"{layout.table}: the query is empty")
    address = address_of(uri, layout.table, directory)
    layout.require_used(address.place, "a table of a database")
    wanted = query if table is None else parts_of(table, layout.table)
    assert wanted is not None, "a query or a table is given"
    if address.path is not None:
        _require_file(address.path, address.place)
    return SourceTable.of(_READERS[address.kind](address, wanted))


def _require_file(path: Path, place: str) -> None:
    """Check that the file of a database is there: opened otherwise, it might be created.

    Raises:
        DataError: where it is not, or is none.
    """
    try:
        if path.is_dir():
            raise DataError(f"{place}: is a directory; expected the file of a database")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise DataError(f"{place}: no such file") from error
    except OSError as error:
        raise DataError(f"{place}: cannot be read: {reason(error)}") from error
