"""Completions that are alike: evaluating one of them says what evaluating all of them does."""

from __future__ import annotations

from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings

from kpi.testing.oracle.follow_up import possibilities
from kpi.testing.strategies import Situation, situations

_FEW = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_MOST = 150
"""The most completions that are evaluated one by one."""


@_FEW
@given(situations(most=1))
def test_those_alike_say_what_all_say(situation: Situation) -> None:
    """Every completion of the known rows, and one newcomer of every kind, evaluated as they stand."""
    plan = evolve(situation.plan, targets=situation.plan.targets[:1])
    for most in (0, 1):
        asked = (plan, situation.tables, situation.as_of)
        (some,) = possibilities(*asked, values=situation.values, most=most)
        if some.completions > _MOST:
            break
        (every,) = possibilities(*asked, values=situation.values, most=most, alike=False)
        assert every.evaluated == every.completions >= some.evaluated
        assert evolve(every, evaluated=some.evaluated, completions=some.completions) == some
