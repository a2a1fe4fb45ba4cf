"""The last day of the week, month, quarter, half-year or year that a date lies in."""

from __future__ import annotations

from kpi.definitions.periods import LENGTHS, Every
from kpi.polars_on_demand import pl

LONGEST: dict[Every, int] = {"week": 6, "month": 30, "quarter": 91, "half-year": 183, "year": 365}
"""The most days from a date to the last day of the period that the date lies in."""


def period_end(day: pl.Expr, every: Every, year_starts: int) -> pl.Expr:
    """Return the last day of the period that each date lies in; of a week that is Sunday.

    Args:
        day: dates.
        every: the length of the period.
        year_starts: the month that years begin in, 1 to 12 (S30).
    """
    if every == "week":
        to_sunday = 7 - day.dt.weekday().cast(pl.Int32)
        return (day.to_physical() + to_sunday).cast(pl.Date)
    if every == "month":
        return day.dt.month_end()
    length = LENGTHS[every]
    since = day.dt.year() * 12 + day.dt.month().cast(pl.Int32) - year_starts
    # Floor division and its remainder, so that they hold before the year 0 too.
    last = since // length * length + length + year_starts - 2
    return pl.date(last // 12, last % 12 + 1, 1).dt.month_end()
