"""Rows outside every target of a plan, by the values that populations name (S10, S12)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import polars as pl
from attrs import field, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.engine.buckets import inside
from kpi.engine.partial import Batch
from kpi.engine.target_query import columns_of
from kpi.rules import _population as population
from kpi.rules._reported import FactTarget
from kpi.tables.as_of import Snapshot
from kpi.tables.check import Extract
from kpi.tables.redaction import cell
from kpi.tables.sources.resolve import Tables

SHOWN = 20
"""The most values of a column that are listed."""


@frozen(kw_only=True)
class UncountedRows:
    """Rows of one table that are outside every target that reads the table.

    Attributes:
        table: the name of the table.
        rows: number of rows that exist at the as-of date (S15).
        outside: number of rows outside every target, by population or by window (S12).
        unpopulated: number of rows outside every population (`where`, `unless`), whatever the
            windows.
        by: these two counts by the columns of which targets name values, and those of `each`:
            `kpi:outside` and `kpi:unpopulated` (Int64), the most first; combinations of values with
            no row outside are left out.
    """

    table: str
    rows: int
    outside: int
    unpopulated: int
    by: pl.DataFrame = field(repr=False)

    def lines(self) -> Iterator[str]:
        """Yield a line for the table, and a line for each value of each column, the most first."""
        if not self.outside:
            return
        yield (
            f"{self.table}: {self.outside:,} of {self.rows:,} rows outside every target, "
            f"{self.unpopulated:,} of them outside every population whatever the window"
        )
        for name in self.by.columns:
            if name not in _COUNTS:
                yield from self._by_value(name)

    def _by_value(self, name: str) -> Iterator[str]:
        totals = self.by.group_by(name).agg(pl.col(_COUNTS).sum())
        totals = totals.sort(*reversed(_COUNTS), name, descending=[True, True, False])
        for value, outside, unpopulated in totals.head(SHOWN).iter_rows():
            word = cell(value) if isinstance(value, str) else "missing" if value is None else value
            yield (
                f"  {name} {word}: {outside:,} outside every target, "
                f"{unpopulated:,} outside every population"
            )
        if totals.height > SHOWN:
            yield f"  {name}: {totals.height - SHOWN:,} more values"


_OUTSIDE, _UNPOPULATED = _COUNTS = ("kpi:outside", "kpi:unpopulated")


def uncounted_rows(
    plan: Plan, tables: Tables | Extract, as_of: dt.date | str | None = None
) -> tuple[UncountedRows, ...]:
    """Return the rows outside every target, for each table that a target can be measured on.

    Targets of which the extract lacks a table are ignored: nothing of them can be measured.

    Args:
        plan: the plan.
        tables: as `kpi.evaluate` takes them.
        as_of: the date that the cases are looked at from (S15; default: the last day of the plan's
            period).

    Raises:
        DataError: where a table cannot be used as the plan says; see `kpi.check`.
        PlanError: where `as_of` is not a date.
    """
    batch = Batch.of(plan, tables, as_of)
    snapshots = batch.tables
    uncounted = []
    for name, targets in batch.needs.by_table.items():
        assessable = [target for target in targets if set(target.tables) <= snapshots.keys()]
        if assessable:
            uncounted.append(_uncounted(plan, snapshots[name], assessable))
    return tuple(uncounted)


def _uncounted(plan: Plan, snapshot: Snapshot, targets: Sequence[Target]) -> UncountedRows:
    columns = columns_of(plan, snapshot)
    in_target = [inside(target.rows(columns)).fill_null(value=False) for target in targets]
    populations = [_in_population(columns, target) for target in targets]
    # The columns that most targets name values of come first.
    keys = [name for name, _ in Counter(_columns_named(targets)).most_common()]
    outside = ~pl.any_horizontal(in_target)
    by = (
        snapshot.frame.select(
            *keys,
            outside.alias(_OUTSIDE),
            (outside & ~pl.any_horizontal(populations)).alias(_UNPOPULATED),
        )
        .filter(_OUTSIDE)
        .group_by(keys or pl.lit("", pl.String).alias("kpi:all"))
        .agg(pl.col(_COUNTS).cast(pl.Int64).sum())
        .sort([_UNPOPULATED, _OUTSIDE, *keys], descending=[True, True, *[False] * len(keys)])
        .select(*keys, *_COUNTS)
        .collect(engine="streaming" if snapshot.in_file else "in-memory")
    )
    return UncountedRows(
        table=snapshot.table.name,
        rows=snapshot.rows,
        outside=int(by[_OUTSIDE].sum()),
        unpopulated=int(by[_UNPOPULATED].sum()),
        by=by,
    )


def _columns_named(targets: Iterable[Target]) -> Iterator[str]:
    """Yield, for each target, the columns of which the target names values, and that of `each`."""
    for target in targets:
        read = dict.fromkeys(column.column for column in target.reads())
        for name in read:
            if name == target.each or any(True for _ in target.category_values(name)):
                yield name


def _in_population(columns: Columns, target: Target) -> pl.Expr:
    """Return the predicate of a target's `where` and `unless` without the window; null is false."""
    start = getattr(target, "start", None)
    tests = (
        target.tests(columns)
        if isinstance(target, FactTarget)
        else population.tests(columns, target.where, target.unless, start)
    )
    every = [test.fill_null(value=False) for _, test in tests]
    return pl.all_horizontal(every) if every else pl.repeat(value=True, n=pl.len())
