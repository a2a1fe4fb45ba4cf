"""Days off beside the weekends: public holidays of the library, days by name, dates (S7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kpi.definitions.countries import library
from kpi.errors import PlanError, Problem, listed, suggest

if TYPE_CHECKING:
    from kpi.definitions.calendars import Calendar

_OPTIONAL = {
    "workers' day": "Workers' Day",
    "constitution day": "Constitution Day",
    "christmas eve": "Christmas Eve",
    "new year's eve": "New Year's Eve",
}
_FRIDAY = "friday after ascension"
OFF = (*_OPTIONAL, _FRIDAY)
"""Days off by custom or agreement in Denmark, which are working days unless named (S7)."""
_DAY = dt.timedelta(1)


def parse_off(value: object) -> tuple[str | dt.date, ...]:
    """Parse further days off, as plan files write them.

    Raises:
        PlanError: naming what was found and what is accepted.
    """
    given = (value,) if isinstance(value, str | dt.date) else value
    accepted = f"accepted: dates such as 2024-12-24, and of Denmark {listed(OFF)}"
    if not isinstance(given, Sequence):
        raise PlanError([Problem(("off",), f"found {value!r}; {accepted}")])
    days: list[str | dt.date] = []
    for day in given:
        if isinstance(day, dt.datetime) or not isinstance(day, str | dt.date):
            raise PlanError([Problem(("off",), f"found {day!r}; {accepted}")])
        if isinstance(day, str) and day not in OFF:
            try:
                days.append(dt.date.fromisoformat(day))
            except ValueError:
                message = f"unknown day {day!r}; {accepted}{suggest(day, OFF)}"
                raise PlanError([Problem(("off",), message)]) from None
        else:
            days.append(day)
    return tuple(days)


def listed_off(calendar: Calendar, year: int) -> Iterator[dt.date]:
    """Yield the days off of a calendar in a year, but for its weekends."""
    yield from (d for d in calendar.off if isinstance(d, dt.date) and d.year == year)
    if calendar.name is None:
        return
    country = library(calendar.name)
    options: dict[str, Any] = {"language": "en_US"}
    if calendar.region is not None:
        options["subdiv"] = calendar.region
    public = dict(country(years=year, observed=True, **options))
    yield from public
    if wanted := {_OPTIONAL[d] for d in calendar.off if isinstance(d, str) and d in _OPTIONAL}:
        optional = country(years=year, categories=("optional",), **options)
        yield from (day for day, name in optional.items() if set(name.split("; ")) & wanted)
    if _FRIDAY in calendar.off:
        yield from (day + _DAY for day, name in public.items() if "Ascension Day" in name)
