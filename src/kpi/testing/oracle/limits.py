"""Which limit holds for a case, when it is due, and whether it is in time (S3-S8, S12, S14)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any, TypeVar

from attrs import evolve, frozen

from kpi.definitions.limits import Before, ByValue, Dated, DueColumn, Span
from kpi.testing.oracle.calendars import (
    calendar_of,
    covers,
    is_working_day,
    next_working_day,
    working_day_before,
)
from kpi.testing.oracle.cases import Case, Counting, local_date
from kpi.testing.oracle.dates import DAY, due_date, due_date_before
from kpi.testing.oracle.outcomes import Row
from kpi.testing.oracle.pauses import deducted, is_paused, moved, paused_of

T = TypeVar("T")


@frozen(kw_only=True)
class Due:
    """When a case must have ended.

    Attributes:
        day: the last day in time, in the plan's zone; None where there is none.
        moment: the last instant in time, for a limit in hours and minutes.
        clock: whether the limit is one in hours and minutes.
        backwards: whether the limit is counted backwards from the start.
        missing: whether the case has no limit.
        refused: whether the month-end mode refuses to name the day.
        uncovered: whether the calendar does not cover a day that must be looked at.
    """

    day: dt.date | None = None
    moment: dt.datetime | None = None
    clock: bool = False
    backwards: bool = False
    missing: bool = False
    refused: bool = False
    uncovered: bool = False


def due_without_pauses(target: Any, case: Case, at: Counting) -> Due:
    """The same as if the case had never been paused."""
    no_pauses: dict[str, Any] = {"pauses": ()}
    return due_of(evolve(target, **no_pauses) if hasattr(target, "pauses") else target, case, at)


def due_of(target: Any, case: Case, at: Counting) -> Due:
    """When a case must have ended, by the limit that holds for it."""
    limit = _limit_of(target.limit, case, at.as_of)
    if limit is None:
        return Due(missing=True)
    if isinstance(limit, Span) and (limit.hours or limit.minutes):
        return _by_the_clock(limit, target, case, at)
    if isinstance(limit, DueColumn):
        day = case.day(limit.column)
        due = Due(day=day, missing=day is None)
    elif isinstance(limit, Before):
        due = _backwards(limit.span, target, case, at)
    else:
        due = _forwards(limit, target, case, at)
    if not _in_working_days(limit) and due.day is not None:
        # Rounded first, then moved by the days that do not count.
        due = evolve(due, day=moved(due.day, target, case, at))
    return _rolled(due, target, at)


def _by_the_clock(limit: Span, target: Any, case: Case, at: Counting) -> Due:
    began = case.instant(target.start)
    if began is None:
        return Due(clock=True)
    moment = began + dt.timedelta(hours=limit.hours, minutes=limit.minutes)
    return Due(day=local_date(moment, at.plan.time_zone), moment=moment, clock=True)


def _forwards(limit: Span, target: Any, case: Case, at: Counting) -> Due:
    start = case.day(target.start)
    if start is None:
        return Due()
    if limit.working_days:
        day = _working_day_due(start, limit.working_days, target, case, at)
        return Due(day=day, uncovered=day is None)
    day = due_date(start, limit, _month_end_of(target, at))
    return Due(day=day, refused=day is None)


def _working_day_due(
    start: dt.date, number: int, target: Any, case: Case, at: Counting
) -> dt.date | None:
    """The so-many-th working day after the start that lies in no pause (S7, S14)."""
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
    if span.working_days:
        day = working_day_before(start, span.working_days, calendar_of(target, at.plan))
        return Due(day=day, backwards=True, uncovered=day is None)
    day = due_date_before(start, span, _month_end_of(target, at))
    return Due(day=day, backwards=True, refused=day is None)


def _rolled(due: Due, target: Any, at: Counting) -> Due:
    """The due date on a working day, where that is asked for and the rule rolls at all (S8)."""
    if due.day is None or not hasattr(target, "roll"):
        return due
    if (target.roll if target.roll is not None else at.plan.roll) == "none":
        return due
    day = next_working_day(due.day, calendar_of(target, at.plan))
    return evolve(due, day=day, uncovered=day is None)


def _month_end_of(target: Any, at: Counting) -> str:
    mode: str = target.month_end if target.month_end is not None else at.plan.month_end
    return mode


def _in_working_days(limit: Span | Before | DueColumn) -> bool:
    span = limit.span if isinstance(limit, Before) else limit
    return isinstance(span, Span) and span.working_days > 0


def _limit_of(limit: Any, case: Case, as_of: dt.date) -> Span | Before | DueColumn | None:
    if isinstance(limit, ByValue):
        value = case.text(limit.column)
        return None if value is None else limit.limits.get(value)
    found = in_force(limit, case, as_of)[1] if isinstance(limit, Dated) else limit
    assert isinstance(found, Span | Before | DueColumn)
    return found


def in_force(dated: Dated[T], case: Case, as_of: dt.date) -> tuple[str, T]:
    """The stretch of time that a case falls in, and what was in force then.

    A case without the date is still open: what is in force at `as_of` holds for it.
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
    """The percentage that a case is held to: that of its value, of its day, or the only one."""
    limit = getattr(target, "limit", None)
    if isinstance(limit, ByValue):
        value = case.text(limit.column)
        if value is not None and value in limit.thresholds:
            return Fraction(limit.thresholds[value])
    threshold = target.threshold
    if isinstance(threshold, Dated):
        threshold = in_force(threshold, case, at.as_of)[1]
    return None if threshold is None else Fraction(threshold)


def in_time(target: Any, case: Case, due: Due) -> bool:
    """Whether a case ended in time; one that has not ended is not (S3, S6)."""
    if due.clock:
        ended = case.instant(target.end)
        return ended is not None and due.moment is not None and ended <= due.moment
    end = case.day(target.end)
    return end is not None and due.day is not None and end <= due.day


def excluded(target: Any, case: Case, due: Due | None = None) -> Row | None:
    """The row with its first reason for exclusion, in the order of S12, or None."""
    due = due if due is not None else Due()
    reasons = (
        ("start missing", case.day(target.start) is None),
        ("limit missing", due.missing),
        ("end before start", _ended_before_it_started(target, case, due)),
        ("refused month end", due.refused),
        ("outside the calendar", due.uncovered),
        ("no such local time", not case.unreal.isdisjoint((target.start, target.end))),
        ("repeated id", case.repeated),
    )
    return first_of(reasons)


def _ended_before_it_started(target: Any, case: Case, due: Due) -> bool:
    if due.backwards:
        return False
    if due.clock:
        began, ended = case.instant(target.start), case.instant(target.end)
        return began is not None and ended is not None and ended < began
    start, end = case.day(target.start), case.day(target.end)
    return start is not None and end is not None and end < start


def first_of(reasons: tuple[tuple[str, bool], ...]) -> Row | None:
    """The row excluded for the first of the reasons that applies, or None."""
    return next((Row("excluded", reason) for reason, applies in reasons if applies), None)


def counted_row(
    target: Any, case: Case, at: Counting, *, met: bool | None = None, due: dt.date | None = None
) -> Row:
    """A row that counts, with the days that it took and those of them that do not count."""
    return Row(
        "counted",
        met=met,
        days=days_of(target, case, at),
        due=due,
        paused=paused_of(target, case, at),
    )


def days_of(target: Any, case: Case, at: Counting) -> int | None:
    """Whole days from start to end, less the paused ones (S2, S14)."""
    start, end = case.day(target.start), case.day(target.end)
    if start is None or end is None:
        return None
    return (end - start).days - len(deducted(target, case, at))
