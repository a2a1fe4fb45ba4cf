"""Periods of a series: how long they are, the days that they end on, and what they are named (S30)."""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeAlias

from kpi.definitions.windows import first_of_month

Every: TypeAlias = Literal["week", "month", "quarter", "half-year", "year"]
"""The length of the periods of a series."""

_LENGTHS: dict[Every, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}

_DAY = dt.timedelta(days=1)


def period_name(first: dt.date, every: Every) -> str:
    """Return the name of the period that begins on `first`: `2022-W05`, `2022-03`, `2022-Q1`.

    A week is named by the year of ISO 8601: the week from 31 December 2018 is `2019-W01`.
    """
    if every == "week":
        year, week, _ = first.isocalendar()
        return f"{year:04}-W{week:02}"
    if every == "year":
        return f"{first.year:04}"
    if every == "month":
        return f"{first.year:04}-{first.month:02}"
    if every == "quarter":
        return f"{first.year:04}-Q{(first.month + 2) // 3}"
    return f"{first.year:04}-H{1 if first.month < 7 else 2}"


def period_end(first: dt.date, every: Every) -> dt.date:
    """Return the last day of the period that begins on `first`, at most the last day of Python."""
    if every == "week":
        return first + min(6 * _DAY, dt.date.max - first)
    after = first.year * 12 + first.month - 1 + _LENGTHS[every]
    return dt.date.max if after > dt.MAXYEAR * 12 + 11 else first_of_month(after) - _DAY


def days_name(first: dt.date, last: dt.date) -> str:
    """Return the name of a period that a window cuts, by its days (S30).

    `2022-03-10 to 2022-03-31`, or `2022-03-31` for a single day.
    """
    return f"{first}" if first == last else f"{first} to {last}"
