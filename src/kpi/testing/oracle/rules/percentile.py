"""The duration within which a percentage of the cases ended (S18)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve

from kpi.definitions.time_units import Span
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import happened_in, in_population
from kpi.testing.oracle.dates import has_months, is_by_the_clock, months_later
from kpi.testing.oracle.due import Due
from kpi.testing.oracle.limits import (
    counted_row,
    due_of,
    excluded,
    is_uncovered,
    month_end_of,
    settled,
)
from kpi.testing.oracle.measures import percentile_of, verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, outcome
from kpi.testing.oracle.pauses import left_out_as_paused


def percentile(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the smallest duration within which so many per cent of the cases ended (S18).

    The value is in the unit of the limit: days, working days, months, or the smallest of hours and
    minutes that the limit names. Without a limit it is in the target's unit, and nothing is asked
    (S31).
    """
    if target.limit is None:
        limited = evolve(target, limit=f"0 {target.unit or 'days'}", unit=None)
        return evolve(percentile(limited, cases, at), verdict="indicator")
    window = window_of(target, at.plan)
    in_months = has_months(target.limit)
    trail = []
    amounts = []
    for case in cases:
        inside = in_population(target, at, case) and not left_out_as_paused(target, case, at)
        if not inside or not happened_in(target, window, target.end, case):
            trail.append(OUTSIDE)
            continue
        months, refused = _months(target, case, at) if in_months else (None, False)
        due = Due(refused=refused, uncovered=is_uncovered(target, case, at))
        if is_by_the_clock(target.limit):
            due = due_of(target, case, at)
        row = excluded(target, case, due)
        trail.append(row or counted_row(target, case, at))
        if row is None:
            elapsed = trail[-1].microseconds
            amounts.append(months if in_months else trail[-1].days if elapsed is None else elapsed)
    smallest = percentile_of(
        [amount for amount in amounts if amount is not None], Fraction(target.percentile)
    )
    return outcome(
        trail,
        verdict_day(target, at.plan),
        at.as_of,
        reached=None if smallest is None else smallest <= _most(target.limit),
        value=None if smallest is None else Fraction(smallest) / _unit(target.limit),
    )


def _months(target: Any, case: Case, at: Counting) -> tuple[int | None, bool]:
    """Return the fewest months within which a case ended, and whether they are refused (S4).

    With the mode `refuse` they are those of the mode `down`; the case is refused where the day so
    many months after its start is one that its month lacks.
    """
    start, end = case.day(target.start), case.day(target.end)
    if start is None or end is None or end < start:
        return None, False
    mode = month_end_of(target, at)
    months = 0
    while not _ended_by(months, start, end, "down" if mode == "refuse" else mode, target, case, at):
        months += 1
    return months, months_later(start, months, mode) is None


def _ended_by(
    months: int,
    start: dt.date,
    end: dt.date,
    mode: str,
    target: Any,
    case: Case,
    at: Counting,
) -> bool:
    """Return whether a case ended by its start + so many months, moved by its pauses (S14)."""
    due = settled(Due(day=months_later(start, months, mode)), target, case, at).day
    return due is not None and end <= due


def _most(limit: Span) -> int:
    """Return the limit as a number of days, working days, months or microseconds."""
    if is_by_the_clock(limit):
        return dt.timedelta(hours=limit.hours, minutes=limit.minutes) // dt.timedelta(
            microseconds=1
        )
    return 7 * limit.weeks + limit.days or limit.working_days or 12 * limit.years + limit.months


def _unit(limit: Span) -> int:
    """Return the microseconds in the unit of the value, by the clock; else 1."""
    if not is_by_the_clock(limit):
        return 1
    unit = dt.timedelta(minutes=1) if "minute" in str(limit) else dt.timedelta(hours=1)
    return unit // dt.timedelta(microseconds=1)
