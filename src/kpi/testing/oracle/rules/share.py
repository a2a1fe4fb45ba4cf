"""The share of rows that fulfil the conditions of the numerator (S19)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import fulfils, happened_in, in_population
from kpi.testing.oracle.limits import first_of, lacks_threshold, threshold_of
from kpi.testing.oracle.measures import event_of, verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, Row
from kpi.testing.oracle.outcomes import share as share_of


def share(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the share that fulfils all conditions, of the rows in the window (S19)."""
    window = window_of(target, at.plan)
    event = event_of(target, at.table)
    trail = []
    for case in cases:
        inside = in_population(target, at, case)
        if not inside or not happened_in(target, window, event, case):
            trail.append(OUTSIDE)
            continue
        met = fulfils(target.having, case, at.plan)
        reasons = (
            ("threshold missing", lacks_threshold(target, case)),
            ("repeated id", case.repeated),
        )
        trail.append(first_of(reasons) or Row("counted", met=met))
    thresholds = [threshold_of(target, case, at) for case in cases]
    shown = share_of(trail, thresholds, verdict_day(target, at.plan), at.as_of)
    return shown if target.threshold is not None else evolve(shown, verdict="indicator")
