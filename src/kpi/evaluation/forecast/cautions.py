"""Warnings of what makes an estimate weak (F28)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs
import polars as pl

from kpi.definitions.limits import Dated
from kpi.definitions.messages import Message
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.evaluation.forecast.forecast import Asking, Forecast
from kpi.evaluation.forecast.grouped_rows import N
from kpi.evaluation.forecast.life_table import LOOK_BACK

_RECENT = 91
"""Days whose intake is compared with that of a year before."""


def cautions(forecast: Forecast, target: Target, plan: Plan, first: dt.date) -> Iterator[Message]:
    """Yield the warnings about an estimate, a sentence each (F28).

    Args:
        forecast: the forecast that the estimate is of.
        target: the target.
        plan: the plan.
        first: the day of the first start.
    """
    if forecast.basis is not None:
        yield from _batches(forecast.basis, forecast.asking.method.interval[1])
        yield from _intake(forecast.asking, first)
    window = target.window_of(plan)
    for f in attrs.fields(type(target)):
        value = getattr(target, f.name)
        if isinstance(value, Dated):
            for day, _ in value.later:
                if day in window and (window.first is None or day > window.first):
                    yield Message(
                        "the limit changes within the window, on {day}"
                        if f.name == "limit"
                        else "the threshold changes within the window, on {day}",
                        day=day,
                    )


def _batches(basis: pl.DataFrame, end: str) -> Iterator[Message]:
    """Yield a warning where many of the ends of the look-back fell on one day."""
    ends = (
        basis.filter(pl.col(end).is_not_null())
        .group_by(end)
        .agg(pl.col(N).sum())
        .sort(N, end, descending=[True, False])
    )
    total = int(ends[N].sum())
    if ends.height and 10 * (most := int(ends[N][0])) > total:
        yield Message(
            "ends come in batches: {most:,} of the {total:,} ends of the last 12 months fell on "
            "{day}, and nothing here knows when the next comes",
            most=most,
            total=total,
            day=ends[end][0],
        )


def _intake(asking: Asking, first: dt.date) -> Iterator[Message]:
    """Yield a warning where the latest intake is far from that of the year before."""
    recent = asking.as_of - dt.timedelta(_RECENT - 1)
    year = dt.timedelta(LOOK_BACK)
    if first > recent - year:
        return
    now = _starts(asking, recent, asking.as_of)
    then = _starts(asking, recent - year, asking.as_of - year)
    if 4 * abs(now - then) > then:
        yield Message(
            "the intake changes: {now:,} cases in the last {days} days, {then:,} in the same "
            "days of the year before",
            now=now,
            days=_RECENT,
            then=then,
        )


def _starts(asking: Asking, first: dt.date, last: dt.date) -> int:
    start, _ = asking.method.interval
    rows = asking.population([pl.col(start).is_between(first, last)])
    return int(rows.select(pl.col(N).sum()).collect(engine="in-memory").item())
