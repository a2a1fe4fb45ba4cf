"""The outlook of a target in one word (F26)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from kpi.evaluation.forecast.interval import Interval
from kpi.evaluation.forecast.requirement import Required

OutlookWord: TypeAlias = Literal["expected met", "expected missed", "uncertain", "no estimate"]
"""Where a target is expected to end; secured and lost, which are certain, come before it."""

OUTLOOKS: tuple[OutlookWord, ...] = get_args(OutlookWord)


def outlook(interval: Interval | None, required: Required | None) -> OutlookWord:
    """Return the outlook: whether the whole interval meets the requirement, or all of it misses.

    Args:
        interval: the interval; None where there is none.
        required: the values that meet the requirement; None where nothing can be required.
    """
    if interval is None or required is None:
        return "no estimate"
    low, high = Fraction(interval.low), Fraction(interval.high)
    if not required.reach(low, high):
        return "expected missed"
    return "expected met" if required.hold(low) and required.hold(high) else "uncertain"


def combined_outlook(outlooks: Iterable[OutlookWord]) -> OutlookWord:
    """Return the outlook of a target of which several values must each be met (S28).

    One that is expected to be missed decides; all must be expected to be met.
    """
    given = set(outlooks)
    if not given:
        return "no estimate"
    order: tuple[OutlookWord, ...] = ("expected missed", "no estimate", "uncertain")
    return next((word for word in order if word in given), "expected met")
