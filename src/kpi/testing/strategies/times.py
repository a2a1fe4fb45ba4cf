"""Forms of a column of days: dates, wall-clock times, or instants in UTC (S1)."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from functools import cache

from attrs import frozen
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kpi.testing.strategies.days import DAY

_TIMES = st.sampled_from(
    (
        dt.time(0),
        dt.time(12),
        dt.time(23, 59, 59, 999_999),
        dt.time(0, 30),
        dt.time(22, 30),
    )
)
_ONE_IN_FIVE = st.sampled_from((False,) * 4 + (True,))
_MINUTE = dt.timedelta(minutes=1)


@frozen
class Form:
    """The form in which a column writes its days.

    Attributes:
        zone: the time zone of the days.
        name: `date`, `wall clock` or `instant`.
    """

    zone: str
    name: str

    def of_day(self, draw: DrawFn, day: dt.date) -> object:
        """Return a cell for a day; of wall-clock times, some were skipped or occur twice."""
        if self.name == "date":
            return day
        if self.name == "wall clock":
            odd = odd_times(self.zone, day.year)
            # An odd time of that day, where it has one, so that the day decides.
            of_day = [time for time in odd if time.date() == day]
            is_odd = draw(_ONE_IN_FIVE) if odd else False
            if is_odd or (of_day and draw(_ONE_IN_FIVE)):
                cell: object = draw(st.sampled_from(of_day or odd))
                return cell
            return dt.datetime.combine(day, draw(_TIMES))
        wall = dt.datetime.combine(day, draw(_TIMES), tzinfo=zoneinfo.ZoneInfo(self.zone))
        return wall.astimezone(dt.UTC)

    def of_instant(self, instant: dt.datetime) -> object:
        """Return a cell for an instant; a wall clock does not tell a repeated hour's two apart."""
        if self.name == "instant":
            return instant
        wall = instant.astimezone(zoneinfo.ZoneInfo(self.zone)).replace(tzinfo=None, fold=0)
        return wall.date() if self.name == "date" else wall


def never_or_first(draw: DrawFn, form: Form, *, never: bool) -> object:
    """Draw a cell of 9999-12-31, for "never" in many systems, or 1900-01-01, for "unknown" (S1).

    Args:
        draw: given by Hypothesis.
        form: the form in which the column writes its days.
        never: whether the cell may be 9999-12-31, and not only 1900-01-01.
    """
    day = draw(st.sampled_from((NEVER, NEVER, UNKNOWN))) if never else UNKNOWN
    if form.name == "date":
        return day
    time = draw(st.sampled_from((dt.time(0), dt.time(0), dt.time(23, 59, 59), dt.time.max)))
    zone = dt.UTC if form.name == "instant" else None
    return dt.datetime.combine(day, time, tzinfo=zone)


NEVER, UNKNOWN = dt.date(9999, 12, 31), dt.date(1900, 1, 1)


def is_never_or_first(day: dt.date) -> bool:
    """Return whether a day is one of those two sentinels, or beside one in another zone."""
    return not UNKNOWN.year < day.year < NEVER.year


FORMS = ("date", "wall clock", "instant")
TO_THE_MINUTE = ("wall clock", "instant")
"""The forms of a column that is read to the minute (S3)."""


def near_a_turn(draw: DrawFn, zone: str, year: int) -> dt.datetime | None:
    """Draw an instant within two hours of a change of a zone's clocks; None without a change."""
    turns = _turns(zone, year)
    if not turns:
        return None
    minutes = draw(st.sampled_from((-1, 0, -30, -90, 30)))
    return draw(st.sampled_from(turns)) + minutes * _MINUTE


@cache
def odd_times(zone: str, year: int) -> tuple[dt.datetime, ...]:
    """Return the local times of a year that a zone's clocks skipped, or showed twice (S1)."""
    place = zoneinfo.ZoneInfo(zone)
    times: list[dt.datetime] = []
    for turn in _turns(zone, year):
        # The times between the two offsets, whichever is ahead: the first and the middle one.
        offsets = (_offset(place, turn - _MINUTE), _offset(place, turn))
        first, last = (turn.replace(tzinfo=None) + offset for offset in sorted(offsets))
        times += [first, first + (last - first) / 2]
    return tuple(times)


@cache
def _turns(zone: str, year: int) -> tuple[dt.datetime, ...]:
    """Return the instants of a year at which a zone's offset changes."""
    return tuple(_find_turns(zoneinfo.ZoneInfo(zone), year))


def _find_turns(place: zoneinfo.ZoneInfo, year: int) -> Iterator[dt.datetime]:
    day = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    while day.year == year:
        if _offset(place, day) != _offset(place, day + DAY):
            yield _turn(place, day)
        day += DAY


def _offset(place: zoneinfo.ZoneInfo, instant: dt.datetime) -> dt.timedelta:
    offset = instant.astimezone(place).utcoffset()
    assert offset is not None, "a time in a zone has an offset"
    return offset


def _turn(place: zoneinfo.ZoneInfo, day: dt.datetime) -> dt.datetime:
    """Return the minute, within a day of `day`, at which the zone's offset changes."""
    low, high = 0, 24 * 60
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(place, day + middle * _MINUTE) == _offset(place, day)
        low, high = (middle, high) if same else (low, middle)
    return day + high * _MINUTE
