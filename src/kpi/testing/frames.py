"""Tables in both forms: frames for `kpi.evaluate`, rows of Python values for the oracle."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import polars as pl
from attrs import frozen

from kpi.definitions.derived_dates import day_ended
from kpi.definitions.kinds import Kind
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.errors import DataError, listed
from kpi.tables.check import Extract, check
from kpi.tables.checked_table import CheckedTable
from kpi.tables.date_texts import times_as
from kpi.tables.sources.resolve import lazy_table
from kpi.testing.strategies import Rows, contents

Given: TypeAlias = Any
"""Tables as they are handed over: by name, each a frame (Polars, or anything with the Arrow C
stream) or rows as mappings from column to cell; or one such table, the plan's `cases`."""

_TYPES: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
}


@frozen
class Tables:
    """Tables in both forms, the rows and the frame of a table in the same order.

    Attributes:
        rows: the rows of each table, as the oracle takes them.
        frames: the frame of each table, as the engine takes it.
        extract: the frames as a plan has checked them; None where they are not checked.
    """

    rows: Mapping[str, Rows]
    frames: Mapping[str, pl.DataFrame]
    extract: Extract | None = None

    def checked_for(self, plan: Plan) -> Mapping[str, pl.DataFrame] | Extract:
        """Return the frames, as the plan has checked them where it has: a check costs most."""
        extract = self.extract
        return self.frames if extract is None or extract.plan != plan else extract

    def only(self, name: str, positions: Sequence[int]) -> Tables:
        """Return the tables with only some rows of one of them, by their positions."""
        rows = [self.rows[name][n] for n in positions]
        return Tables(
            {**self.rows, name: rows}, {**self.frames, name: self.frames[name][positions]}
        )


def in_both_forms(plan: Plan, tables: Given) -> Tables:
    """Convert tables to rows and to frames, whichever they are handed over as.

    Of frames, only the columns that the plan reads or declares become cells of rows. Rows that the
    engine rejects, such as rows without a key, are in neither form: the oracle takes usable rows.
    Of tables of pauses the oracle takes all rows.

    Args:
        plan: the plan.
        tables: the tables; see `Given`.

    Raises:
        DataError: where a table is of neither form, or cannot be used as the plan says.
    """
    named = _named(plan, tables)
    given = {name: _as_rows(table) for name, table in named.items()}
    of_rows = frames(plan, {name: rows for name, rows in given.items() if rows is not None})
    read = {
        name: of_rows[name] if name in of_rows else lazy_table(source, plan.table(name)).collect()
        for name, source in named.items()
    }
    extract = check(plan, read)
    checked = extract.tables
    rows: dict[str, Rows] = {}
    all_usable = True
    for name, frame in read.items():
        as_rows, table = given[name], checked[name]
        usable = _usable(table, frame.height)
        if as_rows is None:
            rows[name] = _cells(plan, table, frame, usable)
        else:
            rows[name] = as_rows if len(usable) == len(as_rows) else [as_rows[n] for n in usable]
        if len(usable) < frame.height:
            read[name] = frame[usable]
            all_usable = False
    return Tables(rows, read, extract if all_usable else None)


def rows_of(plan: Plan, tables: Given) -> dict[str, Rows]:
    """Convert tables to rows; those that are rows already are taken as they are.

    Raises:
        DataError: as `in_both_forms`.
    """
    named = _named(plan, tables)
    given = {name: _as_rows(table) for name, table in named.items()}
    as_rows = {name: rows for name, rows in given.items() if rows is not None}
    if len(as_rows) == len(named):
        return as_rows
    return dict(in_both_forms(plan, named).rows)


def frames(plan: Plan, tables: Mapping[str, Rows]) -> dict[str, pl.DataFrame]:
    """Convert the tables that are given to frames of the declared types."""
    by_name = {}
    for table in plan.tables:
        if table.name in tables:
            keys = None
            if table.pauses is not None and table.pauses in tables:
                of = key_types(plan.table(table.pauses), tables[table.pauses])
                keys = dict(zip(table.key, of.values(), strict=True))
            by_name[table.name] = frame(plan, table, tables[table.name], keys)
    return by_name


def frame(
    plan: Plan, table: Table, rows: Rows, keys: Mapping[str, pl.DataType] | None = None
) -> pl.DataFrame:
    """Convert rows to a frame of the declared types, which an empty table has too.

    Args:
        plan: the plan.
        table: the declaration of the table.
        rows: the rows; a column that a row lacks is null there.
        keys: the types of the columns of the key, where the rows do not tell them: the key of a
            table of pauses is of the types of the key of its cases.
    """
    minute = {c for t in plan.leaves() if t.table == table.name for c in t.timestamp_columns()}
    minute |= day_ended(table.derived)
    schema: dict[str, pl.DataType] = dict(keys or key_types(table, rows))
    for column, kind in contents(plan, table).items():
        dated = kind == "date"
        schema[column] = _date_type(column, rows, column in minute) if dated else _TYPES[kind]
    # Polars takes no date for a time; a date is its midnight.
    days = [c for c in minute if isinstance(_first(c, rows), dt.date)]
    rows = [row | {c: _midnight(row.get(c)) for c in days} for row in rows] if days else rows
    texts = [
        c for c, kind in contents(plan, table).items() if kind == "date" and _is_mixed(c, rows)
    ]
    if texts:
        # A frame has one type a column; as texts dates and times may stand side by side.
        schema |= dict.fromkeys(texts, pl.String())
        rows = [row | {c: _iso(row.get(c)) for c in texts} for row in rows]
    return pl.DataFrame(rows, schema=schema)


def key_types(table: Table, rows: Rows) -> dict[str, pl.DataType]:
    """Return the types of the columns of a table's key: integer, boolean, date, or else text."""
    types: dict[type, pl.DataType] = {int: pl.Int64(), bool: pl.Boolean(), dt.date: pl.Date()}
    return {c: types.get(type(_first(c, rows)), pl.String()) for c in table.key}


def _date_type(column: str, rows: Rows, to_the_minute: bool) -> pl.DataType:
    cell = _first(column, rows)
    if not isinstance(cell, dt.datetime):
        return pl.Datetime("us") if to_the_minute else pl.Date()
    return pl.Datetime("us") if cell.tzinfo is None else pl.Datetime("us", "UTC")


def _is_mixed(column: str, rows: Rows) -> bool:
    """Return whether a column mixes dates with times, or times with and without a zone."""
    cells = [cell for row in rows if (cell := row.get(column)) is not None]
    return len({(type(cell), getattr(cell, "tzinfo", None) is None) for cell in cells}) > 1


def _midnight(cell: object) -> object:
    is_day = isinstance(cell, dt.date) and not isinstance(cell, dt.datetime)
    return dt.datetime.combine(cell, dt.time()) if is_day else cell  # type: ignore[arg-type]  # a day


def _iso(cell: object) -> str | None:
    return cell.isoformat() if isinstance(cell, dt.date) else None


def _first(column: str, rows: Rows) -> object:
    """Return the first cell of a column that is not null."""
    return next((cell for row in rows if (cell := row.get(column)) is not None), None)


# From frames to rows


def _named(plan: Plan, tables: Given) -> Mapping[str, Given]:
    declared = [table.name for table in plan.tables]
    if not isinstance(tables, Mapping):
        name = "cases" if "cases" in declared else declared[0]
        if name != "cases" and len(declared) > 1:
            raise DataError(f"one table without a name; the plan declares {listed(declared)}")
        return {name: tables}
    unknown = [name for name in tables if name not in declared]
    if unknown:
        raise DataError(f"unknown table {unknown[0]!r}; the plan declares {listed(declared)}")
    return tables


def _as_rows(table: Given) -> Rows | None:
    """Return a table as rows, or None where it is no list of rows.

    Raises:
        DataError: where an item of a list is no mapping.
    """
    if not isinstance(table, list | tuple):
        return None
    wrong = [row for row in table if not isinstance(row, Mapping)]
    if wrong:
        raise DataError(f"found {wrong[0]!r} among rows; accepted: mappings from column to cell")
    return [row if isinstance(row, dict) else dict(row) for row in table]


def _usable(table: CheckedTable, height: int) -> list[int]:
    """Return the positions of the rows that the engine does not reject; of pauses all."""
    if table.table.pauses is not None or not table.rejected.height:
        return list(range(height))
    rejected = {row - 1 for row in table.rejected["row"]}
    return [n for n in range(height) if n not in rejected]


def _cells(plan: Plan, table: CheckedTable, frame: pl.DataFrame, usable: Sequence[int]) -> Rows:
    """Return the usable rows of a frame: dates as they came, other cells as the plan parses."""
    dates = [name for name in table.table.date_columns if name in frame.columns]
    read = [c for c in contents(plan, table.table) if c in frame.columns and c not in dates]
    cells = {c: _date_cells(table.table, frame[usable][c]) for c in dates}
    if table.table.pauses is None:
        typed = table.frame.lazy().collect()
        cells |= {c: typed[c].to_list() for c in read}
    keys = {c: frame[usable][c].to_list() for c in table.table.key if c not in cells}
    columns = {**keys, **cells}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _date_cells(table: Table, column: pl.Series) -> list[object]:
    """Parse a column of dates: dates and times as they came, texts as what they say, or None."""
    if column.dtype == pl.String:
        column = column.replace(["", *table.nulls], None)
        if (style := table.format_of(column.name)) is not None:
            return times_as(column, style).to_list()
        return [_moment(text) for text in column]
    if isinstance(column.dtype, pl.Datetime):
        column = column.dt.cast_time_unit("us")
    return column.to_list()


def _moment(text: str | None) -> dt.date | None:
    """Parse a date or a time in ISO 8601; None for any other text."""
    for parse in (dt.date.fromisoformat, dt.datetime.fromisoformat):
        with contextlib.suppress(ValueError):
            return parse(text or "")
    return None
