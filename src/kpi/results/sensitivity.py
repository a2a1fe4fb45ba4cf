"""Sensitivity of verdicts to undetermined, excluded and rejected rows (S12, S27)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from kpi.definitions.case_weights import MOST_COUNTED_AS
from kpi.definitions.outcomes import WEIGHT_MISSING
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.results.target_result import TargetResult, exact_value
from kpi.tables.quality import TableQuality

_LONGEST = 36_525
"""The days of a hundred years: longer than any duration, for a table without plausible years."""


def could_turn(result: TargetResult) -> bool:
    """Return whether the undetermined rows could turn the verdict on a share or on late rows (S27)."""
    if result.base is not None:
        return _comparison_could_turn(
            result, *(_with_undetermined(one) for one in (result, result.base))
        )
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
    """Return whether the excluded rows could turn the verdict on a share or on late rows (S12).

    Of a share that is compared with a base, those of the base too (S33).
    """
    if result.base is not None:
        if not (result.excluded or result.base.excluded):
            return False
        return _comparison_could_turn(result, result.range or (), result.base.range or ())
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


def _with_undetermined(result: TargetResult) -> Sequence[Fraction]:
    """Return the share if none of the undetermined rows came to meet it, and if all did."""
    rows = result.counted + result.undetermined
    if result.met is None or result.unit == "count" or not rows:
        return ()
    return Fraction(result.met, rows), Fraction(result.met + result.undetermined, rows)


def _comparison_could_turn(
    result: TargetResult, values: Sequence[Fraction], bases: Sequence[Fraction]
) -> bool:
    """Return whether the verdict could be the other one for a range of shares, and of its base."""
    comparison = result.comparison
    assert comparison is not None, "a base belongs to a comparison"
    return comparison.may_become(values, bases, held=result.verdict != "met")


def hangs_on_rejected(
    target: Target, requirements: Iterable[tuple[Sums, Sums | None]], facts: TableQuality | None
) -> bool:
    """Return whether a verdict could be the other one if the rejected rows counted (S12).

    Args:
        target: the target.
        requirements: the sums that must each reach the target, of all rows or of each part, with
            those of the base that each is compared with; None without one (S33). Rejected rows may
            be among those of the target, of the base, or of both.
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
    for sums, base in requirements:
        first = None if facts.plausible_years is None else dt.date(facts.plausible_years[0], 1, 1)
        longest = _LONGEST if first is None else max((sums.as_of - first).days, 0)
        if base is not None and target.base is not None and target.comparison is not None:
            values = list(_values(target, sums, rejected, longest))
            bases = list(_values(target.base, base, rejected, longest))
            now = target.comparison.of(values[0], bases[0], base["counted"]).reached
            reached.append(now)
            could.append(target.comparison.may_become(values, bases, held=now is not True))
            continue
        now = target.measure(sums).reached
        others = {target.measure(more).reached for more in target.extremes(sums, rejected, longest)}
        reached.append(now)
        could.append((now is not True) in others)
    if False in reached:
        # Every part that is not met must become so.
        return all(now is True or turns for now, turns in zip(reached, could, strict=True))
    return any(now is True and turns for now, turns in zip(reached, could, strict=True))


def _values(target: Target, sums: Sums, n: int, longest: int) -> Iterator[Fraction | None]:
    """Yield the exact value of a target, and those with further rows at the extremes (S12)."""
    for totals in (sums, *target.extremes(sums, n, longest)):
        measure = target.measure(totals)
        yield exact_value(
            measure, totals["counted"] if measure.counted is None else measure.counted
        )
