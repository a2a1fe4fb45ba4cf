"""A limit of any kind as expressions: each case's due date, and whether it was kept (S3-S8, S12, S14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TypeVar

from attrs import evolve, frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn, Limit, MonthEnd, Roll, Span
from kpi.definitions.reserved import instant_name
from kpi.polars_on_demand import pl
from kpi.time import due_dates as deadlines
from kpi.time import working_days
from kpi.time.pauses import PausedTime, Until

T = TypeVar("T")


@frozen(kw_only=True, eq=False, repr=False)
class Due:
    """When a case is due.

    Attributes:
        date: the last day in time; null where there is none.
        missing: whether the case has no limit; None where each has (S12).
        refused: whether the month-end mode refuses it a due date, where it has a start and a
            limit; None where it refuses none.
        uncovered: whether the calendar knows too few days to give it a due date, where it has a
            start and a limit that is not refused; None where no working days are counted.
        kept: whether a date of the case is in time, given the column's name; null where it has none.
        reversed: whether one column's date or instant is before another's.
        seconds: the seconds from one column's instant to another's; null where days are counted.
    """

    date: pl.Expr
    missing: pl.Expr | None = None
    refused: pl.Expr | None = None
    uncovered: pl.Expr | None = None
    kept: Callable[[str], pl.Expr]
    reversed: Callable[[str, str], pl.Expr] | None
    seconds: Callable[[str, str], pl.Expr] = lambda _start, _end: pl.lit(None, pl.Int64)


@frozen(kw_only=True, eq=False, repr=False)
class Ways:
    """How the time of one target is counted, where its plan leaves a choice.

    Attributes:
        mode: the month-end mode (S4).
        calendar: whose working days (S7).
        roll: what a due day that is no working day becomes (S8).
        pauses: the paused time that is deducted (S14); None where none is.
    """

    mode: MonthEnd
    calendar: Calendar
    roll: Roll
    pauses: PausedTime | None

    def paused(self, limit: Span | DueColumn) -> PausedTime | None:
        """The paused time that moves the due date of a limit; None where none is deducted."""
        if self.pauses is None:
            return None
        return evolve(self.pauses, until=Until(limit, self.mode, self.calendar))


def ways(
    plan: Defaults,
    *,
    mode: MonthEnd | None = None,
    calendar: Calendar | None = None,
    roll: Roll | None = "none",
    pauses: PausedTime | None = None,
) -> Ways:
    """A target's own choices, or its plan's where it makes none."""
    return Ways(
        mode=mode or plan.month_end,
        calendar=calendar or plan.calendar,
        roll=roll or plan.roll,
        pauses=pauses,
    )


def due(columns: Columns, start: str, limit: Limit, how: Ways) -> Due:
    """When each case is due by a limit that is counted from a date column.

    Args:
        columns: the table's columns.
        start: the date that the limit is counted from.
        limit: the limit.
        how: how time is counted. A limit in hours or minutes is neither paused nor rolled.
    """
    missing = None
    if isinstance(limit, DueColumn):
        missing = pl.col(limit.column).is_null()
    elif isinstance(limit, ByValue):
        missing = ~pl.col(limit.column).is_in(list(limit.limits)).fill_null(value=False)
    if is_clock(limit):
        return _clock_due(columns, start, limit, missing)
    date = _date(columns, start, limit, how)
    refused = None
    if has_months(limit) and how.mode == "refuse":
        refused = _refused(columns, start, limit, how)
    in_calendar = how.roll != "none" or any(span.working_days for span in _spans(limit))
    return Due(
        date=date,
        missing=missing,
        refused=refused,
        # Where the month end is refused, that reason comes first.
        uncovered=date.is_null() if in_calendar else None,
        kept=lambda column: pl.col(column) <= date,
        # What is counted backwards may well end before its start.
        reversed=None if isinstance(limit, Before) else reversed_days,
    )


def taken_from(
    plan: Defaults,
    limit: Limit,
    *,
    mode: MonthEnd | None = None,
    calendar: Calendar | None = None,
    roll: Roll | None = "none",
) -> Iterator[str]:
    """The plan's choices that a limit is counted by where the target makes none of its own."""
    if mode is None and has_months(limit):
        yield "month_end"
    rolled = (roll or plan.roll) != "none" and not is_clock(limit)
    if rolled and roll is None:
        yield "roll"
    if calendar is None and (rolled or any(span.working_days for span in _spans(limit))):
        yield "calendar"


def paused_times(limit: Limit, how: Ways) -> Iterator[PausedTime]:
    """Every column of paused time that the due dates of a limit are moved by."""
    for one in [limit] if isinstance(limit, DueColumn) else _spans(limit):
        paused = how.paused(one)
        if paused is not None:
            yield paused


def reversed_days(start: str, end: str) -> pl.Expr:
    """Whether the end's date is before the start's; null where either is."""
    return pl.col(end) < pl.col(start)


def is_clock(limit: Limit) -> bool:
    """Whether a limit is elapsed time between instants (S3)."""
    return any(span.is_clock for span in _spans(limit))


def _spans(limit: Limit) -> list[Span]:
    if isinstance(limit, Span):
        return [limit]
    if isinstance(limit, Before):
        return [limit.span]
    if isinstance(limit, ByValue):
        return list(limit.limits.values())
    return [span for _, span in limit.stretches()] if isinstance(limit, Dated) else []


def has_months(limit: Limit) -> bool:
    """Whether a limit is in months or years for some case, so that a month-end mode may matter."""
    return any(span.total_months for span in _spans(limit))


def _date(columns: Columns, start: str, limit: Limit, how: Ways) -> pl.Expr:
    if isinstance(limit, DueColumn):
        bounds = _bounds(columns, limit.column)
        return _finished(columns, pl.col(limit.column), bounds, how.paused(limit), how)
    low, high = _bounds(columns, start)
    if isinstance(limit, Before):
        span = limit.span
        date = deadlines.due(start, (low, high), span, how.mode, how.calendar, backwards=True)
        if span.working_days:
            return date
        return _finished(columns, date, (low - _longest(span), high), None, how)

    def due(span: Span) -> pl.Expr:
        paused = how.paused(span)
        if span.working_days and paused is not None:
            most = span.working_days + _most(columns, paused)
            n = span.working_days + pl.col(paused.column)
            day = pl.col(start).to_physical()
            return working_days.later_by(day, (low, high), n, most, how.calendar)
        date = deadlines.due(start, (low, high), span, how.mode, how.calendar)
        if span.working_days:
            return date
        return _finished(columns, date, (low, high + _longest(span)), paused, how)

    return _chosen(columns, limit, due, pl.Date())


def _refused(columns: Columns, start: str, limit: Limit, how: Ways) -> pl.Expr:
    """Whether the month end is refused: of limits in months alone, others want a day for more."""
    assert not isinstance(limit, DueColumn), "a column of due dates has no months"
    bounds = _bounds(columns, start)

    def made(span: Span, *, backwards: bool = False) -> pl.Expr:
        if not span.total_months:
            return pl.lit(value=False)
        due = deadlines.due(start, bounds, span, how.mode, how.calendar, backwards=backwards)
        return due.is_null()

    if isinstance(limit, Before):
        return made(limit.span, backwards=True)
    return _chosen(columns, limit, made, pl.Boolean())


def _bounds(columns: Columns, column: str) -> tuple[int, int]:
    # A column without a date has no bounds, and no due date either.
    return columns.bounds.get(column, (0, 0))


def _most(columns: Columns, paused: PausedTime) -> int:
    return _bounds(columns, paused.column)[1]


def _longest(span: Span) -> int:
    """Days that a span takes at most."""
    return 31 * span.total_months + span.total_days


def _finished(
    columns: Columns,
    date: pl.Expr,
    bounds: tuple[int, int],
    paused: PausedTime | None,
    how: Ways,
) -> pl.Expr:
    """A due date moved by the paused days (S14) and then, where that is chosen, rolled (S8).

    Args:
        columns: the table's columns.
        date: the due date, rounded to a day of its month.
        bounds: days between which every such date lies, and perhaps more.
        paused: the paused time.
        how: how time is counted.
    """
    low, high = bounds
    if paused is not None:
        date = (date.to_physical() + pl.col(paused.column)).cast(pl.Int32).cast(pl.Date)
        high += _most(columns, paused)
    if how.roll == "none":
        return date
    return working_days.rolled(date.to_physical(), (low, high), how.calendar)


def _chosen(
    columns: Columns,
    limit: Span | ByValue | Dated[Span],
    made: Callable[[Span], pl.Expr],
    kind: pl.DataType,
) -> pl.Expr:
    """What is made of the span that is each case's own; null where it has none."""
    if isinstance(limit, Span):
        return made(limit)
    if isinstance(limit, Dated):
        return in_force(limit, columns.as_of, made)
    chosen = pl.lit(None, kind)
    for span in dict.fromkeys(limit.limits.values()):
        values = [value for value, its in limit.limits.items() if its == span]
        chosen = pl.when(pl.col(limit.column).is_in(values)).then(made(span)).otherwise(chosen)
    return chosen


def in_force(dated: Dated[T], as_of: dt.date, made: Callable[[T], pl.Expr]) -> pl.Expr:
    """What is made of the value in force on each case's date, or at the as-of date without one."""
    date = pl.col(dated.column).fill_null(pl.lit(as_of))
    chosen = made(dated.first)
    for since, value in dated.later:
        chosen = pl.when(date >= since).then(made(value)).otherwise(chosen)
    return chosen


def _clock_due(columns: Columns, start: str, limit: Limit, missing: pl.Expr | None) -> Due:
    assert isinstance(limit, Span | ByValue | Dated), "only these are in hours or minutes"
    allowed = _chosen(
        columns, limit, lambda s: pl.lit(dt.timedelta(minutes=s.total_minutes)), pl.Duration("us")
    )
    begun = pl.col(instant_name(start))
    at = begun + allowed
    return Due(
        date=at.dt.convert_time_zone(columns.plan.time_zone).dt.date(),
        missing=missing,
        kept=lambda column: pl.col(instant_name(column)) <= at,
        reversed=lambda a, b: (_elapsed(a, b) < 0).fill_null(value=False),
        seconds=lambda a, b: _elapsed(a, b) // 1_000_000,
    )


def _elapsed(start: str, end: str) -> pl.Expr:
    """Microseconds between two instants."""
    return (pl.col(instant_name(end)) - pl.col(instant_name(start))).dt.total_microseconds()
