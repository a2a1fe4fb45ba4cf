"""A limit of any kind as expressions: each case's due date, and whether it was kept (S3-S8, S12, S14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TypeVar

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn, Limit, MonthEnd, Roll, Span
from kpi.definitions.reserved import instant_name, time_name, unreal_name
from kpi.time import due_dates as deadlines
from kpi.time import working_days
from kpi.time.pauses import PausedTime, Until

T = TypeVar("T")

_LAST_DAY = dt.date.max.toordinal() - dt.date(1970, 1, 1).toordinal()


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
        unreal: whether the clock is read for the case and the local time of one of two columns, start
            and end, or of the due date did not exist (S1); None where no row's did.
        pending: whether an open case is in a pause that its due date waits for, so that it has none
            yet; never null (S14). None where no row is.
        by_instant: whether the due date is an instant (S3), never null; None where every one is a day.
    """

    date: pl.Expr
    missing: pl.Expr | None = None
    refused: pl.Expr | None = None
    uncovered: pl.Expr | None = None
    pending: pl.Expr | None = None
    by_instant: pl.Expr | None = None
    kept: Callable[[str], pl.Expr]
    reversed: Callable[[str, str], pl.Expr] | None
    seconds: Callable[[str, str], pl.Expr] = lambda _start, _end: pl.lit(None, pl.Int64)
    unreal: Callable[[str, str], pl.Expr | None] = lambda _start, _end: None


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
        return evolve(self.pauses, until=Until(limit, self.mode, self.calendar, self.roll))


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
    lacking = missing(limit)
    if is_clock(limit):
        return _clock_due(columns, start, limit, lacking)
    date = _date(columns, start, limit, how)
    refused = None
    if has_months(limit) and how.mode == "refuse":
        refused = _refused(columns, start, limit, how)
    in_calendar = how.roll != "none" or any(span.working_days for span in _spans(limit))
    pending = _pending(columns, limit, how)
    found = Due(
        date=date if pending is None else pl.when(~pending).then(date),
        missing=lacking,
        refused=refused,
        # Where the month end is refused, that reason comes first.
        uncovered=date.is_null() if in_calendar else None,
        pending=pending,
        kept=lambda column: pl.col(column) <= date,
        # What is counted backwards may well end before its start.
        reversed=None if isinstance(limit, Before) else reversed_days,
    )
    if isinstance(limit, DueColumn) and limit.by != "date" and _has_instants(columns, limit.column):
        return _instant_due(columns, limit, found, date, how)
    return found


def missing(limit: Limit) -> pl.Expr | None:
    """Return whether a case has no limit (S12); None where each has."""
    if isinstance(limit, DueColumn):
        return pl.col(limit.column).is_null()
    if isinstance(limit, ByValue):
        return ~pl.col(limit.column).is_in(list(limit.limits)).fill_null(value=False)
    return None


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
    if calendar is None and (rolled or any(span.in_working_days for span in _spans(limit))):
        yield "calendar"


def paused_times(limit: Limit, how: Ways) -> Iterator[PausedTime]:
    """Every column of paused time that the due dates of a limit are moved by."""
    for one in _pausable(limit):
        paused = how.paused(one)
        if paused is not None:
            yield paused


def reversed_days(start: str, end: str) -> pl.Expr:
    """Whether the end's date is before the start's; null where either is."""
    return pl.col(end) < pl.col(start)


def in_working_days(limit: Limit) -> bool:
    """Return whether a limit is in working days for every case that has a limit (S16)."""
    spans = _spans(limit)
    return bool(spans) and all(span.in_working_days for span in spans)


def in_mixed_units(limit: Limit) -> bool:
    """Return whether a limit is in working days for some cases and not for others."""
    return len({span.in_working_days for span in _spans(limit)}) > 1


def working_days_allowed(columns: Columns, limit: Span | ByValue | Dated[Span]) -> pl.Expr:
    """Return the number of each case's own limit in working days; null where it has none."""
    return _chosen(columns, limit, lambda span: pl.lit(span.working_days, pl.Int64), pl.Int64())


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


def _pending(columns: Columns, limit: Limit, how: Ways) -> pl.Expr | None:
    """Return whether a pause that is not over leaves an open case without a due date (S14).

    Returns:
        a mask without nulls; None where no row has such a pause.
    """
    columns_of = {one: how.paused(one) for one in _pausable(limit)}
    there = {
        one: paused.open_column
        for one, paused in columns_of.items()
        if paused is not None and paused.open_column in columns.flags
    }
    if not there:
        return None
    if isinstance(limit, DueColumn):
        return pl.col(there[limit])
    assert isinstance(limit, Span | ByValue | Dated), "what is counted backwards is not paused"
    never = pl.lit(value=False)
    return _chosen(
        columns, limit, lambda one: pl.col(there[one]) if one in there else never, pl.Boolean()
    ).fill_null(value=False)


def _pausable(limit: Limit) -> list[Span | DueColumn]:
    return [limit] if isinstance(limit, DueColumn) else [*_spans(limit)]


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


def _within_calendar(date: pl.Expr, high: int) -> pl.Expr:
    """Return due dates, those beyond the last day that Python knows on that day.

    Args:
        date: the due dates.
        high: a day number that none of them exceeds.
    """
    return date if high <= _LAST_DAY else date.clip(upper_bound=dt.date.max)


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
        return _within_calendar(date, high)
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
    date = at.dt.convert_time_zone(columns.plan.time_zone).dt.date()
    longest = max(span.total_minutes for span in _spans(limit)) // (24 * 60) + 1
    return Due(
        date=_within_calendar(date, _bounds(columns, start)[1] + longest),
        missing=missing,
        kept=lambda column: pl.col(instant_name(column)) <= at,
        reversed=lambda a, b: (_elapsed(a, b) < 0).fill_null(value=False),
        seconds=lambda a, b: _elapsed(a, b) // 1_000_000,
        unreal=lambda a, b: _unreal(columns, a, b),
    )


def _instant_due(columns: Columns, limit: DueColumn, by_day: Due, date: pl.Expr, how: Ways) -> Due:
    """Return due dates of a column that holds times of day: late is after the instant (S3).

    An end without a time of day is compared by its date. A pause moves the instant by whole days of
    the wall clock, and to none where the clocks skip that time; a due day that is rolled to another is
    that whole day (S1, S8, S14).

    Args:
        columns: the table's columns.
        limit: the column.
        by_day: the same, with a day for every value.
        date: that day, also of a case that has no due date yet.
        how: how time is counted.
    """
    zone, paused = columns.plan.time_zone, how.paused(limit)
    begins = pl.col(limit.column)
    timed = begins.is_not_null()
    if limit.by is None:
        timed = pl.col(time_name(limit.column)).fill_null(value=False)
    at = pl.col(instant_name(limit.column))
    lost = None
    moved_by = pl.lit(0) if paused is None else pl.col(paused.column)
    if paused is not None:
        wall = at.dt.convert_time_zone(zone).dt.replace_time_zone(None)
        later = (wall + pl.duration(days=moved_by)).dt.replace_time_zone(
            zone, ambiguous="earliest", non_existent="null"
        )
        at = pl.when(moved_by > 0).then(later.dt.convert_time_zone("UTC")).otherwise(at)
        lost = at.is_null() if by_day.pending is None else at.is_null() & ~by_day.pending
    by_clock = timed
    if how.roll != "none":
        counted = (begins.to_physical() + moved_by).cast(pl.Int32).cast(pl.Date)
        by_clock = timed & (date == counted).fill_null(value=False)

    def kept(column: str) -> pl.Expr:
        if not _has_instants(columns, column):
            return by_day.kept(column)
        end = pl.col(instant_name(column))
        return pl.when(by_clock & end.is_not_null()).then(end <= at).otherwise(by_day.kept(column))

    def unreal(_: str, column: str) -> pl.Expr | None:
        skipped = [
            test for test in (_unreal(columns, limit.column, column), lost) if test is not None
        ]
        return by_clock & pl.any_horizontal(skipped) if skipped else None

    return evolve(by_day, kept=kept, unreal=unreal, by_instant=timed)


def _has_instants(columns: Columns, name: str) -> bool:
    """Return whether the instants behind the dates of a column are known (S3)."""
    return instant_name(name) in columns.flags


def _unreal(columns: Columns, *names: str) -> pl.Expr | None:
    """Return whether the local time of one of the date columns did not exist (S1); None where no row's did."""
    flags = [unreal_name(name) for name in names if unreal_name(name) in columns.flags]
    return pl.any_horizontal(flags) if flags else None


def _elapsed(start: str, end: str) -> pl.Expr:
    """Microseconds between two instants."""
    return (pl.col(instant_name(end)) - pl.col(instant_name(start))).dt.total_microseconds()
