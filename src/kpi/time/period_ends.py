"""The last day of the week, month, quarter, half-year or year that a date lies in."""

from __future__ import annotations

from kpi.definitions.periods import Every
from kpi.polars_on_demand import pl

LONGEST: dict[Every, int] = {"week": 6, "month": 30, "quarter": 91, "half-year": 183, "year": 365}
"""The most days from a date to the last day of the period that the date lies in."""

_MONTHS: dict[Every, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


def period_end(day: pl.Expr, every: Every) -> pl.Expr:
    """Return the last day of the period that each date lies in; of a week that is Sunday.

    Args:
        day: dates.
        every: the length of the period.
    """
    if every == "week":
        to_sunday = 7 - day.dt.weekday().cast(pl.Int32)
        return (day.to_physical() + to_sunday).cast(pl.Date)
    if every == "month":
        return day.dt.month_end()
    length = _MONTHS[every]
    last = (day.dt.month().cast(pl.Int32) - 1) // length * length + length
    return pl.date(day.dt.year(), last, 1).dt.month_end()
