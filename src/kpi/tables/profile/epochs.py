"""Numbers that may be dates: epochs, and serial days of workbooks."""

from __future__ import annotations

import datetime as dt

_FIRST, _LAST = dt.date(1980, 1, 1), dt.date(2060, 1, 1)
"""Range in which all values must lie to be taken for dates."""
_UNIX, _EXCEL = dt.date(1970, 1, 1), dt.date(1899, 12, 30)
_DAY = 86_400

UNITS = {
    "s": _DAY,
    "ms": _DAY * 10**3,
    "us": _DAY * 10**6,
    "ns": _DAY * 10**9,
    "days": 1,
    "excel": 1,
}
"""Ticks per day of each unit that an extract file takes."""


def epoch_units(least: float, most: float) -> tuple[str, ...]:
    """Return the units in which all numbers of a column are plausible dates, as a guess.

    Args:
        least: the smallest number.
        most: the largest number.
    """
    return tuple(
        unit
        for unit, ticks in UNITS.items()
        if _ticks(_FIRST, unit) * ticks <= least and most < _ticks(_LAST, unit) * ticks
    )


def _ticks(day: dt.date, unit: str) -> int:
    return (day - (_EXCEL if unit == "excel" else _UNIX)).days
