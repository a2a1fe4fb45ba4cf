"""The law of series: each figure stands under the name of the days that it is of."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, get_args

from attrs import evolve

from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.results.target_result import TargetResult
from kpi.rules.average import Average
from kpi.rules.count import Count
from kpi.rules.flow import Flow
from kpi.rules.percentile import Percentile
from kpi.rules.share import Share
from kpi.rules.within import Within
from kpi.testing.frames import Given, rows_of
from kpi.testing.laws.common import chosen_from, evaluated, with_targets

_OF_ONE_DAY = (Average, Count, Percentile, Share, Within)
"""Kinds of which each counted row belongs to a day of the window, so that a period is a window."""


def a_period_of_a_series_is_its_target_in_that_period(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """A period of a series is the target with that period for its window; a flow stands under its window.

    A case of a flow comes in on one day and goes out on another, so its figures are the whole's. There
    is nothing to check where no row falls in a period, or a count is one of distinct values, which are
    counted once in the whole.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    every: Every = pick.choice(get_args(Every))
    series = evaluated(plan, rows, as_of, every=every)
    checked = False
    for target in plan.leaves():
        periods = [one for one in series[target.id].groups if one.group["period"] is not None]
        if isinstance(target, Flow):
            checked = _is_of_the_whole(target, plan, series[target.id], periods) or checked
            continue
        if not isinstance(target, _OF_ONE_DAY) or _is_distinct(target) or not periods:
            continue
        if isinstance(target, Within) and target.denominator == "open":
            # Cases open at the end of a day fall in no window.
            continue
        found = pick.choice(periods)
        other = evolve(target, window=_window_of(str(found.group["period"])))
        alone = evaluated(with_targets(plan, {target.id: other}), rows, as_of)[target.id]
        _compare(target, found, alone)
        checked = True
    return checked


def _is_distinct(target: Target) -> bool:
    return isinstance(target, Count) and target.distinct is not None


def _is_of_the_whole(
    target: Flow, plan: Plan, whole: TargetResult, periods: list[TargetResult]
) -> bool:
    window = target.window if target.window is not None else plan.period
    name = window.name or f"{window.first} to {window.last}"
    for found in periods:
        if found.group["period"] != name:
            raise AssertionError(f"target {target.id}: {found.group['period']}, not {name}")
        _compare(target, found, whole)
    return bool(periods)


def _window_of(period: str) -> Window:
    """Return the window that a period's name means, also of one that its window cuts."""
    first, _, last = period.partition(" to ")
    if len(first) < len("2022-03-10"):
        return Window(first)
    return Window(since=dt.date.fromisoformat(first), through=dt.date.fromisoformat(last or first))


def _compare(target: Target, found: TargetResult, other: TargetResult) -> None:
    one, two = _figures(found), _figures(other)
    for what, number in one.items():
        if number != two[what]:
            message = f"{what} {number} in {found.group['period']}, and {two[what]} by itself"
            raise AssertionError(f"target {target.id}: {message}")


def _figures(found: TargetResult) -> dict[str, Any]:
    return {
        "counted": found.counted,
        "met": found.met,
        "total": found.total,
        "value": found.value,
        "figures": dict(found.figures),
    }
