"""A measure within its limit on every working day (S24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kpi.testing.oracle.calendars import calendar_of, is_working_day, working_days
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import in_population
from kpi.testing.oracle.dates import first_day, in_window
from kpi.testing.oracle.limits import counted_row, due_of, excluded, in_time
from kpi.testing.oracle.measures import verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, outcome


def every_working_day(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate whether the measure kept its limit on each working day through `as_of` (S24).

    A day without a measure is a miss. A day over the limit decides; else a working day without a
    counted row makes the target not assessable.
    """
    last = verdict_day(target, at.plan)
    trail = []
    judged = set()
    for case in cases:
        day, due = case.day(target.start), due_of(target, case, at)
        # A row without its day fails no test of the day, and is excluded (S10).
        is_judged = day is None or _is_judged(target, day, at)
        if not is_judged or not in_population(target, at, case):
            trail.append(OUTSIDE)
        elif (row := excluded(target, case, due)) is not None:
            trail.append(row)
        else:
            judged.add(day)
            kept = in_time(target, case, due)
            trail.append(counted_row(target, case, at, met=kept, due=due.day))
    days = _days_judged(target, at, min(last, at.as_of))
    missing = sum(day not in judged for day in days)
    met = sum(row.met is True for row in trail)
    counted = sum(row.bucket == "counted" for row in trail)
    reached: bool | None = True
    if met < counted:
        reached = False
    elif missing or not counted:
        reached = None
    return outcome(
        trail,
        last,
        at.as_of,
        reached=reached,
        value=Fraction(met, counted) if counted else None,
        met=met,
        figures={"working_days": len(days), "missing_days": missing},
    )


def _is_judged(target: Any, day: dt.date, at: Counting) -> bool:
    return (
        in_window(window_of(target, at.plan), day)
        and day <= at.as_of
        and is_working_day(day, calendar_of(target, at.plan))
    )


def _days_judged(target: Any, at: Counting, through: dt.date) -> list[dt.date]:
    since = first_day(window_of(target, at.plan))
    assert since is not None, "the working days of a window are counted from its first day"
    return working_days(since, through, calendar_of(target, at.plan))
