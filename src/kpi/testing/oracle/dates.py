"""Windows, moments and due dates, computed from their words (S3, S4, S6, S9, S20)."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import cache

from kpi.definitions.population import OpenAt
from kpi.definitions.time_units import Span
from kpi.definitions.windows import EndOf, Window

DAY = dt.timedelta(days=1)


# Windows


def in_window(window: Window, day: dt.date) -> bool:
    """Return whether a day lies in a window, read off the window's words."""
    if window.name is not None:
        if "/" in window.name:
            return (
                _split_first(window.name, window.year_starts)
                <= day
                <= _split_last(window.name, window.year_starts)
            )
        return _in_named(window.name, day)
    return (
        (window.since is None or day >= window.since)
        and (window.after is None or day > window.after)
        and (window.before is None or day < window.before)
        and (window.through is None or day <= window.through)
    )


def _in_named(name: str, day: dt.date) -> bool:
    year, _, part = name.partition("-")
    if part.startswith("W"):
        return _day_of_week(name, 1) <= day <= _day_of_week(name, 7)
    if day.year != int(year):
        return False
    if part == "":
        return True
    if part[0] == "H":
        return (day.month <= 6) == (part == "H1")
    if part[0] == "Q":
        return (day.month + 2) // 3 == int(part[1])
    return day.month == int(part)


def first_day(window: Window) -> dt.date | None:
    """Return the first day inside a window, or None where it has no beginning."""
    if window.name is not None:
        return _named_first(window.name, window.year_starts)
    if window.after is not None:
        return window.after + DAY
    return window.since


def last_day(window: Window) -> dt.date | None:
    """Return the last day inside a window, or None where it has no end."""
    if window.name is not None:
        return _named_last(window.name, window.year_starts)
    if window.before is not None:
        return window.before - DAY
    return window.through


def end_of(window: Window) -> dt.date:
    """Return the last day inside a window with an end, as every judged window has."""
    last = last_day(window)
    assert last is not None, f"{window} has no end, and a verdict falls on it"
    return last


def opening_day(moment: OpenAt) -> dt.date:
    """Return the day at whose start a case must be open: a day, or a period's first (S21)."""
    if isinstance(moment.start_of, dt.date):
        return moment.start_of
    return _named_first(moment.start_of, moment.year_starts)


def closing_day(moment: EndOf) -> dt.date:
    """Return the day at whose end rows are counted: a day, or a period's last (S22)."""
    if isinstance(moment.end_of, dt.date):
        return moment.end_of
    return _named_last(moment.end_of, moment.year_starts)


def _split_first(name: str, starts: int) -> dt.date:
    """Return the first day of `2024/25`, or of a quarter or half of it: months are passed one by one."""
    years, _, part = name.partition("-")
    month, year = starts, int(years[:4])
    passed = 0 if not part else (int(part[1]) - 1) * (6 if part[0] == "H" else 3)
    for _ in range(passed):
        month, year = (1, year + 1) if month == 12 else (month + 1, year)
    return dt.date(year, month, 1)


def _split_last(name: str, starts: int) -> dt.date:
    months = 12 if "-" not in name else 6 if "-H" in name else 3
    after = months_later(_split_first(name, starts), months, "down")
    assert after is not None, "the first of a month is in every month"
    return after - DAY


def _named_first(name: str, starts: int) -> dt.date:
    if "/" in name:
        return _split_first(name, starts)
    year, _, part = name.partition("-")
    if part.startswith("W"):
        return _day_of_week(name, 1)
    month = 1
    if part.startswith("H"):
        month = 1 if part == "H1" else 7
    elif part.startswith("Q"):
        month = (1, 4, 7, 10)[int(part[1]) - 1]
    elif part:
        month = int(part)
    return dt.date(int(year), month, 1)


def _named_last(name: str, starts: int) -> dt.date:
    if "/" in name:
        return _split_last(name, starts)
    year, _, part = name.partition("-")
    if part.startswith("W"):
        return _day_of_week(name, 7)
    month = 12
    if part.startswith("H"):
        month = 6 * int(part[1])
    elif part.startswith("Q"):
        month = 3 * int(part[1])
    elif part:
        month = int(part)
    return _month_end(int(year), month)


def _day_of_week(name: str, weekday: int) -> dt.date:
    return dt.datetime.strptime(f"{name}-{weekday}", "%G-W%V-%u").date()


# Lengths of time


@cache
def is_by_the_clock(span: Span) -> bool:
    """Return whether a span is in hours or minutes; "0 minutes" is, "0 days" is not (S3)."""
    return str(span).endswith(("hour", "hours", "minute", "minutes"))


@cache
def is_in_working_days(span: Span) -> bool:
    """Return whether a span is in working days; "0 working days" is (S3)."""
    return str(span).endswith(("working day", "working days"))


@cache
def is_in_working_hours(span: Span) -> bool:
    """Return whether a span is within opening hours; "0 working minutes" is (S35)."""
    return "working hour" in str(span) or "working minute" in str(span)


@cache
def has_months(span: Span) -> bool:
    """Return whether a span is in months or years, with or without days; "0 months" is (S5)."""
    return "month" in str(span) or "year" in str(span)


# Due dates


def due_date(start: dt.date, span: Span, mode: str) -> dt.date | None:
    """Return the due date, the last day in time; None where the month-end mode refuses one.

    Years and months are one step from the start, rounded once; weeks and days come after (S4).

    Args:
        start: the day that is not counted.
        span: the limit, in the units it was written in.
        mode: `down`, `sticky`, `up` or `refuse`.
    """
    months = 12 * span.years + span.months
    day = months_later(start, months, mode) if months else start
    if day is None:
        return None
    return days_later(day, 7 * span.weeks + span.days)


def days_later(day: dt.date, days: int) -> dt.date:
    """Return the day so many days later, at most the last day that Python knows."""
    return dt.date.fromordinal(min(day.toordinal() + days, dt.date.max.toordinal()))


def due_date_before(start: dt.date, span: Span, mode: str) -> dt.date | None:
    """Return the due date of a limit counted backwards: "1 month before" the start (S6).

    One step back, with the same modes, rounded once; then the days.
    """
    months = 12 * span.years + span.months
    day = months_later(start, -months, mode) if months else start
    if day is None:
        return None
    return day - dt.timedelta(weeks=span.weeks, days=span.days)


def months_later(start: dt.date, months: int, mode: str) -> dt.date | None:
    """Return the day a number of months later, or earlier, in one step; None if refused (S4)."""
    years, month0 = divmod(start.month - 1 + months, 12)
    if start.year + years > dt.MAXYEAR:
        return dt.date.max
    end = _month_end(start.year + years, month0 + 1)
    if mode == "sticky" and start == _month_end(start.year, start.month):
        return end
    if start.day <= end.day:
        return end.replace(day=start.day)
    if mode == "refuse":
        return None
    return end + DAY if mode == "up" else end


def last_of_period(day: dt.date, every: str, year_starts: int) -> dt.date:
    """Return the last day of the week (from Monday), month, quarter, half-year or year of a day.

    Years begin in the month `year_starts`, and quarters and half-years are counted from there (S30).
    """
    if every == "week":
        while day.isoweekday() < 7 and day < dt.date.max:
            day += DAY
        return day
    parts = {"month": 12, "quarter": 4, "half-year": 2, "year": 1}[every]
    lasts = {(year_starts - 2 + n * 12 // parts) % 12 + 1 for n in range(parts)}
    year, month = day.year, day.month
    while month not in lasts:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return dt.date.max if year > dt.MAXYEAR else _month_end(year, month)


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])
