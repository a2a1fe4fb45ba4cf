"""Working days, counted one by one in the calendar that a plan names (S7, S8)."""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from kpi.definitions.plan import Plan
from kpi.definitions.windows import Window
from kpi.testing.oracle.dates import DAY, end_of, first_day
from kpi.testing.oracle.days_off import STATUTORY, day_off, knows, public_holidays
from kpi.testing.oracle.looked_up import is_holiday, is_moved, works

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
    """Return whether a day is a working day: one in every named part of the country."""
    if any(_lists(entry, day, calendar) for entry in calendar.worked):
        return True
    if any(_lists(entry, day, calendar) for entry in calendar.off):
        return False
    if calendar.name is None:
        return not _in_weekend(day, calendar)
    regions = calendar.region if isinstance(calendar.region, tuple) else [calendar.region]
    return all(_works_in(region, day, calendar) for region in regions)


def _works_in(region: str | None, day: dt.date, calendar: Calendar) -> bool:
    country = calendar.name
    assert country is not None, "a calendar of its own has no regions"
    if region is None and knows(country, day.year):
        return not _in_weekend(day, calendar) and day not in public_holidays(country, day.year)
    if calendar.weekend is None and (day.weekday() != _SATURDAY or not calendar.saturdays):
        return works(day, country, region)
    if is_moved(day, country, region):
        return True
    return not _in_weekend(day, calendar) and not is_holiday(day, country, region)


def _in_weekend(day: dt.date, calendar: Calendar) -> bool:
    if calendar.weekend is not None:
        return _WEEK[day.weekday()] in calendar.weekend
    return day.weekday() == _SUNDAY or (day.weekday() == _SATURDAY and not calendar.saturdays)


def _lists(entry: object, day: dt.date, calendar: Calendar) -> bool:
    """Return whether an entry of a list of days is, or has, a day."""
    if isinstance(entry, dt.date):
        return day == entry
    if isinstance(entry, Window):
        first = first_day(entry)
        return first is not None and first <= day <= end_of(entry)
    country = calendar.name or ""
    if entry == "statutory days":
        return any(day == day_off(country, name, day.year) for name in STATUTORY[country])
    if isinstance(entry, str):
        return day == day_off(country, entry, day.year)
    return (day.month, day.day) in _every_year(entry)


@cache
def _every_year(days: Any) -> frozenset[tuple[int, int]]:
    """Return the months and days from one through another, round the days of a leap year."""
    leap = [dt.date(2024, 1, 1) + n * DAY for n in range(366)]
    ends = [end.split("-") for end in (days.since, days.through)]
    first, last = (leap.index(dt.date(2024, int(month), int(day))) for month, day in ends)
    turn = range(first, last + 1) if first <= last else range(first, last + 366 + 1)
    return frozenset((leap[n % 366].month, leap[n % 366].day) for n in turn)


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


@lru_cache(maxsize=2**16)
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
