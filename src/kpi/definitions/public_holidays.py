"""Days off of a year as a maintained library dates them: public holidays and weekends (S7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any, NamedTuple

from kpi.definitions.countries import library
from kpi.definitions.days_off import FRIDAY, NAMED

_DAY = dt.timedelta(1)
_RECENT = (2000, 2030)
"""Years among which a country that works days of weekends for others does so at least once."""


class Year(NamedTuple):
    """Year of a country, or of a part of one: days off, and days worked in their place.

    Attributes:
        holidays: the public holidays, and the days on which they are kept instead.
        weekends: the days of the country's weekends.
        moved: the days of weekends that are worked, as another day is off instead.
    """

    holidays: frozenset[dt.date]
    weekends: frozenset[dt.date]
    moved: frozenset[dt.date]


@lru_cache(maxsize=1024)
def days_of(year: int) -> tuple[dt.date, ...]:
    """Return every day of a year."""
    first, last = (dt.date(year, *day).toordinal() for day in ((1, 1), (12, 31)))
    return tuple(map(dt.date.fromordinal, range(first, last + 1)))


@lru_cache(maxsize=2048)
def library_year(name: str, region: str | None, year: int) -> Year:
    """Return the days off in a year of a country, or of a part of it, by its name in plan files."""
    country = _of_year(name, region, year)
    days, weekend = days_of(year), frozenset(country.weekend)
    return Year(
        holidays=frozenset(country),
        weekends=frozenset(
            filter(country.is_weekend, days)
            if _weekends_change(type(country))
            else (day for day in days if day.weekday() in weekend)
        ),
        moved=frozenset(day for day in country.weekend_workdays if day.year == year),
    )


@cache
def weekdays_off(name: str) -> frozenset[int]:
    """Return the days of the week that no week of a country works, numbered as `date.weekday` does.

    There are none where the weekends have changed, or where days of them are worked for others.
    """
    country = library(name)(years=())
    since, through = max(country.start_year, _RECENT[0]), min(country.end_year, _RECENT[1])
    years = (library_year(name, None, year) for year in range(since, through + 1))
    if _weekends_change(type(country)) or any(year.moved for year in years):
        return frozenset()
    return frozenset(country.weekend)


def _weekends_change(country: type) -> bool:
    """Return whether a class of the library has weekends of its own for some years or regions.

    Only then is each day asked for, as that takes longer than all the rest.
    """
    return sum("_get_weekend" in vars(cls) for cls in country.__mro__) != 1


def named_days_off(
    name: str, region: str | None, days: Collection[str], year: int
) -> frozenset[dt.date]:
    """Return the days of a year that a country has by name.

    Args:
        name: the name of the country in plan files.
        region: the part of the country; None for the whole.
        days: the names of the days, all among those of the country.
        year: the year.
    """
    off: set[dt.date] = set()
    for day in days:
        category, title = NAMED[name][day]
        known = _of_year(name, region, year, categories=(category,))
        dates = (date for date, titles in known.items() if title in titles.split("; "))
        off |= {date + _DAY if day == FRIDAY else date for date in dates}
    return frozenset(off)


def _of_year(name: str, region: str | None, year: int, **more: Any) -> Any:
    if region is not None:
        more["subdiv"] = region
    return library(name)(years=year, observed=True, language="en_US", **more)
