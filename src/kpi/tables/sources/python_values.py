"""Columns of Python values, as cursors, rows of dicts and object columns hold them: typed, or named.

A column has the type of its values. Where they are of several kinds, nothing is converted but what
loses nothing: whole numbers beside floats or decimals. Any other mix is named, and is a mistake only
where the plan reads the column.
"""

from __future__ import annotations

import datetime as dt
import decimal
import itertools
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from kpi.tables.redaction import cell
from kpi.tables.sources.foreign_columns import Readable

_EXACT = 2**53
_DIGITS = 38
_NO_VALUES = ("NaTType", "NAType")
"""Names of the types that pandas has for no value."""


def from_columns(columns: Iterable[tuple[str, Sequence[Any]]]) -> Readable:
    """Return columns of Python values, typed; and those that cannot be, with the reason.

    Args:
        columns: names, and the values of every row; None, NaN, NaT and pd.NA are null.
    """
    taken: list[pl.Series] = []
    unreadable: dict[str, str] = {}
    for name, values in columns:
        column = typed(name, values)
        if isinstance(column, str):
            unreadable[name] = column
        else:
            taken.append(column)
    return Readable(pl.DataFrame(taken), unreadable)


def typed(name: str, values: Sequence[Any]) -> pl.Series | str:
    """Return a column of Python values; or, where it has no type, what it holds, in words."""
    kinds = set(map(type, values)) - {type(None)}
    if any(kind.__module__ == "numpy" for kind in kinds):
        # numpy is loaded where such values are; one of them says what it is in Python.
        values = [v.item() if type(v).__module__ == "numpy" else v for v in values]
        kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pl.Series(name, [None] * len(values), dtype=pl.Null)
    if any(kind.__name__ in _NO_VALUES for kind in kinds) or (float in kinds and kinds != {float}):
        # In columns of other values pandas has NaN for no value.
        values = [None if _is_none(value) else value for value in values]
        kinds = set(map(type, values)) - {type(None)}
    by_kind = {_kind(kind) for kind in kinds}
    column = _attempt(name, values, by_kind)
    if column is not None:
        return column
    # The more values, the less they have a type: the first that does not fit is at a bisection.
    low, high = 0, len(values)
    while high - low > 1:
        middle = (low + high) // 2
        fits = _attempt(name, values[:middle], {_kind(type(v)) for v in values[:middle]} & by_kind)
        low, high = (middle, high) if fits is not None else (low, middle)
    before = dict.fromkeys(type(v).__name__ for v in values[:low] if v is not None)
    last = type(values[low]).__name__
    what = " and ".join([*(kind for kind in before if kind != last), last])
    return f"{what} (row {high}: {cell(values[low])})"


def _is_none(value: Any) -> bool:
    return type(value).__name__ in _NO_VALUES or (isinstance(value, float) and value != value)


def _kind(kind: type) -> type:
    """Return the type that a column has for the values of a class, which may be a subclass of it."""
    # A truth value is a number too, and a time a date: the narrower comes first.
    return next((known for known in _CONVERSIONS if issubclass(kind, known)), kind)


def _attempt(name: str, values: Sequence[Any], kinds: set[type]) -> pl.Series | None:
    """Return a column of values of some kinds; None where they have no type in common."""
    try:
        return _of_kinds(name, values, kinds)
    except (PolarsError, OverflowError, TypeError, ValueError):
        return None


def _of_kinds(name: str, values: Sequence[Any], kinds: set[type]) -> pl.Series | None:
    """Return a column of values of some kinds; None where there is no type for these kinds.

    Raises:
        Exception: where values do not fit the type: PolarsError, OverflowError, ValueError.
    """
    if not kinds:
        return pl.Series(name, [None] * len(values), dtype=pl.Null)
    if len(kinds) == 1:
        (kind,) = kinds
        conversion = _CONVERSIONS.get(kind)
        return None if conversion is None else conversion(name, values)
    if kinds == {int, float} and all(abs(v) <= _EXACT for v in values if isinstance(v, int)):
        return pl.Series(name, [None if v is None else float(v) for v in values], pl.Float64)
    if kinds == {int, decimal.Decimal}:
        return _decimals(name, [None if v is None else decimal.Decimal(v) for v in values])
    return None


def _plain(dtype: pl.DataType) -> Callable[[str, Sequence[Any]], pl.Series]:
    return lambda name, values: pl.Series(name, values, dtype)


def _by(convert: Callable[[Any], Any], dtype: pl.DataType) -> Callable[..., pl.Series]:
    return lambda name, values: pl.Series(
        name, [None if v is None else convert(v) for v in values], dtype
    )


def _times(name: str, values: Sequence[Any]) -> pl.Series:
    """Return times: as the clock shows them, or in UTC where all have a zone.

    Raises:
        ValueError: where some have a zone and others none.
    """
    zoned = {v.tzinfo is not None for v in values if v is not None}
    if zoned == {False}:
        # A subclass such as that of pandas may be finer than a microsecond.
        return pl.Series(
            name, [None if v is None else _clock(v) for v in values], pl.Datetime("us")
        )
    if zoned != {True}:
        raise ValueError("times with and without a zone")
    instants = [None if v is None else _clock(v.astimezone(dt.UTC)) for v in values]
    return pl.Series(name, instants, pl.Datetime("us")).dt.replace_time_zone("UTC")


def _clock(value: dt.datetime) -> dt.datetime:
    return dt.datetime(*value.timetuple()[:6], value.microsecond)


def _decimals(name: str, values: Sequence[Any]) -> pl.Series:
    """Return exact decimals; floats where one is NaN or infinite.

    Raises:
        ValueError: where the digits before and behind the point are more than 38 together.
    """
    numbers = [v for v in values if v is not None]
    if not all(v.is_finite() for v in numbers):
        return pl.Series(name, [None if v is None else float(v) for v in values], pl.Float64)
    scale = max(max(-int(v.as_tuple().exponent), 0) for v in numbers)
    whole = max(v.adjusted() + 1 for v in numbers)
    if scale + max(whole, 0) > _DIGITS:
        raise ValueError("more digits than a decimal has")
    return pl.Series(name, values, pl.Decimal(_DIGITS, scale))


_CONVERSIONS: Mapping[type, Callable[[str, Sequence[Any]], pl.Series]] = {
    bool: _plain(pl.Boolean()),
    # Those of an enumeration are subclasses, and their own str() is a name.
    int: _by(int, pl.Int64()),
    float: _by(float, pl.Float64()),
    str: _by(str.__str__, pl.String()),
    dt.datetime: _times,
    dt.date: _plain(pl.Date()),
    dt.time: _plain(pl.Time()),
    dt.timedelta: _plain(pl.Duration("us")),
    decimal.Decimal: _decimals,
    uuid.UUID: _by(str, pl.String()),
    bytes: _plain(pl.Binary()),
    memoryview: _by(bytes, pl.Binary()),
}
"""The conversion of the values of each class to a column; a subclass stands before its base."""


def without_objects(frame: pl.DataFrame) -> Readable:
    """Return a frame whose columns of Python objects are typed by their values."""
    objects = [name for name, kind in frame.schema.items() if kind == pl.Object]
    if not objects:
        return Readable(frame)
    converted = from_columns((name, frame[name].to_list()) for name in objects)
    others = itertools.chain(frame.drop(objects).iter_columns(), converted.frame.iter_columns())
    by_name = {series.name: series for series in others}
    kept = [by_name[name] for name in frame.columns if name in by_name]
    return Readable(pl.DataFrame(kept), converted.unreadable)
