"""The share of a cohort that ended by a deadline (S21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import in_population
from kpi.testing.oracle.due import Due
from kpi.testing.oracle.limits import counted_row, excluded, in_time, threshold_of
from kpi.testing.oracle.measures import verdict_day
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, share


def clearance(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the share of a cohort that ended by the deadline; open cases are not met (S21)."""
    last = verdict_day(target, at.plan)
    trail = []
    for case in cases:
        if not in_population(target, at, case):
            trail.append(OUTSIDE)
        elif (row := excluded(target, case)) is not None:
            trail.append(row)
        else:
            met = in_time(target, case, Due(day=last))
            trail.append(counted_row(target, case, at, met=met, due=last))
    thresholds = [threshold_of(target, case, at) for case in cases]
    shown = share(trail, thresholds, last, at.as_of)
    return shown if target.threshold is not None else evolve(shown, verdict="indicator")
