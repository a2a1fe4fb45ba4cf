"""Completion of open rows in every way that can make a difference (F2 to F5, F10, F14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.date_bounds import CaseDate, DateBounds
from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset, Derived
from kpi.definitions.limits import most_days_of
from kpi.definitions.measurement import Rows
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PREFIX, instant_name, time_name, unreal_name
from kpi.definitions.target import Target
from kpi.engine.completions.asked import Asked
from kpi.engine.completions.critical_days import critical_days, named_days
from kpi.engine.completions.open_rows import Reads, raw_reads, raw_sources
from kpi.engine.completions.outcomes import outcomes
from kpi.engine.groups import segment_keys
from kpi.engine.target_query import TargetQuery, columns_of
from kpi.rules._case_weights import weighed_rows
from kpi.rules._pausable import PausableTarget
from kpi.rules._population import case_date
from kpi.tables.as_of import Snapshot
from kpi.time import derived_dates
from kpi.time.pauses import PausedDays

MOST_ROWS = 4_000_000
"""Completed rows up to which each is evaluated; where there would be more, options are widened."""

_DAYS = f"{PREFIX}days"
_UNENDED = f"{PREFIX}unended"
_DAY_US = 24 * 3_600_000_000
_BESIDE = 3
"""Days before the window and after its end that dates of newcomers may have."""


class TooManyCompletionsError(Exception):
    """Signal that the completions are too many to be evaluated each (F14)."""


@frozen(eq=False)
class Completer:
    """Completion of the rows of a table for one target.

    Attributes:
        plan: the plan.
        snapshot: the snapshot of the table at the as-of date.
        derived: the derived dates of the table that targets read.
        asked: the target, and the day that its verdict falls on.
    """

    plan: Plan
    snapshot: Snapshot
    derived: Mapping[str, Derived]
    asked: Asked

    @property
    def is_sharp(self) -> bool:
        """Whether rows are completed in every way that matters, and in no impossible one (F14)."""
        return not self._paused_times

    @property
    def target(self) -> Target:
        """The target."""
        return self.asked.target

    @property
    def after(self) -> dt.date:
        """The first day after the as-of date."""
        return self.snapshot.as_of + dt.timedelta(days=1)

    @property
    def first_of_window(self) -> dt.date:
        """The first day of the window; the first day after the as-of date where it has none."""
        first = self.target.window_of(self.plan).first
        return self.after if first is None else first

    @property
    def earliest_start(self) -> dt.date:
        """A day so early that a case which begins then is late on the first day that counts."""
        limit = getattr(self.target, "limit", None)
        first = min(self.first_of_window, self.after)
        return first - dt.timedelta(days=2 + most_days_of(limit))

    def reads(self, query: TargetQuery) -> Reads:
        """Return the raw columns that completing the rows of a query of the target depends on."""
        ends = {time.end for time in self._paused_times}
        return raw_reads(self.snapshot, self.derived, self.expressions, query, ends)

    @property
    def _paused_times(self) -> tuple[PausedDays, ...]:
        target = self.target
        if not isinstance(target, PausableTarget):
            return ()
        times = dict.fromkeys(target.paused_times(self.plan))
        return tuple(time for time in times if time.column in self.snapshot.columns)

    def columns(self) -> Columns:
        """Return the columns of completed rows, as of the last day of the target."""
        return self._derived[1]

    @cached_property
    def _derived(self) -> tuple[dict[str, pl.Expr], Columns]:
        """The expressions of derived dates, and the columns with bounds wide enough for both."""
        bounds = dict(self.snapshot.bounds)
        first, last = (_number(day) for day in (self.after, self.asked.last))
        named = [_number(day) for day in self.named_days]
        earliest = min([_number(self.earliest_start), *named]) - _BESIDE
        last = max([last, *named])
        for name in self.snapshot.table.date_columns:
            low, high = bounds.get(name, (first, last))
            bounds[name] = min(low, earliest), max(high, last + _BESIDE)
        for time in self._paused_times:
            most = (last - first + 1) * (_DAY_US if time.in_hours else 1)
            bounds[time.column] = (0, bounds.get(time.column, (0, 0))[1] + most)
        expressions, bounds_of_all = derived_dates.derived(self.plan, self.derived, bounds)
        at_last = evolve(self.snapshot, as_of=self.asked.last, bounds=bounds_of_all)
        return expressions, columns_of(self.plan, at_last)

    @cached_property
    def rows(self) -> Rows:
        """The row expressions of the target over completed rows, as of its last day."""
        return weighed_rows(self.target, self.columns())

    def outcomes(self, completed: pl.DataFrame) -> pl.DataFrame:
        """Return what each completed row is under the target (see `outcomes`)."""
        assert self.target.figure is not None, "a target without a figure is not asked"
        segments = segment_keys(self.target, self.columns())
        return outcomes(completed, self.target.figure, self.rows, segments)

    @property
    def expressions(self) -> dict[str, pl.Expr]:
        """The expressions of the derived dates, each after those that it reads."""
        return self._derived[0]

    def with_derived(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows with the dates that are derived from their columns."""
        present = set(frame.columns) - self.derived.keys()
        for name, expression in self._derived[0].items():
            if present.issuperset(expression.meta.root_names()):
                frame = frame.with_columns(expression.alias(name))
                present.add(name)
        return frame

    def completed(self, frame: pl.DataFrame, events: Iterable[str]) -> pl.DataFrame:
        """Return every completion of open rows, derived dates included.

        Args:
            frame: the open rows; an event that is null may come on any later day, or never.
            events: the events of the table that the target reads.

        Raises:
            TooManyCompletionsError: where there would be more than `MOST_ROWS`.
        """
        end = getattr(self.target, "end", None)
        frame = self.with_derived(frame)
        if self._paused_times:
            frame = frame.with_columns(pl.col(self.target.end).is_null().alias(_UNENDED))  # type: ignore[attr-defined]  # pausable targets have an end
        for event in self._in_order(events):
            if not frame[event].null_count():
                continue
            compared = [
                other.to_physical() + step
                for other in self._compared_with(event, frame.columns)
                for step in (-1, 0, 1)
            ]
            if event in self.sources_of(end):
                compared += self._due_days(frame)
                start = getattr(self.target, "start", None)
                # A start that is planned for a later day is the first on which the case can end.
                compared += [pl.col(start).to_physical()] if start in frame.columns else []
            frame = self._with_each_day(frame, event, self._days(event), compared)
            frame = self.with_derived(frame)
        return self._paused(frame)

    def _in_order(self, events: Iterable[str]) -> list[str]:
        """Return events so that the start stands first, and the end last, for its due date."""
        start, end = (
            self.sources_of(getattr(self.target, name, None)) for name in ("start", "end")
        )
        return sorted(events, key=lambda event: (event in end, event not in start, event))

    def sources_of(self, column: str | None) -> set[str]:
        """Return the raw columns that a column is, or is derived from."""
        if column is None:
            return set()
        return {column, *raw_sources([column], self.derived)}

    def _days(self, event: str) -> Sequence[dt.date]:
        """Return the days after the as-of date on which an event can make a difference (F3, F4)."""
        if self._needs_each_day(event):
            return pl.date_range(self.after, self.asked.last, eager=True).to_list()
        return self.critical_days

    @cached_property
    def named_days(self) -> frozenset[dt.date]:
        """The days that the target names, with the days beside them."""
        return frozenset(named_days(self.asked))

    @cached_property
    def critical_days(self) -> Sequence[dt.date]:
        """The days after the as-of date at which outcomes can change."""
        return critical_days(self.plan, self.asked, self.snapshot.as_of, self.named_days)

    def _needs_each_day(self, event: str) -> bool:
        """Return whether other dates than those of `_days` may matter: where dates are counted on."""
        if event in self.sources_of(getattr(self.target, "start", None)) and self.hangs_on_start:
            return True
        offset = [
            name
            for name, date in self.derived.items()
            if isinstance(date, DateOffset | DateFraction) and event in self.sources_of(name)
        ]
        if offset:
            return True
        return any(
            isinstance(bound, DateOffset) and event in self.sources_of(bound.date)
            for _, test in self._date_conditions()
            for bound in test.bounds().values()
        )

    @property
    def hangs_on_start(self) -> bool:
        """Whether the day of a start matters otherwise than by being early or late."""
        return self.target.figure is None or not self.target.figure.is_monotone

    def is_compared(self, column: str) -> bool:
        """Return whether conditions compare a column with another date of the row (S34)."""
        return any(
            column in self.sources_of(named)
            or any(
                isinstance(bound, CaseDate | DateOffset) and column in self.sources_of(bound.date)
                for bound in test.bounds().values()
            )
            for named, test in self._date_conditions()
        )

    def _date_conditions(self) -> Iterator[tuple[str, DateBounds]]:
        """Yield each column that is compared with another date of the row, with its bounds (S34)."""
        for condition in self.target.conditions():
            if isinstance(condition.test, DateBounds):
                yield condition.column, condition.test

    def _compared_with(self, event: str, present: Collection[str]) -> Iterator[pl.Expr]:
        """Yield the other dates of the row that an event is compared with.

        Args:
            event: the event.
            present: the columns of the rows; derived dates that need others are not read.
        """
        columns = self.columns()
        for column, test in self._date_conditions():
            named = self.sources_of(column)
            for bound in test.bounds().values():
                if event in named and not isinstance(bound, dt.date):
                    yield case_date(columns, bound)
                if isinstance(bound, CaseDate) and event in self.sources_of(bound.date):
                    yield pl.col(column)
        for date in self.derived.values():
            if isinstance(date, DateChoice):
                of = [*date.of, *([] if date.before is None else [date.before])]
                if event in of and set(of) <= {*present}:
                    yield from (pl.col(name) for name in of if name != event)

    def _due_days(self, frame: pl.DataFrame) -> list[pl.Expr]:
        """Return the day numbers of the due date of each row and of the day after it."""
        due = self.rows.due
        if due is None or frame.lazy().select(due).collect_schema().dtypes() != [pl.Date]:
            return []
        number = due.to_physical()
        return [number, number + 1]

    def _with_each_day(
        self, frame: pl.DataFrame, event: str, days: Sequence[dt.date], compared: Sequence[pl.Expr]
    ) -> pl.DataFrame:
        """Return a row for each day that an unknown event may come on, and for its not coming.

        Args:
            frame: the rows.
            event: the event.
            days: the days that may make a difference to any row.
            compared: further days of each row (day numbers), which count where they come later.

        Raises:
            TooManyCompletionsError: where there would be more than `MOST_ROWS` rows.
        """
        is_open = pl.col(event).is_null()
        rows = frame[event].null_count()
        self._refuse_too_many(rows * (len(days) + len(compared) + 1))
        order, dtype = frame.columns, frame.schema[event]
        # Lazy, so that the parts are made together: small tables are many.
        whole = frame.lazy()
        open_rows = whole.filter(is_open) if rows < frame.height else whole
        on_days = open_rows.drop(event).join(
            pl.Series(event, [*days, None], dtype).to_frame().lazy(), how="cross"
        )
        first, last = _number(self.after), _number(self.asked.last)
        on_others = [
            open_rows.with_columns(day.cast(pl.Int32).alias(event))
            .filter(pl.col(event).is_between(first, last))
            .with_columns(pl.col(event).cast(dtype))
            for day in compared
        ]
        parts = [part.select(order) for part in (on_days, *on_others)]
        others = [whole.filter(~is_open)] if rows < frame.height else []
        if not self._has_times(frame, event):
            return pl.concat([*others, *parts]).collect(engine="in-memory")
        completed = pl.concat(parts).collect(engine="in-memory")
        completed = self.with_times(completed, event, pl.col(event).is_not_null())
        return pl.concat([*(other.collect() for other in others), completed.select(order)])

    def _has_times(self, frame: pl.DataFrame, event: str) -> bool:
        """Return whether rows have instants, or what belongs to them, of a date."""
        names = {instant_name(event), time_name(event), unreal_name(event)}
        return not names.isdisjoint(frame.columns)

    def with_times(self, frame: pl.DataFrame, event: str, is_completed: pl.Expr) -> pl.DataFrame:
        """Return completed rows with the instants of a date: midnight, and either end of the day.

        A time of midnight is a whole day (S3). Columns that the frame lacks are left out.

        Args:
            frame: the rows.
            event: the date column.
            is_completed: the mask of the rows whose date has been completed, and is not null.
        """
        if not self._has_times(frame, event):
            return frame
        names = instant_name(event), time_name(event), unreal_name(event)
        open_frame, others = frame.filter(is_completed), frame.filter(~is_completed)
        midnight = _instant(pl.col(event), self.plan.time_zone)
        next_midnight = _instant(
            (pl.col(event).to_physical() + 1).cast(pl.Date), self.plan.time_zone
        )
        microsecond = pl.duration(microseconds=1)
        kinds = [
            (midnight, False),
            (midnight + microsecond, True),
            (next_midnight - microsecond, True),
        ]
        parts = [others]
        for instant, has_time in kinds:
            made = {
                names[0]: instant,
                names[1]: pl.lit(value=has_time),
                names[2]: pl.lit(value=False),
            }
            parts.append(
                open_frame.with_columns(
                    value.alias(name).cast(frame.schema[name])
                    for name, value in made.items()
                    if name in frame.columns
                )
            )
        self._refuse_too_many(sum(part.height for part in parts))
        return pl.concat(parts)

    def _paused(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return completed rows as though not paused further, and as though paused all the time.

        A case may be paused from the day after the as-of date on, and a running pause may go on
        (F10). What lies between moves due dates, and amounts, less far.
        """
        for time in self._paused_times:
            if time.column not in frame.columns:
                continue
            end = pl.col(time.end).fill_null(self.asked.last).to_physical()
            more = (end - _number(self.snapshot.as_of) + 1).clip(0).cast(pl.Int64)
            more *= _DAY_US if time.in_hours else 1
            at_most = pl.when(_UNENDED).then(pl.col(time.column) + more)
            frame = frame.with_columns(pl.concat_list(time.column, at_most).alias(_DAYS))
            self._refuse_too_many(2 * frame.height)
            frame = frame.explode(_DAYS).filter(pl.col(_DAYS).is_not_null())
            frame = frame.with_columns(pl.col(_DAYS).alias(time.column)).drop(_DAYS)
            if time.open_column in frame.columns:
                still = frame.with_columns(pl.lit(value=False).alias(time.open_column))
                frame = pl.concat([frame, still])
        return frame.drop(_UNENDED) if self._paused_times else frame

    def _refuse_too_many(self, rows: int) -> None:
        if rows > MOST_ROWS:
            raise TooManyCompletionsError


def _number(day: dt.date) -> int:
    """Return the day number (days since 1970-01-01)."""
    return (day - dt.date(1970, 1, 1)).days


def _instant(day: pl.Expr, zone: str) -> pl.Expr:
    """Return the instant at which a local day begins."""
    midnight = day.cast(pl.Datetime("us"))
    zoned = midnight.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = (midnight + pl.duration(hours=1)).dt.replace_time_zone(
        zone, ambiguous="earliest", non_existent="null"
    )
    # Where the clocks are put forward at midnight the day begins an hour later.
    return pl.coalesce(zoned, later).dt.convert_time_zone("UTC")
