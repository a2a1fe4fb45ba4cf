"""The rows of a table that a target is about, grouped: as many rows as there are kinds of them (F62).

Rows that are alike in every column that the target reads are one row with a number. With dates of
whole days a register of ten million cases has no more kinds than one of a hundred thousand, and every
trial goes over the kinds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cached_property

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.plan import Plan
from kpi.definitions.population import Condition, Missing, OneOf, Population, Range
from kpi.definitions.reserved import PREFIX, REPEATED, WEIGHT
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.engine.groups import segment_keys
from kpi.rules import _population as population
from kpi.rules._case_weights import weighed_rows
from kpi.tables.as_of import Snapshot, snapshot_at
from kpi.tables.checked_table import Bounds, CheckedTable

N = f"{PREFIX}n"
"""Integer column: the number of rows that a grouped row stands for."""

_MARGIN = 3 * 365
"""Days by which the dates of expected rows may lie beyond those of the table."""


@frozen(eq=False, repr=False)
class GroupedRows:
    """The rows that a target may count, grouped by the columns that it reads, as of a day.

    Attributes:
        plan: the plan.
        checked: the grouped rows, in place of those of the table.
        names: the columns that the target reads, derived dates included.
        bounds: smallest and largest day number of each date column, expected rows included.
        snapshots: the snapshots that were made, by day.
    """

    plan: Plan
    checked: CheckedTable
    names: tuple[str, ...]
    bounds: Bounds
    snapshots: dict[dt.date, Snapshot] = field(factory=dict)

    @property
    def table(self) -> Table:
        """The declaration of the table."""
        return self.checked.table

    def snapshot(self, day: dt.date) -> Snapshot:
        """Return the grouped rows as they were known at the end of a day (S15)."""
        if day not in self.snapshots:
            self.snapshots[day] = snapshot_at(self.plan, self.checked, day)
        return self.snapshots[day]

    def known(self, day: dt.date, tests: Sequence[pl.Expr] = ()) -> pl.LazyFrame:
        """Return the rows known at the end of a day that pass all tests: the columns and `N`."""
        lazy = self.snapshot(day).scan(None, [*self.names, N]).filtered(tests)
        return lazy.select(*self.names, N)

    def columns(self, as_of: dt.date) -> Columns:
        """Return the columns that the row expressions of a rule may use, as of a day."""
        return Columns(self.plan, self.table, self.bounds, frozenset(self.names), as_of)

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """The date columns among those that the target reads."""
        return tuple(name for name in self.names if name in self.bounds)


@frozen(eq=False, repr=False)
class Grouping:
    """How the rows of a table are chosen and grouped for a target; alike for many (F62).

    Attributes:
        target: the target without the conditions that the rows are chosen by.
        tests: the predicates that choose them: conditions on values that have no date.
        names: the columns to group by.
    """

    target: Target
    tests: list[pl.Expr]
    names: tuple[str, ...]

    @classmethod
    def of(cls, target: Target, snapshot: Snapshot, plan: Plan, more: Sequence[str]) -> Grouping:
        """Return the grouping for a target over a table.

        Args:
            target: the target.
            snapshot: the table; rows of a repeated key are left out (S13).
            plan: the plan.
            more: further columns to keep, such as the start and the end of a case.
        """
        columns = Columns(plan, snapshot.table, snapshot.bounds, snapshot.columns, snapshot.as_of)
        tests, bare = _chosen_once(target, columns)
        entry = [] if snapshot.table.entry is None else [snapshot.table.entry]
        wanted = {*_read(bare, columns), *more, *entry} - {REPEATED}
        once = [~pl.col(REPEATED)] if REPEATED in snapshot.columns else []
        return cls(bare, [*tests, *once], tuple(sorted(wanted)))

    @property
    def key(self) -> tuple[object, ...]:
        """What groupings have in common that give the same rows."""
        return self.names, tuple(test.meta.serialize() for test in self.tests)

    def rows(self, plan: Plan, checked: CheckedTable, snapshot: Snapshot) -> GroupedRows:
        """Return the grouped rows of a checked table; nothing later than the snapshot is read (S15)."""
        read = {*self.names, *(name for test in self.tests for name in test.meta.root_names())}
        # Derived dates are derived anew from the dates that were known on another day.
        given = sorted(snapshot.scan(None, self.names).columns)
        filtered = snapshot.scan(None, read).filtered(self.tests)
        frame = filtered.group_by(given).agg(pl.len().cast(pl.Int64).alias(N)).collect().sort(given)
        bounds = {
            name: (low, high + _MARGIN)
            for name, (low, high) in snapshot.bounds.items()
            if name in self.names
        }
        grouped = evolve(
            checked,
            frame=frame,
            categories={},
            fingerprint=None,
            height=frame.height,
            later=0,
            duplicates=checked.duplicates.clear(),
        )
        return GroupedRows(plan, grouped, self.names, bounds)


def _chosen_once(target: Target, columns: Columns) -> tuple[list[pl.Expr], Target]:
    """Return the predicates on values without a date, and the target without those conditions."""
    dated = {*columns.table.all_dates}
    where, unless = target.where, target.unless
    static = tuple(c for c in where.conditions if _is_static(c, dated))
    any_of = where.any_of if all(_is_static(c, dated) for p in where.any_of for c in p) else ()
    tests = [test for _, test in population.demands(columns, Population(static, any_of))]
    kept = Population(
        tuple(c for c in where.conditions if c not in static), () if any_of else where.any_of
    )
    if unless and all(_is_static(c, dated) for c in unless.leaves()):
        tests += [test for _, test in population.tests(columns, Population(), unless, None)]
        unless = Population()
    return tests, evolve(target, where=kept, unless=unless)


def _is_static(condition: Condition, dated: set[str]) -> bool:
    return isinstance(condition.test, OneOf | Range | Missing) and condition.column not in dated


def _read(target: Target, columns: Columns) -> Iterator[str]:
    """Yield the columns that the row expressions of a target read, with repetitions."""
    rows = weighed_rows(target, columns)
    expressions = [
        *(test for _, test in rows.tests),
        *(excluded for _, excluded in rows.exclusions),
        *([] if rows.undetermined is None else [rows.undetermined]),
        *rows.sums.values(),
        *rows.bins.values(),
        *([] if rows.group is None else [rows.group]),
        *([] if rows.weight is None else [rows.weight]),
        *segment_keys(target, columns),
        rows.event,
    ]
    for expression in expressions:
        yield from (name for name in expression.meta.root_names() if name != WEIGHT)
