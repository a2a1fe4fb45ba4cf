"""Calendars of working days: public holidays as a maintained library dates them (S7, S24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from attrs import evolve, field, frozen

from kpi.definitions.countries import COUNTRIES, library, parse_country
from kpi.definitions.days_off import listed_off, parse_off
from kpi.definitions.opening_hours import OpeningHours, parse_hours
from kpi.definitions.weekdays import WEEKDAYS, parse_weekend
from kpi.definitions.windows import Window, parse_window
from kpi.errors import PlanError, Problem, listed, suggest

KEYS = ("name", "region", "off", "covers", "saturdays", "weekend", "hours")
"""The keys of a calendar that is written as a mapping, where a name is not enough."""

_DAY = dt.timedelta(1)


def _region(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise PlanError([Problem(("region",), f"found {value!r}; accepted: a text")])
    return value


def _covers(value: object) -> Window | None:
    if value is None:
        return None
    try:
        window = parse_window(value)
    except PlanError as error:
        raise PlanError(error.within("covers")) from None
    if window.first is None or window.stop is None:
        message = f"found a window {window}; accepted: one with both ends"
        raise PlanError([Problem(("covers",), message)])
    return window


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise PlanError([Problem(("saturdays",), f"found {value!r}; accepted: true or false")])
    return value


@frozen
class Calendar:
    """Calendar of working days: those of the week but for a country's public holidays (S7).

    Attributes:
        name: the country; None for a calendar of your own, whose days off are all in `off`.
        region: the part of the country whose public holidays count, by the library's name, such as
            "BE" for Berlin or "SCT" for Scotland; None for those of the whole country.
        off: further days off: dates, and of Denmark days by name (default: none).
        saturdays: whether Saturdays are working days.
        weekend: the days of the week that are off, in place of Saturday and Sunday; none if empty.
        covers: the window of a calendar of your own, within which every day off is in `off`; None
            for a country's calendar.
        hours: the opening hours by day of the week, within which working hours are counted (S35);
            a day off has none. None for a calendar of days alone.

    Raises:
        PlanError: naming what was found and what is accepted.
    """

    name: str | None = field(default=None, converter=parse_country)
    off: tuple[str | dt.date, ...] = field(default=(), converter=parse_off)
    saturdays: bool = field(default=False, converter=_flag)
    region: str | None = field(default=None, converter=_region, kw_only=True)
    covers: Window | None = field(default=None, converter=_covers, kw_only=True)
    weekend: tuple[str, ...] | None = field(default=None, converter=parse_weekend, kw_only=True)
    hours: OpeningHours | None = field(default=None, converter=parse_hours, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.saturdays and self.weekend is not None:
            message = "found true beside weekend; accepted: a weekend without saturday"
            raise PlanError([Problem(("saturdays",), message)])
        if (self.name is None) != (self.covers is not None):
            message = (
                "missing; accepted: the days that a calendar without a name knows, such as '2024'"
                if self.name is None
                else f"found {self.covers} with the calendar {self.name}, which knows its own days; "
                "accepted: for a calendar without a name"
            )
            raise PlanError([Problem(("covers",), message)])
        named = [day for day in self.off if isinstance(day, str)]
        if named and self.name != "denmark":
            message = f"found {named[0]!r} with the calendar {self.name or 'of its own'}; accepted: dates, or denmark"
            raise PlanError([Problem(("off",), message)])
        beyond = [
            day
            for day in self.off
            if self.covers is not None and isinstance(day, dt.date) and day not in self.covers
        ]
        if beyond:
            message = f"found {beyond[0]}, which the calendar does not cover ({self.covers})"
            raise PlanError([Problem(("off",), message)])
        if self.region is not None:
            regions = () if self.name is None else library(self.name).subdivisions
            if self.region not in regions:
                hint = suggest(self.region, regions)
                accepted = f"accepted: {listed(regions, most=20) or 'none for this calendar'}{hint}"
                message = f"unknown region {self.region!r}; {accepted}"
                raise PlanError([Problem(("region",), message)])
        self._check_hours()

    def _check_hours(self) -> None:
        """Raise where Saturday or Sunday has hours and is always off.

        Other days may stand for each other, in `weekdays`.
        """
        named = () if self.hours is None else self.hours.named()
        for day in ("saturday", "sunday"):
            if day in named and WEEKDAYS.index(day) in self.weekdays_off:
                message = f"found hours of a day off; accepted: beside a weekend without {day}"
                raise PlanError([Problem(("hours", day), message)])

    def __str__(self) -> str:
        named = [f"{day} off" for day in self.off if isinstance(day, str)]
        dated = [day for day in self.off if isinstance(day, dt.date)]
        if dated and self.name is not None:
            named.append(f"{len(dated)} dates off" if len(dated) > 1 else f"{dated[0]} off")
        extra = [
            *([self.region] if self.region is not None else []),
            *named,
            *(["Saturdays too"] if self.saturdays else []),
            *([f"weekend: {listed(self.weekend) or 'none'}"] if self.weekend is not None else []),
            *([f"open {self.hours}"] if self.hours is not None else []),
        ]
        name = self.name if self.name is not None else "a calendar of its own"
        return f"{name} ({listed(extra)})" if extra else name

    def data(self) -> Any:
        """Return the calendar as plan files write it: a name, or a mapping."""
        data: dict[str, Any] = {"name": self.name} if self.name is not None else {}
        data |= {"region": self.region} if self.region is not None else {}
        data |= {"off": list(self.off)} if self.off or self.name is None else {}
        data |= {"covers": self.covers.data()} if self.covers is not None else {}
        data |= {"saturdays": True} if self.saturdays else {}
        data |= {"weekend": list(self.weekend)} if self.weekend is not None else {}
        data |= {"hours": self.hours.data()} if self.hours is not None else {}
        return self.name if data.keys() == {"name"} else data

    @property
    def weekdays_off(self) -> frozenset[int]:
        """Days of the week that are off, numbered as `date.weekday` does."""
        if self.weekend is not None:
            return frozenset(WEEKDAYS.index(day) for day in self.weekend)
        return frozenset({6} if self.saturdays else {5, 6})

    @property
    def coverage(self) -> tuple[dt.date, dt.date]:
        """First and last day of which the calendar tells whether they are working days."""
        if self.covers is not None:
            return self.covers.closed
        assert self.name is not None, "without coverage of its own it has a name"
        country = library(self.name)
        return dt.date(country.start_year, 1, 1), dt.date(country.end_year, 12, 31)

    def working_days(self, first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
        """Return the working days from `first` to `last`, both included (S7).

        Raises:
            PlanError: where the calendar does not cover one of the days.
        """
        if last < first:
            return ()
        since, through = self.coverage
        if first < since or last > through:
            raise PlanError(
                f"calendar {self}: {first} to {last} does not lie within the days whose holidays "
                f"are known ({since} to {through})"
            )
        days = (first + n * _DAY for n in range((last - first).days + 1))
        off = frozenset(
            day for year in range(first.year, last.year + 1) for day in _days_off(self, year)
        )
        weekend = self.weekdays_off
        return tuple(day for day in days if day.weekday() not in weekend and day not in off)


@lru_cache(maxsize=1024)
def _days_off(calendar: Calendar, year: int) -> frozenset[dt.date]:
    return frozenset(listed_off(calendar, year))


def days_off_by_region(calendar: Calendar, first: int, last: int) -> dict[str, frozenset[dt.date]]:
    """Return the days off, but for weekends, of each region of a calendar's country.

    Args:
        calendar: the calendar; one without a country has no regions.
        first: the first year.
        last: the last year, included.
    """
    if calendar.name is None:
        return {}
    regions = [evolve(calendar, region=region) for region in library(calendar.name).subdivisions]
    since, through = calendar.coverage
    years = range(max(first, since.year), min(last, through.year) + 1)
    weekend = calendar.weekdays_off
    return {
        str(regional.region): frozenset(
            day
            for year in years
            for day in _days_off(regional, year)
            if day.weekday() not in weekend
        )
        for regional in regions
    }


def parse_calendar(value: object) -> Calendar:
    """Parse a calendar from its name or from a mapping, as plan files write it.

    Raises:
        PlanError: naming what was found and what is accepted.
    """
    if isinstance(value, Calendar):
        return value
    if not isinstance(value, Mapping):
        if value is None:
            raise PlanError(f"found None; accepted: {listed(list(COUNTRIES))}")
        return Calendar(value)
    problems = [
        Problem((key,), f"unknown key; accepted: {listed(KEYS)}{suggest(str(key), KEYS)}")
        for key in value
        if key not in KEYS
    ]
    if problems:
        raise PlanError(problems)
    return Calendar(**value)


def optional_calendar(value: object) -> Calendar | None:
    """Parse a calendar as `parse_calendar` does; None stays None."""
    return None if value is None else parse_calendar(value)
