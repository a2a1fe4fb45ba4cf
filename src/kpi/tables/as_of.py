"""Snapshots of tables as of a day: a step from table to table before any rule (S14, S15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.plan import Plan
from kpi.definitions.reserved import instant_name, time_name, unreal_name
from kpi.definitions.table import Table
from kpi.tables.checked_table import Bounds, CheckedTable
from kpi.tables.duplicate_keys import count_duplicates, duplicates_as_of, flag_duplicates
from kpi.tables.quality import TableQuality
from kpi.tables.sources.fingerprint import Fingerprint
from kpi.time import derived_dates


@frozen(kw_only=True, eq=False, repr=False)
class Snapshot:
    """Snapshot of a checked table at the end of the as-of date (S15).

    Attributes:
        table: the declaration of the table in the plan.
        as_of: the as-of date.
        raw: all usable rows as they were checked; of a large file a lazy frame, texts as they came.
        categories: the columns of a large file whose texts become categories as they are read.
        fingerprint: the large files as they were checked; None for a table in memory.
        held: of a large file the same rows in the columns that the plan reads, typed, where they are
            held; else None.
        exists: predicate, whether a row exists; None where all do.
        masked_events: expressions for the columns that hold later events, which are masked with
            null, by name.
        derived: expressions of the dates that the plan derives, by name, each after the dates that
            it is derived from.
        rows: number of rows that exist.
        columns: the columns of the frame.
        bounds: smallest and largest day number of each date column; they may be wider than the
            dates of the snapshot.
        rejected: the rows that cannot be used, whatever the day.
        facts: the data quality of the table, hidden rows counted.
        extra_scans: number of scans of a large file to know which rows exist and are duplicates.
    """

    table: Table
    as_of: dt.date
    raw: pl.DataFrame | pl.LazyFrame
    categories: Mapping[str, pl.Enum] = field(factory=dict)
    fingerprint: Fingerprint | None = None
    held: pl.DataFrame | None = None
    exists: pl.Expr | None = None
    masked_events: Mapping[str, pl.Expr] = field(factory=dict)
    derived: Mapping[str, pl.Expr] = field(factory=dict)
    rows: int
    columns: frozenset[str]
    bounds: Bounds
    rejected: pl.DataFrame
    facts: TableQuality
    extra_scans: int = 0

    @property
    def frame(self) -> pl.LazyFrame:
        """The rows that exist, later events masked; lazy, so that masking copies nothing."""
        return self.scan().filtered(())

    @property
    def in_file(self) -> bool:
        """Whether the rows are left in a large file."""
        return isinstance(self.raw, pl.LazyFrame)

    def scan(
        self, any_of: Sequence[pl.Expr] | None = None, columns: Collection[str] | None = None
    ) -> Scan:
        """Return a scan of the rows as they were checked, to be filtered.

        Args:
            any_of: predicates on the raw columns, see `pushed_down`; rows of a file that fulfil none
                of them are left out. None keeps all rows.
            columns: the columns to read; None for all.
        """
        lazy, read = self.raw.lazy(), self._given
        if columns is not None:
            read = self._read(columns)
            if self.held is not None and read.issubset(self.held.columns):
                return Scan(self, self.held.lazy().select(sorted(read)), read)
        if any_of is not None:
            lazy = lazy.filter(pl.any_horizontal(any_of))
        if columns is not None:
            lazy = lazy.select(sorted(read))
        encoded = [
            pl.col(name).cast(categories)
            for name, categories in self.categories.items()
            if name in read
        ]
        return Scan(self, lazy.with_columns(encoded) if encoded else lazy, read)

    def reads_file(self, columns: Collection[str]) -> bool:
        """Return whether a scan of some columns reads them from a large file."""
        held = () if self.held is None else self.held.columns
        return self.in_file and not self._read(columns).issubset(held)

    def _read(self, columns: Collection[str]) -> frozenset[str]:
        """Return the columns to read for some columns of the rows that exist."""
        existing = [] if self.exists is None else self.exists.meta.root_names()
        # Without any column there would be no rows to count.
        return self._raw_columns([*columns, *existing]) or self._given.intersection(self.table.key)

    @property
    def _given(self) -> frozenset[str]:
        """The columns of the rows as they were checked."""
        return self.columns - self.derived.keys()

    def pushed_down(self, test: pl.Expr) -> pl.Expr | None:
        """Return the predicate on the raw columns (predicate pushdown); None where not equivalent.

        A predicate is equivalent when no column of it is masked or derived; and when it has a
        single event column: then dates after the as-of date pass or fail as null does, since masked
        events are null.
        """
        names = set(test.meta.root_names())
        if names.isdisjoint(self.masked_events) and names.isdisjoint(self.derived):
            return test
        name, *others = names
        if others or name not in self.table.events or name in self.derived:
            return None
        if self.accepts_null(test, name):
            return test | (pl.col(name) > self.as_of)
        return test & (pl.col(name) <= self.as_of)

    def accepts_null(self, test: pl.Expr, name: str) -> bool:
        """Return whether a predicate on one date column is true of null."""
        null = pl.DataFrame({name: [None]}, schema={name: pl.Date})
        return null.select(test).item() is True

    def _raw_columns(self, columns: Iterable[str]) -> frozenset[str]:
        """Return the raw columns that some columns are computed from."""
        read = set(columns)
        computed = (*reversed(tuple(self.derived.items())), *self.masked_events.items())
        for name, expression in computed:
            if name in read:
                read.update(expression.meta.root_names())
        return self._given & read


@frozen(eq=False, repr=False)
class Scan:
    """Scan of the rows of a snapshot as they were checked, before anything is hidden or masked.

    Attributes:
        snapshot: the snapshot.
        rows: the rows.
        columns: the columns of the rows.
    """

    snapshot: Snapshot
    rows: pl.LazyFrame
    columns: frozenset[str]

    def cached(self) -> Scan:
        """Return the scan with cached rows, read once for all queries collected together."""
        return evolve(self, rows=self.rows.cache())

    def filtered(self, tests: Sequence[pl.Expr]) -> pl.LazyFrame:
        """Return the rows that exist and fulfil all predicates, later events masked, dates derived.

        Predicates that can be pushed down come first, so that nothing is masked or derived in rows
        that fail them.

        Args:
            tests: predicates on the columns of the snapshot; null is false.
        """
        snapshot, lazy = self.snapshot, self.rows
        pushed = [snapshot.pushed_down(test) for test in tests]
        certain: set[str] = set()
        for test, on_raw in zip(tests, pushed, strict=True):
            if on_raw is not None:
                lazy = lazy.filter(on_raw)
                names = {*test.meta.root_names()}
                later = names & snapshot.masked_events.keys()
                certain |= names - {name for name in later if snapshot.accepts_null(test, name)}
        existing = lazy if snapshot.exists is None else lazy.filter(snapshot.exists)
        lazy = self._masked(existing, certain)
        for test, on_raw in zip(tests, pushed, strict=True):
            lazy = lazy.filter(test) if on_raw is None else lazy
        return lazy

    def _masked(self, lazy: pl.LazyFrame, certain: Collection[str]) -> pl.LazyFrame:
        """Mask later events, and add the dates that can be derived from the present columns.

        Args:
            lazy: the rows.
            certain: columns without later events: every row fulfils a predicate that was pushed
                down to them, and that null fails.
        """
        present = set(self.columns)
        masked_events = [
            expression.alias(name)
            for name, expression in self.snapshot.masked_events.items()
            if name in present and name not in certain
        ]
        lazy = lazy.with_columns(masked_events) if masked_events else lazy
        for name, expression in self.snapshot.derived.items():
            if present.issuperset(expression.meta.root_names()):
                lazy = lazy.with_columns(expression)
                present.add(name)
        return lazy


def snapshot_at(plan: Plan, checked: CheckedTable, as_of: dt.date) -> Snapshot:
    """Return the snapshot of a table at the end of a day: no later entries or events (S15).

    Rows without an entry date stay. Declared dates that are neither entry nor event stay as they
    are. Derived dates are derived from masked events. A column whose newest date is no later than
    `as_of` needs no mask.

    Raises:
        DataError: where the table is left in a file, and the file has changed since it was checked.
    """
    if checked.fingerprint is not None:
        checked.fingerprint.require_unchanged()
    day = as_of.toordinal() - dt.date(1970, 1, 1).toordinal()
    later = {name for name, (_, high) in checked.bounds.items() if high > day}
    table, frame, held = checked.table, checked.frame, checked.held
    rows = frame if held is None else held
    given = frame.collect_schema().names()
    exists, hidden, facts, extra_scans = None, 0, checked.facts, 0
    if table.entry in later:
        entry = pl.col(table.entry)
        exists = entry.is_null() | (entry <= as_of)
        hidden = checked.later
        if as_of != plan.period.last:
            hidden = rows.lazy().select((entry > as_of).sum()).collect().item()
            extra_scans += 1
        if checked.duplicates.height:
            duplicates = duplicates_as_of(checked.duplicates, rows, exists)
            extra_scans += 1
            facts = count_duplicates(facts, duplicates)
            frame = flag_duplicates(frame, duplicates)
            held = None if held is None else flag_duplicates(held, duplicates)
    masked_events: dict[str, pl.Expr] = {}
    for name in (name for name in table.events if name in later):
        seen = pl.col(name) <= as_of
        masked_events[name] = pl.when(seen).then(pl.col(name))
        if unreal_name(name) in given:
            masked_events[unreal_name(name)] = pl.col(unreal_name(name)) & seen
        if instant_name(name) in given:
            masked_events[instant_name(name)] = pl.when(seen).then(pl.col(instant_name(name)))
        if time_name(name) in given:
            masked_events[time_name(name)] = pl.when(seen).then(pl.col(time_name(name)))
    derived, bounds = derived_dates.derived(plan, checked.needs.derived_dates, checked.bounds)
    return Snapshot(
        table=table,
        as_of=as_of,
        raw=frame,
        categories=checked.categories,
        fingerprint=checked.fingerprint,
        held=held,
        exists=exists,
        masked_events=masked_events,
        derived=derived,
        rows=checked.height - hidden,
        columns=frozenset((*given, *derived)),
        bounds=bounds,
        rejected=checked.rejected,
        facts=evolve(facts, hidden=hidden),
        extra_scans=extra_scans if isinstance(rows, pl.LazyFrame) else 0,
    )
