"""Working days of countries that no simple rule gives, asked of the library day by day (S7).

The engine takes a year at once from the library, by names of its own: the holidays, the weekends
and the days moved onto them. Here the library is asked of each day whether it is worked, of a
country that is looked for by letters alone. What the library has wrong, both have wrong.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any


def works(day: dt.date, country: str, region: str | None) -> bool:
    """Return whether a day is a working day of a country, or of a part of it."""
    known = _known(country, region)
    # Asked first, as the library learns of a year, and of the days moved in it, by that.
    _ = day in known
    return bool(known.is_working_day(day))


def is_holiday(day: dt.date, country: str, region: str | None) -> bool:
    """Return whether a day is a public holiday, whatever the day of the week."""
    return day in _known(country, region)


def is_moved(day: dt.date, country: str, region: str | None) -> bool:
    """Return whether a day of a weekend is worked, as another day is off instead."""
    known = _known(country, region)
    _ = day in known
    return day in known.weekend_workdays


@cache
def _known(country: str, region: str | None) -> Any:
    import holidays  # noqa: PLC0415 - only for plans of such countries

    letters = country.replace(" ", "")
    name = next(n for n in vars(holidays) if n.lower() == letters and n != letters)
    return getattr(holidays, name)(subdiv=region)
