"""What the tables said at the end of a day: a step from table to table before any rule (S14, S15)."""

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
from kpi.tables.sources import FileFingerprint
from kpi.time import derived_dates


@frozen(kw_only=True, eq=False, repr=False)
class Snapshot:
    """A checked table at the end of a day.

    Attributes:
        table: its declaration in the plan.
        as_of: the day.
        raw: all rows, as they were checked; of a large file a lazy frame, texts as they came.
        categories: the columns of such a file whose texts become codes as they are read.
        fingerprint: such a file as it was checked.
        exists: whether one of those rows exists; None where all do.
        masked_events: what becomes of the columns that hold later events, by name.
        derived: the dates that the plan derives, by name, each after those it is made of.
        rows: how many rows exist.
        columns: the columns of the frame.
        bounds: smallest and largest day number of each date column, of all dates or of more.
        rejected: the rows that cannot be used, whatever the day.
        facts: what stands beside the rows, the hidden ones counted.
        extra_scans: how often a large file was gone over to know that.
    """

    table: Table
    as_of: dt.date
    raw: pl.DataFrame | pl.LazyFrame
    categories: Mapping[str, pl.Enum] = field(factory=dict)
    fingerprint: FileFingerprint | None = None
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
        """The rows that exist, later events unknown; lazy, so that nothing is copied to hide."""
        return self.scan().filtered(())

    @property
    def in_file(self) -> bool:
        """Whether the rows are left in a large file."""
        return isinstance(self.raw, pl.LazyFrame)

    def scan(
        self, any_of: Sequence[pl.Expr] | None = None, columns: Collection[str] | None = None
    ) -> Scan:
        """The rows as they were checked, to be asked which of them exist and pass what.

        Args:
            any_of: tests of the columns as they are, see `on_raw`; rows that pass none of them are
                left out. None keeps all rows.
            columns: the columns that are asked for; None for all.
        """
        lazy, read = self.raw.lazy(), self._given
        if any_of is not None:
            lazy = lazy.filter(pl.any_horizontal(any_of))
        if columns is not None:
            entry = [self.table.entry] if self.exists is not None and self.table.entry else []
            # Of no columns there would be no rows to count.
            read = self._behind([*columns, *entry]) or self._given.intersection(self.table.key)
            lazy = lazy.select(sorted(read))
        coded = [
            pl.col(name).cast(categories)
            for name, categories in self.categories.items()
            if name in read
        ]
        return Scan(self, lazy.with_columns(coded) if coded else lazy, read)

    @property
    def _given(self) -> frozenset[str]:
        """The columns of the rows as they were checked."""
        return self.columns - self.derived.keys()

    def pushed_down(self, test: pl.Expr) -> pl.Expr | None:
        """A test as the columns can be asked before anything is hidden; None where they cannot.

        One of a single column that null fails: what is hidden fails it, and so does a later date.
        """
        names = set(test.meta.root_names())
        if names.isdisjoint(self.masked_events) and names.isdisjoint(self.derived):
            return test
        name, *others = names
        if others or name not in self.table.events or name in self.derived:
            return None
        null = pl.DataFrame({name: [None]}, schema={name: pl.Date})
        return None if null.select(test).item() else test & (pl.col(name) <= self.as_of)

    def _behind(self, columns: Iterable[str]) -> frozenset[str]:
        """The raw columns that some columns are made of."""
        read = set(columns)
        for name, one in (*reversed(tuple(self.derived.items())), *self.masked_events.items()):
            if name in read:
                read.update(one.meta.root_names())
        return self._given & read


@frozen(eq=False, repr=False)
class Scan:
    """Rows of a table as they were checked.

    Attributes:
        snapshot: the table.
        rows: the rows.
        columns: their columns.
    """

    snapshot: Snapshot
    rows: pl.LazyFrame
    columns: frozenset[str]

    def cached(self) -> Scan:
        """The same rows, read once for all that is asked of them in one go."""
        return evolve(self, rows=self.rows.cache())

    def filtered(self, tests: Sequence[pl.Expr]) -> pl.LazyFrame:
        """The rows that exist and pass some tests, one after the other, as they are known.

        First those that the columns can be asked as they are, so that nothing is hidden or derived in
        rows that fail them.
        """
        known, lazy = self.snapshot, self.rows
        made = [known.pushed_down(test) for test in tests]
        certain: set[str] = set()
        for plain in made:
            if plain is not None:
                lazy = lazy.filter(plain)
                certain.update(plain.meta.root_names())
        lazy = self._shown(lazy if known.exists is None else lazy.filter(known.exists), certain)
        for test, plain in zip(tests, made, strict=True):
            lazy = lazy.filter(test) if plain is None else lazy
        return lazy

    def _shown(self, lazy: pl.LazyFrame, certain: Collection[str]) -> pl.LazyFrame:
        """Columns as they are known, and the dates that can be derived of those that are there.

        Args:
            lazy: the rows.
            certain: columns of which nothing is to be hidden: every row passed a test of them that
                what is hidden fails.
        """
        present = set(self.columns)
        masked_events = [
            one.alias(name)
            for name, one in self.snapshot.masked_events.items()
            if name in present and name not in certain
        ]
        lazy = lazy.with_columns(masked_events) if masked_events else lazy
        for name, one in self.snapshot.derived.items():
            if present.issuperset(one.meta.root_names()):
                lazy = lazy.with_columns(one)
                present.add(name)
        return lazy


def snapshot_at(plan: Plan, checked: CheckedTable, as_of: dt.date) -> Snapshot:
    """The table at the end of `as_of`: later entries are not there, later events are unknown.

    Rows without an entry date stay. Declared dates that are neither stay as they are. Derived dates
    are made of what is known. Nothing is computed for a column whose newest date is no later.

    Raises:
        DataError: where the table is left in a file, and the file has changed since it was checked.
    """
    if checked.fingerprint is not None:
        checked.fingerprint.require_unchanged()
    day = as_of.toordinal() - dt.date(1970, 1, 1).toordinal()
    later = {name for name, (_, high) in checked.bounds.items() if high > day}
    table, frame = checked.table, checked.frame
    given = frame.collect_schema().names()
    exists, hidden, facts, extra_scans = None, 0, checked.facts, 0
    if table.entry in later:
        entry = pl.col(table.entry)
        exists = entry.is_null() | (entry <= as_of)
        hidden = checked.later
        if as_of != plan.period.last:
            hidden = frame.lazy().select((entry > as_of).sum()).collect().item()
            extra_scans += 1
        if checked.duplicates.height:
            suspects = duplicates_as_of(checked.duplicates, frame, exists)
            extra_scans += 1
            facts = count_duplicates(facts, suspects)
            frame = flag_duplicates(frame, suspects)
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
        exists=exists,
        masked_events=masked_events,
        derived=derived,
        rows=checked.height - hidden,
        columns=frozenset((*given, *derived)),
        bounds=bounds,
        rejected=checked.rejected,
        facts=evolve(facts, hidden=hidden),
        extra_scans=extra_scans if isinstance(frame, pl.LazyFrame) else 0,
    )
