"""Whole numbers that came as floats or decimals: pandas writes gaps so, databases sums and NUMERIC."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

BYTES = "bytes (Binary), which may mean anything; convert it to text where the table comes from"
"""Advice on a column of bytes, behind the column and "holds"."""


def whole_numbers(series: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Convert floats or decimals to whole numbers of 64 bits.

    Args:
        series: the numbers; NaN is null.

    Returns:
        the whole numbers, null where a number is none; the numbers that are none, null ones not
        among them: fractions, infinities, and those beyond 64 bits.
    """
    if series.dtype.is_float():
        series = series.fill_nan(None)
    whole = series.cast(pl.Int64, strict=False)
    # Polars cuts the fraction off where it casts a decimal; a float at 2^63 compares as equal.
    same = whole.cast(series.dtype, strict=False) == series
    if series.dtype.is_float():
        same &= whole.eq_missing(series)
    is_none = series.is_not_null() & ~same.fill_null(value=False)
    return whole.set(is_none, None), series.filter(is_none)


def is_whole(number: Any) -> bool:
    """Return whether a float or decimal is a whole number; an infinity is none."""
    exact = Decimal(number)
    return exact.is_finite() and exact == exact.to_integral_value()
