"""Boundary values: figures near a threshold or bound, on one side of it."""

from __future__ import annotations

import random
from decimal import Decimal

from kpi.definitions.bounds import Bounds

_ONE = Decimal(1)


def chance(percent: Decimal, rng: random.Random, *, kept: bool) -> float:
    """Return the probability of a case in time, so that a share reaches or misses a threshold.

    Args:
        percent: the threshold.
        rng: where the choice comes from.
        kept: whether the threshold is to be reached.
    """
    threshold = float(percent) / 100
    if kept:
        return min(threshold + (1 - threshold) * rng.uniform(0.35, 0.6), threshold + 0.07)
    return max(threshold - rng.uniform(0.03, 0.07), threshold / 2)


def factor(rng: random.Random, *, kept: bool) -> float:
    """Return the ratio of a mean to its limit."""
    return rng.uniform(0.82, 0.94) if kept else rng.uniform(1.08, 1.2)


def amount(bounds: Bounds, rng: random.Random, *, kept: bool) -> int:
    """Return a number of rows near the bounds; at least 1, for none would show nothing."""
    low, high = _whole(bounds)
    if low is not None and high is not None and low > high:
        # No whole number lies within the bounds.
        return max(1, low)
    if low is not None and (high is None or not kept):
        more, less = max(3, low // 12), max(2, low // 15)
        top = low + more if high is None else min(high, low + more)
        return max(1, rng.randint(low, top) if kept else rng.randint(low - less, low - 1))
    assert high is not None, "bounds have one bound or two"
    more, less = max(2, high // 15), max(3, high // 12)
    bottom = high - less if low is None else max(low, high - less)
    return max(1, rng.randint(bottom, high) if kept else rng.randint(high + 1, high + more))


def _whole(bounds: Bounds) -> tuple[int | None, int | None]:
    """Return the smallest and the largest whole number within the bounds; None without a bound."""
    low: int | None = None
    high: int | None = None
    if bounds.at_least is not None:
        low = _up(bounds.at_least)
    elif bounds.more_than is not None:
        low = _down(bounds.more_than) + 1
    if bounds.at_most is not None:
        high = _down(bounds.at_most)
    elif bounds.less_than is not None:
        high = _up(bounds.less_than) - 1
    return low, high


def _down(number: Decimal) -> int:
    return int(number // _ONE) - (number < 0 and number % _ONE != 0)


def _up(number: Decimal) -> int:
    return -_down(-number)


def number(bounds: Bounds, rng: random.Random, *, kept: bool) -> float:
    """Return a number near the bounds, to one decimal finer than they are written.

    Where the only bound is at least 1, the number is an answer: 1 for yes, 0 for no.
    """
    low = bounds.at_least if bounds.at_least is not None else bounds.more_than
    high = bounds.at_most if bounds.at_most is not None else bounds.less_than
    if high is None and bounds.at_least == _ONE:
        return 1.0 if kept else 0.0
    wide = max(float(abs(low if low is not None else high or _ONE)) * 0.05, 0.5)
    if low is not None and high is not None and kept:
        return float(low + (high - low) / 2)
    step = round(rng.uniform(0.1, 1) * wide, 1) or 0.1
    inwards = step if low is not None else -step
    bound = float(low if low is not None else high or 0)
    return round(bound + (inwards if kept else -inwards), 2)


def change(bounds: Bounds, rng: random.Random, *, kept: bool) -> float:
    """Return a change in per cent, a few points on one side of the bounds."""
    low = bounds.at_least if bounds.at_least is not None else bounds.more_than
    high = bounds.at_most if bounds.at_most is not None else bounds.less_than
    if low is not None and high is not None and kept:
        return float(low + (high - low) / 2)
    points = rng.uniform(3, 7) * (1 if kept else -1)
    return float(low) + points if low is not None else float(high or 0) - points
