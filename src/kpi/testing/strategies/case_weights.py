"""Cases of some targets that count as a number of persons (S32)."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.target import Requirement
from kpi.errors import PlanError

PERSONS = "persons"
"""The column of the weights that generated plans read."""

WEIGHTS = (1, 2, 3, 5, 0, -1)
"""The weights that cells hold, beside null."""

_ONE_IN_TEN = st.sampled_from((False,) * 9 + (True,))


def with_case_weights(draw: DrawFn, plan: Plan) -> Plan:
    """Return the plan with some targets whose cases count as a number of persons."""
    targets = [_weighed(draw, requirement) for requirement in plan.targets]
    return plan if targets == [*plan.targets] else evolve(plan, targets=targets)


def _weighed(draw: DrawFn, requirement: Requirement) -> Requirement:
    if isinstance(requirement, Parts):
        return evolve(requirement, parts=[_weighed(draw, part) for part in requirement.parts])
    for leaf in requirement.leaves():
        if leaf.has_key("count_as") and draw(_ONE_IN_TEN):
            count_as: dict[str, Any] = {"count_as": PERSONS}
            try:
                return evolve(leaf, **count_as)
            except PlanError:
                # With time by the clock that is added up, say, cases have no weights.
                return requirement
    return requirement
