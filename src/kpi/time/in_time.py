"""Limits of any kind as expressions: due dates, and masks of cases in time (S3-S8, S12, S14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TypeVar

from attrs import evolve, frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn, Limit, in_working_hours
from kpi.definitions.reserved import instant_name, time_name, unreal_name
from kpi.definitions.time_options import MonthEnd, Roll
from kpi.definitions.time_units import Span
from kpi.polars_on_demand import pl
from kpi.time import due_dates as deadlines
from kpi.time import working_days
from kpi.time.open_time import covers, open_time, reaching
from kpi.time.pauses import PauseCutoff, PausedDays

T = TypeVar("T")

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_LAST_DAY = dt.date.max.toordinal() - dt.date(1970, 1, 1).toordinal()


@frozen(kw_only=True, eq=False, repr=False)
class Due:
    """The due date of each case, with the masks that depend on it, as expressions.

    Attributes:
        date: the due date, the last day in time; null where a case has none.
        missing: whether the case has no limit; None where each case has a limit (S12).
        refused: whether the month-end mode refuses it a due date, where it has a start and a
            limit; None where it refuses none.
        outside_calendar: whether the calendar covers too few days to give it a due date, where it
            has a start and a limit that is not refused; None where no working days are counted.
        is_met: whether the date of a column, given by name, is in time; null where that date is.
        ends_before_start: whether the end is before the start, by date or instant, given the names
            of the columns of start and end; None where the limit is counted backwards.
        seconds: the seconds from the instant of one column to that of another; null where days are
            counted.
        unreal: whether the clock is read for the case and the local time of one of two columns,
            start and end, or of the due date did not exist (S1); None where no row has such a time.
        pending: whether an open case is in a pause that its due date waits for, so that it has no
            due date yet; never null (S14). None where no row is pending.
        by_instant: whether the due date is an instant (S3), never null; None where every due date
            is a day.
    """

    date: pl.Expr
    missing: pl.Expr | None = None
    refused: pl.Expr | None = None
    outside_calendar: pl.Expr | None = None
    pending: pl.Expr | None = None
    by_instant: pl.Expr | None = None
    is_met: Callable[[str], pl.Expr]
    ends_before_start: Callable[[str, str], pl.Expr] | None
    seconds: Callable[[str, str], pl.Expr] = lambda _start, _end: pl.lit(None, pl.Int64)
    unreal: Callable[[str, str], pl.Expr | None] = lambda _start, _end: None


@frozen(kw_only=True, eq=False, repr=False)
class TimeOptions:
    """The options by which the time of a target is counted.

    Attributes:
        mode: the month-end mode (S4).
        calendar: the calendar of the working days (S7).
        roll: how a due day that is no working day is moved (S8).
        pauses: the paused time that is deducted (S14); None where no time is deducted.
    """

    mode: MonthEnd
    calendar: Calendar
    roll: Roll
    pauses: PausedDays | None

    def paused(self, limit: Span | DueColumn) -> PausedDays | None:
        """Return the paused time that moves the due date of a limit; None without pauses."""
        if self.pauses is None:
            return None
        until = PauseCutoff(limit, self.mode, self.calendar, self.roll)
        if isinstance(limit, Span) and limit.in_working_hours:
            return evolve(self.pauses, until=until, calendar=self.calendar, in_hours=True)
        return evolve(self.pauses, until=until)


def time_options(
    plan: Defaults,
    *,
    mode: MonthEnd | None = None,
    calendar: Calendar | None = None,
    roll: Roll | None = "none",
    pauses: PausedDays | None = None,
) -> TimeOptions:
    """Return the options of a target: its own where it has them, else those of the plan."""
    return TimeOptions(
        mode=mode or plan.month_end,
        calendar=calendar or plan.calendar,
        roll=roll or plan.roll,
        pauses=pauses,
    )


def due(columns: Columns, start: str, limit: Limit, options: TimeOptions) -> Due:
    """Return the due dates of a limit.

    Args:
        columns: the columns of the table.
        start: the name of the date column that the limit is counted from.
        limit: the limit.
        options: the options by which time is counted. A limit in hours or minutes is not rolled,
            and not paused unless they are working hours.
    """
    lacking = missing(limit)
    if in_working_hours(limit):
        return _working_hours_due(columns, start, limit, options, lacking)
    if is_clock(limit):
        return _clock_due(columns, start, limit, lacking)
    date = _date(columns, start, limit, options)
    refused = None
    if has_months(limit) and options.mode == "refuse":
        refused = _refused(columns, start, limit, options)
    in_calendar = options.roll != "none" or any(span.working_days for span in _spans(limit))
    pending = _pending(columns, limit, options)
    if pending is not None:
        # What gives no due date with the pauses known so far, gives none later either.
        pending &= date.is_not_null()
    by_day = Due(
        date=date if pending is None else pl.when(~pending).then(date),
        missing=lacking,
        refused=refused,
        # Where the month end is refused, that reason comes first.
        outside_calendar=date.is_null() if in_calendar else None,
        pending=pending,
        is_met=lambda column: pl.col(column) <= date,
        # A case whose limit is counted backwards may well end before its start.
        ends_before_start=None if isinstance(limit, Before) else reversed_days,
    )
    if isinstance(limit, DueColumn) and limit.by != "date" and _has_instants(columns, limit.column):
        return _instant_due(columns, limit, by_day, date, options)
    return by_day


def missing(limit: Limit) -> pl.Expr | None:
    """Return the mask of the cases without a limit, never null (S12); None where each has one."""
    if isinstance(limit, DueColumn):
        return pl.col(limit.column).is_null()
    if isinstance(limit, ByValue):
        return ~pl.col(limit.column).is_in(list(limit.limits)).fill_null(value=False)
    return None


def inherited_options(
    plan: Defaults,
    limit: Limit,
    *,
    mode: MonthEnd | None = None,
    calendar: Calendar | None = None,
    roll: Roll | None = "none",
) -> Iterator[str]:
    """Yield the names of the options that a limit needs and the target leaves to the plan."""
    if mode is None and has_months(limit):
        yield "month_end"
    rolled = (roll or plan.roll) != "none" and not is_clock(limit)
    if rolled and roll is None:
        yield "roll"
    working = any(span.in_working_days or span.in_working_hours for span in _spans(limit))
    if calendar is None and (rolled or working):
        yield "calendar"


def paused_days_needed(limit: Limit, options: TimeOptions) -> Iterator[PausedDays]:
    """Yield the paused time of every column by which the due dates of a limit are moved (S14)."""
    for span_or_column in _pausable(limit):
        paused = options.paused(span_or_column)
        if paused is not None:
            yield paused
            if paused.in_hours:
                # The audit trail shows the time less all of the paused time.
                yield evolve(paused, until=None)


def reversed_days(start: str, end: str) -> pl.Expr:
    """Return the mask of the rows whose end date is before the start date; null where either is."""
    return pl.col(end) < pl.col(start)


def in_working_days(limit: Limit) -> bool:
    """Return whether a limit is in working days for every case that has a limit (S16)."""
    spans = _spans(limit)
    return bool(spans) and all(span.in_working_days for span in spans)


def in_mixed_units(limit: Limit) -> bool:
    """Return whether a limit is in working days for some cases and not for others."""
    return len({span.in_working_days for span in _spans(limit)}) > 1


def elapsed(start: str, end: str) -> pl.Expr:
    """Return the microseconds from the instant of one column to that of another, Int64 (S3).

    Null where either is. The clock runs on when it is put forward or back.
    """
    return (pl.col(instant_name(end)) - pl.col(instant_name(start))).dt.total_microseconds()


def allowed(
    columns: Columns, limit: Span | ByValue | Dated[Span], shown: Callable[[Span], int]
) -> pl.Expr:
    """Return the limit of each case as a whole number, Int64; null where a case has none (S16).

    Args:
        columns: the columns of the table.
        limit: the limit.
        shown: returns the length of a span in the unit that is wanted, such as working days.
    """
    return _chosen(columns, limit, lambda span: pl.lit(shown(span), pl.Int64), pl.Int64())


def is_clock(limit: Limit) -> bool:
    """Return whether a limit is time between instants, in hours or minutes (S3, S35)."""
    return any(span.is_clock for span in _spans(limit))


def _spans(limit: Limit) -> list[Span]:
    if isinstance(limit, Span):
        return [limit]
    if isinstance(limit, Before):
        return [limit.span]
    if isinstance(limit, ByValue):
        return list(limit.limits.values())
    return [span for _, span in limit.periods_in_force()] if isinstance(limit, Dated) else []


def has_months(limit: Limit) -> bool:
    """Return whether a limit is in months or years for some case, so that month ends may matter."""
    return any(span.total_months for span in _spans(limit))


def _date(columns: Columns, start: str, limit: Limit, options: TimeOptions) -> pl.Expr:
    if isinstance(limit, DueColumn):
        bounds = _bounds(columns, limit.column)
        return _finished(columns, pl.col(limit.column), bounds, options.paused(limit), options)
    low, high = _bounds(columns, start)
    if isinstance(limit, Before):
        span = limit.span
        date = deadlines.due(
            start, (low, high), span, options.mode, options.calendar, backwards=True
        )
        if span.working_days:
            return date
        return _finished(columns, date, (low - _longest(span), high), None, options)

    def due(span: Span) -> pl.Expr:
        paused = options.paused(span)
        if span.working_days and paused is not None:
            most = span.working_days + _most(columns, paused)
            n = span.working_days + pl.col(paused.column)
            day = pl.col(start).to_physical()
            return working_days.add_working_days_by_row(day, (low, high), n, most, options.calendar)
        date = deadlines.due(start, (low, high), span, options.mode, options.calendar)
        if span.working_days:
            return date
        return _finished(columns, date, (low, high + _longest(span)), paused, options)

    return _chosen(columns, limit, due, pl.Date())


def _pending(columns: Columns, limit: Limit, options: TimeOptions) -> pl.Expr | None:
    """Return the mask of the open cases that a pause leaves without a due date (S14).

    Returns:
        a mask without nulls; None where no row has such a pause.
    """
    paused_by_limit = {pausable: options.paused(pausable) for pausable in _pausable(limit)}
    open_columns = {
        pausable: paused.open_column
        for pausable, paused in paused_by_limit.items()
        if paused is not None and paused.open_column in columns.flags
    }
    if not open_columns:
        return None
    if isinstance(limit, DueColumn):
        return pl.col(open_columns[limit])
    assert isinstance(limit, Span | ByValue | Dated), "what is counted backwards is not paused"
    never = pl.lit(value=False)
    return _chosen(
        columns,
        limit,
        lambda span: pl.col(open_columns[span]) if span in open_columns else never,
        pl.Boolean(),
    ).fill_null(value=False)


def _pausable(limit: Limit) -> list[Span | DueColumn]:
    return [limit] if isinstance(limit, DueColumn) else [*_spans(limit)]


def _refused(columns: Columns, start: str, limit: Limit, options: TimeOptions) -> pl.Expr:
    """Return the mask of the cases whose month end is refused (S4).

    Only spans with months can be refused: for others the due date is null for other reasons.
    """
    assert not isinstance(limit, DueColumn), "a column of due dates has no months"
    bounds = _bounds(columns, start)

    def is_refused(span: Span, *, backwards: bool = False) -> pl.Expr:
        if not span.total_months:
            return pl.lit(value=False)
        due = deadlines.due(
            start, bounds, span, options.mode, options.calendar, backwards=backwards
        )
        return due.is_null()

    if isinstance(limit, Before):
        return is_refused(limit.span, backwards=True)
    return _chosen(columns, limit, is_refused, pl.Boolean())


def _bounds(columns: Columns, column: str) -> tuple[int, int]:
    # A column without a date has no bounds, and no due date either.
    return columns.bounds.get(column, (0, 0))


def _most(columns: Columns, paused: PausedDays) -> int:
    return _bounds(columns, paused.column)[1]


def _longest(span: Span) -> int:
    """Return the most days that a span in months and days takes."""
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
    paused: PausedDays | None,
    options: TimeOptions,
) -> pl.Expr:
    """Move a due date by the paused days (S14), then roll it where the options say so (S8).

    Args:
        columns: the columns of the table.
        date: the due date, rounded to a day of the month (S4).
        bounds: day numbers between which every such date lies, and perhaps more.
        paused: the paused time; None where no time is deducted.
        options: the options by which time is counted.
    """
    low, high = bounds
    if paused is not None:
        date = (date.to_physical() + pl.col(paused.column)).cast(pl.Int32).cast(pl.Date)
        high += _most(columns, paused)
    if options.roll == "none":
        return _within_calendar(date, high)
    return working_days.roll_forward(date.to_physical(), (low, high), options.calendar)


def _chosen(
    columns: Columns,
    limit: Span | ByValue | Dated[Span],
    expression: Callable[[Span], pl.Expr],
    dtype: pl.DataType,
) -> pl.Expr:
    """Return an expression of the span that applies to each case; null where none does.

    Args:
        columns: the columns of the table.
        limit: the limit, of one span or of several.
        expression: returns the expression of a span.
        dtype: the dtype of that expression.
    """
    if isinstance(limit, Span):
        return expression(limit)
    if isinstance(limit, Dated):
        return in_force(limit, columns.as_of, expression)
    chosen = pl.lit(None, dtype)
    for span in dict.fromkeys(limit.limits.values()):
        values = [value for value, of_value in limit.limits.items() if of_value == span]
        applies = pl.col(limit.column).is_in(values)
        chosen = pl.when(applies).then(expression(span)).otherwise(chosen)
    return chosen


def in_force(dated: Dated[T], as_of: dt.date, expression: Callable[[T], pl.Expr]) -> pl.Expr:
    """Return an expression of the value in force on the date of each case.

    Args:
        dated: the values, and the date column whose date chooses between them.
        as_of: the date that stands in for a null.
        expression: returns the expression of a value.
    """
    date = pl.col(dated.column).fill_null(pl.lit(as_of))
    chosen = expression(dated.first)
    for since, value in dated.later:
        chosen = pl.when(date >= since).then(expression(value)).otherwise(chosen)
    return chosen


def _clock_due(columns: Columns, start: str, limit: Limit, missing: pl.Expr | None) -> Due:
    assert isinstance(limit, Span | ByValue | Dated), "only these are in hours or minutes"
    allowed = _chosen(
        columns, limit, lambda s: pl.lit(dt.timedelta(minutes=s.total_minutes)), pl.Duration("us")
    )
    at = pl.col(instant_name(start)) + allowed
    date = at.dt.convert_time_zone(columns.plan.time_zone).dt.date()
    longest = max(span.total_minutes for span in _spans(limit)) // (24 * 60) + 1
    return Due(
        date=_within_calendar(date, _bounds(columns, start)[1] + longest),
        missing=missing,
        is_met=lambda column: pl.col(instant_name(column)) <= at,
        ends_before_start=lambda a, b: (elapsed(a, b) < 0).fill_null(value=False),
        seconds=lambda a, b: elapsed(a, b) // 1_000_000,
        unreal=lambda a, b: _unreal(columns, a, b),
    )


def _working_hours_due(
    columns: Columns, start: str, limit: Limit, options: TimeOptions, missing: pl.Expr | None
) -> Due:
    """Return the due dates of a limit that is counted within opening hours (S35).

    The due moment is the last in time: where the hours are used up at closing time, the next
    opening, and what comes to an end before it took no longer.
    """
    assert isinstance(limit, Span | ByValue | Dated), "only these are in working hours"
    paused = [p for span in _spans(limit) if (p := options.paused(span)) is not None]

    def allowed(span: Span) -> pl.Expr:
        time = pl.lit(span.total_minutes * _MINUTE, pl.Int64)
        moved = options.paused(span)
        return time if moved is None else time + pl.col(moved.column)

    longest = max(span.total_minutes for span in _spans(limit)) * _MINUTE
    most = max((_most(columns, p) for p in paused), default=0)
    zone, calendar, starts = columns.plan.time_zone, options.calendar, _bounds(columns, start)
    table = reaching(starts, longest + most, calendar, zone)
    begins = pl.col(instant_name(start))
    spent_then = table.until(pl.col(start), begins, starts) + _chosen(
        columns, limit, allowed, pl.Int64()
    )

    def too_late(span: Span) -> pl.Expr:
        return pl.lit(table.first_followed_by_less(span.total_minutes * _MINUTE), pl.Int64)

    used_up, outside = spent_then, None
    if not table.is_followed_by(starts, longest + most):
        covered = covers(pl.col(start), calendar)
        if paused:
            covered &= spent_then < table.total
        else:
            # The same without looking up the open time again.
            covered &= begins.to_physical() < _chosen(columns, limit, too_late, pl.Int64())
        used_up = pl.when(covered).then(spent_then)
        outside = ~covered & begins.is_not_null()
    at = pl.from_epoch(table.last_instant(used_up), "us")
    date = at.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
    pending = _pending(columns, limit, options)
    if pending is not None:
        pending &= date.is_not_null()
    lost = [p.lost_column for p in paused if p.lost_column in columns.flags]

    def unreal(a: str, b: str) -> pl.Expr | None:
        skipped = [_unreal(columns, a, b), *(pl.col(name) for name in lost)]
        given = [mask for mask in skipped if mask is not None]
        return pl.any_horizontal(given) if given else None

    def seconds(a: str, b: str) -> pl.Expr:
        days = _bounds(columns, a)[0], max(_bounds(columns, a)[1], _bounds(columns, b)[1])
        spent = open_time(*days, calendar, zone)
        names = ((pl.col(name), pl.col(instant_name(name))) for name in (a, b))
        first, last = (spent.until(day, instant) for day, instant in names)
        deducted = pl.col(evolve(paused[0], until=None).column) if paused else pl.lit(0)
        known = covers(pl.col(a), calendar) & covers(pl.col(b), calendar)
        return pl.when(known).then((last - first - deducted) // _SECOND)

    return Due(
        date=date if pending is None else pl.when(~pending).then(date),
        missing=missing,
        outside_calendar=outside,
        pending=pending,
        is_met=lambda name: (
            table.until(pl.col(name), pl.col(instant_name(name)), _bounds(columns, name)) <= used_up
        ),
        ends_before_start=lambda a, b: (elapsed(a, b) < 0).fill_null(value=False),
        seconds=seconds,
        unreal=unreal,
    )


def _instant_due(
    columns: Columns, limit: DueColumn, by_day: Due, date: pl.Expr, options: TimeOptions
) -> Due:
    """Return due dates of a column that holds times of day: late is after the instant (S3).

    An end without a time of day is compared by date. A pause moves the instant by whole days of the
    wall clock, and to none where the clocks skip that time; a due day that is rolled to another is
    that whole day (S1, S8, S14).

    Args:
        columns: the columns of the table.
        limit: the column of due dates.
        by_day: the due dates with every value taken as a day.
        date: those days, also of cases that have no due date yet.
        options: the options by which time is counted.
    """
    zone, paused = columns.plan.time_zone, options.paused(limit)
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
    if options.roll != "none":
        counted = (begins.to_physical() + moved_by).cast(pl.Int32).cast(pl.Date)
        by_clock = timed & (date == counted).fill_null(value=False)

    def is_met(column: str) -> pl.Expr:
        if not _has_instants(columns, column):
            return by_day.is_met(column)
        end = pl.col(instant_name(column))
        return (
            pl.when(by_clock & end.is_not_null()).then(end <= at).otherwise(by_day.is_met(column))
        )

    def unreal(_: str, column: str) -> pl.Expr | None:
        skipped = [
            test for test in (_unreal(columns, limit.column, column), lost) if test is not None
        ]
        return by_clock & pl.any_horizontal(skipped) if skipped else None

    return evolve(by_day, is_met=is_met, unreal=unreal, by_instant=timed)


def _has_instants(columns: Columns, name: str) -> bool:
    """Return whether the instants behind the dates of a column are known (S3)."""
    return instant_name(name) in columns.flags


def _unreal(columns: Columns, *names: str) -> pl.Expr | None:
    """Return the mask of the rows where a local time of these columns did not exist (S1).

    None where every local time of these columns existed.
    """
    flags = [unreal_name(name) for name in names if unreal_name(name) in columns.flags]
    return pl.any_horizontal(flags) if flags else None
