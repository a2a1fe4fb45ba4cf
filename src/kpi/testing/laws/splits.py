"""The law of splits: batches that cannot give a number together give none."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import polars as pl
import pyarrow as pa

import kpi
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.errors import DataError, PlanError
from kpi.testing.comparable import Numbers, numbers
from kpi.testing.frames import Given, frames, rows_of
from kpi.testing.laws.common import chosen_from, evaluated, same
from kpi.testing.strategies import Rows

Key: TypeAlias = tuple[object, ...]

_PAUSES_FALL = ("with their cases", "anywhere", "in each", "in one")


def a_merged_result_is_the_whole_or_says_that_it_is_not(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """A merged result is that of the whole, or is refused, or is not assessable and noted: never another.

    Batches get rows by key, whole tables, empty tables, or lack tables; pauses fall with their
    cases, anywhere, in each batch, or in one. Rows of one key stay together, for keys are checked
    within each batch (S13). The states are merged as they are, and once more as Arrow tables that are
    added up row by row. There is nothing to check where the tables hold no rows or every merge is refused.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    at_once = evaluated(plan, rows, as_of)
    batches = _split(plan, rows, pick)
    checked = False
    for order, merge in ((batches, kpi.merge), (batches[::-1], _added_up)):
        try:
            merged = kpi.finish(merge([kpi.partial(plan, batch, as_of) for batch in order]))
        except DataError:
            continue
        checked = any(rows.values())
        whole, together = numbers(at_once), numbers(merged)
        noted = any("not assessable" in note for note in merged.notes)
        other = {
            leaf.id: together[leaf.id]
            for leaf in plan.leaves()
            if together[leaf.id] != whole[leaf.id]
        }
        for name, differing in other.items():
            if not (noted and _owns_up(differing, whole[name])):
                tables_of = "; ".join(", ".join(sorted(batch)) or "nothing" for batch in order)
                same({name: whole[name]}, {name: differing}, f"merged from batches of {tables_of}")
        if not other:
            same(whole, together, "merged")
            assert merged.score == at_once.score, f"the score {at_once.score} became {merged.score}"
    return checked


def _added_up(states: Sequence[kpi.State]) -> kpi.State:
    """Return the state out of the rows of all states, as an engine that knows nothing of them adds up."""
    try:
        tables = [state.to_arrow() for state in states]
    except PlanError:
        # The rule of a user's own may be of Python alone, and then no state of it travels.
        return kpi.merge(states)
    return kpi.State.from_arrow(pa.concat_tables(tables))


def _owns_up(merged: Numbers, whole: Numbers) -> bool:
    """Return whether differing numbers say that they are not assessable and give no value."""
    return (
        (merged.verdict == "not_assessable" or merged.verdict == whole.verdict == "lapsed")
        and merged.value in (None, whole.value)
        and merged.counted in (0, whole.counted)
        and merged.met in (None, 0, whole.met)
    )


def _split(
    plan: Plan, rows: Mapping[str, Rows], pick: random.Random
) -> list[dict[str, pl.DataFrame]]:
    """Return two or three batches with all rows between them, some pauses twice."""
    whole = frames(plan, rows)
    batches: list[dict[str, pl.DataFrame]] = [{} for _ in range(pick.randint(2, 3))]
    homes: dict[tuple[str, Key], int] = {}
    # The cases come first: the batch of a pause depends on that of its case.
    for table in sorted(plan.tables, key=lambda table: table.pauses is not None):
        of_table = rows.get(table.name)
        if of_table is None:
            continue
        batches_of = _homes_of(table, of_table, homes, len(batches), pick)
        for number, batch in enumerate(batches):
            here = [n for n, numbers_of in enumerate(batches_of) if number in numbers_of]
            if here or pick.random() < 0.5:
                batch[table.name] = whole[table.name][here]
    return batches


def _homes_of(
    table: Table,
    rows: Rows,
    homes: dict[tuple[str, Key], int],
    count: int,
    pick: random.Random,
) -> Sequence[tuple[int, ...]]:
    """Return the batches that each row of a table is in, and note those of the cases' keys."""
    keys = [tuple(row[column] for column in table.key) for row in rows]
    some = pick.sample(range(count), pick.randint(1, count))
    if table.pauses is not None:
        falls = pick.choice(_PAUSES_FALL)
        if falls == "in each":
            return [tuple(range(count))] * len(rows)
        if falls == "in one":
            return [(some[0],)] * len(rows)
        if falls == "anywhere":
            return [(pick.choice(some),) for _ in rows]
        return [(homes.get((table.pauses, key), some[0]),) for key in keys]
    for key in dict.fromkeys(keys):
        homes[table.name, key] = pick.choice(some)
    return [(homes[table.name, key],) for key in keys]
