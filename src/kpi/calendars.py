"""Working days: a country's public holidays as a maintained library dates them (S7, S24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from attrs import field, frozen

from kpi.errors import PlanError, Problem, listed, suggest

COUNTRIES = {
    "denmark": "DK",
    "germany": "DE",
    "netherlands": "NL",
    "sweden": "SE",
    "united kingdom": "GB",
}
"""Calendars by the name that plan files call them, with the country's code."""

_OPTIONAL = {
    "workers' day": "Workers' Day",
    "constitution day": "Constitution Day",
    "christmas eve": "Christmas Eve",
    "new year's eve": "New Year's Eve",
}
_FRIDAY = "friday after ascension"
OFF = (*_OPTIONAL, _FRIDAY)
"""Days that are off work in Denmark by custom or agreement, and working days unless named (S7)."""

_SATURDAY, _SUNDAY = 5, 6
_DAY = dt.timedelta(1)


def _name(value: object) -> str:
    if not isinstance(value, str) or value not in COUNTRIES:
        known = list(COUNTRIES)
        hint = suggest(value, known) if isinstance(value, str) else ""
        raise PlanError(f"unknown calendar {value!r}; accepted: {listed(known)}{hint}")
    return value


def _off(value: object) -> tuple[str, ...]:
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, Sequence):
        raise PlanError(f"found {value!r}; accepted: {listed(OFF)}")
    for day in found:
        if day not in OFF:
            raise PlanError(f"unknown day {day!r}; accepted: {listed(OFF)}{suggest(str(day), OFF)}")
    return tuple(found)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise PlanError([Problem(("saturdays",), f"found {value!r}; accepted: true or false")])
    return value


@frozen
class Calendar:
    """Which days are working days: Monday to Friday but for a country's public holidays.

    Attributes:
        name: the country.
        off: days of Denmark that are off besides (default: none).
        saturdays: whether Saturdays are working days.

    Raises:
        PlanError: naming what was found and what is accepted.
    """

    name: str = field(converter=_name)
    off: tuple[str, ...] = field(default=(), converter=_off)
    saturdays: bool = field(default=False, converter=_flag)

    def __attrs_post_init__(self) -> None:
        if self.off and self.name != "denmark":
            message = f"found days off with the calendar {self.name}; accepted: with denmark"
            raise PlanError([Problem(("off",), message)])

    def __str__(self) -> str:
        extra = [
            *(f"{day} off" for day in self.off),
            *(["Saturdays too"] if self.saturdays else []),
        ]
        return f"{self.name} ({listed(extra)})" if extra else self.name

    def data(self) -> Any:
        """The calendar as plan files write it."""
        if not self.off and not self.saturdays:
            return self.name
        off = {"off": list(self.off)} if self.off else {}
        return {"name": self.name} | off | ({"saturdays": True} if self.saturdays else {})

    def working_days(self, first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
        """The working days from one day to another, both included.

        Raises:
            PlanError: where the library does not cover one of the years.
        """
        if last < first:
            return ()
        days = (first + n * _DAY for n in range((last - first).days + 1))
        off = frozenset(
            day for year in range(first.year, last.year + 1) for day in _holidays(self, year)
        )
        weekend = {_SUNDAY} if self.saturdays else {_SATURDAY, _SUNDAY}
        return tuple(day for day in days if day.weekday() not in weekend and day not in off)


@lru_cache(maxsize=256)
def _holidays(calendar: Calendar, year: int) -> frozenset[dt.date]:
    import holidays  # noqa: PLC0415 - only for plans that count working days

    country = getattr(holidays, COUNTRIES[calendar.name])
    if not country.start_year <= year <= country.end_year:
        raise PlanError(
            f"calendar {calendar.name}: {year} lies outside the years whose holidays are known "
            f"({country.start_year} to {country.end_year})"
        )
    found = dict(country(years=year, observed=True, language="en_US"))
    days = set(found)
    if wanted := {_OPTIONAL[name] for name in calendar.off if name in _OPTIONAL}:
        optional = country(years=year, categories=("optional",), language="en_US")
        days |= {day for day, name in optional.items() if set(name.split("; ")) & wanted}
    if _FRIDAY in calendar.off:
        days |= {day + _DAY for day, name in found.items() if "Ascension Day" in name}
    return frozenset(days)


def parse_calendar(value: object) -> Calendar:
    """A calendar out of its name, or of a mapping, as plan files write it.

    Raises:
        PlanError: naming what was found and what is accepted.
    """
    if isinstance(value, Calendar):
        return value
    if not isinstance(value, Mapping):
        return Calendar(value)
    keys = ("name", "off", "saturdays")
    problems = [
        Problem((key,), f"unknown key; accepted: {listed(keys)}{suggest(str(key), keys)}")
        for key in value
        if key not in keys
    ]
    if "name" not in value:
        problems.append(Problem(("name",), f"missing; accepted: {listed(list(COUNTRIES))}"))
    if problems:
        raise PlanError(problems)
    return Calendar(**value)
