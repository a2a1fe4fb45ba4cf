"""The duration within which a percentage of the cases ended (S18)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import happened_in, in_population
from kpi.testing.oracle.limits import counted_row, excluded
from kpi.testing.oracle.measures import percentile_of, verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, outcome
from kpi.testing.oracle.pauses import left_out_as_paused


def percentile(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """The smallest duration within which so many of the cases that ended in the window ended."""
    window = window_of(target, at.plan)
    trail = []
    for case in cases:
        inside = in_population(target, at.table, case) and not left_out_as_paused(target, case, at)
        if not inside or not happened_in(target, window, target.end, case):
            trail.append(OUTSIDE)
        elif (row := excluded(target, case)) is not None:
            trail.append(row)
        else:
            trail.append(counted_row(target, case, at))
    found = percentile_of(
        [row.days for row in trail if row.days is not None], Fraction(target.percentile)
    )
    most = 7 * target.limit.weeks + target.limit.days
    return outcome(
        trail,
        verdict_day(target, at.plan),
        at.as_of,
        reached=None if found is None else found <= most,
        value=None if found is None else Fraction(found),
    )
