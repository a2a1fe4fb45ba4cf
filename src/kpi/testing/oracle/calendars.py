"""Working days in Denmark, reckoned from Easter and not looked up (S7).

The engine takes its holidays from a library; these are worked out here, so that neither can hide
a mistake of the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from kpi.testing.oracle.dates import DAY

_SATURDAY, _SUNDAY = 5, 6
_LAST_GREAT_PRAYER_DAY = 2023


def working_days(
    since: dt.date, through: dt.date, *, off: Sequence[str] = (), saturdays: bool = False
) -> list[dt.date]:
    """The working days from one day to another, both included.

    Args:
        since: the first day.
        through: the last day.
        off: further days off, by name: "constitution day", "christmas eve", "new year's eve",
            "workers' day" or "friday after ascension".
        saturdays: whether Saturdays are working days.
    """
    days = (since + n * DAY for n in range((through - since).days + 1))
    return [day for day in days if is_working_day(day, off=off, saturdays=saturdays)]


def is_working_day(day: dt.date, *, off: Sequence[str] = (), saturdays: bool = False) -> bool:
    """Whether a day is a working day in Denmark; see `working_days`."""
    if day.weekday() == _SUNDAY or (day.weekday() == _SATURDAY and not saturdays):
        return False
    if day in set(_public_holidays(day.year)):
        return False
    return day not in {_day_off(name, day.year) for name in off}


def _public_holidays(year: int) -> Iterator[dt.date]:
    easter = easter_sunday(year)
    yield dt.date(year, 1, 1)
    # Maundy Thursday, Good Friday, Easter Sunday and Monday.
    yield from (easter + n * DAY for n in (-3, -2, 0, 1))
    if year <= _LAST_GREAT_PRAYER_DAY:
        # Store Bededag: the fourth Friday after Easter; the first is five days after it.
        yield easter + (5 + 3 * 7) * DAY
    yield _ascension(year)
    # Whitsun is seven weeks after Easter.
    yield from (easter + n * DAY for n in (49, 50))
    yield from (dt.date(year, 12, day) for day in (25, 26))


def _ascension(year: int) -> dt.date:
    """Ascension: the sixth Thursday after Easter, its fortieth day."""
    return easter_sunday(year) + 39 * DAY


def _day_off(name: str, year: int) -> dt.date:
    days = {
        "workers' day": dt.date(year, 5, 1),
        "constitution day": dt.date(year, 6, 5),
        "christmas eve": dt.date(year, 12, 24),
        "new year's eve": dt.date(year, 12, 31),
        "friday after ascension": _ascension(year) + DAY,
    }
    return days[name]


def easter_sunday(year: int) -> dt.date:
    """Easter Sunday: the Sunday after the first ecclesiastical full moon of spring.

    By the lunar cycle of nineteen years and the Gregorian corrections of its epact.
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
