"""Needs of a plan: the targets evaluated over each table, and the columns that they read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from attrs import evolve, frozen

from kpi.definitions.date_bounds import Bound, DateBounds
from kpi.definitions.derived_dates import DateOffset, Derived, day_ended
from kpi.definitions.extract_file import TableSource
from kpi.definitions.kinds import Kind
from kpi.definitions.limits import ByValue, in_working_hours
from kpi.definitions.plan import Plan
from kpi.definitions.population import Value
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.errors import DataError, listed, suggest
from kpi.rules._condition import condition_of


@frozen(eq=False)
class Needs:
    """Needs of a plan, computed once and handed on.

    Attributes:
        plan: the plan.
    """

    plan: Plan

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """The targets that are evaluated: the plan's own in its order, then bases and conditions."""
        leaves = self.plan.leaves()
        beside = [*(target.base for target in leaves), *map(condition_of, leaves)]
        return (*leaves, *(target for target in beside if target is not None))

    @cached_property
    def alternatives(self) -> tuple[Target, ...]:
        """The plan's targets under their other readings (S26)."""
        return tuple(t.with_reading(reading) for t in self.plan.leaves() for reading in t.readings)

    @cached_property
    def by_table(self) -> dict[str, tuple[Target, ...]]:
        """The evaluated targets by the table that they read, tables in the order of the plan."""
        return {
            table.name: targets
            for table in self.plan.tables
            if (targets := tuple(t for t in self.targets if t.table == table.name))
        }

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables that evaluated targets read, in the order of the plan."""
        needed = {name for target in self.targets for name in target.tables}
        return tuple(table.name for table in self.plan.tables if table.name in needed)

    @cached_property
    def _of_tables(self) -> dict[str, TableNeeds]:
        return {
            table.name: TableNeeds(
                table,
                self.by_table.get(table.name, ()),
                self.alternatives,
                paused_hours=table.name in self._paused_hours,
            )
            for table in self.plan.tables
        }

    @cached_property
    def _paused_hours(self) -> frozenset[str]:
        """The names of the tables of pauses that are deducted from working hours (S35)."""
        in_hours = (target for target in self.targets if in_working_hours(target.limit))
        return frozenset(name for target in in_hours for name in target.pauses)

    def cover(self, others: Needs) -> bool:
        """Return whether tables that are checked for these needs serve others as well.

        Args:
            others: the needs of a plan with the same tables, calendars and options.
        """
        own = self._of_tables
        return all(own[name].covers(of) for name, of in others._of_tables.items())

    def of(self, table: str) -> TableNeeds:
        """Return the needs of one table of the plan, by name."""
        return self._of_tables[table]


@frozen(eq=False)
class TableNeeds:
    """Needs that a plan has of one table.

    Attributes:
        table: the declaration of the table.
        targets: the evaluated targets that read it.
        alternatives: the plan's targets under their other readings (S26), of whichever table.
        source: the declaration of the table's source in an extract file; None without one.
        paused_hours: whether the table's pauses are deducted from working hours (S35).
    """

    table: Table
    targets: tuple[Target, ...]
    alternatives: tuple[Target, ...] = ()
    source: TableSource | None = None
    paused_hours: bool = False

    def of_source(self, source: TableSource | None) -> TableNeeds:
        """Return the needs of a table whose source an extract file declares.

        Date formats, words for null and the encoding of the source are in place of the plan's.
        """
        if source is None:
            return self
        table = self.table
        style = source.date_format
        if isinstance(style, Mapping):
            own = {name: table.format_of(name) for name in table.date_columns}
            style = {name: form for name, form in {**own, **style}.items() if form and name in own}
        return evolve(
            self,
            source=source,
            table=evolve(
                table,
                date_format=table.date_format if style is None else style,
                nulls=table.nulls if source.nulls is None else source.nulls,
            ),
        )

    @cached_property
    def derived_dates(self) -> dict[str, Derived]:
        """The derived dates that targets read, or that end pauses, each after the dates that it is derived from."""
        if not self.table.derived:
            return {}
        read = {column.column for target in self.targets for column in target.reads()}
        if self.table.pauses is not None:
            read.add(self.table.pause_end)
        for name, derived in reversed(tuple(self.table.derived.items())):
            if name in read:
                read |= {column for column, _, _ in derived.reads()}
        return {name: derived for name, derived in self.table.derived.items() if name in read}

    @cached_property
    def column_kinds(self) -> dict[str, Kind]:
        """The kind of value that each column read must hold, declared dates first."""
        table = self.table
        kinds: dict[str, Kind] = {}
        if table.pauses is not None:
            kinds = dict.fromkeys(table.date_columns, "date")
            kinds |= dict(table.made_of(table.pause_end))
        for target in self.targets:
            for read in target.reads():
                # A rule that reads a column as "any" leaves the kind to other targets.
                if read.column in table.derived:
                    kinds.update(table.made_of(read.column))
                elif read.kind != "any":
                    kinds[read.column] = read.kind
                elif read.column not in kinds:
                    kinds[read.column] = "date" if read.column in table.date_columns else "any"
        dates: dict[str, Kind] = {
            name: "date" for name in table.date_columns if name in kinds or name == table.entry
        }
        return dates | kinds

    @cached_property
    def timestamp_columns(self) -> frozenset[str]:
        """The date columns read to the minute: by a target, or as their day ends early (S3, S35)."""
        of_targets = (name for target in self.targets for name in target.timestamp_columns())
        return frozenset((*of_targets, *day_ended(self.derived_dates)))

    @cached_property
    def timestamps_where_given(self) -> frozenset[str]:
        """The date columns of which some target reads the instant where they hold times (S3)."""
        paused = self.table.date_columns if self.paused_hours else ()
        names = (name for target in self.targets for name in target.instants_where_given())
        return frozenset((*names, *paused))

    @cached_property
    def amounts(self) -> dict[str, int]:
        """The integer columns that dates are moved by, with the largest amount allowed.

        In days or months, as the derived date or the bound of a date says: a hundred years.
        """
        most = {"days": 36_525, "months": 1_200}
        return {
            derived.by: most[derived.unit]
            for derived in (*self.derived_dates.values(), *self._bounds_of_dates())
            if isinstance(derived, DateOffset)
            and isinstance(derived.by, str)
            and derived.unit is not None
        }

    @cached_property
    def weights(self) -> tuple[str, ...]:
        """The integer columns of the numbers that cases count as (S32)."""
        named = (target.count_as for target in self.targets)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    def _bounds_of_dates(self) -> Iterator[Bound]:
        """Yield the bounds by other dates of the case in the conditions of targets (S34)."""
        for target in self.targets:
            for condition in target.conditions():
                if isinstance(condition.test, DateBounds):
                    yield from condition.test.bounds().values()

    def unread_dates(self, present: Collection[str]) -> list[str]:
        """Return the declared dates among the present columns that no target reads.

        A snapshot hides what came later in them too (S15).
        """
        kinds = self.column_kinds
        return [name for name in self.table.date_columns if name in present and name not in kinds]

    def covers(self, others: TableNeeds) -> bool:
        """Return whether a table that is checked for these needs is as one checked for others.

        Of a column that others read as well, the kind, the use of times and the values that
        conditions name must be the same or more.
        """
        return (
            self.column_kinds.items() >= others.column_kinds.items()
            and self.timestamp_columns >= others.timestamp_columns
            and self.timestamps_where_given >= others.timestamps_where_given
            and self.derived_dates.keys() >= others.derived_dates.keys()
            and self.amounts.items() >= others.amounts.items()
            and {*self.weights} >= {*others.weights}
            and all(
                {*self.category_values(name)} >= {*others.category_values(name)}
                for name in others.column_kinds
            )
        )

    def columns(self, present: Collection[str]) -> list[str]:
        """Return the columns to read: those that the table must have, and further declared dates.

        Args:
            present: the columns of the table.

        Raises:
            DataError: where a column is missing, or the table has a column that the plan derives.
        """
        table = self.table
        unread = self.unread_dates(present)
        needed = list(dict.fromkeys([*table.key, *self.column_kinds, *unread]))
        missing = [name for name in needed if name not in present]
        taken = [name for name in table.derived if name in present]
        if taken:
            raise DataError(
                f"{table.name}: column {taken[0]} stands in the table, and the plan derives it; rename one"
            )
        if missing:
            hints = [f"{name}{suggest(name, present)}" for name in missing]
            raise DataError(
                f"{table.name}: missing column {listed(hints)}; found {listed(list(present))}"
            )
        return needed

    def category_values(self, column: str) -> Iterator[Value]:
        """Yield the values of a column that targets name; the same value may come twice.

        Those that the derived dates and the bounds of dates of the targets name are among them (S10).
        """
        for target in self.targets:
            yield from target.category_values(column)
        yield from _values_of((*self.derived_dates.values(), *self._bounds_of_dates()), column)

    def alternative_values(self, column: str) -> Iterator[Value]:
        """Yield the values of a column that other readings of targets name (S26)."""
        for target in self.alternatives:
            if target.table == self.table.name:
                yield from target.category_values(column)
        if self.alternatives:
            yield from _values_of(self.table.derived.values(), column)


def _values_of(dates: Iterable[Derived | Bound], column: str) -> Iterator[Value]:
    """Yield the values of a column for which derived dates or bounds of dates name spans."""
    for date in dates:
        by_value = date.by if isinstance(date, DateOffset) else None
        if isinstance(by_value, ByValue) and by_value.column == column:
            yield from by_value.limits
