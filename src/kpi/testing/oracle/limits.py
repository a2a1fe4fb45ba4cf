"""The limit of a case, its due date, and whether it ended in time (S3-S8, S12, S14)."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from fractions import Fraction
from typing import Any, TypeVar

from attrs import evolve

from kpi.definitions.limits import Before, ByValue, Dated, DueColumn
from kpi.definitions.thresholds import ThresholdByValue
from kpi.definitions.time_units import Span
from kpi.testing.oracle.calendars import (
    calendar_of,
    covers,
    is_working_day,
    next_working_day,
    working_day_before,
    working_days,
)
from kpi.testing.oracle.cases import Case, Counting, instant, local_date
from kpi.testing.oracle.dates import (
    DAY,
    days_later,
    due_date,
    due_date_before,
    is_by_the_clock,
    is_in_working_days,
    is_in_working_hours,
)
from kpi.testing.oracle.due import Due
from kpi.testing.oracle.outcomes import Row
from kpi.testing.oracle.pauses import (
    days_paused_through,
    deducted,
    is_held_up,
    is_paused,
)
from kpi.testing.oracle.working_hours import due_in_working_hours, worked_of

T = TypeVar("T")


def due_without_pauses(target: Any, case: Case, at: Counting) -> Due:
    """Return the due date as if the case had never been paused."""
    no_pauses: dict[str, Any] = {"pauses": ()}
    paused = bool(getattr(target, "pauses", ()))
    return due_of(evolve(target, **no_pauses) if paused else target, case, at)


def due_of(target: Any, case: Case, at: Counting) -> Due:
    """Return the due date of a case, by the limit that holds for it; none without a limit (S31)."""
    if target.limit is None:
        return Due()
    limit = limit_of(target.limit, case, at.as_of)
    if limit is None:
        return Due(missing=True)
    if isinstance(limit, Span) and is_in_working_hours(limit):
        return due_in_working_hours(limit, target, case, at)
    if isinstance(limit, Span) and is_by_the_clock(limit):
        return _by_the_clock(limit, target, case, at)
    if isinstance(limit, DueColumn):
        due = _in_column(limit, target, case)
    elif isinstance(limit, Before):
        due = _backwards(limit.span, target, case, at)
    else:
        due = _forwards(limit, target, case, at)
    if not (isinstance(limit, Span) and is_in_working_days(limit)):
        due = settled(due, target, case, at)
    elif due.day is not None:
        # Paused days are left out already; "0 working days" is the start, which no pause moves.
        due = _rolled(due, target, at)
        if not limit.working_days:
            return due
    if due.day is not None and is_held_up(due.day, target, case, at):
        return evolve(due, day=None, moment=None, held_up=True)
    return due


def _by_the_clock(limit: Span, target: Any, case: Case, at: Counting) -> Due:
    read = (target.start, target.end)
    began = case.instant(target.start)
    if began is None:
        return Due(clock=True, reads=read)
    try:
        moment = began + dt.timedelta(hours=limit.hours, minutes=limit.minutes)
    except OverflowError:
        moment = dt.datetime.max.replace(tzinfo=dt.UTC)
    day = local_date(moment, at.plan.time_zone)
    return Due(day=day, moment=moment, clock=True, reads=read)


def _in_column(limit: DueColumn, target: Any, case: Case) -> Due:
    """Return a case's own due date: with a time of day an instant, else a whole day (S3)."""
    day = case.day(limit.column)
    timed = limit.column in case.timed if limit.by is None else limit.by == "instant"
    if day is None or not timed:
        return Due(day=day, missing=day is None)
    return Due(day=day, moment=case.instant(limit.column), reads=(limit.column, target.end))


def settled(due: Due, target: Any, case: Case, at: Counting) -> Due:
    """Return a due date moved by pauses and rolled, until neither moves it on (S8, S14).

    The due date is rounded to a month end first. A pause counts that begins on the moved day or before; where the calendar does
    not tell that day, on the day that was to be moved or before.
    """
    if due.day is None:
        return due
    day = due.day
    while True:
        later = _so_much_later(due, days_paused_through(day, target, case, at), at)
        assert later.day is not None, "a due date is moved to another"
        rolled = _rolled(later, target, at)
        reached = rolled.day if rolled.day is not None else later.day
        if reached == day:
            return rolled
        day = reached


def _so_much_later(due: Due, days: int, at: Counting) -> Due:
    """Return a due date some days later, at the same time of day where it has one."""
    assert due.day is not None, "a due date is moved where there is one"
    if not days or due.moment is None:
        return evolve(due, day=days_later(due.day, days))
    wall = due.moment.astimezone(zoneinfo.ZoneInfo(at.plan.time_zone)).time()
    later = dt.datetime.combine(days_later(due.day, days), wall).replace(fold=0)
    return evolve(due, day=later.date(), moment=instant(later, at.plan.time_zone))


def _forwards(limit: Span, target: Any, case: Case, at: Counting) -> Due:
    start = case.day(target.start)
    if start is None:
        return Due()
    if is_in_working_days(limit):
        day = _working_day_due(start, limit.working_days, target, case, at)
        return Due(day=day, uncovered=day is None)
    day = due_date(start, limit, month_end_of(target, at))
    return Due(day=day, refused=day is None)


def _working_day_due(
    start: dt.date, number: int, target: Any, case: Case, at: Counting
) -> dt.date | None:
    """Return the `number`-th working day after the start that lies in no pause (S7, S14)."""
    calendar = calendar_of(target, at.plan)
    day, left = start, number
    while left > 0:
        day += DAY
        if not covers(calendar, day):
            return None
        left -= is_working_day(day, calendar) and not is_paused(day, target, case, at)
    return day


def _backwards(span: Span, target: Any, case: Case, at: Counting) -> Due:
    start = case.day(target.start)
    if start is None:
        return Due(backwards=True)
    if is_in_working_days(span):
        day = working_day_before(start, span.working_days, calendar_of(target, at.plan))
        return Due(day=day, backwards=True, uncovered=day is None)
    day = due_date_before(start, span, month_end_of(target, at))
    return Due(day=day, backwards=True, refused=day is None)


def _rolled(due: Due, target: Any, at: Counting) -> Due:
    """Return the due date rolled to a working day, where the target or the plan rolls (S8).

    A due instant that is rolled becomes a whole day, for the period ends with the day.
    """
    if due.day is None or not target.has_key("roll"):
        return due
    if (target.roll if target.roll is not None else at.plan.roll) == "none":
        return due
    day = next_working_day(due.day, calendar_of(target, at.plan))
    if day == due.day:
        return due
    return evolve(due, day=day, moment=None, reads=(), uncovered=day is None)


def month_end_of(target: Any, at: Counting) -> str:
    """Return the month-end mode of a target: its own, or the plan's (S4)."""
    own: str | None = getattr(target, "month_end", None)
    return own if own is not None else at.plan.month_end


def limit_of(limit: Any, case: Case, as_of: dt.date) -> Span | Before | DueColumn | None:
    """Return the limit of a case: the only one, by its value, or by its day; None if missing."""
    if isinstance(limit, ByValue):
        value = case.text(limit.column)
        return None if value is None else limit.limits.get(value)
    own = in_force(limit, case, as_of)[1] if isinstance(limit, Dated) else limit
    assert isinstance(own, Span | Before | DueColumn)
    return own


def in_force(dated: Dated[T], case: Case, as_of: dt.date) -> tuple[str, T]:
    """Return the name of the period in force that a case falls in, and its value.

    A case without the date is still open: the value in force at `as_of` holds for it.

    Raises:
        TypeError: where the value is no `Dated`.
    """
    match dated:
        case Dated(column=column, first=earliest, later=later):
            day = case.day(column)
            reached = {since: value for since, value in later if since <= (day or as_of)}
            if not reached:
                return f"before {min(since for since, _ in later)}", earliest
            return f"since {max(reached)}", reached[max(reached)]
    raise TypeError(f"found {dated!r}; accepted: a Dated")


def threshold_of(target: Any, case: Case, at: Counting) -> Fraction | None:
    """Return the threshold of a case, in per cent: by its value, by its day, or the only one."""
    limit = getattr(target, "limit", None)
    if isinstance(limit, ByValue):
        value = case.text(limit.column)
        if value is not None and value in limit.thresholds:
            return Fraction(limit.thresholds[value])
    threshold = target.threshold
    if isinstance(threshold, ThresholdByValue):
        value = case.text(threshold.column)
        threshold = None if value is None else threshold.thresholds.get(value)
    if isinstance(threshold, Dated):
        threshold = in_force(threshold, case, at.as_of)[1]
    return None if threshold is None else Fraction(threshold)


def lacks_threshold(target: Any, case: Case) -> bool:
    """Return whether the thresholds stand by value, and none of them is for the case (S12)."""
    by_value = getattr(target, "threshold", None)
    if not isinstance(by_value, ThresholdByValue):
        return False
    return case.text(by_value.column) not in {*by_value.thresholds}


def in_time(target: Any, case: Case, due: Due) -> bool:
    """Return whether a case ended in time; an open case has not (S3, S6)."""
    if due.reads:
        ended = case.instant(target.end)
        return ended is not None and due.moment is not None and ended <= due.moment
    end = case.day(target.end)
    return end is not None and due.day is not None and end <= due.day


def excluded(target: Any, case: Case, due: Due | None = None) -> Row | None:
    """Return the excluded row with its first reason, in the order of S12, or None."""
    due = due if due is not None else Due()
    reasons = (
        ("start missing", case.day(target.start) is None),
        ("limit missing", due.missing),
        ("threshold missing", lacks_threshold(target, case)),
        ("end before start", _ended_before_it_started(target, case, due)),
        ("refused month end", due.refused),
        ("outside the calendar", due.uncovered),
        ("no such local time", _reads_a_skipped_time(case, due)),
        ("repeated id", case.repeated),
    )
    return first_of(reasons)


def _reads_a_skipped_time(case: Case, due: Due) -> bool:
    """Return whether the clock is read of a skipped local time, in a cell or moved to (S1)."""
    has_lost_its_time = bool(due.reads) and due.day is not None and due.moment is None
    has_lost_its_time |= due.lost_pause
    return has_lost_its_time or not case.unreal.isdisjoint(due.reads)


def _ended_before_it_started(target: Any, case: Case, due: Due) -> bool:
    if due.backwards:
        return False
    if due.clock:
        began, ended = case.instant(target.start), case.instant(target.end)
        return began is not None and ended is not None and ended < began
    start, end = case.day(target.start), case.day(target.end)
    return start is not None and end is not None and end < start


def first_of(reasons: tuple[tuple[str, bool], ...]) -> Row | None:
    """Return the row excluded for the first of the reasons that applies, or None."""
    return next((Row("excluded", reason) for reason, applies in reasons if applies), None)


def counted_row(
    target: Any, case: Case, at: Counting, *, met: bool | None = None, due: dt.date | None = None
) -> Row:
    """Return a counted row with its days, its paused days, and its time by the clock.

    Of an average and a percentile with a limit in working days, both are working days (S16).
    """
    amount, paused = amount_of(target, case, at), None
    if getattr(target, "pauses", ()):
        paused = len(
            _paused_working_days(target, case, at)
            if in_working_days(target, case, at)
            else deducted(target, case, at)
        )
    elapsed = elapsed_of(target, case, at)
    return Row("counted", met=met, days=amount, due=due, paused=paused, microseconds=elapsed)


AMOUNTS = ("average", "percentile")
"""The rules that measure how much time a case took, in the unit of the limit (S16, S18)."""


def by_the_clock(target: Any, case: Case, at: Counting) -> bool:
    """Return whether the limit of a case is in hours or minutes (S3)."""
    limit = limit_of(target.limit, case, at.as_of)
    return isinstance(limit, Span) and is_by_the_clock(limit)


def elapsed_of(target: Any, case: Case, at: Counting) -> int | None:
    """Return the microseconds from start to end, where the limit is in hours or minutes (S3, S16)."""
    if target.rule not in ("within", *AMOUNTS) or not by_the_clock(target, case, at):
        return None
    began, ended = case.instant(target.start), case.instant(target.end)
    if began is None or ended is None:
        return None
    limit = limit_of(target.limit, case, at.as_of)
    taken: dt.timedelta | None = ended - began
    if isinstance(limit, Span) and is_in_working_hours(limit):
        taken = worked_of(target, case, at)
    return None if taken is None else taken // dt.timedelta(microseconds=1)


def in_working_days(target: Any, case: Case, at: Counting) -> bool:
    """Return whether the amount of a case is a number of working days (S16)."""
    if target.rule not in AMOUNTS:
        return False
    limit = limit_of(target.limit, case, at.as_of)
    return isinstance(limit, Span) and is_in_working_days(limit)


def amount_of(target: Any, case: Case, at: Counting) -> int | None:
    """Return the time from start to end less pauses; None without an end (S2, S14, S16)."""
    start, end = case.day(target.start), case.day(target.end)
    if start is None or end is None:
        return None
    if in_working_days(target, case, at):
        paused = _paused_working_days(target, case, at)
        return len(_working_days_of(target, case, at)) - len(paused)
    return (end - start).days - len(deducted(target, case, at))


def _working_days_of(target: Any, case: Case, at: Counting) -> list[dt.date]:
    """Return the working days after the start day through the end day."""
    start, end = case.day(target.start), case.day(target.end)
    assert start is not None, "a case without a start is excluded"
    assert end is not None, "a case without an end took no time yet"
    return working_days(start + DAY, end, calendar_of(target, at.plan))


def _paused_working_days(target: Any, case: Case, at: Counting) -> list[dt.date]:
    """Return the paused working days of a case, up to the end, which counts (S14)."""
    end = case.day(target.end)
    return [
        day
        for day in _working_days_of(target, case, at)
        if day != end and is_paused(day, target, case, at)
    ]


def is_uncovered(target: Any, case: Case, at: Counting) -> bool:
    """Return whether the calendar lacks a day of a case measured in working days (S7)."""
    start, end = case.day(target.start), case.day(target.end)
    if start is None or end is None or not in_working_days(target, case, at):
        return False
    calendar = calendar_of(target, at.plan)
    days = (start + n * DAY for n in range(1, (end - start).days + 1))
    return not all(covers(calendar, day) for day in days)
