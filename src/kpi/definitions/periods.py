"""Periods of a series: how long they are, the days that they begin and end on, their names (S30)."""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeAlias

from kpi.definitions.windows import first_of_month

Every: TypeAlias = Literal["week", "month", "quarter", "half-year", "year"]
"""The length of the periods of a series."""

LENGTHS: dict[Every, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
"""The months of each length but the week."""

_DAY = dt.timedelta(days=1)


def period_start(day: dt.date, every: Every, year_starts: int = 1) -> dt.date:
    """Return the first day of the period that a day lies in; weeks begin on Monday (ISO 8601).

    Args:
        day: the day.
        every: the length of the periods.
        year_starts: the month that years, half-years and quarters are counted from, 1 to 12.
    """
    if every == "week":
        return day - day.weekday() * _DAY
    before = (day.month - year_starts) % LENGTHS[every]
    months = day.year * 12 + day.month - 1 - before
    # The year that 1 January of the year 1 lies in began before Python's first day.
    return dt.date.min if months < 12 else first_of_month(months)


def period_end(first: dt.date, every: Every) -> dt.date:
    """Return the last day of the period that begins on `first`, at most the last day of Python."""
    if every == "week":
        return first + min(6 * _DAY, dt.date.max - first)
    after = first.year * 12 + first.month - 1 + LENGTHS[every]
    return dt.date.max if after > dt.MAXYEAR * 12 + 11 else first_of_month(after) - _DAY


def period_name(first: dt.date, every: Every, year_starts: int = 1) -> str:
    """Return the name of the period that begins on `first`: `2022-W05`, `2022-03`, `2022-Q1`.

    A week is named by the year of ISO 8601: the week from 31 December 2018 is `2019-W01`. Where
    years do not begin in January their names have both years: `2024/25`, `2024/25-H2`.
    """
    if every == "week":
        year, week, _ = first.isocalendar()
        return f"{year:04}-W{week:02}"
    if every == "month":
        return f"{first.year:04}-{first.month:02}"
    begun = first.year if first.month >= year_starts else first.year - 1
    named = f"{begun:04}" if year_starts == 1 else split_year_name(begun)
    part = (first.month - year_starts) % 12 // LENGTHS[every] + 1
    return {"year": named, "half-year": f"{named}-H{part}", "quarter": f"{named}-Q{part}"}[every]


def split_year_name(begun: int) -> str:
    """Return the name of a year that begins in one calendar year and ends in the next: `2024/25`."""
    return f"{begun:04}/{(begun + 1) % 100:02}"


def days_name(first: dt.date, last: dt.date) -> str:
    """Return the name of a period that a window cuts, by its days (S30).

    `2022-03-10 to 2022-03-31`, or `2022-03-31` for a single day.
    """
    return f"{first}" if first == last else f"{first} to {last}"
