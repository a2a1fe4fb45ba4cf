"""The columns that a target reads, by what they are to it: start, end, pauses, dates, others (F41)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import polars as pl
from attrs import frozen

from kpi.definitions.measurement import Rows
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import (
    PREFIX,
    REPEATED,
    counted_name,
    instant_name,
    time_name,
    unreal_name,
)
from kpi.definitions.target import Target
from kpi.engine.groups import segment_keys
from kpi.engine.target_query import columns_of
from kpi.rules._case_weights import weighed_rows
from kpi.tables.as_of import Snapshot


@frozen
class ColumnsRead:
    """Columns that the expressions of a target read, each in one class.

    Attributes:
        start: the target's own start, with what the check keeps beside it: instants, times of day.
        end: the target's own end, likewise.
        pauses: the paused time of the cases, which the tables of pauses give.
        tables_of_pauses: the names of those tables.
        dates: every other date, declared or derived.
        others: every other column.
        missing: columns that one of the extracts lacks, in none of the classes above (F46).
    """

    start: tuple[str, ...]
    end: tuple[str, ...]
    pauses: tuple[str, ...]
    tables_of_pauses: tuple[str, ...]
    dates: tuple[str, ...]
    others: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns whose values are compared row by row."""
        return (*self.start, *self.end, *self.pauses, *self.dates, *self.others)


class TargetRows:
    """The row expressions of targets over a snapshot, each made once: many steps ask for them."""

    def __init__(self, plan: Plan, snapshot: Snapshot) -> None:
        self.plan = plan
        self.snapshot = snapshot
        self.columns = columns_of(plan, snapshot)
        self._rows: dict[str, Rows] = {}
        self._names: dict[str, frozenset[str]] = {}

    def of(self, target: Target) -> Rows:
        """Return the row expressions of a target, weights of cases among them."""
        if target.id not in self._rows:
            self._rows[target.id] = weighed_rows(target, self.columns)
        return self._rows[target.id]

    def names(self, target: Target) -> frozenset[str]:
        """Return the columns that the state and the audit trail of a target are made of."""
        if target.id not in self._names:
            expressions = self._expressions(target)
            self._names[target.id] = frozenset(
                name for expression in expressions for name in expression.meta.root_names()
            )
        return self._names[target.id]

    def _expressions(self, target: Target) -> Iterator[pl.Expr]:
        rows = self.of(target)
        yield from (test for _, test in rows.tests)
        yield from (mask for _, mask in rows.exclusions)
        yield from rows.sums.values()
        yield from rows.bins.values()
        yield from segment_keys(target, self.columns)
        yield rows.event
        for expression in (
            rows.undetermined,
            rows.met,
            rows.days,
            rows.paused,
            rows.due,
            rows.seconds,
            rows.distinct,
            rows.group,
            rows.ranked,
            rows.weight,
        ):
            if expression is not None:
                yield expression


def columns_read(
    both: Sequence[TargetRows], target: Target, missing: Collection[str] = ()
) -> ColumnsRead:
    """Return the columns that a target reads in any of the snapshots of its table.

    Args:
        both: the row expressions over the snapshots that are compared.
        target: the target.
        missing: columns of the table that one of the extracts lacks.
    """
    table = both[0].snapshot.table
    read = sorted({name for rows in both for name in rows.names(target)} - {*table.key, REPEATED})
    dates = {*table.date_columns, *table.derived}
    of_column = {
        beside(name): name
        for name in dates
        for beside in (instant_name, time_name, unreal_name, counted_name)
    }
    lacking = {*missing}
    for name, derived in table.derived.items():
        if any(source in lacking for source, _, _ in derived.reads()):
            lacking.add(name)
    start, end = getattr(target, "start", None), getattr(target, "end", None)
    classes: dict[str, list[str]] = {
        name: [] for name in ("start", "end", "pauses", "dates", "others", "missing")
    }
    for name in read:
        column = of_column.get(name, name)
        if column in lacking:
            kind = "missing"
        elif column == start:
            kind = "start"
        elif column == end:
            kind = "end"
        elif name.startswith(f"{PREFIX}paused:"):
            kind = "pauses"
        else:
            kind = "dates" if column in dates else "others"
        classes[kind].append(name)
    return ColumnsRead(
        **{kind: tuple(names) for kind, names in classes.items()},
        tables_of_pauses=tuple(name for name in target.tables if name != target.table),
    )
