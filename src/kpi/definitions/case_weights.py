"""Weights of cases: a case counts as a whole number of persons, as a column says (S32)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi.definitions.fields import about

MOST_COUNTED_AS = 1_000_000
"""The most that a case counts as: the days of ten million such cases still add up in 64 bits."""

COUNT_AS = about(
    "A column of whole numbers: a case counts as so many persons (S32; default: as one).",
    column="integer",
)

_BITS = 20
"""Bits that hold a weight: 2^20 is more than a million."""

_ONE = 1 << _BITS


def with_weight(value: Any, weight: Any) -> Any:
    """Return one whole number for a value and a weight, integers or integer expressions."""
    return value * _ONE + weight


def value_and_weight(number: int) -> tuple[int, int]:
    """Return the value and the weight that `with_weight` made one number of."""
    return divmod(number, _ONE)


def rows_within(cases: Mapping[tuple[int, int], int], after: int, through: int) -> int:
    """Return how many cases lie wholly among some of the places of all persons, in order (S17).

    A case takes as many places as it counts as persons. Among cases of the same value the lighter
    come first.

    Args:
        cases: (value, weight) -> number of cases.
        after: the place after which the places begin, from 0.
        through: the last of the places.
    """
    place = rows = 0
    for (_, weight), n in sorted(cases.items()):
        first = max(0, -((place - after) // weight))
        last = min(n, (through - place) // weight)
        rows += max(0, last - first)
        place += n * weight
    return rows
