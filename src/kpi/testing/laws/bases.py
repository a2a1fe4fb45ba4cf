"""Laws of bases: a target that is compared with itself in another window (S33)."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from attrs import evolve

from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.results.target_result import TargetResult
from kpi.testing.frames import Given, rows_of
from kpi.testing.laws.common import evaluated, with_targets
from kpi.testing.laws.indicators import without_demand


def against_its_own_window_nothing_changes(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """Against its own window a target has the difference 0, and the change 0 of what is not 0 (S33).

    Its base counts the same rows. There is nothing to check where no target can be compared.
    """
    rows = rows_of(plan, tables)
    own = {
        target.id: evolve(target, against=target.window_of(plan))  # type: ignore[call-arg]  # it has the key
        for target in _alone(plan)
        if target.table in rows
    }
    if not own:
        return False
    result = evaluated(with_targets(plan.only(*own), own), rows, as_of)
    checked = False
    for name in own:
        record = result[name]
        base = record.base
        assert base is not None, f"target {name}: no base"
        _equal(name, "against its own window", record, base)
        if record.value is None or not record.counted:
            continue
        checked = True
        change = 0 if record.value else None
        found = {key: record.figures[key] for key in ("difference", "change")}
        if found != {"difference": 0, "change": change}:
            raise AssertionError(f"target {name}, against its own window: {found}")
    return checked


def a_base_is_its_target_in_that_window(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """What a target shows beside its base is what two targets show, each in a window of its own (S33).

    There is nothing to check where no target is compared.
    """
    rows = rows_of(plan, tables)
    compared = {leaf.id: leaf for leaf in plan.leaves() if leaf.comparison and leaf.table in rows}
    if not compared:
        return False
    result = evaluated(plan.only(*compared), rows, as_of)
    alone = {target.id: target for target in _alone(plan) if target.id in compared}
    moved: dict[str, Target] = {
        name: evolve(target, window=compared[name].comparison.window)  # type: ignore[call-arg, union-attr]  # compared
        for name, target in alone.items()
    }
    one, other = (
        evaluated(with_targets(plan.only(*compared), targets), rows, as_of)
        for targets in (alone, moved)
    )
    for name in compared:
        base = result[name].base
        assert base is not None, f"target {name}: no base"
        _equal(name, "beside its base", result[name], one[name])
        _equal(name, "its base", base, other[name])
    return True


def _alone(plan: Plan) -> list[Target]:
    """Return the targets that can be compared, with nothing that they are compared with or asked.

    Not where that would count other cases: without limits or thresholds by value, say.
    """
    alone: list[Target] = []
    for target in plan.leaves():
        if not target.has_key("against") or not target.has_key("window"):
            continue
        if target.window_of(plan).last is None or getattr(target, "at", None) is not None:
            continue
        unasked = without_demand(target) if target.has_requirement else target
        if unasked is None:
            continue
        own: dict[str, Any] = {"against": None, "every": None, "rolling": None, "readings": ()}
        alone.append(evolve(unasked, goal=None, weight=None, on_condition=None, **own))
    return alone


def _equal(name: str, what: str, record: TargetResult, other: TargetResult) -> None:
    for key in ("rows", "outside", "counted", "excluded", "undetermined", "met", "total", "value"):
        one, two = getattr(record, key), getattr(other, key)
        if one != two:
            raise AssertionError(f"target {name}, {what}: {key} {one}, and {two} by itself")
