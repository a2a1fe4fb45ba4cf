"""Limits as scales: from a start to its due moment and back, in whole days or whole minutes."""

from __future__ import annotations

import bisect
import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from attrs import field, frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn, Limit
from kpi.definitions.spans import Span
from kpi.definitions.time_options import MonthEnd
from kpi.sample.values import Row, day_of
from kpi.time.due_dates import due_table
from kpi.time.limits import is_clock
from kpi.time.working_days import working_days_table

_EPOCH = dt.date(1970, 1, 1).toordinal()
_LAST = dt.date.max.toordinal()
_YEAR = 366
_DAY_MINUTES = 1440
_OPENS, _CLOSES = 8 * 60, 16 * 60
_OWN_DUE_DAYS = (14, 20, 28, 30, 42, 56)


class LimitScale(Protocol):
    """Counts time in ticks: days by their ordinal, or minutes since the day of ordinal 0."""

    @property
    def backwards(self) -> bool:
        """Whether the due moment lies before the start."""

    def due(self, start: int) -> int:
        """The last tick in time."""

    def start_due_at(self, tick: int) -> int:
        """The latest start that is due then, or else the latest that is due before."""

    def tick(self, day: int, rng: random.Random) -> int:
        """A tick of a day, given by its ordinal."""

    def tick_of(self, value: dt.date) -> int:
        """The tick of a date or a time."""

    def day(self, tick: int) -> int:
        """The ordinal of a tick's day."""

    def value(self, tick: int) -> dt.date:
        """The tick as a date, or as a time where minutes are counted."""


def date_of(ordinal: int) -> dt.date:
    """The date of an ordinal, or the nearest that the calendar has."""
    return dt.date.fromordinal(min(max(ordinal, 1), _LAST))


class _Days:
    """Ticks are days."""

    __slots__ = ()

    def tick(self, day: int, rng: random.Random) -> int:  # noqa: ARG002 - a day has no times
        return day

    def tick_of(self, value: dt.date) -> int:
        return value.toordinal()

    def day(self, tick: int) -> int:
        return tick

    def value(self, tick: int) -> dt.date:
        return date_of(tick)


@frozen
class PlainDays(_Days):
    """So many days on, or back."""

    days: int
    backwards: bool = False

    def due(self, start: int) -> int:
        """The last day in time."""
        return start + self.days

    def start_due_at(self, tick: int) -> int:
        """The start that is due on a day."""
        return tick - self.days


@frozen
class Table(_Days):
    """Months or working days on or back, by the engine's own table; starts outside it are moved in."""

    low: int
    table: Sequence[int] = field(repr=False)
    backwards: bool = False

    def due(self, start: int) -> int:
        """The last day in time."""
        return self.table[min(max(start - self.low, 0), len(self.table) - 1)]

    def start_due_at(self, tick: int) -> int:
        """The latest start that is due on a day, or else on the nearest day before it."""
        return self.low + max(bisect.bisect_right(self.table, tick) - 1, 0)


@frozen
class Clock:
    """So many minutes of elapsed time; days begin and end in office hours."""

    minutes: int
    backwards: bool = False

    def due(self, start: int) -> int:
        """The last minute in time."""
        return start + self.minutes

    def start_due_at(self, tick: int) -> int:
        """The start that is due at a minute."""
        return tick - self.minutes

    def tick(self, day: int, rng: random.Random) -> int:
        """A minute of the day's office hours."""
        return day * _DAY_MINUTES + rng.randrange(_OPENS, _CLOSES)

    def tick_of(self, value: dt.date) -> int:
        """The minute of a time; of a date, noon."""
        hour, minute = (value.hour, value.minute) if isinstance(value, dt.datetime) else (12, 0)
        return value.toordinal() * _DAY_MINUTES + hour * 60 + minute

    def day(self, tick: int) -> int:
        """The ordinal of a minute's day."""
        return tick // _DAY_MINUTES

    def value(self, tick: int) -> dt.date:
        """The minute as a time of the wall clock."""
        day, minute = divmod(tick, _DAY_MINUTES)
        return dt.datetime.combine(date_of(day), dt.time(minute // 60, minute % 60))


@frozen
class LimitScales:
    """The scales of a limit: which one measures a row depends on the row.

    Attributes:
        limit: the limit, of any kind.
        mode: what a due day that its month lacks becomes.
        calendar: whose working days.
        around: the first and last day that is of interest.
        as_of: the day that cases are looked at from by default.
    """

    limit: Limit
    mode: MonthEnd
    calendar: Calendar
    around: tuple[dt.date, dt.date]
    as_of: dt.date
    _made: dict[Span, LimitScale] = field(factory=dict, repr=False, init=False, eq=False)

    @property
    def is_clock(self) -> bool:
        """Whether minutes are counted."""
        return is_clock(self.limit)

    def of(self, row: Row, day: dt.date | None, rng: random.Random) -> LimitScale:
        """The scale of a row.

        Args:
            row: what is known of it; a limit by value needs that value.
            day: the day that stands for a date that is not yet known.
            rng: where a due date of its own comes from.
        """
        limit = self.limit
        if isinstance(limit, DueColumn):
            return PlainDays(rng.choice(_OWN_DUE_DAYS))
        if isinstance(limit, Before):
            return self._scale_of(limit.span)
        if isinstance(limit, ByValue):
            first = next(iter(limit.limits.values()))
            return self._scale_of(limit.limits.get(row.get(limit.column, ""), first))
        if isinstance(limit, Dated):
            return self._scale_of(in_force(limit, row.get(limit.column) or day or self.as_of))
        return self._scale_of(limit)

    def _scale_of(self, span: Span) -> LimitScale:
        if span not in self._made:
            self._made[span] = self._new(span)
        return self._made[span]

    def _new(self, span: Span) -> LimitScale:
        backwards = isinstance(self.limit, Before)
        if span.is_clock:
            return Clock(span.total_minutes)
        if not span.total_months and not span.working_days:
            return PlainDays(-span.total_days if backwards else span.total_days, backwards)
        room = 31 * span.total_months + span.total_days + 2 * span.working_days + 5 * _YEAR
        first, last = (day.toordinal() for day in self.around)
        low, high = max(first - room, 1), min(last + room, _LAST)
        mode: MonthEnd = "down" if self.mode == "refuse" else self.mode
        bounds = low - _EPOCH, high - _EPOCH
        due = (
            working_days_table(*bounds, span.working_days, self.calendar, backwards=backwards)
            if span.working_days
            else due_table(*bounds, span, mode, backwards=backwards)
        )
        # Beyond what a calendar covers the nearest day that it does will do.
        known = due.to_physical().forward_fill().backward_fill()
        if known.null_count():
            return PlainDays(span.working_days * 7 // 5, backwards)
        return Table(low, (known + _EPOCH).to_list(), backwards)


def in_force(dated: Dated[Any], date: dt.date) -> Any:
    """The value in force on a day."""
    value = dated.first
    for since, later in dated.later:
        if day_of(date) >= since:
            value = later
    return value


def spread(limit: object) -> Limit:
    """The limit, or where a target has none of a kind that is known, three months or so."""
    known = isinstance(limit, Span | Before | ByValue | DueColumn | Dated)
    if isinstance(limit, Dated) and isinstance(limit.first, Decimal):
        known = False
    return limit if known else Span(days=90)  # type: ignore[return-value]  # known says so
