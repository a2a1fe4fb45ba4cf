"""Totals of a state by group, period and segment, from which records are computed (S30)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from kpi.definitions.plan import Plan
from kpi.definitions.series import Period, Series, bounded
from kpi.definitions.target import Target
from kpi.definitions.windows import window_name
from kpi.engine.state import INSIDE, ROWS

Part: TypeAlias = tuple[str | None, ...]
Group: TypeAlias = tuple[object, ...]


@frozen(eq=False, repr=False)
class SegmentTotals:
    """Totals of one segment of a target, or of all of its rows.

    Attributes:
        numbers: the total of each quantity, rows or what the rule sums.
        bins: for each quantity that is counted by value, the number of rows of each value.
    """

    numbers: dict[str, int] = field(factory=dict)
    bins: dict[str, dict[int, int]] = field(factory=dict)

    def add(self, quantity: str, value: int | None, n: int) -> None:
        """Add to the total of a quantity, or to the rows of a value of a quantity."""
        numbers: dict[Any, int] = (
            self.numbers if value is None else self.bins.setdefault(quantity, {})
        )
        key = quantity if value is None else value
        numbers[key] = numbers.get(key, 0) + n

    def add_all(self, other: SegmentTotals) -> None:
        """Add the totals of other rows."""
        for quantity, n in other.numbers.items():
            self.add(quantity, None, n)
        for quantity, bins in other.bins.items():
            for value, n in bins.items():
                self.add(quantity, value, n)


BySegment: TypeAlias = dict[Part, SegmentTotals]
"""The totals of each segment; those of the rows of no segment under ()."""


def over_segments(parts: BySegment) -> SegmentTotals:
    """Return the totals of all segments together."""
    if len(parts) == 1:
        return next(iter(parts.values()))
    whole = SegmentTotals()
    for totals in parts.values():
        whole.add_all(totals)
    return whole


def added(groups: Iterable[BySegment]) -> BySegment:
    """Return the totals of several groups of rows together, by segment, in the order of a state."""
    together: BySegment = {}
    for parts in groups:
        for part, totals in parts.items():
            together.setdefault(part, SegmentTotals()).add_all(totals)
    # A segment that the first group lacks would else stand behind all others.
    return dict(sorted(together.items(), key=lambda item: _in_order(item[0])))


def _in_order(part: Part) -> tuple[bool, list[tuple[bool, str]]]:
    """Return the place of a segment as a state sorts them: null first, rows of no segment last."""
    return not part, [(key is not None, key or "") for key in part]


def has_rows(parts: BySegment) -> bool:
    """Return whether a group has rows of the table, counted or not."""
    return () in parts and bool(parts[()].numbers.get(ROWS))


def has_rows_inside(parts: BySegment) -> bool:
    """Return whether a group has rows inside a target."""
    return any(totals.numbers.get(INSIDE) for totals in parts.values())


def segments_inside(parts: BySegment) -> Iterator[tuple[Part, SegmentTotals]]:
    """Yield the segments that have rows inside."""
    for part, totals in parts.items():
        if part and totals.numbers.get(INSIDE):
            yield part, totals


@frozen(eq=False, repr=False)
class SeriesTotals:
    """Totals of a target over a group of rows: of the whole, and of each period of a series.

    Attributes:
        whole: the totals over the target's window.
        periods: the totals of each period; None stands for rows without a period. Empty without a
            series.
    """

    whole: BySegment
    periods: tuple[tuple[Period | None, BySegment], ...] = ()


def series_totals(
    target: Target, plan: Plan, series: Series | None, by_first: Mapping[dt.date | None, BySegment]
) -> SeriesTotals:
    """Return the totals of a group of rows for the whole and for each period.

    Args:
        target: the target.
        plan: the plan.
        series: the series of the target; None for no series.
        by_first: the totals by the first day of the period or, in a rolling series, of the segment;
            None for rows without a period, and for the whole of a target whose rows may count in
            several periods.
    """
    if series is None:
        return SeriesTotals(added(by_first.values()))
    window = target.window_of(plan)
    if target.has_one_period:
        last = window.last
        assert last is not None, "a target's window has an end"
        parts = added(by_first.values())
        period = Period(window_name(window), window.first or last, last, window)
        return SeriesTotals(parts, ((period, parts),))
    if target.counts_in_several_periods:
        periods = series.periods(bounded(target.series_window(plan), plan))
        return SeriesTotals(
            by_first.get(None, {}),
            tuple((period, by_first.get(period.first, {})) for period in periods),
        )
    if series.rolling is not None:
        return _rolling(target, plan, series, by_first)
    begun = {
        series.period_of(first if window.first is None else max(first, window.first), window): parts
        for first, parts in by_first.items()
        if first is not None
    }
    if target.every is None:
        none = [(None, by_first[None])] if None in by_first else []
        return SeriesTotals(added(by_first.values()), (*begun.items(), *none))
    return SeriesTotals(
        added(by_first.values()),
        tuple(
            (period, _asked_alone([begun.get(period, {})], by_first))
            for period in series.periods(window)
        ),
    )


def _rolling(
    target: Target, plan: Plan, series: Series, by_first: Mapping[dt.date | None, BySegment]
) -> SeriesTotals:
    """Return the totals of the windows of a rolling series, each a sum of segments."""
    window = target.window_of(plan)
    whole = [
        parts if first is None or first in window else _rows_alone(parts)
        for first, parts in by_first.items()
    ]
    periods = [
        (
            period,
            _asked_alone(
                [
                    parts
                    for first, parts in by_first.items()
                    if first is not None and first in period.window
                ],
                by_first,
            ),
        )
        for period in series.periods(bounded(window, plan))
    ]
    return SeriesTotals(added(whole), tuple(periods))


def _asked_alone(
    of_period: Iterable[BySegment], by_first: Mapping[dt.date | None, BySegment]
) -> BySegment:
    """Return the totals of a period as the target asked of the period alone has them (S30).

    Rows without a period are excluded from each, such as those whose start is missing, and all rows
    of the table are its rows.
    """
    totals = added([*of_period, by_first.get(None, {})])
    rows = totals.setdefault((), SegmentTotals())
    rows.numbers[ROWS] = sum(map(_rows, by_first.values()))
    return totals


def _rows_alone(parts: BySegment) -> BySegment:
    """Return the rows of the table alone: outside the window they are, and nothing else."""
    return {(): SegmentTotals({ROWS: _rows(parts)})}


def _rows(parts: BySegment) -> int:
    return sum(totals.numbers.get(ROWS, 0) for totals in parts.values())
