"""The amount of time that a case took, in the unit of a limit: days or working days (S2, S14, S16)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.columns import Columns
from kpi.polars_on_demand import pl
from kpi.time import working_days

DurationUnit: TypeAlias = Literal["days", "working days"]


@frozen(kw_only=True, eq=False, repr=False)
class Duration:
    """The time from a start to an end, less the paused time, as expressions over the cases.

    Attributes:
        amount: Int64, in `unit`; null where start or end is, or where the calendar lacks a day.
        paused: Int64, in `unit`, the time that is deducted; null where no time is.
        outside_calendar: whether the calendar lacks a day of a case that has both dates; None where
            days are counted without a calendar.
        unit: the unit of both numbers.
    """

    amount: pl.Expr
    paused: pl.Expr
    outside_calendar: pl.Expr | None = None
    unit: DurationUnit = "days"


def days_between(start: str, end: str) -> pl.Expr:
    """Return the whole days from one date of a case to another, Int64 (S2); null where a date is.

    The day of `start` is not counted and the day of `end` is; below 0 where the end lies before the
    start.
    """
    return (pl.col(end).to_physical() - pl.col(start).to_physical()).cast(pl.Int64)


def working_days_between(columns: Columns, start: str, end: str, calendar: Calendar) -> pl.Expr:
    """Return the number of working days after one date of a case through another, Int64 (S7, S16).

    Null where a date is, or where the calendar does not cover one of the days. 0 where both are one
    day, and below 0 where the end lies before the start.

    Args:
        columns: the table's columns.
        start: the date column whose day is not counted.
        end: the date column whose day is counted.
        calendar: the calendar of the working days.
    """
    dated = [columns.bounds[name] for name in (start, end) if name in columns.bounds]
    if len(dated) < 2:
        # A column without a date has no bounds.
        return pl.lit(None, pl.Int64)
    low, high = min(low for low, _ in dated), max(high for _, high in dated)
    after, beyond = (pl.col(name).to_physical().cast(pl.Int64) + 1 for name in (start, end))
    return working_days.count_working_days(after, beyond, (low + 1, high + 1), calendar)
