"""Shares of a condition: categories and refusals."""

from __future__ import annotations

import pytest

import kpi
from tests.builders import ACTIONS, actions


def test_a_value_that_a_share_asks_for_and_no_row_holds_is_said() -> None:
    """What a share asks for is named by the plan as well."""
    target = kpi.Share(id="t", table="actions", having={"kind": "chekc"}, threshold=50)
    made = kpi.Plan(id="p", period="2017", tables=[ACTIONS], targets=[target])
    result = kpi.evaluate(made, actions(("2017-03-01", "check")))
    assert (
        "actions.kind: the plan names what no row holds: 'chekc' (did you mean 'check'?)"
        in result.notes
    )


def test_a_share_of_nothing_in_particular_is_refused() -> None:
    with pytest.raises(kpi.PlanError, match="having: found none; accepted: at least one condition"):
        kpi.Share(id="t", table="actions", having={}, threshold=50)
