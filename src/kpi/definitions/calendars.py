"""Calendars of working days: public holidays as a maintained library dates them (S7, S24)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from attrs import evolve, field, frozen

from kpi.definitions.countries import ACCEPTED, library, parse_country
from kpi.definitions.days_off import (
    Listed,
    among,
    beyond,
    in_words,
    named_days,
    names_of,
    parse_off,
    parse_worked,
    written,
)
from kpi.definitions.opening_hours import OpeningHours, parse_hours
from kpi.definitions.public_holidays import days_of, library_year, named_days_off, weekdays_off
from kpi.definitions.weekdays import WEEKDAYS, parse_weekend
from kpi.definitions.windows import Window, parse_window
from kpi.errors import PlanError, Problem, listed, suggest

KEYS = ("name", "region", "off", "worked", "covers", "saturdays", "weekend", "hours")
"""The keys of a calendar that is written as a mapping, where a name is not enough."""

_SATURDAY = 5
_USUAL = frozenset({5, 6})
"""The weekend of a calendar without a country: Saturday and Sunday, as `date.weekday` numbers them."""


def _region(value: object) -> str | tuple[str, ...] | None:
    if value is None or isinstance(value, str):
        return value
    regions = tuple(value) if isinstance(value, Sequence) else ()
    texts = all(isinstance(region, str) for region in regions)
    if not regions or not texts or len(set(regions)) < len(regions):
        accepted = "accepted: a text, or a list of different texts"
        raise PlanError([Problem(("region",), f"found {value!r}; {accepted}")])
    return regions if len(regions) > 1 else str(regions[0])


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
    """Calendar of working days: all but a country's weekends and public holidays (S7).

    Attributes:
        name: the country; None for a calendar of your own, whose days off are all in `off`.
        region: the part of the country whose public holidays count, by the library's name, such as
            "BE" for Berlin or "SCT" for Scotland, or several parts, in each of which a day is then
            to be worked; None for those of the whole country.
        off: further days off: dates, periods, days of every year, and of some countries days by
            name (default: none).
        worked: days that are worked although they would be off (default: none).
        saturdays: whether Saturdays are working days.
        weekend: the days of the week that are off, in place of the country's weekend, or of
            Saturday and Sunday; none if empty.
        covers: the window of a calendar of your own, within which every day off is in `off`; None
            for a country's calendar.
        hours: the opening hours by day of the week, within which working hours are counted (S35);
            a day off has none. None for a calendar of days alone.

    Raises:
        PlanError: naming what was found and what is accepted.
    """

    name: str | None = field(default=None, converter=parse_country)
    off: tuple[Listed, ...] = field(default=(), converter=parse_off)
    saturdays: bool = field(default=False, converter=_flag)
    region: str | tuple[str, ...] | None = field(default=None, converter=_region, kw_only=True)
    covers: Window | None = field(default=None, converter=_covers, kw_only=True)
    weekend: tuple[str, ...] | None = field(default=None, converter=parse_weekend, kw_only=True)
    worked: tuple[Listed, ...] = field(default=(), converter=parse_worked, kw_only=True)
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
        known = names_of(self.name)
        unknown = [day for day in self.off if isinstance(day, str) and day not in known]
        if unknown:
            message = (
                f"found {unknown[0]!r} with the calendar {self.name or 'of its own'}; accepted: "
                f"dates and periods{', and by name ' + listed(known) if known else ''}"
            )
            raise PlanError([Problem(("off",), message)])
        for key, days in (("off", self.off), ("worked", self.worked)):
            outside = beyond(days, self.covers) if self.covers is not None else []
            if outside:
                message = f"found {outside[0]}, which the calendar does not cover ({self.covers})"
                raise PlanError([Problem((key,), message)])
        both = [day for day in self.worked if day in self.off]
        if both:
            message = f"found {in_words(both[:1], 'in off too')[0]}; accepted: a day in one of them"
            raise PlanError([Problem(("worked",), message)])
        self._check_regions()
        self._check_hours()

    def _check_regions(self) -> None:
        if self.region is None:
            return
        known = () if self.name is None else library(self.name).subdivisions
        for region in self.regions:
            if region not in known:
                hint = suggest(str(region), known)
                accepted = f"accepted: {listed(known, most=20) or 'none for this calendar'}{hint}"
                message = f"unknown region {region!r}; {accepted}"
                raise PlanError([Problem(("region",), message)])

    def _check_hours(self) -> None:
        """Raise where Saturday or Sunday has hours and is always off.

        Other days may stand for each other, in `weekdays`.
        """
        named = () if self.hours is None or self.worked else self.hours.named()
        for day in ("saturday", "sunday"):
            if day in named and WEEKDAYS.index(day) in self.weekdays_off:
                message = f"found hours of a day off; accepted: beside a weekend without {day}"
                raise PlanError([Problem(("hours", day), message)])

    def __str__(self) -> str:
        region = listed([r for r in self.regions if r is not None])
        # All the days of a calendar of its own are its own: their number would say little.
        off = [day for day in self.off if self.name is not None or not isinstance(day, dt.date)]
        extra = [
            *([region] if region else []),
            *in_words(off, "off"),
            *in_words(self.worked, "worked"),
            *(["Saturdays too"] if self.saturdays else []),
            *([f"weekend: {listed(self.weekend) or 'none'}"] if self.weekend is not None else []),
            *([f"open {self.hours}"] if self.hours is not None else []),
        ]
        name = self.name if self.name is not None else "a calendar of its own"
        return f"{name} ({listed(extra)})" if extra else name

    def data(self) -> Any:
        """Return the calendar as plan files write it: a name, or a mapping."""
        data: dict[str, Any] = {"name": self.name} if self.name is not None else {}
        if self.region is not None:
            data["region"] = self.region if isinstance(self.region, str) else list(self.region)
        data |= {"off": written(self.off)} if self.off or self.name is None else {}
        data |= {"worked": written(self.worked)} if self.worked else {}
        data |= {"covers": self.covers.data()} if self.covers is not None else {}
        data |= {"saturdays": True} if self.saturdays else {}
        data |= {"weekend": list(self.weekend)} if self.weekend is not None else {}
        data |= {"hours": self.hours.data()} if self.hours is not None else {}
        return self.name if data.keys() == {"name"} else data

    @property
    def weekdays_off(self) -> frozenset[int]:
        """Days of the week that no week of the calendar works, numbered as `date.weekday` does."""
        if self.weekend is not None:
            return frozenset(WEEKDAYS.index(day) for day in self.weekend)
        usual = _USUAL if self.name is None else weekdays_off(self.name)
        return usual - {_SATURDAY} if self.saturdays else usual

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
        years = range(first.year, last.year + 1)
        days = list(chain.from_iterable(_working_days(self, year) for year in years))
        return tuple(days[bisect_left(days, first) : bisect_right(days, last)])

    @property
    def regions(self) -> tuple[str | None, ...]:
        """Parts of the country in each of which a working day is one; None is the whole."""
        return self.region if isinstance(self.region, tuple) else (self.region,)


@lru_cache(maxsize=1024)
def _working_days(calendar: Calendar, year: int) -> tuple[dt.date, ...]:
    off = _days_off(calendar, year)
    return tuple(day for day in days_of(year) if day not in off)


def _days_off(calendar: Calendar, year: int) -> set[dt.date]:
    """Return the days off in a year, those of weekends among them."""
    days = days_of(year)
    off: set[dt.date] = set()
    if calendar.name is None:
        off |= _weekends(calendar, days, ())
    else:
        named = named_days(calendar.name, calendar.off)
        for region in calendar.regions:
            known = library_year(calendar.name, region, year)
            off |= (known.holidays | _weekends(calendar, days, known.weekends)) - known.moved
            off |= named_days_off(calendar.name, region, named, year)
    return (off | among(days, calendar.off)) - among(days, calendar.worked)


def _weekends(
    calendar: Calendar, days: Iterable[dt.date], usual: Iterable[dt.date]
) -> set[dt.date]:
    """Return the days of a calendar's weekends, among days; the country's usual ones are given."""
    if calendar.weekend is not None or calendar.name is None:
        weekend = calendar.weekdays_off
        return {day for day in days if day.weekday() in weekend}
    return {day for day in usual if not (calendar.saturdays and day.weekday() == _SATURDAY)}


@lru_cache(maxsize=32)
def days_off_by_region(calendar: Calendar, first: int, last: int) -> dict[str, frozenset[dt.date]]:
    """Return the days off of each region of a calendar's country, weekends among them.

    Args:
        calendar: the calendar; one without a country has no regions.
        first: the first year.
        last: the last year, included.
    """
    if calendar.name is None:
        return {}
    since, through = calendar.coverage
    years = range(max(first, since.year), min(last, through.year) + 1)
    return {
        region: frozenset(
            day for year in years for day in _days_off(evolve(calendar, region=region), year)
        )
        for region in library(calendar.name).subdivisions
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
            raise PlanError(f"found None; accepted: {ACCEPTED}")
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
