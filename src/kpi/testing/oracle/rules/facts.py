"""Reported facts: milestones reached, and figures from elsewhere (S25)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import in_population, within_bounds
from kpi.testing.oracle.dates import in_window
from kpi.testing.oracle.limits import first_of
from kpi.testing.oracle.measures import verdict_day
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, Row, outcome, share

_ALL = Fraction(100)


def milestone(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate whether an act was done by the deadline; not done is a miss."""
    last = verdict_day(target, at.plan)
    trail = []
    for case in cases:
        if not _is_reported(target, case, at):
            trail.append(OUTSIDE)
            continue
        done = case.day("done")
        met = done is not None and in_window(target.deadline, done)
        trail.append(
            first_of((("repeated id", case.repeated),)) or Row("counted", met=met, due=last)
        )
    return share(trail, [_ALL] * len(trail), last, at.as_of)


def reported(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate whether a reported figure lies within its bounds."""
    trail = []
    values = []
    for case in cases:
        if not _is_reported(target, case, at):
            trail.append(OUTSIDE)
            continue
        value = _number(case.cells.get("value"))
        reasons = (("value missing", value is None), ("repeated id", case.repeated))
        row = first_of(reasons)
        trail.append(row if row is not None else Row("counted"))
        if row is None:
            values.append(value)
    value = values[0] if len(values) == 1 else None
    return outcome(
        trail,
        verdict_day(target, at.plan),
        at.as_of,
        reached=None if value is None else within_bounds(target.requires, value),
        value=value,
    )


def _is_reported(target: Any, case: Case, at: Counting) -> bool:
    """Return whether a row of the table of facts is the one that the target reads."""
    fact = target.fact if target.fact is not None else target.id
    return case.cells.get("target") == fact and in_population(target, at, case)


def _number(cell: object) -> Fraction | None:
    """Return a number as it is written: the float 7.1 is seventy-one tenths; None if not finite."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    return Fraction(str(cell))
