"""Limit scales: from a start to its due moment and back, in whole days or whole minutes."""

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
from kpi.definitions.target import Target
from kpi.definitions.time_options import MonthEnd
from kpi.definitions.time_units import Span
from kpi.sample.clocks import Clock, date_of, open_clock
from kpi.sample.values import Row, day_of
from kpi.time.due_dates import due_table
from kpi.time.in_time import is_clock
from kpi.time.working_days import working_days_table

_EPOCH = dt.date(1970, 1, 1).toordinal()
_LAST = dt.date.max.toordinal()
_YEAR = 366
_OWN_DUE_DAYS = (14, 20, 28, 30, 42, 56)


class LimitScale(Protocol):
    """Scale of time in ticks: days by their ordinal, or minutes since the day of ordinal 0."""

    @property
    def backwards(self) -> bool:
        """Whether the due moment lies before the start (S6)."""

    def due(self, start: int) -> int:
        """Return the last tick in time."""

    def start_due_at(self, tick: int) -> int:
        """Return the latest start that is due at a tick, or else the latest due before it."""

    def tick(self, day: int, rng: random.Random) -> int:
        """Return a tick of a day, given by its ordinal."""

    def tick_of(self, value: dt.date) -> int:
        """Return the tick of a date or a time."""

    def day(self, tick: int) -> int:
        """Return the ordinal of a tick's day."""

    def value(self, tick: int) -> dt.date:
        """Return the tick as a date, or as a time where ticks are minutes."""


class _Days:
    """A scale whose ticks are days."""

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
    """A number of days on, or back."""

    days: int
    backwards: bool = False

    def due(self, start: int) -> int:
        """Return the last day in time."""
        return start + self.days

    def start_due_at(self, tick: int) -> int:
        """Return the start that is due on a day."""
        return tick - self.days


@frozen
class Table(_Days):
    """Months or working days on or back, by the engine's table; starts outside are moved in."""

    low: int
    table: Sequence[int] = field(repr=False)
    backwards: bool = False

    def due(self, start: int) -> int:
        """Return the last day in time."""
        return self.table[min(max(start - self.low, 0), len(self.table) - 1)]

    def start_due_at(self, tick: int) -> int:
        """Return the latest start due on a day, or else on the nearest day before it."""
        return self.low + max(bisect.bisect_right(self.table, tick) - 1, 0)


@frozen
class LimitScales:
    """The scales of a limit, of which the row decides.

    Attributes:
        limit: the limit, of any kind.
        mode: the month-end mode, for a due day that its month lacks (S4).
        calendar: the calendar of working days.
        around: the first and last day of interest.
        as_of: the day that the tables are read as of by default.
    """

    limit: Limit
    mode: MonthEnd
    calendar: Calendar
    around: tuple[dt.date, dt.date]
    as_of: dt.date
    _scales: dict[Span, LimitScale] = field(factory=dict, repr=False, init=False, eq=False)

    @property
    def is_clock(self) -> bool:
        """Whether ticks are minutes (S3)."""
        return is_clock(self.limit)

    def of(self, row: Row, day: dt.date | None, rng: random.Random) -> LimitScale:
        """Return the scale of a row.

        Args:
            row: the cells of the row so far; a limit by value needs that value.
            day: the day that stands for a date not yet drawn; None for `as_of`.
            rng: where a due date of its own comes from.
        """
        limit = self.limit
        if isinstance(limit, DueColumn):
            return PlainDays(rng.choice(_OWN_DUE_DAYS))
        if isinstance(limit, Before):
            return self.scale_of(limit.span)
        if isinstance(limit, ByValue):
            first = next(iter(limit.limits.values()))
            return self.scale_of(limit.limits.get(row.get(limit.column, ""), first))
        if isinstance(limit, Dated):
            return self.scale_of(in_force(limit, row.get(limit.column) or day or self.as_of))
        return self.scale_of(limit)

    def scale_of(self, span: Span) -> LimitScale:
        """Return the scale of one span."""
        if span not in self._scales:
            self._scales[span] = self._new(span)
        return self._scales[span]

    def _new(self, span: Span) -> LimitScale:
        backwards = isinstance(self.limit, Before)
        if span.in_working_hours:
            return open_clock(span.total_minutes, self.calendar, self.around)
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
        # Outside the days that a calendar covers, the nearest covered day is taken.
        days = due.to_physical().forward_fill().backward_fill()
        if days.null_count():
            return PlainDays(span.working_days * 7 // 5, backwards)
        return Table(low, (days + _EPOCH).to_list(), backwards)


def in_force(dated: Dated[Any], date: dt.date) -> Any:
    """Return the value in force on a day."""
    value = dated.first
    for since, later in dated.later:
        if day_of(date) >= since:
            value = later
    return value


def spread(target: Target) -> Limit:
    """Return the limit of a target, or three months or so where it has none of a known kind."""
    limit: object = target.limit
    if limit is None and target.limit_or_unit is not None:
        return next(span for span in _USUAL if span.units == target.limit_or_unit.units)  # type: ignore[union-attr]  # one of a unit
    is_limit = isinstance(limit, Span | Before | ByValue | DueColumn | Dated)
    if isinstance(limit, Dated) and isinstance(limit.first, Decimal):
        is_limit = False
    return limit if is_limit else Span(days=90)  # type: ignore[return-value]  # is_limit says so


_USUAL = (
    Span(days=90),
    Span(working_days=60),
    Span(months=3),
    Span(hours=36),
    Span(minutes=20),
)
"""A usual time in each unit in which a target without a limit may measure it (S31)."""
