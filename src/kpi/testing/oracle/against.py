"""Targets that are compared with themselves in another window (S33)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve

from kpi.definitions.windows import Window
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import within_bounds
from kpi.testing.oracle.measures import verdict_day
from kpi.testing.oracle.outcomes import Outcome
from kpi.testing.oracle.parts import Rule


def has_base(target: Any) -> bool:
    """Return whether a target is compared with its value in another window."""
    return isinstance(getattr(target, "against", None), Window)


def beside_base(rule: Rule) -> Rule:
    """Return the function of a rule that also evaluates the base, and judges the two values."""

    def both(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
        if not has_base(target):
            return rule(target, cases, at)
        alone = evolve(target, against=None, change=None, difference=None)
        in_base = evolve(alone, window=target.against)
        now, base = rule(alone, cases, at), rule(in_base, cases, at)
        figures: dict[str, Fraction | int | None] = {**now.figures, "base": base.value}
        difference = change = None
        if base.counted > 0 and now.value is not None and base.value is not None:
            difference = now.value - base.value
            if base.value != 0:
                change = now.value / base.value - 1
        figures |= {"difference": difference, "change": change}
        days = [verdict_day(one, at.plan) for one in (alone, in_base)]
        is_open = any(at.as_of < day for day in days)
        verdict = _verdict(target, difference, change, is_open=is_open)
        return evolve(now, base=base, figures=figures, verdict=verdict)

    return both


def _verdict(
    target: Any, difference: Fraction | None, change: Fraction | None, *, is_open: bool
) -> str:
    """Return the verdict on the change in per cent, or on the difference in the value's unit."""
    if target.change is None and target.difference is None:
        return "indicator"
    if is_open:
        return "open"
    if target.change is not None:
        bounds, figure, size = target.change, change, 100
    else:
        # Shares differ by percentage points.
        bounds, figure = target.difference, difference
        size = 100 if target.rule in ("share", "within") else 1
    if figure is None:
        return "not_assessable"
    return "met" if within_bounds(bounds, size * figure) else "missed"
