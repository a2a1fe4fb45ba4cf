"""The monthly value by the date on which cases ended, with its natural limits (F51)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import dropwhile
from typing import Any

from attrs import evolve

from kpi.definitions.reserved import PERIOD
from kpi.definitions.series import Period
from kpi.evaluation.chart_series.natural_limits import NaturalLimits, natural_limits
from kpi.evaluation.chart_series.points import Point
from kpi.evaluation.chart_series.to_date import MONTHLY
from kpi.results.target_result import TargetResult

MONTH, MEAN = "month", "mean"
PART_OF_A_MONTH = "part of a month"


def monthly_points(target: str, record: TargetResult, periods: Sequence[Period]) -> Iterator[Point]:
    """Yield the value of each month, and its mean and natural limits; of each group of a break-down.

    Args:
        target: the id of the target.
        record: the record of the target as it is asked of the cases that ended in a month, with a
            series by month.
        periods: the months, of which the last may not be over.
    """
    by_group: dict[tuple[Any, ...], dict[str | None, TargetResult]] = {}
    groups: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for of_month in record.groups:
        group = {name: value for name, value in of_month.group.items() if name != PERIOD}
        key = (*group.values(),)
        groups[key] = group
        by_group.setdefault(key, {})[of_month.group[PERIOD]] = of_month
    for key, months in by_group.items():
        yield from _of_group(target, groups[key], months, periods)


def _of_group(
    target: str,
    group: Mapping[str, Any],
    months: Mapping[str | None, TargetResult],
    periods: Sequence[Period],
) -> Iterator[Point]:
    named: dict[str, Any] = {"target": target, "group": group}
    points, unit = [], "share"
    for period in periods:
        of_month = months.get(period.name)
        n = 0 if of_month is None else of_month.denominator
        value = None if of_month is None else of_month.exact_value
        unit = unit if of_month is None else of_month.unit
        mark = None if MONTHLY.is_whole(period) else PART_OF_A_MONTH
        points.append(Point(period=period.name, kind=MONTH, value=value, n=n, mark=mark, **named))
    # The months before the first case of the extract say nothing.
    points = [*dropwhile(lambda point: point.n == 0, points)]
    whole = [n for n, p in enumerate(points) if p.value is not None and p.mark is None]
    values = [Fraction(points[n].value or 0) for n in whole]
    limits = natural_limits(values, least=0, most=1 if unit == "share" else None)
    if limits is None:
        yield from points
        return
    for n, mark in zip(whole, limits.marks, strict=True):
        points[n] = evolve(points[n], mark=mark)
    yield from points
    first, last = points[whole[0]].period, points[whole[-1]].period
    yield Point(
        period=f"{first} to {last}",
        kind=MEAN,
        value=limits.mean,
        low=limits.low,
        high=limits.high,
        n=len(whole),
        mark=_cut_at(limits, unit),
        **named,
    )


def _cut_at(limits: NaturalLimits, unit: str) -> str | None:
    """Return what is said where a limit is cut, as no share is above 100 %, and nothing below 0."""
    ends = ("0 %", "100 %") if unit == "share" else ("0", "")
    said = [end for end, is_cut in zip(ends, limits.is_cut, strict=True) if is_cut]
    return f"cut at {' and at '.join(said)}" if said else None
