"""The average of the cases that ended in the window, or of the fastest of them (S16, S17)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kpi.definitions.time_units import Span
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import happened_in, in_population
from kpi.testing.oracle.dates import has_months
from kpi.testing.oracle.due import Due
from kpi.testing.oracle.limits import (
    counted_row,
    due_without_pauses,
    excluded,
    in_working_days,
    is_uncovered,
    limit_of,
)
from kpi.testing.oracle.measures import verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, Row, outcome
from kpi.testing.oracle.parts import values_of
from kpi.testing.oracle.pauses import left_out_as_paused


def average(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the mean duration of the cases that ended in the window, in days (S16).

    With a limit in working days, durations are in working days. The total may be at most the sum of
    the counted cases' allowances: the days from the start to the due date without pauses, which the
    durations are without too, or a number of working days. For one limit in days or working days
    that is the limit times the count; for one in months it is the reading of S5.
    """
    window = window_of(target, at.plan)
    trail = []
    for case in cases:
        inside = in_population(target, at, case) and not left_out_as_paused(target, case, at)
        if not inside or not happened_in(target, window, target.end, case):
            trail.append(OUTSIDE)
        elif (row := excluded(target, case, _due(target, case, at))) is not None:
            trail.append(row)
        else:
            trail.append(counted_row(target, case, at, due=_due(target, case, at).day))
    if target.fastest is not None:
        trail = _fastest(target, cases, trail)
    counted = [case for case, row in zip(cases, trail, strict=True) if row.bucket == "counted"]
    total = sum(row.days for row in trail if row.days is not None)
    allowed = sum(_allowed(target, case, at) for case in counted)
    return outcome(
        trail,
        verdict_day(target, at.plan),
        at.as_of,
        reached=total <= allowed if counted else None,
        value=Fraction(total, len(counted)) if counted else None,
        total=total,
        figures={} if _is_plain(target) else {"allowed": allowed},
    )


def _is_plain(target: Any) -> bool:
    """Return whether the limit is one number of days, or of working days, for every case."""
    return isinstance(target.limit, Span) and not has_months(target.limit)


def _due(target: Any, case: Case, at: Counting) -> Due:
    """Return the due date that a case is compared with; none where its limit is in days.

    A number of days is no due date, for only the mean must keep it. Nor is a case's own number of
    working days, which are summed as they are.
    """
    if _is_plain(target) or in_working_days(target, case, at):
        return Due(uncovered=is_uncovered(target, case, at))
    return due_without_pauses(target, case, at)


def _allowed(target: Any, case: Case, at: Counting) -> int:
    """Return the most that a case may take, in the unit of its limit."""
    if in_working_days(target, case, at):
        limit = limit_of(target.limit, case, at.as_of)
        assert isinstance(limit, Span)
        return limit.working_days
    start, due = case.day(target.start), due_without_pauses(target, case, at).day
    assert start is not None
    assert due is not None
    return (due - start).days


def _fastest(target: Any, cases: Sequence[Case], trail: Sequence[Row]) -> list[Row]:
    """Return the rows with the slowest of each value excluded; ties stay in key order."""
    kept = list(trail)
    for group in values_of(target, cases).values():
        counted = [n for n in group if trail[n].bucket == "counted"]
        counted.sort(key=lambda n: (trail[n].days, cases[n].place()))
        for n in counted[_how_many(target, len(counted)) :]:
            kept[n] = Row("excluded", f"beyond the fastest {target.fastest} %")
    return kept


def _how_many(target: Any, of: int) -> int:
    exact = Fraction(target.fastest) * of / 100
    if target.rounding == "up":
        return math.ceil(exact)
    if target.rounding == "down":
        return math.floor(exact)
    return math.floor(exact + Fraction(1, 2))
