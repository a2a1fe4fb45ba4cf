"""Newcomers: every hypothetical case that may still come and can make a difference (F2, F6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from attrs import frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.limits import DueColumn
from kpi.definitions.population import Range
from kpi.definitions.reserved import REPEATED, ROW, instant_name, time_name, unreal_name
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.engine.completions.complete import MOST_ROWS, Completer, TooManyCompletionsError
from kpi.engine.completions.outcomes import COUNT, OTHER
from kpi.tables.needs import TableNeeds

_DAY = dt.timedelta(days=1)


class UnboundedNewcomersError(Exception):
    """Signal that a newcomer may hold values that cannot be gone through (F14)."""


@frozen(eq=False)
class Newcomers:
    """Hypothetical cases with an entry after the as-of date, for one target.

    Attributes:
        completer: the completion of the rows of the table.
        columns: the raw columns that the target reads.
        events: the events among them.
        schema: the dtype of each column of the table.
    """

    completer: Completer
    columns: frozenset[str]
    events: frozenset[str]
    schema: Mapping[str, pl.DataType]

    @property
    def table(self) -> Table:
        """The table that they would come into."""
        return self.completer.snapshot.table

    @property
    def start_freely(self) -> bool:
        """Whether their start may be any day at all: a date that is neither entry nor event."""
        sources = self.completer.sources_of(getattr(self.completer.target, "start", None))
        return bool(sources & {*self.table.dates})

    def completed(self) -> pl.DataFrame:
        """Return every newcomer that can make a difference, with all of its completions.

        Raises:
            TooManyCompletionsError: where there would be more than the rows that are evaluated.
            UnboundedNewcomersError: where the outcome hangs on numbers of any size.
        """
        values = {name: self._values(name) for name in sorted(self.columns)}
        rows = 1
        for candidates in values.values():
            rows *= len(candidates)
        if rows > MOST_ROWS:
            raise TooManyCompletionsError
        lazy = pl.LazyFrame({COUNT: [1]}, schema={COUNT: pl.Int64})
        for candidates in values.values():
            lazy = lazy.join(candidates.to_frame().lazy(), how="cross")
        frame = lazy.collect(engine="in-memory")
        for name in sorted(self.columns & {*self.table.date_columns} - self.events):
            frame = self.completer.with_times(frame, name, pl.col(name).is_not_null())
        frame = frame.with_row_index(ROW)
        return self.completer.completed(frame, self.events)

    def _values(self, name: str) -> pl.Series:
        """Return the values of a column that a newcomer may have and that make a difference.

        Raises:
            UnboundedNewcomersError: where they are numbers of any size.
        """
        dtype = self.schema[name]
        table = self.table
        if name == table.entry:
            return pl.Series(name, self._entry_days(), pl.Date)
        if name in self.events:
            return pl.Series(name, [None], dtype)
        if name in table.date_columns:
            return pl.Series(name, [*self._free_days(name), None], pl.Date)
        if self._is_added(name):
            # Set with the dates, or as for a case without pauses.
            return pl.Series(name, [None if dtype.is_temporal() else 0], strict=False).cast(dtype)
        if dtype == pl.Boolean:
            return pl.Series(name, [True, False, None], dtype)
        named = [*dict.fromkeys(self._named(name))]
        if dtype.is_integer():
            if name == self.completer.target.count_as:
                return pl.Series(name, [1], dtype)
            if self._is_amount(name):
                raise UnboundedNewcomersError
            numbers = [n for n in named if isinstance(n, int)]
            return pl.Series(name, [*numbers, max(numbers, default=0) + 1_000, None], pl.Int64)
        if isinstance(dtype, pl.String | pl.Categorical | pl.Enum | pl.Null):
            return pl.Series(name, [*(n for n in named if isinstance(n, str)), OTHER, None])
        raise UnboundedNewcomersError

    def _is_added(self, name: str) -> bool:
        """Return whether a column is one that the check added: instants, masks, paused days."""
        dates = self.table.date_columns
        added = {of(date) for of in (instant_name, time_name, unreal_name) for date in dates}
        return name in added or name == REPEATED or name.startswith("kpi:")

    def _is_amount(self, name: str) -> bool:
        """Return whether dates are moved by the numbers of a column."""
        return name in TableNeeds(self.table, (self.completer.target,)).amounts

    def _named(self, name: str) -> Iterator[str | int | bool]:
        """Yield the values of a column that the target names, and whole numbers beside bounds."""
        target: Target = self.completer.target
        yield from TableNeeds(self.table, (target,)).category_values(name)
        for condition in target.conditions():
            if condition.column == name and isinstance(condition.test, Range):
                for bound in condition.test.data().values():
                    yield from (bound - 1, bound, bound + 1)

    def _entry_days(self) -> Sequence[dt.date]:
        completer = self.completer
        asked, after = completer.asked, completer.after
        entry = self.table.entry
        assert entry is not None, "newcomers have an entry"
        start = getattr(asked.target, "start", None)
        is_start = entry in completer.sources_of(start) and completer.hangs_on_start
        if start is None or is_start or completer.is_compared(entry):
            return pl.date_range(after, asked.last, eager=True).to_list()
        return completer.critical_days

    def _free_days(self, name: str) -> Sequence[dt.date]:
        """Return days before, in and after the window, as columns that are no events may hold any."""
        completer = self.completer
        first, last = completer.first_of_window, completer.asked.last
        beside = {completer.after - _DAY, last + _DAY, first - _DAY, first}
        if isinstance(completer.target.limit, DueColumn):
            beside.add(first - 2 * _DAY)
        is_start = name in completer.sources_of(getattr(completer.target, "start", None))
        earliest = completer.earliest_start if is_start else min(beside)
        if is_start:
            beside.add(earliest)
            calendars = (completer.target.calendar, completer.plan.calendar)
            begins = (one.coverage[0] for one in calendars if isinstance(one, Calendar))
            beside.update(day for day in begins if earliest < day <= last)
        if (is_start and completer.hangs_on_start) or completer.is_compared(name):
            beside.update(pl.date_range(earliest, last, eager=True))
        return sorted({*completer.critical_days, *beside, *completer.named_days})
