"""Natural limits of a series: its mean, how far its points scatter, and those that stand out (F51)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from attrs import frozen

FEWEST = 12
"""Points without which there are no limits."""

RUN = 8
"""Points in a row on one side of the mean that are marked."""

_FACTOR = Fraction(266, 100)
OUTSIDE = "outside the limits"
IN_A_RUN = f"{RUN} in a row on one side"


@frozen
class NaturalLimits:
    """Mean and natural limits of points: mean -/+ 2.66 x the mean moving range, exactly.

    Attributes:
        mean: the mean of the points.
        low: the lower limit.
        high: the upper limit.
        is_cut: whether the lower and the upper limit are cut, at a value that no figure can pass.
        marks: for each point what stands out of it; None where nothing does.
    """

    mean: Fraction
    low: Fraction
    high: Fraction
    is_cut: tuple[bool, bool]
    marks: tuple[str | None, ...]


def natural_limits(
    points: Sequence[Fraction], *, least: int | None, most: int | None
) -> NaturalLimits | None:
    """Return the natural limits of points in the order of time; None where there are fewer than 12.

    A point is marked that lies outside the limits, as they are before they are cut, and each of
    eight or more in a row on one side of the mean; one on the mean ends such a row.

    Args:
        points: the points.
        least: the value that no figure is below; None without one.
        most: the value that no figure is above; None without one.
    """
    if len(points) < FEWEST:
        return None
    mean = Fraction(sum(points), len(points))
    ranges = [abs(later - earlier) for earlier, later in pairwise(points)]
    width = _FACTOR * Fraction(sum(ranges), len(ranges))
    low, high = mean - width, mean + width
    is_cut = (least is not None and low < least, most is not None and high > most)
    low = low if least is None else max(low, Fraction(least))
    high = high if most is None else min(high, Fraction(most))
    in_a_run = _in_runs(points, mean)
    marks = []
    for point, is_in_a_run in zip(points, in_a_run, strict=True):
        said = [OUTSIDE] if abs(point - mean) > width else []
        said += [IN_A_RUN] if is_in_a_run else []
        marks.append(", ".join(said) or None)
    return NaturalLimits(mean, low, high, is_cut, tuple(marks))


def _in_runs(points: Sequence[Fraction], mean: Fraction) -> list[bool]:
    """Return for each point whether it is one of eight or more in a row on one side of the mean."""
    sides = [(point > mean) - (point < mean) for point in points]
    marked = [False] * len(points)
    first = 0
    for n in range(1, len(sides) + 1):
        if n == len(sides) or sides[n] != sides[first]:
            if sides[first] and n - first >= RUN:
                marked[first:n] = [True] * (n - first)
            first = n
    return marked
