"""Limit scales by the clock, in minutes: elapsed ones, or those within opening hours."""

from __future__ import annotations

import datetime as dt
import random
from bisect import bisect_right
from collections.abc import Sequence

from attrs import field, frozen

from kpi.definitions.calendars import Calendar

DAY_MINUTES = 1440
_OPENS, _CLOSES = 8 * 60, 16 * 60
_LAST = dt.date.max.toordinal()


def date_of(ordinal: int) -> dt.date:
    """Return the date of an ordinal, or the nearest that the calendar has."""
    return dt.date.fromordinal(min(max(ordinal, 1), _LAST))


@frozen
class Clock:
    """A number of minutes of elapsed time; days begin and end in office hours."""

    minutes: int
    backwards: bool = False

    def due(self, start: int) -> int:
        """Return the last minute in time."""
        return start + self.minutes

    def start_due_at(self, tick: int) -> int:
        """Return the start that is due at a minute."""
        return tick - self.minutes

    def tick(self, day: int, rng: random.Random) -> int:
        """Return a minute of the day's office hours."""
        return day * DAY_MINUTES + rng.randrange(_OPENS, _CLOSES)

    def tick_of(self, value: dt.date) -> int:
        """Return the minute of a time; of a date, noon."""
        hour, minute = (value.hour, value.minute) if isinstance(value, dt.datetime) else (12, 0)
        return value.toordinal() * DAY_MINUTES + hour * 60 + minute

    def day(self, tick: int) -> int:
        """Return the ordinal of a minute's day."""
        return tick // DAY_MINUTES

    def value(self, tick: int) -> dt.date:
        """Return the minute as a time of the wall clock."""
        day, minute = divmod(tick, DAY_MINUTES)
        return dt.datetime.combine(date_of(day), dt.time(minute // 60, minute % 60))


@frozen
class OpenClock(Clock):
    """A number of minutes within opening hours; the clock never changes.

    Attributes:
        opens: the minutes of the openings, in order.
        closes: the minute at which each ends.
        worked: the open minutes before each opening.
    """

    opens: Sequence[int] = field(repr=False, kw_only=True)
    closes: Sequence[int] = field(repr=False, kw_only=True)
    worked: Sequence[int] = field(repr=False, kw_only=True)

    def due(self, start: int) -> int:
        """Return the last minute in time: the next opening, where the last is at closing time."""
        return self._last(self._until(start) + self.minutes)

    def start_due_at(self, tick: int) -> int:
        """Return the latest start that is due at a minute, or when the office opens next."""
        return self._last(max(self._until(tick) - self.minutes, 0))

    def tick(self, day: int, rng: random.Random) -> int:
        """Return a minute of the day's opening hours, or of any office's where it has none."""
        first = bisect_right(self.opens, day * DAY_MINUTES - 1)
        if first < len(self.opens) and self.day(self.opens[first]) == day:
            return rng.randrange(self.opens[first], self.closes[first])
        return super().tick(day, rng)

    def _until(self, tick: int) -> int:
        n = bisect_right(self.opens, tick) - 1
        return self.worked[n] + min(tick, self.closes[n]) - self.opens[n] if n >= 0 else 0

    def _last(self, worked: int) -> int:
        n = bisect_right(self.worked, worked) - 1
        return self.opens[n] + worked - self.worked[n]


def open_clock(minutes: int, calendar: Calendar, around: tuple[dt.date, dt.date]) -> OpenClock:
    """Return the scale of some working minutes, of openings around some days.

    Args:
        minutes: the limit.
        calendar: the calendar, with opening hours.
        around: the first and the last day of interest.
    """
    assert calendar.hours is not None, "a plan without opening hours has no working hours"
    room = dt.timedelta(400 + minutes // 60)
    since, through = calendar.coverage
    days = calendar.working_days(max(around[0] - room, since), min(around[1] + room, through))
    openings = [
        (day.toordinal() * DAY_MINUTES + opens, day.toordinal() * DAY_MINUTES + closes)
        for day in days
        for opens, closes in calendar.hours.by_weekday[day.weekday()]
    ]
    worked = [0]
    for opens, closes in openings:
        worked.append(worked[-1] + closes - opens)
    # Without an opening any minute is as good as another.
    openings = openings or [(0, DAY_MINUTES)]
    return OpenClock(
        minutes,
        opens=[opens for opens, _ in openings],
        closes=[closes for _, closes in openings],
        worked=worked[: len(openings)],
    )
