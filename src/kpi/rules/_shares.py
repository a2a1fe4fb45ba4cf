"""Shares of counted rows, compared exactly with a percentage (S19)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi.definitions.measurement import Measure
from kpi.definitions.sums import Sums

PERCENTAGE_POINTS: Mapping[str, Any] = {"unit": "percentage points", "scale": 100}
"""The unit of the difference of two shares (S33)."""


def share(sums: Mapping[str, int], threshold_pct: Decimal | None) -> Measure:
    """Return the share met / counted, compared exactly with an exact percentage (S19, S25).

    Args:
        sums: the totals of the rows, with "met" and "counted".
        threshold_pct: the percentage to reach; without one (None) the share cannot be assessed.
    """
    met, counted = sums["met"], sums["counted"]
    if not counted:
        return Measure(met=met, value=None, unit="share", reached=None)
    reached = None if threshold_pct is None else met * 100 >= Fraction(threshold_pct) * counted
    return Measure(met=met, value=met / counted, unit="share", reached=reached)


def share_extremes(sums: Sums, n: int) -> Iterator[Sums]:
    """Yield the sums of a share with `n` further counted rows: all of them met, then none (S12)."""
    yield sums.plus({"counted": n, "met": n})
    yield sums.plus({"counted": n})
