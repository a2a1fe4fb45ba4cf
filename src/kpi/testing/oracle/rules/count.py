"""The number of rows, or of distinct values, in the window (S23)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve

from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import happened_in, in_population, within_bounds
from kpi.testing.oracle.limits import first_of
from kpi.testing.oracle.measures import event_of, verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, Row, outcome
from kpi.testing.oracle.parts import values_of


def count(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the number of rows, or of distinct values, in the window; 0 is a number (S23)."""
    window = window_of(target, at.plan)
    event = event_of(target, at.table)
    trail = []
    for case in cases:
        inside = in_population(target, at, case)
        if not inside or not happened_in(target, window, event, case):
            trail.append(OUTSIDE)
            continue
        reasons = (
            (
                f"{target.distinct} missing",
                target.distinct is not None and case.cells.get(target.distinct) is None,
            ),
            ("repeated id", case.repeated),
        )
        trail.append(first_of(reasons) or Row("counted"))
    if target.distinct is not None:
        trail = _once(target, cases, trail)
    counted = Fraction(sum(row.bucket == "counted" for row in trail))
    asks = target.requires is not None
    shown = outcome(
        trail,
        verdict_day(target, at.plan),
        at.as_of,
        reached=within_bounds(target.requires, counted) if asks else None,
        value=counted,
    )
    return shown if asks else evolve(shown, verdict="indicator")


def _once(target: Any, cases: Sequence[Case], trail: Sequence[Row]) -> list[Row]:
    """Return the rows with only the first of each distinct value counted, by value of `each`."""
    kept = list(trail)
    for group in values_of(target, cases).values():
        seen = set()
        counted = [n for n in group if trail[n].bucket == "counted"]
        for n in sorted(counted, key=lambda n: cases[n].place()):
            value = cases[n].cells[target.distinct]
            if value in seen:
                kept[n] = Row("excluded", "counted already")
            seen.add(value)
    return kept
