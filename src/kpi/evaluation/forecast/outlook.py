"""The outlook of a target in one word (F26)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from kpi.definitions.parts import MustHold
from kpi.evaluation.forecast.interval import Interval
from kpi.evaluation.forecast.requirement import Required

OutlookWord: TypeAlias = Literal["expected met", "expected missed", "uncertain", "no estimate"]
"""Where a target is expected to end; secured and lost, which are certain, come before it."""

OUTLOOKS: tuple[OutlookWord, ...] = get_args(OutlookWord)

_WORST_FIRST: tuple[OutlookWord, ...] = (
    "expected missed",
    "no estimate",
    "uncertain",
    "expected met",
)
_BEST_FIRST: tuple[OutlookWord, ...] = (
    "expected met",
    "no estimate",
    "uncertain",
    "expected missed",
)


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


def combined_outlook(outlooks: Iterable[OutlookWord], must_hold: MustHold = "all") -> OutlookWord:
    """Return the outlook of a requirement of which several values, or parts, must be met (S28).

    Where all must be met, one that is expected to be missed decides; where any, one that is expected
    to be met. Else one without an estimate leaves it open, then one that is uncertain.
    """
    given = set(outlooks)
    if not given:
        return "no estimate"
    order = _WORST_FIRST if must_hold == "all" else _BEST_FIRST
    return next(word for word in order if word in given)
