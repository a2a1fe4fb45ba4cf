"""The k-th smallest of many whole numbers, from how often each occurs (S17, S18)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import frozen

from kpi.definitions.fields import choice

Rounding: TypeAlias = Literal["up", "down", "nearest"]
"""How a share of a number of cases becomes a number of cases."""

ROUNDINGS: tuple[Rounding, ...] = ("up", "down", "nearest")


def parse_rounding(value: object) -> Rounding:
    """A rounding by its name.

    Raises:
        PlanError: where it is none.
    """
    return choice(value, ROUNDINGS)


def rank(n: Any, percent: Decimal, rounding: Rounding = "up") -> Any:
    """The number k = q · n as a whole number: the ceiling unless said (S17, S18).

    Args:
        n: a number of cases, or a column of such numbers.
        percent: q in per cent.
        rounding: up, down, or to the nearest, halves up.
    """
    q = Fraction(percent) / 100
    top, bottom = q.numerator, q.denominator
    if rounding == "down":
        return n * top // bottom
    if rounding == "nearest":
        return (n * (2 * top) + bottom) // (2 * bottom)
    return (n * top + (bottom - 1)) // bottom


def kth(histogram: Mapping[int, int], k: int) -> int | None:
    """The k-th smallest value, never interpolated; None where there are fewer (S18).

    Args:
        histogram: how often each value occurs, smallest first.
        k: which, from 1.
    """
    for value, n in histogram.items():
        k -= n
        if k <= 0:
            return value
    return None


def sum_of_smallest(histogram: Mapping[int, int], k: int) -> int:
    """The sum of the k smallest values.

    Args:
        histogram: how often each value occurs, smallest first.
        k: how many, at most as many as there are.
    """
    total = 0
    for value, n in histogram.items():
        taken = min(n, k)
        total += value * taken
        k -= taken
    return total


@frozen
class Fastest:
    """Only the k shortest of the durations that would be counted (S17).

    Attributes:
        percent: the share of the cases that is kept.
        rounding: how that becomes a number of cases.
    """

    percent: Decimal
    rounding: Rounding

    @property
    def reason(self) -> str:
        """Why the others are excluded."""
        return f"beyond the fastest {self.percent:f} %"

    def kept(self, n: Any) -> Any:
        """How many of n cases are kept; of a number, or of a column of numbers."""
        return rank(n, self.percent, self.rounding)
