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
        asked = {"values": situation.values, "most": most}
        (some,) = possibilities(plan, situation.tables, situation.as_of, **asked)  # type: ignore[arg-type]
        if some.completions > _MOST:
            break
        (every,) = possibilities(
            plan,
            situation.tables,
            situation.as_of,
            alike=False,
            **asked,  # type: ignore[arg-type]
        )
        assert every.evaluated == every.completions == some.completions
        assert evolve(some, evaluated=0) == evolve(every, evaluated=0)
