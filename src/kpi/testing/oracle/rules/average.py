"""The average of the cases that ended in the window, or of the fastest of them (S16, S17)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kpi.definitions.limits import Span
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import happened_in, in_population
from kpi.testing.oracle.limits import counted_row, due_without_pauses, excluded
from kpi.testing.oracle.measures import verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, Row, outcome
from kpi.testing.oracle.parts import values_of
from kpi.testing.oracle.pauses import left_out_as_paused


def average(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """The days of the cases that ended in the window, against the limit (S16).

    The most that the total may be is the sum of each counted case's own days from its start to
    its due date without pauses, which its own days are without too. For a limit in days that is the
    limit times the count; for one in months it is the reading of S5.
    """
    window = window_of(target, at.plan)
    trail = []
    for case in cases:
        inside = in_population(target, at.table, case) and not left_out_as_paused(target, case, at)
        if not inside or not happened_in(target, window, target.end, case):
            trail.append(OUTSIDE)
        elif (row := excluded(target, case, due_without_pauses(target, case, at))) is not None:
            trail.append(row)
        else:
            # A plain number of days is no due date, for only the mean must keep it.
            due = None if _in_days(target) else due_without_pauses(target, case, at).day
            trail.append(counted_row(target, case, at, due=due))
    if target.fastest is not None:
        trail = _fastest(target, cases, trail)
    counted = [case for case, row in zip(cases, trail, strict=True) if row.bucket == "counted"]
    total = sum(row.days for row in trail if row.days is not None)
    allowed = sum(_days_allowed(target, case, at) for case in counted)
    return outcome(
        trail,
        verdict_day(target, at.plan),
        at.as_of,
        reached=total <= allowed if counted else None,
        value=Fraction(total, len(counted)) if counted else None,
        total=total,
        figures={} if _in_days(target) else {"allowed": allowed},
    )


def _in_days(target: Any) -> bool:
    """Whether the limit is one number of days for every case."""
    span = target.limit
    return isinstance(span, Span) and not (span.months or span.years or span.working_days)


def _days_allowed(target: Any, case: Case, at: Counting) -> int:
    start, due = case.day(target.start), due_without_pauses(target, case, at).day
    assert start is not None
    assert due is not None
    return (due - start).days


def _fastest(target: Any, cases: Sequence[Case], trail: Sequence[Row]) -> list[Row]:
    """The rows, the slowest of each value excluded; of equals the first by the key stays."""
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
