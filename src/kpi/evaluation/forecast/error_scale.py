"""Scales on which the errors of estimates are compared (F24)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from attrs import frozen

from kpi.definitions.measurement import Unit

_LEAST, _MOST = 0.002, 0.998
"""The shares that log-odds are taken between."""


@frozen
class LogOdds:
    """Shares, whose errors are differences of log-odds; both moved into [0.2 %, 99.8 %]."""

    def of(self, value: float) -> float:
        """Return the place of a value on the scale."""
        share = min(max(value, _LEAST), _MOST)
        return math.log(share / (1 - share))

    def back(self, place: float) -> float:
        """Return the value of a place."""
        return 1 / (1 + math.exp(-place))


@frozen
class Logarithm:
    """Positive numbers, whose errors are logarithms of the ratio."""

    def of(self, value: float) -> float:
        """Return the place of a value on the scale."""
        return math.log(value)

    def back(self, place: float) -> float:
        """Return the value of a place."""
        return math.exp(place)


@frozen
class Plain:
    """Changes, and numbers of which some are 0 or less; their errors are plain differences."""

    def of(self, value: float) -> float:
        """Return the value."""
        return value

    def back(self, place: float) -> float:
        """Return the value."""
        return place


Scale = LogOdds | Logarithm | Plain


def scale_of(unit: Unit, values: Iterable[float]) -> Scale:
    """Return the scale of a target's errors (F24).

    Args:
        unit: the unit of its values.
        values: all values that are compared; where one is 0 or less there is no ratio.
    """
    if unit == "share":
        return LogOdds()
    if unit == "change" or any(value <= 0 for value in values):
        return Plain()
    return Logarithm()
