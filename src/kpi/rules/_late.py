"""Numbers of late cases: of the counted rows those that are not met, against bounds (S19, S20)."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.bounds import Bounds
from kpi.definitions.measurement import Measure
from kpi.definitions.sums import Sums


def late_cases(sums: Sums, bounds: Bounds) -> Measure:
    """Return how many of the counted rows are not met, against the bounds; none without rows (S25)."""
    met, late = sums["met"], sums["counted"] - sums["met"]
    if not sums["counted"]:
        return Measure(met=met, value=None, unit="count", reached=None)
    return Measure(met=met, value=late, unit="count", reached=bounds.hold(late))


def late_extremes(sums: Sums, n: int, bounds: Bounds) -> Iterator[Sums]:
    """Yield the sums with `n` further counted rows, of which as many are late as can matter (S12).

    None, all, and every number of late rows that ends at a bound or beside it.
    """
    late = sums["counted"] - sums["met"]
    for more in {0, n, *(number - late for number in bounds.numbers_beside())}:
        if 0 <= more <= n:
            yield sums.plus({"counted": n, "met": n - more})
