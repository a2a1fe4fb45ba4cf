"""Mistakes in a plan that no definition can see by itself: duplicate ids, weights, columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from kpi.definitions.derived_dates import MOVES
from kpi.definitions.goals import Goal
from kpi.definitions.kinds import Kind
from kpi.definitions.reserved import FACTS
from kpi.definitions.table import Table
from kpi.definitions.target import Read
from kpi.errors import Problem, listed, suggest

KeyPath: TypeAlias = tuple[str | int, ...]
"""Place in a plan: keys and positions from the top, such as ("targets", 3, "limit")."""


_OF_DATES = "since, after, before, through or in"


def duplicate_ids(ids: Iterable[tuple[KeyPath, object]]) -> Iterator[Problem]:
    """Yield a problem for every duplicate id.

    Args:
        ids: the ids, each after its place; values that are no texts are ignored.
    """
    seen: dict[str, KeyPath] = {}
    for place, name in ids:
        if not isinstance(name, str):
            continue
        if name in seen:
            first = ", ".join(
                f"{word.removesuffix('s')} number {int(n) + 1}"
                for word, n in zip(map(str, seen[name][::2]), seen[name][1::2], strict=True)
            )
            yield Problem((*place, "id"), f"duplicate id {name!r}: {first} has it already")
        else:
            seen[name] = place


def misplaced_weights(
    goals: Sequence[Goal], targets: Iterable[tuple[object, object]]
) -> Iterator[Problem]:
    """Yield a problem for every goal that is not declared, and every weight that counts twice.

    Args:
        goals: the declared goals.
        targets: the goal and the weight of each requirement.
    """
    declared = {goal.id: goal for goal in goals}
    used = set()
    for n, (name, weight) in enumerate(targets):
        if name is None:
            continue
        used.add(str(name))
        goal = declared.get(name) if isinstance(name, str) else None
        if goal is None:
            names = list(declared)
            accepted = f"accepted: {listed(names) or 'none is declared'}{suggest(str(name), names)}"
            yield Problem(("targets", n, "goal"), f"unknown goal {name!r}; {accepted}")
        elif weight is not None and goal.weight is not None:
            yield Problem(
                ("targets", n, "weight"),
                f"goal {name} has the weight {goal.weight}, which its requirements share; accepted: "
                "one or the other",
            )
    for n, goal in enumerate(goals):
        if goal.weight and goal.id not in used:
            message = "no requirement names this goal, so its weight cannot be earned"
            yield Problem(("goals", n, "id"), message)


def misplaced_reads(
    tables: Iterable[Table],
    targets: Iterable[tuple[KeyPath, object, object, Iterable[Read], bool]],
) -> Iterator[Problem]:
    """Yield a problem for every table or date not declared, and every column of two kinds.

    Args:
        tables: the declared tables.
        targets: the place of each target, its id, the name of its table, the columns that it reads,
            and whether it is asked for on a condition.
    """
    declared: dict[object, Table] = {table.name: table for table in tables}
    kinds: dict[tuple[str, str], tuple[Kind, object]] = {}
    for where, target, table_name, reads, conditional in targets:
        if conditional and FACTS not in declared:
            message = f"is told by the table {FACTS}, which is not declared"
            yield Problem((*where, "on_condition"), message)
        table = declared.get(table_name) if isinstance(table_name, str) else None
        if table is None:
            names = list(map(str, declared))
            accepted = (
                f"accepted: {listed(names) or 'none is declared'}{suggest(str(table_name), names)}"
            )
            yield Problem((*where, "table"), f"unknown table {table_name!r}; {accepted}")
            continue
        for read in reads:
            place = (*where, *read.place)
            dates = table.all_dates
            if read.kind == "date" and read.column not in dates:
                date_names = listed(dates) or "none is declared"
                accepted = f"accepted: {date_names}{suggest(read.column, dates)}"
                yield Problem(
                    place,
                    f"{read.column!r} is not a declared date of table {table.name}; {accepted}",
                )
            elif read.kind == "any":
                continue
            elif read.kind != "date" and read.column in dates:
                moves = isinstance(place[-1], str) and place[-1] in MOVES
                words = "a column of whole numbers" if moves else _OF_DATES
                yield Problem(place, f"{read.column!r} is a date; accepted: {words}")
            elif read.kind != "date":
                kind, first = kinds.setdefault((table.name, read.column), (read.kind, target))
                if kind != read.kind:
                    yield Problem(
                        place, f"found {read.kind}; target {first} takes {read.column!r} for {kind}"
                    )
