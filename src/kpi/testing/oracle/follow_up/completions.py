"""Completions of what is known at the end of a day: known cases, newcomers, reports (F2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.testing.oracle.follow_up.known import Cells

Rows: TypeAlias = Mapping[str, Sequence[Cells]]
"""Rows of some tables, by the name of the table."""

Values: TypeAlias = Mapping[str, Mapping[str, Sequence[object]]]
"""The cells that newcomers may have: by table and by column that is neither entry nor event."""

FACTS = "reported"
"""The table of the facts that people report, by target."""


def moments(as_of: dt.date, final: dt.date, times: Sequence[dt.time]) -> list[dt.date]:
    """Return the cells that an event after `as_of` may have: each day, or its times of day.

    They go to the target's last day. As of that day an event of any later day is unknown (S15), so
    that a later day is the same completion as never.

    Args:
        as_of: the day at whose end the tables are known.
        final: the last day of the target.
        times: the times of day, where the clock is read; none for whole days.
    """
    days = [dt.date.fromordinal(day) for day in range(as_of.toordinal() + 1, final.toordinal() + 1)]
    return [dt.datetime.combine(day, time) for day in days for time in times] if times else days


def completions_of(
    plan: Plan, table: Table, row: Cells, pauses: Rows, after: Sequence[dt.date]
) -> Iterator[Rows]:
    """Yield every completion of a known case with its pauses.

    Each event that is null becomes any of the moments, or stays null, independently. Pauses that
    run end likewise, and a case with an event to come may be paused once more. One new pause is
    enough: what counts of pauses are the days that they take and the due date that they move, and
    one pause of any beginning and length takes and moves as many as several do.

    Args:
        plan: the plan.
        table: the table of the case.
        row: the case as it is known.
        pauses: its known pauses, by table of pauses that the target reads.
        after: the moments that come.
    """
    of_pauses = {name: product(*_each(plan, name, rows, after)) for name, rows in pauses.items()}
    paused = [
        dict(zip(of_pauses, rows, strict=True)) for rows in product(*map(list, of_pauses.values()))
    ]
    new_pauses: list[Rows] = [{}]
    if any(row.get(column) is None for column in table.events):
        key = [row[column] for column in table.key]
        for name in pauses:
            of_table = _table(plan, name)
            new_pauses += [{name: [new]} for new in _new_pauses(of_table, key, after)]
    for completed in completed_rows(table, row, after):
        for known in paused:
            for new in new_pauses:
                of_case = {name: [*known[name], *new.get(name, ())] for name in known}
                yield {table.name: [completed], **of_case}


def completed_rows(table: Table, row: Cells, after: Sequence[dt.date]) -> Iterator[Cells]:
    """Yield a row with each null event null, or at any of the moments."""
    missing = [column for column in table.events if row.get(column) is None]
    for cells in product((None, *after), repeat=len(missing)):
        yield {**row, **dict(zip(missing, cells, strict=True))}


def _each(
    plan: Plan, name: str, rows: Sequence[Cells], after: Sequence[dt.date]
) -> list[list[Cells]]:
    return [list(completed_rows(_table(plan, name), row, after)) for row in rows]


def _new_pauses(table: Table, key: Sequence[object], after: Sequence[dt.date]) -> Iterator[Cells]:
    assert table.entry is not None, "a table of pauses has an entry"
    for n, since in enumerate(after):
        begun: Cells = {**dict(zip(table.key, key, strict=True)), table.entry: since}
        yield from completed_rows(table, begun, after[n:])


def newcomers(
    table: Table, values: Mapping[str, Sequence[object]], after: Sequence[dt.date]
) -> Iterator[Cells]:
    """Yield every row that may enter: its events null or after the day too (F2).

    A table without an entry takes rows too, for else nothing could ever be reported or lodged there.

    Args:
        table: the table.
        values: the cells of its other columns, by column; one that is not named is null.
        after: the moments that come.
    """
    others = dict.fromkeys(table.dates, (None,)) | dict(values)
    entries = [{}] if table.entry is None else [{table.entry: day} for day in after]
    for entry in entries:
        for cells in product(*others.values()):
            row: Cells = {**dict.fromkeys(table.key), **entry}
            yield from completed_rows(table, row | dict(zip(others, cells, strict=True)), after)


def facts_read(target: Any) -> list[str]:
    """Return the facts that a target reads: its own, and that of its condition."""
    facts = []
    if target.table == FACTS:
        own = getattr(target, "fact", None)
        facts.append(own if own is not None else target.id)
    if target.on_condition is not None:
        fact = target.on_condition.fact
        facts.append(fact if fact is not None else target.id)
    return list(dict.fromkeys(facts))


def reports(
    table: Table, fact: str, values: Mapping[str, Sequence[object]], after: Sequence[dt.date]
) -> Iterator[Cells]:
    """Yield every report that may come of a fact of which there is none: a row of its key."""
    for row in newcomers(table, values, after):
        yield {**row, table.key[0]: fact}


def _table(plan: Plan, name: str) -> Table:
    return next(table for table in plan.tables if table.name == name)
