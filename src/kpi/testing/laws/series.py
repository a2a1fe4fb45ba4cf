"""The law of series: each figure stands under the name of the days that it is of."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, get_args

from attrs import evolve

from kpi.definitions.comparison import COMPARED
from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.series import rolling_start
from kpi.definitions.target import Target
from kpi.definitions.time_units import parse_span
from kpi.definitions.windows import Window
from kpi.results.target_result import TargetResult
from kpi.testing.frames import Given, rows_of
from kpi.testing.laws.common import chosen_from, evaluated, with_targets


def a_period_of_a_series_is_its_target_in_that_period(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """A period of a series is the target with that period for its window, or its last day (S30).

    Of a target that is compared, against the period of the base in the same place (S33).

    There is nothing to check where no row falls in a period.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    every: Every = pick.choice(get_args(Every))
    rolling = pick.choice((None, None, "2 months", "40 days"))
    series = evaluated(plan, rows, as_of, every=every, rolling=rolling)
    checked = False
    for target in plan.leaves():
        periods = [one for one in series[target.id].groups if one.group["period"] is not None]
        if target.has_one_period or not periods or target.every is not None:
            continue
        if not (target.has_key("window") or target.counts_in_several_periods):
            # A rule without a window cannot be asked of another.
            continue
        found = pick.choice(periods)
        window = _window_of(str(found.group["period"]), int(plan.year_starts))
        if rolling is not None:
            assert window.last is not None, "a period has both ends"
            window = Window(
                since=rolling_start(window.last, parse_span(rolling)), through=window.last
            )
        other = target.in_period(window)
        if found.base_window is not None:
            base = _window_of(found.base_window, int(plan.year_starts))
            other = evolve(other, against=base)  # type: ignore[call-arg]  # compared with a window
        alone = evaluated(with_targets(plan, {target.id: other}), rows, as_of)[target.id]
        _compare(target, found, alone)
        checked = True
    return checked


def _window_of(period: str, year_starts: int) -> Window:
    """Return the window that a period's name means, also of one that its window cuts."""
    first, _, last = period.partition(" to ")
    if "/" in first or len(first) < len("2022-03-10"):
        return Window(first, year_starts=year_starts)
    return Window(since=dt.date.fromisoformat(first), through=dt.date.fromisoformat(last or first))


def _compare(target: Target, found: TargetResult, other: TargetResult) -> None:
    # A period that no period of the base stands against is shown without (S33).
    one, two = (_figures(of, compared=found.base is not None) for of in (found, other))
    for what, number in one.items():
        if number != two[what]:
            message = f"{what} {number} in {found.group['period']}, and {two[what]} by itself"
            raise AssertionError(f"target {target.id}: {message}")


def _figures(found: TargetResult, *, compared: bool) -> dict[str, Any]:
    return {
        "counted": found.counted,
        "counted_as": found.counted_as,
        "met": found.met,
        "total": found.total,
        "value": found.value,
        "figures": {
            name: figure
            for name, figure in found.figures.items()
            if compared or name not in COMPARED
        },
    }
