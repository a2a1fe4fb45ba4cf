"""Laws of conditions: a population with alternatives (S10, S34)."""

from __future__ import annotations

import datetime as dt
import random

from attrs import evolve

from kpi.definitions.plan import Plan
from kpi.definitions.population import Population
from kpi.definitions.target import Target
from kpi.testing.comparable import trails
from kpi.testing.frames import Given, rows_of
from kpi.testing.laws.common import as_known


def alternatives_count_the_rows_of_each(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """A row is outside a target with `any_of` where it is outside with each alternative (S34).

    Each alternative makes a target of its own, whose conditions are those that must all hold and
    those of the alternative. There is nothing to check where no target has alternatives in `where`,
    or there are no rows.
    """
    rows = rows_of(plan, tables)
    by_id = {t.id: _alone(t) for t in plan.leaves() if t.where.any_of and t.table in rows}
    if not by_id:
        return False
    alone = [target for targets in by_id.values() for target in targets]
    of_each = evolve(plan, goals=(), targets=alone)
    together, apart = trails(as_known(plan, rows, as_of)), trails(as_known(of_each, rows, as_of))
    checked = False
    for name, targets in by_id.items():
        for n, (_, row) in enumerate(together[name]):
            checked = True
            each = [apart[target.id][n][1].bucket == "outside" for target in targets]
            if (row.bucket == "outside") != all(each):
                message = f"{row.bucket}, and of the alternatives {each.count(False)} count it"
                raise AssertionError(f"target {name}, row {n + 1} of the trail: {message}")
    return checked


def _alone(target: Target) -> list[Target]:
    """Return the target with each of its alternatives alone, under ids of their own."""
    return [
        evolve(
            target.reported_under(target.id),
            id=f"{target.id}: {n}",
            where=Population((*target.where.conditions, *alternative.conditions)),
            readings=(),
            goal=None,
            weight=None,
        )
        for n, alternative in enumerate(target.where.any_of)
    ]
