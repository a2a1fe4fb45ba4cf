"""Sums that must each reach a target: of all rows, of each segment, of each period (S28, S30)."""

from __future__ import annotations

from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.engine.state import State
from kpi.results.bases import Base, bases_by_period
from kpi.results.group_sums import days_of, group_sums, sums_of
from kpi.results.totals import SegmentTotals, SeriesTotals


def judged_sums(
    target: Target, totals: SeriesTotals, base: SeriesTotals | None, state: State
) -> list[tuple[Sums, Sums | None]]:
    """Return the sums that must each reach a target, each with those of its base (S33).

    Args:
        target: the target.
        totals: the totals of the target over all rows.
        base: the totals of its base over all rows; None without one.
        state: the state that the totals are of.
    """
    judged = [(None, totals.whole)] if target.every is None else totals.periods
    bases = bases_by_period(target, base, state)
    sums_with_bases: list[tuple[Sums, Sums | None]] = []
    for period, segments in judged:
        sums, parts = group_sums(segments, *days_of(target, period, state.plan), state)
        if base is None or target.base is None:
            sums_with_bases += [(one, None) for one in [*parts.values()] or [sums]]
            continue
        of_period = Base(base.whole) if period is None else bases[period.first]
        days = days_of(target.base, of_period.period, state.plan)
        of_base, base_parts = group_sums(of_period.segments, *days, state)
        none = sums_of(SegmentTotals(), *days, state)
        sums_with_bases += [(one, base_parts.get(part, none)) for part, one in parts.items()] or [
            (sums, of_base)
        ]
    return sums_with_bases
