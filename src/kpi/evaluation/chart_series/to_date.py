"""The value to date by month end, and what could become of it by then (F50)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from kpi.definitions.plan import Plan
from kpi.definitions.series import Period, Series, bounded
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.evaluation.chart_series.points import Point
from kpi.evaluation.forecast.estimate import Estimate
from kpi.results.possible import Range
from kpi.results.target_result import TargetResult

MONTHLY = Series("month")
"""The months that series are made of (S30)."""

STATUS, MET = "status", "met"
CERTAIN, IF, ESTIMATE = "certain", "if no new case", "estimate"
NOTHING_COUNTED = "nothing counted"


def months_to_date(plan: Plan, target: Target, as_of: dt.date) -> tuple[Period, ...]:
    """Return the months of a target's window, up to the as-of date or to its last day (F50).

    Of a target without a first day, those from the plan's period on (S30). The day alone, where the
    as-of date is no month end, ends the last of them.
    """
    first, last = bounded(target.window_of(plan), plan).closed
    if first > as_of:
        return ()
    return tuple(MONTHLY.periods(Window(since=first, through=min(last, as_of))))


def status_points(target: str, record: TargetResult, period: str) -> Iterator[Point]:
    """Yield the value of a record, the cases in time, and its bounds and verdict, as of a month end.

    Args:
        target: the id of the target.
        record: the record of the target, or of a group of it, as of that day.
        period: the month.
    """
    named: dict[str, Any] = {"target": target, "group": record.group, "period": period}
    counted = record.denominator
    yield Point(kind=STATUS, value=record.exact_value, n=counted, mark=record.verdict, **named)
    if record.met is not None:
        yield Point(kind=MET, value=record.met, n=counted, **named)
    possible = record.possible
    if possible is not None:
        yield bounds_point(CERTAIN, possible.possible, named)
        yield bounds_point(IF, possible.known, named)


def estimate_point(
    target: str, estimate: Estimate, outlook: str | None, window_end: dt.date
) -> Point:
    """Return the estimate of a target and its interval, at the last day of its window."""
    return Point(
        target=target,
        period=month_to(window_end),
        kind=ESTIMATE,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        mark=outlook,
    )


def month_to(day: dt.date) -> str:
    """Return the name of the month that ends with a day; of another day, that of its days (S30)."""
    return MONTHLY.period_of(day, Window(since=day.replace(day=1), through=day)).name


def bounds_point(kind: str, of: Range, named: Mapping[str, Any]) -> Point:
    """Return the lower and the upper bound of a value; what nothing bounds has no upper one."""
    if (of.worst_of, of.best_of) == ((1, 1), (0, 1)):
        # No completion that counts anything differs (F7).
        return Point(kind=kind, mark=NOTHING_COUNTED, **named)
    ends = [end for end in (of.worst, of.best) if end is not None]
    high = max(ends) if len(ends) == 2 else None
    return Point(kind=kind, low=min(ends, default=None), high=high, **named)
