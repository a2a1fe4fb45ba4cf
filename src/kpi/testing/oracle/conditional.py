"""Targets that are asked for on a condition only: whether it came about (S28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi.testing.oracle.cases import Case

FACTS = "reported"
"""The table of the facts that people report, by target."""


def came_about(target: Any, cases: Mapping[str, Sequence[Case]]) -> bool | None:
    """Whether the condition of a target came about; None where no one said.

    Args:
        target: a target on a condition.
        cases: the rows of each table that is there.
    """
    fact = target.on_condition.fact if target.on_condition.fact is not None else target.id
    # Of a fact that stands twice, no row can be believed (S13).
    told = [
        case.cells.get("condition")
        for case in cases.get(FACTS, ())
        if case.cells.get("target") == fact and not case.repeated
    ]
    if len(told) != 1 or told[0] is None:
        return None
    assert isinstance(told[0], bool), f"condition holds {told[0]!r}"
    return told[0]
