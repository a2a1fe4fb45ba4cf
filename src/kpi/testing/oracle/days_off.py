"""Public holidays of countries, reckoned from Easter and not looked up (S7).

The engine takes its holidays from a library; the oracle works them out, so that neither can hide
a mistake of the other. The rules here are right from 2000; Denmark's, from 1970.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache

from kpi.testing.oracle.dates import DAY

_SATURDAY, _SUNDAY = 5, 6
_LAST_GREAT_PRAYER_DAY = 2023
_FIRST_KINGS_DAY = 2014
_FIRST_NATIONAL_DAY = 2005


def knows(country: str, year: int) -> bool:
    """Return whether the public holidays of a whole country are reckoned here for a year."""
    return country in _HOLIDAYS and year >= _FROM.get(country, 2000)


def public_holidays(country: str, year: int) -> frozenset[dt.date]:
    """Return the public holidays of a country in a year, those on Sundays among them.

    Args:
        country: the name of the country in plans.
        year: the year.

    Raises:
        NotImplementedError: for a country whose holidays no simple rule gives: the United Kingdom
            has substitute days, and holidays of one year alone.
    """
    if country not in _HOLIDAYS:
        raise NotImplementedError(f"the oracle knows no calendar of {country}")
    return _holidays(country, year)


@cache
def _holidays(country: str, year: int) -> frozenset[dt.date]:
    return frozenset(_HOLIDAYS[country](year))


def _denmark(year: int) -> Iterator[dt.date]:
    easter = easter_sunday(year)
    yield dt.date(year, 1, 1)
    # Maundy Thursday, Good Friday, Easter Sunday and Monday.
    yield from (easter + n * DAY for n in (-3, -2, 0, 1))
    if year <= _LAST_GREAT_PRAYER_DAY:
        # Store Bededag: the fourth Friday after Easter; the first is five days after it.
        yield easter + (5 + 3 * 7) * DAY
    yield ascension(year)
    yield from _whitsun(year)
    yield from _christmas(year)


def _germany(year: int) -> Iterator[dt.date]:
    """Yield the holidays of the whole country; each state has others beside them."""
    yield from (dt.date(year, 1, 1), dt.date(year, 5, 1), dt.date(year, 10, 3))
    yield from _good_friday_and_easter_monday(year)
    yield ascension(year)
    yield _whit_monday(year)
    if year == 2017:
        # The Reformation was five hundred years old.
        yield dt.date(year, 10, 31)
    yield from _christmas(year)


def _netherlands(year: int) -> Iterator[dt.date]:
    yield dt.date(year, 1, 1)
    yield from _good_friday_to_easter_monday(year)
    # The monarch's birthday as it is kept, a day earlier where it is a Sunday.
    monarch = dt.date(year, 4, 27 if year >= _FIRST_KINGS_DAY else 30)
    yield monarch - DAY if monarch.weekday() == _SUNDAY else monarch
    if year % 5 == 0:
        # Liberation Day is a day off in every fifth year.
        yield dt.date(year, 5, 5)
    yield ascension(year)
    yield from _whitsun(year)
    yield from _christmas(year)


def _sweden(year: int) -> Iterator[dt.date]:
    """Yield the holidays of Sweden's law on holidays; eves are not among them."""
    yield from (dt.date(year, 1, 1), dt.date(year, 1, 6), dt.date(year, 5, 1))
    yield from _good_friday_to_easter_monday(year)
    yield ascension(year)
    yield _whit_sunday(year)
    # The national day took the place of Whit Monday.
    yield dt.date(year, 6, 6) if year >= _FIRST_NATIONAL_DAY else _whit_monday(year)
    # Midsummer and All Saints': the Saturdays from 20 June and from 31 October.
    for first in (dt.date(year, 6, 20), dt.date(year, 10, 31)):
        yield first + (_SATURDAY - first.weekday()) % 7 * DAY
    yield from _christmas(year)


def _european_central_bank(year: int) -> Iterator[dt.date]:
    """Yield the closing days of the bank's payment system."""
    yield from (dt.date(year, 1, 1), dt.date(year, 5, 1))
    yield from _good_friday_and_easter_monday(year)
    yield from _christmas(year)
    if year == 2001:
        # The day before the notes and coins.
        yield dt.date(year, 12, 31)


_HOLIDAYS: dict[str, Callable[[int], Iterator[dt.date]]] = {
    "denmark": _denmark,
    "european central bank": _european_central_bank,
    "germany": _germany,
    "netherlands": _netherlands,
    "sweden": _sweden,
}
_FROM = {"denmark": 1970}
"""The first year for which the rules of a country are right, where that is not 2000."""


@cache
def day_off(country: str, name: str, year: int) -> dt.date:
    """Return a day off by law, custom or agreement, by the name that it has in plans.

    Args:
        country: the name of the country in plans.
        name: the name of the day.
        year: the year.
    """
    days = {
        "workers' day": dt.date(year, 5, 1),
        "constitution day": dt.date(year, 6, 5),
        "christmas eve": dt.date(year, 12, 24),
        "new year's eve": dt.date(year, 12, 31),
        "friday after ascension": ascension(year) + DAY,
        "liberation day": dt.date(year, 5, 5),
        # The Friday from 19 June, before the Saturday that is Midsummer Day.
        "midsummer eve": dt.date(year, 6, 19) + (4 - dt.date(year, 6, 19).weekday()) % 7 * DAY,
    }
    assert name in STATUTORY.get(country, _DANISH), f"{country} has no {name}"
    return days[name]


_DANISH = (
    "workers' day",
    "constitution day",
    "christmas eve",
    "new year's eve",
    "friday after ascension",
)
STATUTORY = {
    "netherlands": ("liberation day",),
    "sweden": ("midsummer eve", "christmas eve", "new year's eve"),
}
"""The days that a country's law on time limits adds to the public holidays."""


def _good_friday_and_easter_monday(year: int) -> Iterator[dt.date]:
    yield from (easter_sunday(year) + n * DAY for n in (-2, 1))


def _good_friday_to_easter_monday(year: int) -> Iterator[dt.date]:
    yield from (easter_sunday(year) + n * DAY for n in (-2, 0, 1))


def ascension(year: int) -> dt.date:
    """Return Ascension Day: the sixth Thursday after Easter, its fortieth day."""
    return easter_sunday(year) + 39 * DAY


def _whitsun(year: int) -> Iterator[dt.date]:
    yield from (_whit_sunday(year), _whit_monday(year))


def _whit_sunday(year: int) -> dt.date:
    """Return Whit Sunday: seven weeks after Easter."""
    return easter_sunday(year) + 7 * 7 * DAY


def _whit_monday(year: int) -> dt.date:
    """Return Whit Monday: the day after Whit Sunday."""
    return _whit_sunday(year) + DAY


def _christmas(year: int) -> Iterator[dt.date]:
    yield from (dt.date(year, 12, day) for day in (25, 26))


def easter_sunday(year: int) -> dt.date:
    """Return Easter Sunday: the Sunday after the first ecclesiastical full moon of spring.

    Computed by the lunar cycle of nineteen years and the Gregorian corrections of its epact.
    """
    golden = year % 19 + 1
    century = year // 100 + 1
    dropped_leap_days = 3 * century // 4 - 12
    moon = (8 * century + 5) // 25 - 5
    epact = (11 * golden + 20 + moon - dropped_leap_days) % 30
    if epact == 24 or (epact == 25 and golden > 11):
        epact += 1
    # The full moon as a day counted from 1 March, on 21 March or later.
    full_moon = 44 - epact
    if full_moon < 21:
        full_moon += 30
    day = dt.date(year, 3, 1) + (full_moon - 1) * DAY
    return day + (7 - (day.weekday() + 1) % 7) * DAY
