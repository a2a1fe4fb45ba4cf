"""The share of the cases that ended in time, of every denominator (S3-S6, S11, S19)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve

from kpi.definitions.limits import ByValue
from kpi.definitions.windows import Window
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import happened_in, in_population, within_bounds
from kpi.testing.oracle.dates import closing_day, days_later, in_window
from kpi.testing.oracle.due import Due
from kpi.testing.oracle.limits import counted_row, due_of, excluded, in_time, threshold_of
from kpi.testing.oracle.measures import verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, Row, outcome, share
from kpi.testing.oracle.pauses import left_out_as_paused


def within(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the share of the cases that ended on or before their due dates (S19)."""
    window = window_of(target, at.plan)
    trail = []
    for case in cases:
        due = due_of(target, case, at)
        if target.denominator == "open":
            # The day stands against the due day, and the time of day of no end is read (S29).
            due = evolve(due, clock=False, reads=(target.start,) if due.clock else ())
        inside = in_population(target, at, case) and not left_out_as_paused(target, case, at)
        if not inside or not _enters(target, window, case, due, at):
            trail.append(OUTSIDE)
        elif (row := excluded(target, case, due)) is not None:
            trail.append(row)
        elif not _is_certain(target, case, due, at.as_of):
            trail.append(Row("undetermined"))
        elif target.denominator == "open":
            trail.append(_open_row(target, case, due))
        else:
            met = in_time(target, case, due)
            trail.append(counted_row(target, case, at, met=met, due=due.day))
    if target.late is not None:
        return _late(target, trail, at)
    thresholds = [threshold_of(target, case, at) for case in cases]
    shown = share(trail, thresholds, verdict_day(target, at.plan), at.as_of)
    of_file = isinstance(target.limit, ByValue) and target.limit.thresholds
    asks = target.threshold is not None or of_file
    return shown if asks else evolve(shown, verdict="indicator")


def _late(target: Any, trail: Sequence[Row], at: Counting) -> Outcome:
    """Return how many of the counted rows are not met, against the bounds."""
    counted = [row for row in trail if row.bucket == "counted"]
    late = sum(not row.met for row in counted)
    return outcome(
        trail,
        verdict_day(target, at.plan),
        at.as_of,
        reached=within_bounds(target.late, Fraction(late)) if counted else None,
        value=Fraction(late) if counted else None,
        met=len(counted) - late,
    )


def _enters(target: Any, window: Window, case: Case, due: Due, at: Counting) -> bool:
    """Return whether a case of the population enters the denominator (S11, S12).

    A case without a due date enters where the denominator needs one, and is excluded with a reason.
    A case held up by a pause is not among those that are due (S14).
    """
    if target.denominator == "closed":
        return happened_in(target, window, target.end, case)
    if target.denominator == "open":
        return _is_open(case.day(target.start), case.day(target.end), closing_day(target.at))
    if target.denominator in ("cohort", "overdue"):
        event = target.on or at.table.entry or target.start
        return happened_in(target, window, event, case)
    denominator: str = target.denominator
    if due.held_up:
        return denominator == "settled"
    if due.day is None:
        return True
    if target.denominator == "due":
        return in_window(window, due.day) and due.day <= at.as_of
    return in_window(window, _settling_day(target, case, due, due.day))


def _is_open(start: dt.date | None, end: dt.date | None, day: dt.date) -> bool:
    """Return whether a case is open when a day ends (S29), or is not for a flaw that excludes it."""
    if start is None:
        return end is None or day < end
    if start > day:
        return False
    flawed = end is not None and end < start
    return flawed or end is None or day < end


def _open_row(target: Any, case: Case, due: Due) -> Row:
    """Return the row of a case that is open when a day ends: late once its due day is over."""
    day, start = closing_day(target.at), case.day(target.start)
    assert start is not None, "a case without a start is excluded before"
    met = due.held_up or due.day is None or not due.day < day
    return Row("counted", met=met, days=(day - start).days, due=due.day)


def _settling_day(target: Any, case: Case, due: Due, day: dt.date) -> dt.date:
    """Return the day on which the outcome is certain: the end in time, or the day after due."""
    end = case.day(target.end)
    return end if end is not None and in_time(target, case, due) else days_later(day, 1)


def _is_certain(target: Any, case: Case, due: Due, as_of: dt.date) -> bool:
    """Return whether the outcome of a case inside is certain at `as_of` (S11, S12)."""
    denominator: str = target.denominator
    if due.held_up:
        return denominator in ("cohort", "open")
    assert due.day is not None, "a case without a due date is excluded before"
    if target.denominator == "overdue":
        return case.day(target.end) is not None or due.day <= as_of
    return target.denominator != "settled" or _settling_day(target, case, due, due.day) <= as_of
