"""Targets that apply on a condition only: whether the condition is reported as true (S28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi.testing.oracle.cases import Case

FACTS = "reported"
"""The table of the facts that people report, by target."""


def came_about(target: Any, cases: Mapping[str, Sequence[Case]]) -> bool | None:
    """Return whether the condition of a target came about; None without one clear report.

    Args:
        target: a target on a condition.
        cases: the snapshot of each table that is given.
    """
    fact = target.on_condition.fact if target.on_condition.fact is not None else target.id
    # Of a duplicate fact no row can be believed (S13).
    reports = [
        case.cells.get("condition")
        for case in cases.get(FACTS, ())
        if case.cells.get("target") == fact and not case.repeated
    ]
    if len(reports) != 1 or reports[0] is None:
        return None
    assert isinstance(reports[0], bool), f"condition holds {reports[0]!r}"
    return reports[0]
