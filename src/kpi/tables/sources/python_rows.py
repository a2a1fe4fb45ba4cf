"""Rows of Python as sources: lists of dicts, and what a cursor of a database has fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi.errors import DataError, listed
from kpi.tables.sources.foreign_columns import Readable
from kpi.tables.sources.python_values import from_columns


def from_rows(rows: Sequence[Any], table: str) -> Readable:
    """Return a table of rows by column name; the columns are those of all rows, in their order.

    Args:
        rows: the rows, each a mapping from column to value; a column that a row lacks is null.
        table: the name of the table in messages.

    Raises:
        DataError: where there is no row, a row is no mapping, or a name is no text.
    """
    if not rows:
        raise DataError(
            f"{table}: an empty list has no columns; for a table without rows pass a frame that "
            "has its columns"
        )
    names: dict[str, None] = {}
    for n, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise DataError(
                f"{table}: item {n} of the list (from 0) is of type {type(row).__name__}; "
                "accepted: a mapping from column to value, such as a dict"
            )
        names.update(dict.fromkeys(row))
    for name in names:
        if not isinstance(name, str):
            raise DataError(f"{table}: the rows have a column {name!r}; names of columns are texts")
    return from_columns((name, [row.get(name) for row in rows]) for name in names)


def is_cursor(source: Any) -> bool:
    """Return whether an object is a cursor as the DB-API has it (PEP 249)."""
    return hasattr(source, "description") and callable(getattr(source, "fetchall", None))


def from_cursor(cursor: Any, table: str) -> Readable:
    """Return the rows that a cursor has still to fetch, typed by their values.

    Args:
        cursor: the cursor, on which a query has been executed.
        table: the name of the table in messages.

    Raises:
        DataError: where the cursor has no result, or two columns have one name.
        Exception: whatever the database raises.
    """
    if cursor.description is None:
        raise DataError(f"{table}: the cursor has no result; call its execute with a query first")
    names = [str(column[0]) for column in cursor.description]
    require_unique(names, table)
    rows = cursor.fetchall()
    # Some drivers give mappings in place of tuples.
    if rows and isinstance(rows[0], Mapping):
        rows = [tuple(row[name] for name in names) for row in rows]
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return from_columns(zip(names, columns, strict=True))


def require_unique(names: Sequence[str], where: str) -> None:
    """Check that the columns of a result have a name each.

    Raises:
        DataError: naming those that stand more than once.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"{where}: the query has the column {listed(twice)} more than once; keep one"
        )
