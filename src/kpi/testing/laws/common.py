"""Common functions of the laws: evaluating rows, rows that exist, and telling results apart."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from attrs import evolve

from kpi.definitions.kinds import Kind
from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Requirement, Target
from kpi.evaluation.evaluate import evaluate
from kpi.results.result import Result
from kpi.testing import oracle
from kpi.testing.comparable import Numbers, Trails
from kpi.testing.frames import Given, frames
from kpi.testing.strategies import Rows
from kpi.testing.without_prospects import evaluated_without_prospects

Law: TypeAlias = Callable[[Plan, Given, dt.date | None, random.Random | None], bool]
"""A law: a function of a plan, its tables, the as-of day, and the source of random choices.

A law raises an AssertionError where it does not hold, and returns whether anything was checked."""


def chosen_from(chance: random.Random | None) -> random.Random:
    """Return the source of a law's choices; without one, choices that are the same each time."""
    return chance if chance is not None else random.Random(0)  # noqa: S311 - choices, not secrets


def evaluated(plan: Plan, rows: Mapping[str, Rows], as_of: dt.date | None, **how: Any) -> Result:
    """Evaluate rows with the engine."""
    return evaluate(plan, frames(plan, rows), as_of, **how)


def as_known(plan: Plan, rows: Mapping[str, Rows], as_of: dt.date | None) -> Result:
    """Evaluate rows with the engine for a law that asks nothing of prospects (F12)."""
    return evaluated_without_prospects(plan, frames(plan, rows), as_of)


def existing(plan: Plan, table: Table, rows: Rows, as_of: dt.date) -> list[int]:
    """Return the positions of the rows that exist at the end of a day (S15), as in the trail."""
    if table.entry is None:
        return list(range(len(rows)))
    days = [oracle.local_date(row.get(table.entry), plan.time_zone) for row in rows]
    return [n for n, day in enumerate(days) if day is None or day <= as_of]


def behind(plan: Plan, target: Target, column: str | None) -> dict[str, Kind]:
    """Return the columns of the extract behind a column of a target's table, with their kinds."""
    return {} if column is None else dict(plan.table(target.table).made_of(column))


def columns_behind(plan: Plan, target: Target) -> set[str]:
    """Return all columns of the extract that a target reads, also behind derived dates."""
    return {c for read in target.reads() for c in behind(plan, target, read.column)}


def with_targets(plan: Plan, changed: Mapping[str, Target]) -> Plan:
    """Return the plan with some of its targets replaced, by id."""

    def replaced(target: Requirement) -> Requirement:
        if isinstance(target, Parts):
            return evolve(target, parts=[changed.get(part.id, part) for part in target.parts])
        return changed.get(target.id, target)

    return evolve(plan, targets=[replaced(target) for target in plan.targets])


def same(numbers: Mapping[str, Numbers], other: Mapping[str, Numbers], what: str) -> None:
    """Raise where two results are not the same, naming the first target that differs.

    Raises:
        AssertionError: with the target and its differing numbers.
    """
    for name in dict.fromkeys((*numbers, *other)):
        if numbers.get(name) != other.get(name):
            raise AssertionError(
                f"target {name}, {what}: {_first(numbers.get(name), other.get(name))}"
            )


def _first(a: Numbers | None, b: Numbers | None) -> str:
    if a is None or b is None:
        return "is not there" if b is None else "is there all at once"
    before, after = a.lines(), b.lines()
    names = dict.fromkeys((*before, *after))
    differing = [name for name in names if before.get(name) != after.get(name)]
    return ", ".join(f"{name} {before.get(name)} became {after.get(name)}" for name in differing)


def by_position(
    plan: Plan, rows: Mapping[str, Rows], day: dt.date, by_target: Trails, target: Target
) -> dict[int, Any]:
    """Return the outcome of each existing row of a target's table, by its position in the table."""
    if not by_target[target.id]:
        return {}
    positions = existing(plan, plan.table(target.table), rows[target.table], day)
    outcomes = (outcome for _, outcome in by_target[target.id])
    return dict(zip(positions, outcomes, strict=True))
