"""Bounds of means and percentiles whose open rows may be counted with other amounts (F8, F9)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import accumulate
from typing import TypeAlias

from attrs import frozen

from kpi.definitions.ranks import Fastest, Trimmed

Histogram: TypeAlias = Mapping[int, int]
"""The number of rows by amount."""

MOST_RANKED = 50_000
"""Open rows up to which the bounds of a mean of the fastest are searched, and not just enclosed."""


@frozen
class OpenAmounts:
    """Amounts of rows that are counted for certain, and of rows that may be.

    Attributes:
        counted: the number of rows by amount, of the rows that are counted in any case.
        shortest: the number of open rows by the least amount that each can come to.
        longest: the number of open rows by the greatest.
    """

    counted: Histogram
    shortest: Histogram
    longest: Histogram


def mean_bounds(amounts: OpenAmounts, total: int, counted: int) -> tuple[Fraction, Fraction] | None:
    """Return the least and the greatest mean; None where nothing can be counted (F8).

    Args:
        amounts: the amounts of the open rows.
        total: the sum of the amounts of the rows that are counted in any case.
        counted: the number of those rows.
    """
    low = _extreme(sorted(amounts.shortest.items()), total, counted, lowers=True)
    high = _extreme(sorted(amounts.longest.items(), reverse=True), total, counted, lowers=False)
    return None if low is None or high is None else (low, high)


def _extreme(
    amounts: list[tuple[int, int]], total: int, counted: int, *, lowers: bool
) -> Fraction | None:
    """Add rows while each moves the mean; where nothing is counted yet, begin with the first."""
    for amount, n in amounts:
        if counted and (amount * counted >= total if lowers else amount * counted <= total):
            break
        # All rows of an amount move the mean if the first of them does.
        total, counted = total + amount * n, counted + n
    return Fraction(total, counted) if counted else None


def percentile_bounds(amounts: OpenAmounts, percent: Decimal) -> tuple[int, int] | None:
    """Return the least and the greatest percentile; None where nothing can be counted (F9).

    A percentile is at most v exactly where the share within v is at least q, so that its bounds are
    the least v at which that share can be, and must be, q (F7).
    """
    q = Fraction(percent) / 100
    everything = sum(amounts.counted.values())
    values = sorted({*amounts.counted, *amounts.shortest, *amounts.longest})
    low: int | None = None
    within, short, not_long = 0, 0, 0
    long = sum(amounts.longest.values())
    for value in values:
        within += amounts.counted.get(value, 0)
        short += amounts.shortest.get(value, 0)
        not_long += amounts.longest.get(value, 0)
        at_best = everything + short
        if low is None and at_best and within + short >= q * at_best:
            low = value
        if low is not None and within >= q * (everything + long - not_long):
            return low, value
    return None


def kept_mean_bounds(
    amounts: OpenAmounts, kept_of: Fastest | Trimmed
) -> tuple[Fraction, Fraction, bool] | None:
    """Return the least and the greatest mean of the rows that are kept, and whether both are sharp.

    For each number j of open rows that are counted, the least mean is that with the j smallest of
    their shortest amounts, the greatest that with the j largest of their longest (F9). With more
    than `MOST_RANKED` open rows the means are enclosed by those of the smallest and largest amounts.
    None where nothing can be counted.
    """
    counted = sum(amounts.counted.values())
    m = sum(amounts.shortest.values())
    if not counted + m:
        return None
    if m > MOST_RANKED:
        values = [*amounts.counted, *amounts.shortest, *amounts.longest]
        return Fraction(min(values)), Fraction(max(values)), False
    least = _kept_means(amounts.counted, amounts.shortest, kept_of, m, smallest=True)
    greatest = _kept_means(amounts.counted, amounts.longest, kept_of, m, smallest=False)
    # With few rows a share rounded down may keep none of them.
    return (min(least), max(greatest), True) if least else None


def _kept_means(
    counted: Histogram, added: Histogram, kept_of: Fastest | Trimmed, m: int, *, smallest: bool
) -> list[Fraction]:
    """Return the mean of what is kept, for each number of added rows that leaves something kept."""
    fixed, moved = _Cumulated(counted), _Cumulated(added)
    candidates = sorted({*fixed.values, *moved.values})
    means = []
    for j in range(m + 1):
        n = fixed.rows + j
        k = kept_of.kept(n)
        if not k:
            continue
        # The places that are left out below: none of the fastest, some where both ends are.
        below = 0 if isinstance(kept_of, Fastest) else (n - k) // 2
        of = partial(
            _sum_of_smallest,
            fixed,
            moved,
            candidates,
            j=j,
            skipped=0 if smallest else m - j,
        )
        means.append(Fraction(of(places=below + k) - of(places=below), k))
    return means


class _Cumulated:
    """Histogram with running numbers of rows and sums, for look-ups by amount and by place."""

    def __init__(self, histogram: Histogram) -> None:
        self.values = sorted(histogram)
        self.numbers = [0, *accumulate(histogram[value] for value in self.values)]
        self.totals = [0, *accumulate(value * histogram[value] for value in self.values)]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.numbers[-1]

    def through(self, value: int) -> int:
        """Return the rows of at most an amount."""
        index = bisect_left(self.values, value + 1)
        return self.numbers[index]

    def total(self, places: int) -> int:
        """Return the sum of so many of the smallest amounts."""
        index = bisect_left(self.numbers, places)
        if self.numbers[index] == places:
            return self.totals[index]
        before = index - 1
        return self.totals[before] + (places - self.numbers[before]) * self.values[before]


def _sum_of_smallest(
    fixed: _Cumulated,
    moved: _Cumulated,
    candidates: list[int],
    places: int,
    j: int,
    skipped: int,
) -> int:
    """Return the sum of the smallest amounts of fixed rows and of j consecutive moved rows.

    Args:
        fixed: the rows that are counted in any case.
        moved: the rows that may be added.
        candidates: the amounts of both, in order.
        places: how many of the smallest amounts are summed.
        j: how many rows are added.
        skipped: the smallest of the moved rows that are left out.
    """
    if not places:
        return 0

    def through(value: int) -> int:
        return fixed.through(value) + min(max(moved.through(value) - skipped, 0), j)

    index = bisect_left(candidates, places, key=through)
    value = candidates[index]
    below = candidates[index - 1] if index else None
    of_fixed = 0 if below is None else fixed.through(below)
    of_moved = 0 if below is None else min(max(moved.through(below) - skipped, 0), j)
    total = fixed.total(of_fixed)
    total += moved.total(skipped + of_moved) - moved.total(skipped)
    return total + (places - of_fixed - of_moved) * value
