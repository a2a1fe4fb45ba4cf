"""Working days, counted one by one in the calendar that a plan names (S7, S8)."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

from kpi.definitions.plan import Plan
from kpi.testing.oracle.dates import DAY, end_of, first_day
from kpi.testing.oracle.days_off import day_off, public_holidays

if TYPE_CHECKING:
    # For the type alone: a calendar also counts, for the engine.
    from kpi.definitions.calendars import Calendar

_SATURDAY, _SUNDAY = 5, 6
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def calendar_of(target: Any, plan: Plan) -> Calendar:
    """Return the calendar of a target's working days: its own, or the plan's (S7)."""
    own: Calendar | None = getattr(target, "calendar", None)
    return own if own is not None else plan.calendar


def covers(calendar: Calendar, day: dt.date) -> bool:
    """Return whether a calendar covers a day: only then is it known whether the day counts."""
    since, through = _coverage(calendar)
    return since <= day <= through


@cache
def _coverage(calendar: Calendar) -> tuple[dt.date, dt.date]:
    if calendar.covers is None:
        return calendar.coverage
    since = first_day(calendar.covers)
    assert since is not None, "the days that a calendar of its own covers have both ends"
    return since, end_of(calendar.covers)


def is_working_day(day: dt.date, calendar: Calendar) -> bool:
    """Return whether a day is a working day.

    Raises:
        NotImplementedError: for a country, or a part of one, whose holidays are not worked out.
    """
    if calendar.region is not None:
        raise NotImplementedError(f"the oracle knows no calendar of {calendar.region}")
    if calendar.weekend is not None:
        if _WEEK[day.weekday()] in calendar.weekend:
            return False
    elif day.weekday() == _SUNDAY or (day.weekday() == _SATURDAY and not calendar.saturdays):
        return False
    if calendar.name is not None and day in public_holidays(calendar.name, day.year):
        return False
    off = (day_off(entry, day.year) if isinstance(entry, str) else entry for entry in calendar.off)
    return day not in off


def working_days(since: dt.date, through: dt.date, calendar: Calendar) -> list[dt.date]:
    """Return the working days from one day to another, both included."""
    days = (since + n * DAY for n in range((through - since).days + 1))
    return [day for day in days if is_working_day(day, calendar)]


def working_day_after(start: dt.date, number: int, calendar: Calendar) -> dt.date | None:
    """Return the `number`-th working day after a day, or that day itself for 0 (S7).

    None where the calendar does not cover a day from the one after the start to the result.
    """
    return _stepped(start, number, calendar, DAY)


def working_day_before(start: dt.date, number: int, calendar: Calendar) -> dt.date | None:
    """Return the `number`-th working day before a day, or that day itself for 0 (S6, S7).

    None where the calendar does not cover a day from the result to the one before the start.
    """
    return _stepped(start, number, calendar, -DAY)


def _stepped(start: dt.date, number: int, calendar: Calendar, step: dt.timedelta) -> dt.date | None:
    day, left = start, number
    while left > 0:
        day += step
        if not covers(calendar, day):
            return None
        left -= is_working_day(day, calendar)
    return day


def next_working_day(day: dt.date, calendar: Calendar) -> dt.date | None:
    """Return a day, or the next working day where the day is none (S8).

    None where the calendar does not cover a day from the first to the result.
    """
    while covers(calendar, day):
        if is_working_day(day, calendar):
            return day
        day += DAY
    return None
