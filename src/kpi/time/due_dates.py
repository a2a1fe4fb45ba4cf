"""Due dates (S3-S7): a look-up by day for months and working days, addition for other days.

A table of due dates by day number carries any month-end mode at the cost of a look-up per row.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from functools import lru_cache

from kpi.definitions.calendars import Calendar
from kpi.definitions.time_options import MonthEnd
from kpi.definitions.time_units import Span
from kpi.polars_on_demand import pl
from kpi.time import working_days

_EPOCH = dt.date(1970, 1, 1).toordinal()

_CYCLE = 146_097
"""Days of 400 years, after which the lengths of the months begin anew."""


def due(
    start: str,
    bounds: tuple[int, int],
    span: Span,
    mode: MonthEnd,
    calendar: Calendar,
    *,
    backwards: bool = False,
) -> pl.Expr:
    """Return the due date, the last day in time, counted from a date column; null where that is.

    Args:
        start: the name of a column of dates.
        bounds: the smallest and largest day number (days since 1970-01-01) in that column. No date
            may lie outside them: a limit in months stops the query at such a date.
        span: the limit.
        mode: the month-end mode, for a day that the month lacks; `refuse` gives null (S4).
        calendar: the calendar of the working days; a day that it does not cover gives null (S7).
        backwards: whether the limit is counted back from the date (S6).
    """
    day = pl.col(start).to_physical()
    if span.working_days:
        return working_days.add_working_days(
            day, bounds, span.working_days, calendar, backwards=backwards
        )
    if not span.total_months:
        days = -span.total_days if backwards else span.total_days
        return (day + days).cast(pl.Date)
    low, high = bounds
    if high - low >= _CYCLE:
        # One date of the year 9999 would ask for a table of three million days.
        table = due_table(low, low + _CYCLE - 1, span, mode, backwards=backwards)
        lengths = table.to_physical() - pl.int_range(low, low + _CYCLE, dtype=pl.Int32, eager=True)
        return (day + pl.lit(lengths).gather((day - low) % _CYCLE)).cast(pl.Date)
    table = due_table(low, high, span, mode, backwards=backwards)
    # A gather counts a negative index from the end, silently; an unsigned one is out of bounds.
    return pl.lit(table).gather((day - low).cast(pl.UInt32, wrap_numerical=True))


@lru_cache(maxsize=32)
def due_table(
    low: int, high: int, span: Span, mode: MonthEnd, *, backwards: bool = False
) -> pl.Series:
    """Return the due date of every start day from `low` to `high` (days since 1970-01-01)."""
    return _due_table(low, high, span, mode, backwards=backwards)


def _due_table(low: int, high: int, span: Span, mode: MonthEnd, *, backwards: bool) -> pl.Series:
    start = pl.int_range(low, high + 1, dtype=pl.Int32).cast(pl.Date)
    sign = -1 if backwards else 1
    months, days = sign * span.total_months, sign * span.total_days
    return pl.select(_add(start, months, days, mode)).to_series()


def months_later(start: pl.Expr, months: pl.Expr, mode: MonthEnd) -> pl.Expr:
    """Return a date moved by whole months, a number for each row: one step, rounded once (S4).

    Args:
        start: dates.
        months: whole numbers, Int32, below 0 for dates before the start.
        mode: the month-end mode; `refuse` gives null.
    """
    number = start.dt.year() * 12 + start.dt.month().cast(pl.Int32) - 1 + months
    # Floor division and its remainder, so that they hold before the year 0 too.
    first = pl.date(number // 12, number % 12 + 1, 1)
    return _day_of_month(start, first, mode)


def months_taken(start: pl.Expr, end: pl.Expr, mode: MonthEnd) -> pl.Expr:
    """Return the smallest whole number m with end <= start + m months, Int32 (S4, S18).

    Args:
        start: dates.
        end: dates, not before `start`; null gives null, as a null start does.
        mode: the month-end mode, for a day that the month lacks; `refuse` counts as `down`.
    """
    mode = "down" if mode == "refuse" else mode
    first, last = (day.dt.year() * 12 + day.dt.month().cast(pl.Int32) for day in (start, end))
    months = last - first
    # A start that `up` moves to the 1st of the month after may be due in the month of the end.
    return (
        pl.when(months_later(start, months - 1, mode) >= end)
        .then(months - 1)
        .when(months_later(start, months, mode) >= end)
        .then(months)
        .otherwise(months + 1)
    )


def _add(start: pl.Expr, months: int, days: int, mode: MonthEnd) -> pl.Expr:
    # From the first of the start's month, so that the step itself never meets a missing day.
    first = start.dt.month_start().dt.offset_by(f"{months}mo")
    return (_day_of_month(start, first, mode).to_physical() + days).cast(pl.Date)


def _day_of_month(start: pl.Expr, first: pl.Expr, mode: MonthEnd) -> pl.Expr:
    """Return the day of the start in the month that begins on `first`, by month-end mode (S4)."""
    length = first.dt.month_end().dt.day().cast(pl.Int32)
    day = start.dt.day().cast(pl.Int32)
    lacking = day > length
    offset = pl.min_horizontal(day, length) - 1
    if mode == "sticky":
        offset = pl.when(start == start.dt.month_end()).then(length - 1).otherwise(offset)
    elif mode == "up":
        offset = pl.when(lacking).then(length).otherwise(offset)
    elif mode == "refuse":
        offset = pl.when(~lacking).then(offset)
    return (first.to_physical() + offset).cast(pl.Date)


def back_from(day: dt.date, span: Span, calendar: Calendar, *, back: bool) -> dt.date | None:
    """Return the day a span before a day, or after it where not `back`; None out of the calendar.

    Months go by the month-end mode `down`, so that the day need not be the inverse of a due date.
    """
    number = day.toordinal() - _EPOCH
    if span.working_days:
        n = span.working_days
        table = working_days.working_days_table(number, number, n, calendar, backwards=back)
    else:
        table = due_table(number, number, span, "down", backwards=back)
    moved = table.to_physical()[0]
    return None if moved is None else dt.date.fromordinal(moved + _EPOCH)


def due_date(start: dt.date, span: Span, mode: MonthEnd, calendar: Calendar) -> dt.date | None:
    """Return the due date of one start date; None where refused, out of calendar, or after 9999.

    Months and days are counted without Polars, so that a plan is checked without it (S4).
    """
    if span.working_days:
        day = start.toordinal() - _EPOCH
        table = working_days.working_days_table(day, day, span.working_days, calendar).to_physical()
        if table[0] is None:
            return None
        ordinal = int(table[0]) + _EPOCH
    else:
        ordinal = start.toordinal() + span.total_days
        if span.total_months:
            moved = _months_after(start, span.total_months, mode)
            if moved is None:
                return None
            ordinal = moved + span.total_days
    return dt.date.fromordinal(ordinal) if ordinal <= dt.date.max.toordinal() else None


def _months_after(start: dt.date, months: int, mode: MonthEnd) -> int | None:
    """Return the ordinal of the day some months after a date, as `_day_of_month` does (S4)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > dt.MAXYEAR:
        return None
    length = monthrange(year, month + 1)[1]
    day = start.day
    if mode == "sticky" and day == monthrange(start.year, start.month)[1]:
        day = length
    elif day > length:
        if mode == "refuse":
            return None
        day = length + 1 if mode == "up" else length
    return dt.date(year, month + 1, 1).toordinal() + day - 1
