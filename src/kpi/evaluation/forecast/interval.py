"""Intervals from the errors of past estimates, never from a model of chance (F25)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from attrs import frozen

from kpi.evaluation.forecast.error_scale import Scale

FEWEST = 9
"""Trials without which there is no interval."""

NOMINAL = Fraction(9, 10)
"""The share of past errors that an interval holds."""

Possible: TypeAlias = "tuple[Fraction | float | None, Fraction | float | None]"
"""The worst and the best figure that can still come, in the value's unit; None is unbounded above."""


@frozen
class Interval:
    """Interval of a figure, both ends included."""

    low: float
    high: float


def half_width(errors: Sequence[float]) -> float | None:
    """Return the r-th smallest of the absolute errors, r = ceil(0.9 (n + 1)); None below 9 of them.

    With fewer the rank would be beyond the last.

    Args:
        errors: the errors of the trials, on a scale (F24).
    """
    rank = -(-9 * (len(errors) + 1) // 10)
    if len(errors) < FEWEST or rank > len(errors):
        return None
    return sorted(map(abs, errors))[rank - 1]


def interval_around(value: float, half: float, scale: Scale) -> Interval:
    """Return the interval of an estimate; the estimate itself lies within."""
    place = scale.of(value)
    low, high = scale.back(place - half), scale.back(place + half)
    return Interval(min(low, value), max(high, value))


def cut(value: float, possible: Possible | None) -> float:
    """Return a value, or the nearest one that is possible."""
    ends = [float(end) for end in possible or () if end is not None]
    if possible is None or not ends:
        return value
    # What has no bound has none above: no figure falls without end.
    most = max(ends) if None not in possible else value
    return max(min(value, most), min(ends))


def cut_interval(interval: Interval, possible: Possible | None) -> Interval:
    """Return the interval cut to what is possible (F25)."""
    return Interval(cut(interval.low, possible), cut(interval.high, possible))
