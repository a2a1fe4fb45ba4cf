"""Totals of what rows can still be, by target, group, period and segment of a state (F13, F15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from attrs import evolve, frozen

from kpi.definitions.reserved import PERIOD
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.engine.completions.open_rows import raw_sources
from kpi.engine.completions.outcomes import (
    CAN_BE_EXCLUDED,
    CAN_HELP,
    CAN_HURT,
    HISTOGRAMS,
    MAY_BE_EXCLUDED,
    NOT_COUNTED,
    OPTIONS,
    OTHER,
)
from kpi.engine.state import COUNTED, INSIDE, State, decode_segment
from kpi.results.group_sums import sums_of
from kpi.results.possible import Demand, Possibilities, Prospect
from kpi.results.prospects import Prospects
from kpi.results.totals import BySegment, Part, SegmentTotals, over_segments
from kpi.rules._reported import FactTarget

_Key: TypeAlias = tuple[str, tuple[object, ...] | None, dt.date | None]
"""A target by id, a group of the break-down (None for all rows), the first day of a period."""


@frozen(eq=False, repr=False)
class PossibleTotals:
    """Totals of what rows can still be.

    Attributes:
        state: the state.
        totals: the totals by target, group and period; a segment each.
    """

    state: State
    totals: Mapping[_Key, BySegment]

    @classmethod
    def of(cls, state: State) -> PossibleTotals:
        """Return the totals of a state."""
        totals: dict[_Key, BySegment] = {}
        for target, *key, first, part, quantity, value, n in state.possible.iter_rows():
            groups = (None, tuple(key)) if state.by else (None,)
            segment = decode_segment(part)
            for group in groups:
                parts = totals.setdefault((target, group, first), {})
                parts.setdefault(segment, SegmentTotals()).add(quantity, value, n)
        return cls(state, totals)

    def of_group(
        self,
        target: Target,
        group: tuple[object, ...] | None,
        first: dt.date | None,
        status: Mapping[Part, Sums],
        bases: Mapping[Part, tuple[Fraction | None, int]] | None = None,
    ) -> dict[Part, Possibilities]:
        """Return what can still become of a target and of each of its segments.

        Args:
            target: the target, as it is asked of the period.
            group: the values of the columns of the break-down; None for all rows.
            first: the first day of a period of the target's own series; None for its window.
            status: the sums as of the as-of date, of all rows under () and of each segment.
            bases: the exact value and the counted rows of the base that each is compared with.

        Returns:
            the possibilities by segment, those of all rows under (); empty where they are not told.
        """
        everyone = self.totals.get((target.id, None, first))
        if everyone is None or not self.state.is_assessable(target):
            return {}
        if self._base_may_change(target):
            return {}
        own = everyone if group is None else self.totals.get((target.id, group, first), {})
        days = status[()].first, status[()].last
        newcomers = self._newcomers(target, everyone)
        segments = {part: totals for part, totals in own.items() if part and _may_be_inside(totals)}
        none = sums_of(SegmentTotals(), *days, self.state)
        # A declared segment without a case has none that is known, and may still have newcomers.
        empty = {(name,) for name in target.declared_segments()} - segments.keys()
        known = segments | {part: SegmentTotals() for part in empty if part in newcomers}
        told: dict[Part, Possibilities] = {}
        for part, totals in known.items():
            of_part = newcomers.get(part, newcomers.get(_other(target, part), SegmentTotals()))
            one = Prospects(
                target=target,
                settled=self._sums(totals, days, part),
                newcomers=self._sums(of_part, days, part),
                status=status.get(part, evolve(none, part=part)),
                base=None if bases is None else bases.get(part),
            ).reckon()
            if one is not None:
                told[part] = one
        made = {part: one for part, one in told.items() if part in segments}
        whole = Prospects(
            target=target,
            settled=self._sums(over_segments(own) if own else SegmentTotals(), days),
            newcomers=self._sums(over_segments(newcomers) if newcomers else SegmentTotals(), days),
            status=status[()],
            of_parts=tuple(one.known for one in made.values()),
            base=None if bases is None else bases.get(()),
        ).reckon()
        if whole is None:
            return told
        if target.each is not None or segments:
            verdict = self._of_segments(target, segments, made, newcomers)
            whole = evolve(whole, verdict=verdict, if_counted=verdict)
        if target.each is not None and _misses_where_helped(target):
            others = (totals for part, totals in newcomers.items() if part not in segments)
            if any(totals.numbers.get(CAN_HELP) for totals in others):
                whole = evolve(whole, newcomers=evolve(whole.newcomers, can_hurt=True))
        return {(): whole, **told}

    def _base_may_change(self, target: Target) -> bool:
        """Return whether a base that is over may change yet: its population hangs on events to come."""
        if target.comparison is None and getattr(target, "against", None) is None:
            return False
        table = self.state.plan.table(target.table)
        named = {condition.column for condition in target.conditions()}
        return not {*table.events}.isdisjoint(named | raw_sources(named, table.derived))

    def _sums(
        self, totals: SegmentTotals, days: tuple[dt.date | None, dt.date], part: Part = ()
    ) -> Sums:
        """Return the sums of rows, with the histograms of what open rows and newcomers can come to.

        Those count persons already, where rows count as such (S32).
        """
        of_rule = SegmentTotals(
            totals.numbers, {name: n for name, n in totals.bins.items() if name not in HISTOGRAMS}
        )
        sums = sums_of(of_rule, *days, self.state, part)
        own = {name: totals.bins[name] for name in HISTOGRAMS if name in totals.bins}
        return evolve(sums, bins={**sums.bins, **own})

    def _newcomers(self, target: Target, parts: BySegment) -> BySegment:
        """Return the totals of what newcomers can do; nothing where a fact has its row already."""
        if isinstance(target, FactTarget) and any(
            totals.numbers.get(INSIDE) or _options(totals) for totals in parts.values()
        ):
            return {}
        names = (CAN_HELP, CAN_HURT, CAN_BE_EXCLUDED)
        return {
            part: totals
            for part, totals in parts.items()
            if any(totals.numbers.get(name) for name in names)
        }

    def _of_segments(
        self,
        target: Target,
        segments: BySegment,
        made: Mapping[Part, Possibilities],
        newcomers: BySegment,
    ) -> Prospect:
        """Return the verdict of a target whose segments must each reach it (F13)."""
        if any(one.verdict == "lost" for one in made.values()):
            return "lost"
        others = [totals for part, totals in newcomers.items() if part not in segments]
        hurting = [CAN_HURT]
        hurting += [] if target.each is None else [CAN_BE_EXCLUDED]
        hurting += [CAN_HELP] if _misses_where_helped(target) else []
        if any(totals.numbers.get(name) for totals in others for name in hurting):
            return "open"
        if any(totals.numbers.get(MAY_BE_EXCLUDED) for totals in segments.values()):
            return "open"
        if not made or made.keys() != segments.keys():
            return "open"
        if all(one.if_counted == "secured" for one in made.values()) and any(
            not one.may_be_empty for one in made.values()
        ):
            return "secured"
        return "open"


def group_key(state: State, group: Mapping[str, object]) -> tuple[object, ...] | None:
    """Return the values of the columns of the break-down that a group has; None for all rows."""
    if not any(name in group for name in state.by if name != PERIOD):
        return None
    return tuple(group[name] for name in state.by)


def _misses_where_helped(target: Target) -> bool:
    """Return whether a segment may miss what is asked where newcomers alone are in it, none late (F13).

    Of a count, one newcomer may be too few, and many too many. Of a stock or a flow, one that has left
    again adds nothing, and of late cases one in time does not.
    """
    figure, bounds = target.figure, target.bounds
    if figure is None or bounds is None or figure.kind not in ("number", "late"):
        return False
    demand = Demand.of_whole_numbers(bounds)
    too_few = demand.low is not None and demand.low > (1 if figure.quantity == "counted" else 0)
    return too_few or (figure.kind == "number" and demand.high is not None)


def _other(target: Target, part: Part) -> Part:
    """Return the segment of a newcomer whose value is one that the target does not name."""
    return (OTHER, *part[1:]) if target.each is not None else part


def _options(totals: SegmentTotals) -> int:
    """Return the open rows that can come to be counted."""
    return sum(totals.numbers.get(OPTIONS[bits], 0) for bits in OPTIONS if bits != NOT_COUNTED)


def _may_be_inside(totals: SegmentTotals) -> bool:
    """Return whether some row of a segment is inside, or can come to be."""
    numbers = totals.numbers
    return bool(
        numbers.get(INSIDE)
        or numbers.get(COUNTED)
        or _options(totals)
        or numbers.get(MAY_BE_EXCLUDED)
    )
