"""Targets whose time may be paused: deducted intervals, and the exclusion of paused cases (S14)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, field, frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import names, placed
from kpi.definitions.time_options import PAUSES, UNLESS_PAUSED
from kpi.polars_on_demand import pl
from kpi.rules._interval import IntervalTarget
from kpi.time.durations import Duration, working_days_between
from kpi.time.pauses import PausedDays


@frozen(kw_only=True, field_transformer=placed, eq=False, repr=False)
class PausableTarget(IntervalTarget):
    """A target on the time from a start to an end, less the time for which the case was paused."""

    pauses: tuple[str, ...] = field(default=(), converter=names, metadata=PAUSES)
    unless_paused: tuple[str, ...] = field(default=(), converter=names, metadata=UNLESS_PAUSED)

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of the cases, and the tables of pauses."""
        return tuple(dict.fromkeys((self.table, *self.pauses, *self.unless_paused)))

    @property
    def deducted(self) -> PausedDays | None:
        """The paused time that is deducted; None where no time is."""
        return PausedDays(self.pauses, self.start, self.end) if self.pauses else None

    def paused_times(self, plan: Defaults) -> Iterator[PausedDays]:  # noqa: ARG002 - for rules to use
        """Yield the paused time of every column that the expressions of the target read."""
        return self.paused_times_in(None)

    def paused_times_in(self, calendar: Calendar | None) -> Iterator[PausedDays]:
        """Yield the paused time that is deducted, and the paused time that leaves a case out.

        Args:
            calendar: the calendar in whose working days the time is deducted; None for days (S16).
        """
        if self.deducted is not None:
            yield evolve(self.deducted, calendar=calendar)
        if self.unless_paused:
            yield PausedDays(self.unless_paused, self.start, self.end)

    def population(self, columns: Columns) -> list[tuple[str, pl.Expr]]:
        """Return the predicates of an interval target, and that the case was not paused (S14)."""
        tests = super().population(columns)
        if self.unless_paused:
            paused = pl.col(PausedDays(self.unless_paused, self.start, self.end).column)
            tests.append((f"left out: paused by {', '.join(self.unless_paused)}", paused == 0))
        return tests

    def days(self) -> pl.Expr:
        """Return the whole days from start to end, less the paused days (S2, S14).

        Null where start or end is.
        """
        return super().days() - self.paused_days if self.pauses else super().days()

    @property
    def paused_days(self) -> pl.Expr:
        """The days that are deducted, Int64; null where the target deducts none."""
        paused = self.deducted
        return pl.lit(None, pl.Int64) if paused is None else pl.col(paused.column)

    def duration(self, columns: Columns, calendar: Calendar | None) -> Duration:
        """Return the duration of each case, in days or in working days of a calendar (S2, S16).

        Args:
            columns: the columns of the table.
            calendar: the calendar of the working days; None for days. With pauses `paused_times`
                must have yielded the paused time by that calendar too.
        """
        if calendar is None:
            return Duration(amount=self.days(), paused=self.paused_days)
        amount = working_days_between(columns, self.start, self.end, calendar)
        paused: pl.Expr = pl.lit(None, pl.Int64)
        if self.deducted is not None:
            paused = pl.col(evolve(self.deducted, calendar=calendar).column)
            amount = amount - paused
        has_dates = pl.col(self.start).is_not_null() & pl.col(self.end).is_not_null()
        return Duration(
            amount=amount,
            paused=paused,
            outside_calendar=has_dates & amount.is_null(),
            unit="working days",
        )

    def pause_words(self) -> str:
        """Return the words for the pauses, to follow others; empty where no time is paused."""
        less = f" less the pauses in {', '.join(self.pauses)}" if self.pauses else ""
        unless = f" unless paused by {', '.join(self.unless_paused)}" if self.unless_paused else ""
        return less + unless
