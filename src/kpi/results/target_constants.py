"""Properties of a target that are the same in all groups: its tables and its condition (S25, S28)."""

from __future__ import annotations

from attrs import frozen

from kpi.definitions.target import Target
from kpi.engine.state import State
from kpi.results.group_sums import sums_of
from kpi.results.target_totals import ByTarget
from kpi.results.totals import added, over_segments
from kpi.rules._condition import condition_of


@frozen(eq=False, repr=False)
class TargetConstants:
    """Properties of a target that are the same in all groups.

    Attributes:
        not_reported: whether the extract lacks a table that the target reads, or batches had apart,
            or twice, what the target takes together (S25).
        condition_holds: whether the target's condition came about; None where nobody reported it.
    """

    not_reported: bool
    condition_holds: bool | None


def target_constants(target: Target, state: State, totals: ByTarget) -> TargetConstants:
    """Return the properties of a target that are the same in all groups."""
    return TargetConstants(not state.is_assessable(target), _condition_holds(target, state, totals))


def _condition_holds(target: Target, state: State, totals: ByTarget) -> bool | None:
    """Return whether a target's condition came about; None where nobody reported it."""
    condition = condition_of(target)
    if condition is None:
        return True
    if not state.is_assessable(condition):
        return None
    last = condition.window_of(state.plan).last
    assert last is not None, "a condition's window has an end"
    together = over_segments(added(totals.get(condition.id, {}).values()))
    return condition.measure(sums_of(together, None, last, state)).reached
