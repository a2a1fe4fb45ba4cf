"""Bases that targets are compared with: of a group of rows, and of each of its periods (S33)."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from kpi.definitions.periods import days_name
from kpi.definitions.series import Period, periods_of_base
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.definitions.windows import window_name
from kpi.engine.state import State
from kpi.results.target_totals import series_of
from kpi.results.totals import BySegment, SeriesTotals


@frozen(eq=False, repr=False)
class Base:
    """Totals of the base of a target over a group of rows (S33).

    Attributes:
        segments: the totals by segment.
        period: the period that they are of; None for the window of the base.
    """

    segments: BySegment
    period: Period | None = None


def bases_by_period(target: Target, base: SeriesTotals | None, state: State) -> dict[dt.date, Base]:
    """Return the base of each period of a target, by the first day of the period (S33).

    Empty where there is no base, no series, or the windows do not divide into as many periods.
    """
    series, comparison = series_of(target, state), target.comparison
    if base is None or series is None or comparison is None:
        return {}
    window = target.series_window(state.plan)
    pairs = periods_of_base(series, window, comparison.window) or {}
    totals = {None if period is None else period.first: parts for period, parts in base.periods}
    return {first: Base(totals.get(of_base.first, {}), of_base) for first, of_base in pairs.items()}


def base_name(target: Target, base: Sums, state: State) -> str:
    """Return the name of the window of a base, or of the period of a series that it is."""
    series, comparison = series_of(target, state), target.comparison
    assert comparison is not None, "a base belongs to a comparison"
    window, first = comparison.window, base.first or base.last
    if series is None or (base.first, base.last) == (window.first, window.last):
        return window_name(window)
    period = series.period_of(base.last, window)
    return period.name if period.first == first else days_name(first, base.last)
