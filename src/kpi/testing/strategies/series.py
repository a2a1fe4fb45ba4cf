"""Series of targets: periods that must each reach them, some with rolling windows (S30)."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kpi.definitions.parts import Parts
from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.series import EVERY, Series, periods_of_base
from kpi.definitions.target import Requirement, Target
from kpi.definitions.windows import Window

_MOST_PERIODS = 13
_ONE_IN_TEN = st.sampled_from((False,) * 9 + (True,))
_ROLLING = st.sampled_from((None, None, "12 months", "3 months", "1 month", "5 weeks", "40 days"))


def with_split_years(draw: DrawFn, plan: Plan) -> Plan:
    """Return the plan with some windows of years, halves and quarters that begin in its month."""
    if plan.year_starts == "01":
        return plan
    begun = plan.period.closed.first.year - 1
    names = [f"{year:04}/{(year + 1) % 100:02}" for year in (begun, begun + 1)]
    named = st.sampled_from(
        [f"{name}{part}" for name in names for part in ("", "-H1", "-H2", "-Q4")]
    )
    targets = []
    for target in plan.targets:
        windowed: Any = target
        if getattr(target, "window", None) is not None and draw(st.booleans()):
            windowed = evolve(windowed, window=Window(draw(named)))
        targets.append(windowed)
    return evolve(plan, targets=targets)


def with_series(draw: DrawFn, plan: Plan) -> Plan:
    """Return the plan with some targets asked for every period of their windows."""
    targets = [_asked(draw, plan, requirement) for requirement in plan.targets]
    return plan if targets == [*plan.targets] else evolve(plan, targets=targets)


def _asked(draw: DrawFn, plan: Plan, requirement: Requirement) -> Requirement:
    if isinstance(requirement, Parts):
        return evolve(requirement, parts=[_asked(draw, plan, part) for part in requirement.parts])
    if not isinstance(requirement, Target) or not draw(_ONE_IN_TEN):
        return requirement
    lengths = _lengths(plan, requirement)
    if not lengths:
        return requirement
    asked: dict[str, Any] = {"every": draw(st.sampled_from(lengths))}
    if requirement.has_key("window"):
        asked["rolling"] = draw(_ROLLING)
    return evolve(requirement, **asked)


def _lengths(plan: Plan, target: Target) -> list[Every]:
    """Return the lengths of periods that a target may be asked for, those that give only a few."""
    if target.has_one_period or not (target.has_key("window") or target.counts_in_several_periods):
        return []
    window = target.series_window(plan)
    if window.first is None or window.last is None:
        return []
    few = []
    for every in EVERY:
        series = Series(every, None, int(plan.year_starts))
        base = None if target.comparison is None else target.comparison.window
        # Each period has one of the base to stand against, or the plan is refused (S33).
        if base is not None and periods_of_base(series, window, base) is None:
            continue
        periods = series.periods(window)
        if sum(1 for _, _ in zip(periods, range(_MOST_PERIODS + 1), strict=False)) <= _MOST_PERIODS:
            few.append(every)
    return few
