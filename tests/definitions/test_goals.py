"""Goals and the weights that they share."""

from __future__ import annotations

import kpi


def test_a_shared_weight_is_earned_when_all_are_met_unless_said() -> None:
    assert kpi.Goal(id="1", weight=100).sharing == "all"
