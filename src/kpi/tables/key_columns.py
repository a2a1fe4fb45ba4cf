"""Columns of a table's key: texts, whole numbers, dates; other types that mean one of these (S13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from kpi.definitions.table import Table
from kpi.errors import DataError
from kpi.tables.redaction import cell
from kpi.tables.whole_numbers import BYTES, is_whole, whole_numbers

_KEYS = pl.String | pl.Categorical | pl.Enum | pl.Boolean | pl.Date | pl.Datetime | pl.Null
_EXACT: Mapping[pl.DataType, int] = {
    pl.Float16(): 2**11,
    pl.Float32(): 2**24,
    pl.Float64(): 2**53,
}
"""The whole number up to which each float tells all whole numbers apart."""


def is_plain_key(kind: pl.DataType) -> bool:
    """Return whether a type is compared as it stands."""
    return kind.is_integer() or isinstance(kind, _KEYS)


def with_plain_keys(raw: pl.DataFrame, table: str, key: Iterable[str]) -> pl.DataFrame:
    """Convert the floats and decimals of a key to the whole numbers that they mean; NaN is null.

    pandas turns whole numbers with gaps into floats, databases have them as decimals.

    Args:
        raw: the rows.
        table: the name of the table in messages.
        key: the columns of the key.

    Raises:
        DataError: where one is a fraction, or too large to be told from its neighbours.
    """
    names = [
        name
        for name in key
        if raw.schema[name].is_float() or isinstance(raw.schema[name], pl.Decimal)
    ]
    return raw.with_columns(_whole(raw[name], table) for name in names) if names else raw


def key_of(raw: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return the columns of the key as they came, empty texts as null.

    Raises:
        DataError: where a column is of a type that cannot be a key, such as a list.
    """
    for name in table.key:
        kind = raw.schema[name]
        if kind == pl.Binary:
            raise DataError(f"{table.name}: column {name} holds {BYTES}")
        if not is_plain_key(kind):
            raise DataError(
                f"{table.name}: column {name} holds {kind}; a key takes text, whole numbers or dates"
            )
    key = raw.select(table.key)
    empty = [s.name for s in key if s.dtype == pl.String and (s == "").any()]
    return key.with_columns(pl.col(empty).replace("", None)) if empty else key


def _whole(series: pl.Series, table: str) -> pl.Series:
    """Convert one column of a key to whole numbers.

    Raises:
        DataError: naming the first number that is none.
    """
    most = _EXACT.get(series.dtype)
    whole, others = whole_numbers(series)
    problem = "a key takes text, whole numbers or dates"
    if not others.len() and most is not None:
        # From there on two whole numbers may be one float.
        others = series.filter((whole.abs() > most).fill_null(value=False))
    if others.len() and is_whole(others[0]):
        problem = "a key takes no number this large; take the keys as text"
    if others.len():
        raise DataError(f"{table}: column {series.name} holds {cell(others[0])[1:-1]}; {problem}")
    return whole
