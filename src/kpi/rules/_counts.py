"""Counts of rows, with further rows that may have been rejected (S12, S23)."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.bounds import Bounds
from kpi.definitions.sums import Sums


def count_extremes(sums: Sums, n: int, quantity: str, bounds: Bounds) -> Iterator[Sums]:
    """Yield the sums of a count with 1 to `n` further rows of a quantity (S12).

    One row, all `n`, and every number of rows that ends beside or at a bound.
    """
    up_to_bounds = {number - sums[quantity] for number in bounds.numbers_beside()}
    for more in sorted({1, n, *up_to_bounds}):
        if 1 <= more <= n:
            yield sums.plus({quantity: more})
