"""Ends of the calendar: the first and last date and time of Python as physical values (S1)."""

from __future__ import annotations

import datetime as dt

import polars as pl

_EPOCH = dt.date(1970, 1, 1).toordinal()
_HOURS = {"ms": 3_600_000, "us": 3_600_000_000, "ns": 3_600_000_000_000}
_FURTHEST_EAST, _FURTHEST_WEST = 14, 12
"""Hours between UTC and the time zones that are furthest from UTC."""


def calendar_ends(dtype: pl.Date | pl.Datetime) -> tuple[int, int]:
    """Return the smallest and the largest physical value of the years 1 to 9999.

    For times with a zone these are the ends in any zone on earth: `9999-12-31T23:59:59` stands for
    ever, wherever it was written.

    Args:
        dtype: the type of the column; physical values are days for dates, else in the time unit.
    """
    first, last = dt.date.min.toordinal() - _EPOCH, dt.date.max.toordinal() - _EPOCH
    if isinstance(dtype, pl.Date):
        return first, last
    hour = _HOURS[dtype.time_unit]
    low, high = first * 24 * hour, (last + 1) * 24 * hour - 1
    if dtype.time_zone is None:
        return low, high
    return low - _FURTHEST_EAST * hour, high + _FURTHEST_WEST * hour
