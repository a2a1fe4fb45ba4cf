"""Targets whose time may be paused: deducted intervals, and the exclusion of paused cases (S14)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import names, placed
from kpi.definitions.time_options import PAUSES, UNLESS_PAUSED
from kpi.polars_on_demand import pl
from kpi.rules._interval import IntervalTarget
from kpi.time.pauses import PausedTime


@frozen(kw_only=True, field_transformer=placed, eq=False, repr=False)
class PausableTarget(IntervalTarget):
    """A target on the time from a start to an end, less the time for which the case was paused."""

    pauses: tuple[str, ...] = field(default=(), converter=names, metadata=PAUSES)
    unless_paused: tuple[str, ...] = field(default=(), converter=names, metadata=UNLESS_PAUSED)

    @property
    def tables(self) -> tuple[str, ...]:
        """Its table, and those of the pauses."""
        return tuple(dict.fromkeys((self.table, *self.pauses, *self.unless_paused)))

    @property
    def deducted(self) -> PausedTime | None:
        """The days that do not count; None where all do."""
        return PausedTime(self.pauses, self.start, self.end) if self.pauses else None

    def paused_times(self, plan: Defaults) -> Iterator[PausedTime]:  # noqa: ARG002 - for rules to use
        """Every column of paused time that its expressions read."""
        if self.deducted is not None:
            yield self.deducted
        if self.unless_paused:
            yield PausedTime(self.unless_paused, self.start, self.end)

    def population(self, columns: Columns) -> list[tuple[str, pl.Expr]]:
        """The tests of every interval target, and that the case was not paused (S14)."""
        tests = super().population(columns)
        if self.unless_paused:
            paused = pl.col(PausedTime(self.unless_paused, self.start, self.end).column)
            tests.append((f"left out: paused by {', '.join(self.unless_paused)}", paused == 0))
        return tests

    def days(self) -> pl.Expr:
        """Whole days from start to end, less the paused ones (S2, S14); null where either is."""
        return super().days() - self.paused_days if self.pauses else super().days()

    @property
    def paused_days(self) -> pl.Expr:
        """The days that are deducted; null where none are asked for."""
        paused = self.deducted
        return pl.lit(None, pl.Int64) if paused is None else pl.col(paused.column)

    def pause_words(self) -> str:
        """What is deducted or left out, in a few words to follow others; nothing where all counts."""
        less = f" less the pauses in {', '.join(self.pauses)}" if self.pauses else ""
        unless = f" unless paused by {', '.join(self.unless_paused)}" if self.unless_paused else ""
        return less + unless
