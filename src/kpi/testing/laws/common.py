"""What the laws share: evaluating rows, which rows exist, and saying where two answers differ."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from attrs import evolve

from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.population import Kind
from kpi.definitions.table import Table
from kpi.definitions.target import Requirement, Target
from kpi.evaluation.evaluate import evaluate
from kpi.results.result import Result
from kpi.testing import oracle
from kpi.testing.comparable import Numbers, Trails
from kpi.testing.frames import Given, frames
from kpi.testing.strategies import Rows

Law: TypeAlias = Callable[[Plan, Given, dt.date | None, random.Random | None], bool]
"""A law: of a plan, its tables, the day they are looked at from, and what its choices are drawn from.

It raises an AssertionError where it does not hold, and says whether there was anything to check."""


def chosen_from(chance: random.Random | None) -> random.Random:
    """What the choices of a law are drawn from; the same ones each time where nothing is given."""
    return chance if chance is not None else random.Random(0)  # noqa: S311 - choices, not secrets


def evaluated(plan: Plan, rows: Mapping[str, Rows], as_of: dt.date | None, **how: Any) -> Result:
    """What the engine says of rows."""
    return evaluate(plan, frames(plan, rows), as_of, **how)


def existing(plan: Plan, table: Table, rows: Rows, as_of: dt.date) -> list[int]:
    """The positions of the rows that exist at the end of a day (S15): those of the audit trail."""
    if table.entry is None:
        return list(range(len(rows)))
    days = [oracle.local_date(row.get(table.entry), plan.time_zone) for row in rows]
    return [n for n, day in enumerate(days) if day is None or day <= as_of]


def behind(plan: Plan, target: Target, column: str | None) -> dict[str, Kind]:
    """The columns of the extract behind a column of a target's table, with what each holds."""
    return {} if column is None else dict(plan.table(target.table).made_of(column))


def columns_behind(plan: Plan, target: Target) -> set[str]:
    """All columns of the extract that a target reads, those behind derived dates among them."""
    return {c for read in target.reads() for c in behind(plan, target, read.column)}


def with_targets(plan: Plan, changed: Mapping[str, Target]) -> Plan:
    """The plan with some of its targets in another form."""

    def other(one: Requirement) -> Requirement:
        if isinstance(one, Parts):
            return evolve(one, parts=[changed.get(part.id, part) for part in one.parts])
        return changed.get(one.id, one)

    return evolve(plan, targets=[other(one) for one in plan.targets])


def same(found: Mapping[str, Numbers], other: Mapping[str, Numbers], what: str) -> None:
    """Raises where two answers are not the same, saying where first."""
    for name in dict.fromkeys((*found, *other)):
        if found.get(name) != other.get(name):
            raise AssertionError(
                f"target {name}, {what}: {_first(found.get(name), other.get(name))}"
            )


def _first(a: Numbers | None, b: Numbers | None) -> str:
    if a is None or b is None:
        return "is not there" if b is None else "is there all at once"
    one, two = a.lines(), b.lines()
    differing = [key for key in dict.fromkeys((*one, *two)) if one.get(key) != two.get(key)]
    return ", ".join(f"{key} {one.get(key)} became {two.get(key)}" for key in differing)


def by_position(
    plan: Plan, rows: Mapping[str, Rows], day: dt.date, found: Trails, target: Target
) -> dict[int, Any]:
    """What became of each row of a target's table that exists, by its position in the table."""
    if not found[target.id]:
        return {}
    there = existing(plan, plan.table(target.table), rows[target.table], day)
    trail = (its for _, its in found[target.id])
    return dict(zip(there, trail, strict=True))
