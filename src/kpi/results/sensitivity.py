"""Sensitivity of verdicts to undetermined, excluded and rejected rows (S12, S27)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction

from kpi.definitions.case_weights import MOST_COUNTED_AS
from kpi.definitions.outcomes import WEIGHT_MISSING
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.results.target_result import TargetResult
from kpi.tables.quality import TableQuality

_LONGEST = 36_525
"""The days of a hundred years: longer than any duration, for a table without plausible years."""


def could_turn(result: TargetResult) -> bool:
    """Return whether the undetermined rows could turn the verdict on a share or on late rows (S27)."""
    as_ = result.counted_as
    undetermined = result.undetermined if as_ is None else as_.undetermined
    if result.met is not None and result.unit == "count" and result.bounds is not None:
        late = result.denominator - result.met
        return result.bounds.turn(late, late + undetermined)
    if result.met is None or result.threshold is None:
        return False
    needed = Fraction(result.threshold) * (result.denominator + undetermined)
    return result.met * 100 < needed <= (result.met + undetermined) * 100


def hangs_on_excluded(result: TargetResult) -> bool:
    """Return whether the excluded rows could turn the verdict on a share or on late rows (S12)."""
    if result.met is not None and result.unit == "count" and result.bounds is not None:
        late = result.denominator - result.met
        return result.bounds.turn(late, late + _excluded(result))
    if result.met is None or result.threshold is None or not result.excluded:
        return False
    left_out = _excluded(result)
    whole = result.denominator + left_out
    if not whole:
        return False
    low, high = Fraction(result.met, whole), Fraction(result.met + left_out, whole)
    return low * 100 < Fraction(result.threshold) <= high * 100


def _excluded(result: TargetResult) -> int:
    """Return the most that the excluded rows could count as (S32)."""
    if result.counted_as is None:
        return sum(result.excluded.values())
    unknown = result.excluded.get(WEIGHT_MISSING, 0)
    return result.counted_as.excluded + MOST_COUNTED_AS * unknown


def hangs_on_rejected(
    target: Target, requirements: Iterable[Sums], facts: TableQuality | None
) -> bool:
    """Return whether a verdict could be the other one if the rejected rows counted (S12).

    Args:
        target: the target.
        requirements: the sums that must each reach the target: of all rows, or of each part.
        facts: the quality of the target's table; None where the extract lacks the table.
    """
    rejected = 0 if facts is None else sum(facts.rejected.values())
    if not rejected or facts is None:
        return False
    if target.count_as is not None:
        # Each could count as so many persons.
        rejected *= MOST_COUNTED_AS
    could: list[bool] = []
    reached: list[bool | None] = []
    for sums in requirements:
        first = None if facts.plausible_years is None else dt.date(facts.plausible_years[0], 1, 1)
        longest = _LONGEST if first is None else max((sums.as_of - first).days, 0)
        now = target.measure(sums).reached
        others = {target.measure(more).reached for more in target.extremes(sums, rejected, longest)}
        reached.append(now)
        could.append((now is not True) in others)
    if False in reached:
        # Every part that is not met must become so.
        return all(now is True or turns for now, turns in zip(reached, could, strict=True))
    return any(now is True and turns for now, turns in zip(reached, could, strict=True))
