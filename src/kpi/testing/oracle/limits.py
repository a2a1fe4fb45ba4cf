"""Which limit holds for a case, when it is due, and whether it is in time (S3-S6, S12)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any, TypeVar

from attrs import frozen

from kpi.limits import Before, ByValue, Dated, DueColumn, Span
from kpi.testing.oracle.cases import Case, Counting, local_date
from kpi.testing.oracle.dates import due_date, due_date_before
from kpi.testing.oracle.outcomes import Row

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
    """

    day: dt.date | None = None
    moment: dt.datetime | None = None
    clock: bool = False
    backwards: bool = False
    missing: bool = False
    refused: bool = False


def due_of(target: Any, case: Case, at: Counting) -> Due:
    """When a case must have ended, by the limit that holds for it."""
    limit = _limit_of(target.limit, case, at.as_of)
    if limit is None:
        return Due(missing=True)
    if isinstance(limit, DueColumn):
        day = case.day(limit.column)
        return Due(day=day, missing=day is None)
    mode = target.month_end if target.month_end is not None else at.plan.month_end
    start = case.day(target.start)
    if isinstance(limit, Before):
        day = None if start is None else due_date_before(start, limit.span, mode)
        return Due(day=day, backwards=True, refused=day is None)
    assert isinstance(limit, Span)
    if limit.hours or limit.minutes:
        began = case.instant(target.start)
        if began is None:
            return Due(clock=True)
        moment = began + dt.timedelta(hours=limit.hours, minutes=limit.minutes)
        return Due(day=local_date(moment, at.plan.time_zone), moment=moment, clock=True)
    day = None if start is None else due_date(start, limit, mode)
    return Due(day=day, refused=day is None)


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


def days_of(target: Any, case: Case) -> int | None:
    """Whole days from start to end (S2)."""
    start, end = case.day(target.start), case.day(target.end)
    return None if start is None or end is None else (end - start).days
