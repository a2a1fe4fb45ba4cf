"""Laws of independence: of the split into batches, the order, other targets, the engine used."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import polars as pl
from attrs import evolve

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.engine.partial import partial
from kpi.engine.state import merge
from kpi.results.finish import finish
from kpi.testing.comparable import (
    Numbers,
    Trail,
    day_of,
    engine_trail,
    numbers,
    trails,
)
from kpi.testing.frames import Given, frames, rows_of
from kpi.testing.laws.common import (
    as_known,
    by_position,
    chosen_from,
    columns_behind,
    evaluated,
    same,
)
from kpi.testing.strategies import Rows

_MOST_ALONE = 4
Key: TypeAlias = tuple[object, ...]
"""The key of a row."""


def any_split_merges_to_the_whole(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """The merged states of any split of the cases, in any order, are the state of them all.

    A batch may be empty, and a value that is counted once may stand in several (S23). Rows of one
    key stay together, for keys are checked within each batch (S13), and pauses go with their cases
    (S14). There is nothing to check where the tables hold no rows.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    batches: list[dict[str, pl.DataFrame]] = [{} for _ in range(pick.randint(2, 3))]
    homes: dict[tuple[str, Key], int] = {}
    # A pause without a case may have it in another batch, as far as a state can tell.
    cased = {
        name: [row for row in of_table if _has_case(plan, plan.table(name), row, rows)]
        for name, of_table in rows.items()
    }
    whole, at_once = frames(plan, cased), evaluated(plan, cased, as_of)
    for name, of_table in cased.items():
        batch_of = _batches(plan.table(name), of_table, len(batches), pick, homes)
        for number, batch in enumerate(batches):
            batch[name] = whole[name][[n for n, home in enumerate(batch_of) if home == number]]
    states = [partial(plan, batch, as_of) for batch in batches]
    for order in (states, states[::-1]):
        merged = finish(merge(*order))
        same(numbers(at_once), numbers(merged), f"merged from {len(order)} batches")
        assert merged.score == at_once.score, f"the score {at_once.score} became {merged.score}"
    return any(rows.values())


def _has_case(
    plan: Plan, table: Table, row: Mapping[str, object], rows: Mapping[str, Rows]
) -> bool:
    """Return whether a row is no pause, or a pause whose case is in the tables."""
    if table.pauses is None or table.pauses not in rows:
        return True
    key = plan.table(table.pauses).key
    own = [row[column] for column in table.key]
    return any([case[column] for column in key] == own for case in rows[table.pauses])


def _batches(
    table: Table,
    rows: Rows,
    count: int,
    pick: random.Random,
    homes: dict[tuple[str, Key], int],
) -> list[int]:
    """Return the batch of each row: that of its key, or of the case that it pauses (`homes`)."""
    of = table.pauses or table.name
    keys = [tuple(row[column] for column in table.key) for row in rows]
    for key in dict.fromkeys(keys):
        homes.setdefault((of, key), pick.randrange(count))
    return [homes[of, key] for key in keys]


def the_order_of_rows_does_not_matter(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """In whatever order the rows stand, the numbers are the same and so is what became of each row.

    There is nothing to check where no table has two rows.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    shuffled = {name: pick.sample(table, len(table)) for name, table in rows.items()}
    result = evaluated(plan, rows, as_of)
    # Types are told by the first cell of a column, whichever row it stands in.
    other = evaluated(plan, shuffled, as_of)
    same(numbers(result), numbers(other), "its rows in another order")
    before, after = engine_trail(result), engine_trail(other)
    assert before == after, (
        f"the trail says {_listed(after - before)}, not {_listed(before - after)}"
    )
    return any(len(table) > 1 for table in rows.values())


def _listed(trail: Trail) -> str:
    return ", ".join(f"target {name}: {outcome}" for name, outcome in trail)


def the_order_of_targets_does_not_matter(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """In whatever order the plan has its requirements, each comes to the same, and so does the score.

    There is nothing to check where the plan has one requirement.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    if len(plan.targets) < 2:
        return False
    other = evolve(plan, targets=pick.sample(plan.targets, len(plan.targets)))
    result, moved = evaluated(plan, rows, as_of), evaluated(other, rows, as_of)
    same(numbers(result), numbers(moved), "the requirements in another order")
    assert result.score == moved.score, f"the score {result.score} became {moved.score}"
    return True


def a_target_is_the_same_alone(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """A target comes to the same alone as among others: adding one changes no other.

    Of a plan of many requirements some are taken alone, and then all others without them. There is
    nothing to check where the plan has one requirement.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    if len(plan.targets) < 2:
        return False
    together = numbers(evaluated(plan, rows, as_of))
    names = [target.id for target in plan.targets]
    some = names if len(names) <= _MOST_ALONE else pick.sample(names, _MOST_ALONE)
    others = [name for name in names if name not in some]
    for chosen in (*([name] for name in some), *([others] if others else [])):
        alone = numbers(evaluated(plan.only(*chosen), rows, as_of))
        same(
            {name: together[name] for name in alone}, alone, f"without all but {', '.join(chosen)}"
        )
    return True


def a_case_outside_changes_nothing_else(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """A further case outside a target's population or window adds one to its rows outside, no more.

    The case is a copy of one that is outside, pauses included, under a key of its own. Not for
    targets that read the key: another key is another case to them; nor for targets with a series,
    whose windows may begin before the target's. There is nothing to check where
    no case of a table is outside any target, and for tables whose key holds dates or booleans.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    result = as_known(plan, rows, as_of)
    # A case that is outside as yet may come to count, and moves what is possible.
    before, by_target, day = numbers(result), trails(result), day_of(plan, as_of)
    checked = False
    for table in plan.tables:
        of_table = rows.get(table.name, [])
        key = _free_key(table, of_table)
        targets = [target for target in plan.leaves() if target.table == table.name]
        outside = {
            target.id: set.intersection(
                *(
                    {
                        n
                        for n, became in by_position(plan, rows, day, by_target, one).items()
                        if became.bucket == "outside"
                    }
                    for one in (target, target.base)
                    if one is not None
                )
            )
            for target in targets
            if columns_behind(plan, target).isdisjoint(table.key) and target.every is None
        }
        candidates = sorted(set().union(*outside.values()))
        if key is None or table.pauses is not None or not candidates:
            continue
        n = pick.choice(candidates)
        more = {
            **rows,
            table.name: [*of_table, {**of_table[n], **key}],
            **dict(_paused(plan, table, rows, n, key)),
        }
        after = numbers(as_known(plan, more, as_of))
        for target in targets:
            if n in outside.get(target.id, ()):
                checked = True
                one_more = _one_more_outside(before[target.id])
                what = f"with a copy of row {n + 1} of {table.name}, which is outside"
                same({target.id: one_more}, {target.id: after[target.id]}, what)
        others = [t.id for t in plan.leaves() if t.table != table.name]
        what = f"with a row more in {table.name}"
        same({name: before[name] for name in others}, {name: after[name] for name in others}, what)
    return checked


def _one_more_outside(before: Numbers) -> Numbers:
    """Return the numbers with one more row, which is outside, and of the base too (S33)."""
    assert before.rows is not None, "a target has rows"
    assert before.outside is not None, "a target has rows"
    base = None if before.base is None else _one_more_outside(before.base)
    return evolve(before, rows=before.rows + 1, outside=before.outside + 1, base=base)


def _free_key(table: Table, rows: Rows) -> dict[str, object] | None:
    """Return a key that no row has, of the kind of theirs; None for keys of other kinds."""
    column = table.key[0]
    keys = [row[column] for row in rows]
    if keys and all(isinstance(key, str) for key in keys):
        return {column: f"{max(map(str, keys))} too"}
    if keys and all(type(key) is int for key in keys):
        return {column: max(key for key in keys if isinstance(key, int)) + 1}
    return None


def _paused(
    plan: Plan, table: Table, rows: Mapping[str, Rows], n: int, key: Mapping[str, object]
) -> Iterator[tuple[str, Rows]]:
    """Yield the tables of pauses with those of one row a second time, under another key."""
    own = [rows[table.name][n][column] for column in table.key]
    for pauses in plan.tables:
        if pauses.pauses == table.name and pauses.name in rows:
            named = dict(zip(pauses.key, table.key, strict=True))
            new = {column: key[of] for column, of in named.items() if of in key}
            copies = [
                {**row, **new}
                for row in rows[pauses.name]
                if [row[column] for column in pauses.key] == own
            ]
            yield pauses.name, [*rows[pauses.name], *copies]


def streaming_and_in_memory_agree(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """The streaming engine of Polars and the one in memory give the same numbers and the same trail."""
    rows = rows_of(plan, tables)
    in_memory = evaluated(plan, rows, as_of, engine="in-memory")
    streaming = evaluated(plan, rows, as_of, engine="streaming")
    same(numbers(in_memory), numbers(streaming), "streaming")
    before = trails(in_memory, engine="in-memory")
    after = trails(streaming, engine="streaming")
    differing = [name for name in before if before[name] != after[name]]
    assert not differing, f"the trail of target {differing[0]} differs when streaming"
    return True
