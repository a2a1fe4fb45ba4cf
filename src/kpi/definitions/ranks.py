"""Order statistics of whole numbers, from a histogram: the k-th smallest, trimmed sums (S17, S18)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import frozen

from kpi.definitions.fields import choice

Rounding: TypeAlias = Literal["up", "down", "nearest"]
"""Rounding of a share of a number of cases to a whole number of cases."""

ROUNDINGS: tuple[Rounding, ...] = ("up", "down", "nearest")


def parse_rounding(value: object) -> Rounding:
    """Parse the name of a rounding.

    Raises:
        PlanError: where the value names no rounding.
    """
    return choice(value, ROUNDINGS)


def rank(n: Any, percent: Decimal, rounding: Rounding = "up") -> Any:
    """Return the rank k = q · n as a whole number, of the type of `n` (S17, S18).

    Args:
        n: a number of cases (int), or an integer expression of such numbers.
        percent: q in per cent.
        rounding: up (the ceiling), down, or to the nearest, halves up.
    """
    q = Fraction(percent) / 100
    top, bottom = q.numerator, q.denominator
    if rounding == "down":
        return n * top // bottom
    if rounding == "nearest":
        return (n * (2 * top) + bottom) // (2 * bottom)
    return (n * top + (bottom - 1)) // bottom


def kth(histogram: Mapping[int, int], k: int) -> int | None:
    """Return the k-th smallest value, never interpolated; None where there are fewer (S18).

    Args:
        histogram: the number of occurrences of each value, smallest value first.
        k: the rank, from 1.
    """
    for value, n in histogram.items():
        k -= n
        if k <= 0:
            return value
    return None


def sum_of_smallest(histogram: Mapping[int, int], k: int) -> int:
    """Return the sum of the k smallest values (S17).

    Args:
        histogram: the number of occurrences of each value, smallest value first.
        k: the number of values, at most as many as there are.
    """
    total = 0
    for value, n in histogram.items():
        taken = min(n, k)
        total += value * taken
        k -= taken
    return total


@frozen
class Fastest:
    """Restriction to the k shortest of the durations that would be counted (S17).

    Attributes:
        percent: the share of the cases that is kept, in per cent.
        rounding: rounding of that share to a number of cases.
    """

    percent: Decimal
    rounding: Rounding

    @property
    def reason(self) -> str:
        """The reason for excluding the other cases (S12)."""
        return f"beyond the fastest {self.percent:f} %"

    def kept(self, n: Any) -> Any:
        """Return how many of `n` cases are kept, of the type of `n` (see `rank`)."""
        return rank(n, self.percent, self.rounding)

    def left_out(self, n: Any) -> list[tuple[str, Any, Any]]:
        """Return why cases are left out of `n`, each after which place and through which.

        The places are those of the cases by their durations, from 1, of the type of `n`.
        """
        return [(self.reason, self.kept(n), n)]

    def total(self, histogram: Mapping[int, int], n: int) -> int:
        """Return the sum of the durations that are kept of `n` (see `sum_of_smallest`)."""
        return sum_of_smallest(histogram, self.kept(n))


@frozen
class Trimmed:
    """Restriction to the durations that are left without so many at either end (S17).

    Attributes:
        percent: the share of the cases that is left out at each end, in per cent, below 50; rounded
            down to a number of cases, so that a case is always left.
    """

    percent: Decimal

    def _at_each_end(self, n: Any) -> Any:
        return rank(n, self.percent, "down")

    def kept(self, n: Any) -> Any:
        """Return how many of `n` cases are kept, of the type of `n` (see `rank`)."""
        return n - 2 * self._at_each_end(n)

    def left_out(self, n: Any) -> list[tuple[str, Any, Any]]:
        """Return why cases are left out of `n`, as `Fastest.left_out` does."""
        k, share = self._at_each_end(n), f"{self.percent:f} %"
        return [
            (f"among the fastest {share}", 0, k),
            (f"among the slowest {share}", n - k, n),
        ]

    def total(self, histogram: Mapping[int, int], n: int) -> int:
        """Return the sum of the durations that are kept of `n` (see `sum_of_smallest`)."""
        k = self._at_each_end(n)
        return sum_of_smallest(histogram, n - k) - sum_of_smallest(histogram, k)
