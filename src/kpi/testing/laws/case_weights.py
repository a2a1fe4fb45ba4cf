"""The law of weights of cases: a case of several persons is as many cases (S32)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection
from typing import Any

from attrs import evolve

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.errors import PlanError
from kpi.results.result import Result
from kpi.testing.comparable import Numbers, numbers
from kpi.testing.frames import Given, rows_of
from kpi.testing.laws.common import chosen_from, columns_behind, evaluated, same, with_targets
from kpi.testing.strategies import Rows

_PERSONS = "persons of the case"


def a_case_of_several_persons_is_as_many_cases(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """A case that counts as k persons counts as k copies of it do; as one, it changes nothing (S32).

    Met, total, value, figures and verdict are the same, and so is what the buckets count as. For
    tables without pauses, whose keys are texts and not repeated, and not for targets that read the
    key. There is nothing to check where no target can count persons.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    checked = False
    for table in plan.tables:
        of_table = rows.get(table.name)
        targets = [t for t in plan.leaves() if t.table == table.name and _fits(plan, table, t)]
        weighed = {t.id: other for t in targets if (other := _weighed(t)) is not None}
        if not weighed or not of_table or not _has_plain_keys(table, of_table):
            continue
        plain = with_targets(plan, {t.id: _plain(t) for t in targets})
        in_persons = with_targets(plan, weighed)
        # One person each, then some more.
        for most in (1, 3):
            persons = [pick.randint(1, most) for _ in of_table]
            heavy = [{**row, _PERSONS: n} for row, n in zip(of_table, persons, strict=True)]
            copies = [
                {**row, table.key[0]: f"{row[table.key[0]]} {copy}"}
                for row, n in zip(of_table, persons, strict=True)
                for copy in range(n)
            ]
            cases = _some(evaluated(in_persons, {**rows, table.name: heavy}, as_of), weighed)
            copied = _some(evaluated(plain, {**rows, table.name: copies}, as_of), weighed)
            what = f"copied once for each of 1 to {most} persons"
            same(
                {name: _in_persons(n) for name, n in cases.items()},
                {name: _in_persons(n) for name, n in copied.items()},
                what,
            )
            if most == 1:
                same({name: _as_cases(n) for name, n in cases.items()}, copied, "as one person")
            checked = True
    return checked


def _fits(plan: Plan, table: Table, target: Target) -> bool:
    return not target.pauses and columns_behind(plan, target).isdisjoint(table.key)


def _weighed(target: Target) -> Target | None:
    """Return the target with weights; None where it takes none."""
    if not target.has_key("count_as"):
        return None
    count_as: dict[str, Any] = {"count_as": _PERSONS}
    try:
        return evolve(target, readings=(), **count_as)
    except PlanError:
        return None


def _plain(target: Target) -> Target:
    none: dict[str, Any] = {"count_as": None} if target.has_key("count_as") else {}
    return evolve(target, readings=(), **none)


def _has_plain_keys(table: Table, rows: Rows) -> bool:
    keys = [row[table.key[0]] for row in rows]
    return (
        table.pauses is None
        and len({*map(str, keys)}) == len(keys)
        and all(isinstance(key, str) for key in keys)
    )


def _some(result: Result, names: Collection[str]) -> dict[str, Numbers]:
    return {name: found for name, found in numbers(result).items() if name in names}


def _in_persons(found: Numbers) -> Numbers:
    """Return the numbers of persons, where each case is one unless it counts as a number of them."""
    cases = (found.counted, sum(found.excluded.values()), found.undetermined)
    counted, excluded, undetermined = found.counted_as or cases
    return evolve(
        found,
        rows=None,
        outside=None,
        excluded={},
        counted=counted,
        undetermined=undetermined,
        counted_as=(counted, excluded, undetermined),
        each={part: _in_persons(of_part) for part, of_part in found.each.items()},
    )


def _as_cases(found: Numbers) -> Numbers:
    """Return the numbers without those that only cases that count as persons have."""
    each = {part: _as_cases(of_part) for part, of_part in found.each.items()}
    return evolve(found, counted_as=None, each=each)
