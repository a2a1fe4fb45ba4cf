"""Totals of the targets of a state: of all rows, and of each group of the break-down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TypeAlias

from attrs import frozen

from kpi.definitions.series import Series
from kpi.definitions.target import Target
from kpi.engine.state import State, decode_segment
from kpi.results.totals import BySegment, Group, SegmentTotals, SeriesTotals, added, series_totals

ByTarget: TypeAlias = Mapping[str, Mapping[Group, BySegment]]
"""The totals of a state by target, group and segment."""


def totals_by_target(state: State) -> ByTarget:
    """Return the totals of a state by target, group and segment."""
    totals: dict[str, dict[Group, BySegment]] = {}
    for target, *key, part, quantity, value, n in state.sums.iter_rows():
        parts = totals.setdefault(target, {}).setdefault(tuple(key), {})
        segment = decode_segment(part)
        if segment not in parts:
            parts[segment] = SegmentTotals()
        parts[segment].add(quantity, value, n)
    return totals


@frozen(eq=False, repr=False)
class TargetTotals:
    """Totals of a target: of all rows, and of each group of the break-down.

    Attributes:
        together: the totals of all rows.
        groups: the totals of each group.
    """

    together: SeriesTotals
    groups: Mapping[Group, SeriesTotals]


def target_totals(target: Target, state: State, totals: ByTarget) -> TargetTotals:
    """Return the totals of a target over all rows and over each group."""
    plan, series = state.plan, series_of(target, state)
    by_group = _by_group(target, state, totals)
    firsts: dict[dt.date | None, list[BySegment]] = {}
    for by_first in by_group.values():
        for first, parts in by_first.items():
            firsts.setdefault(first, []).append(parts)
    together = {
        first: parts[0] if len(parts) == 1 else added(parts) for first, parts in firsts.items()
    }
    return TargetTotals(
        series_totals(target, plan, series, together),
        {key: series_totals(target, plan, series, by_first) for key, by_first in by_group.items()},
    )


def series_of(target: Target, state: State) -> Series | None:
    """Return the series of a target: its own, or that which is asked of every target."""
    return state.plan.series_of(target) or state.series


def _by_group(
    target: Target, state: State, totals: ByTarget
) -> dict[Group, dict[dt.date | None, BySegment]]:
    """Return the totals of a target by group of the break-down, then by first day of a period."""
    by_group: dict[Group, dict[dt.date | None, BySegment]] = {}
    # The batches that had all of the tables are not the whole.
    if state.is_assessable(target):
        for key, parts in totals.get(target.id, {}).items():
            group, first = (key[:-1], key[-1]) if state.has_periods else (key, None)
            by_group.setdefault(group, {})[first] = parts  # type: ignore[index]  # a column of dates
    return by_group
