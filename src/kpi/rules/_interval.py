"""Base of the targets on the time from a start event to an end event (S2, S10-S12, S21)."""

from __future__ import annotations

from attrs import field, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.fields import about, placed, text
from kpi.definitions.outcomes import (
    END_BEFORE_START,
    LIMIT_MISSING,
    NO_SUCH_LOCAL_TIME,
    OUTSIDE_CALENDAR,
    REFUSED_MONTH_END,
    REPEATED_ID,
    START_MISSING,
)
from kpi.definitions.population import OpenAt, parse_open_at
from kpi.definitions.reserved import REPEATED
from kpi.definitions.target import Target
from kpi.definitions.windows import Window, parse_window
from kpi.errors import PlanError
from kpi.polars_on_demand import pl
from kpi.rules import _population as population
from kpi.time import in_time
from kpi.time.durations import days_between
from kpi.time.in_time import Due


def _open_at(value: object) -> OpenAt | None:
    return None if value is None else parse_open_at(value)


@frozen(kw_only=True, field_transformer=placed, eq=False, repr=False)
class IntervalTarget(Target):
    """A target on the time from `start` to `end`, two dates of its table."""

    start: str = field(
        converter=text,
        metadata=about(
            "The date its time is counted from; that day is not counted (S2).", column="date"
        ),
    )
    end: str = field(
        converter=text,
        metadata=about("The date its time is counted to, that day included.", column="date"),
    )
    open_at: OpenAt | None = field(
        default=None,
        converter=_open_at,
        metadata=about(
            "Only cases open at the start of that day: entered before it, not ended before it (S21).",
            {"$ref": "#/$defs/open_at"},
        ),
    )

    def population(self, columns: Columns) -> list[tuple[str, pl.Expr]]:
        """Return the predicates of `where`, `unless` and `open_at`, with words for failing them."""
        tests = population.tests(columns, self.where, self.unless, self.start)
        if self.open_at is not None:
            entry = columns.table.entry or self.start
            entered = pl.col(entry) < self.open_at.day
            if entry == self.start:
                entered = population.or_missing(entered, entry)
            end = pl.col(self.end)
            tests.append((f"fails: {entry} before {self.open_at.day}", entered))
            tests.append(
                (
                    f"left out: {self.end} before {self.open_at.day}",
                    end.is_null() | (end >= self.open_at.day),
                )
            )
        return tests

    def inside(self, column: str, window: Window) -> tuple[str, pl.Expr]:
        """Return the predicate that a date lies in the window, with the words for failing it.

        A null start passes: the row is then excluded as "start missing" (S10).
        """
        words, test = population.inside(column, window)
        return words, population.or_missing(test, column) if column == self.start else test

    def days(self) -> pl.Expr:
        """Return the whole days from start to end, Int64 (S2); null where either is."""
        return days_between(self.start, self.end)

    def exclusions(
        self,
        columns: Columns,
        due: Due | None = None,
        *,
        missing: pl.Expr | None = None,
        refused: pl.Expr | None = None,
        outside_calendar: pl.Expr | None = None,
    ) -> tuple[tuple[str, pl.Expr], ...]:
        """Return the masks of excluded rows with their reasons, in the order of S12.

        Args:
            columns: the columns of the table.
            due: the due dates, where the limit gives due dates; they bring the next three masks.
            missing: whether a case has no limit.
            refused: whether the month-end mode refuses the months that are counted (S4).
            outside_calendar: whether the calendar covers too few days for the working days (S7).
        """
        if due is not None:
            missing, refused, outside_calendar = due.missing, due.refused, due.outside_calendar
        backwards = in_time.reversed_days if due is None else due.ends_before_start
        reasons = (
            (START_MISSING, pl.col(self.start).is_null()),
            (LIMIT_MISSING, missing),
            *population.threshold_missing(self.threshold),
            (END_BEFORE_START, None if backwards is None else backwards(self.start, self.end)),
            (REFUSED_MONTH_END, refused),
            (OUTSIDE_CALENDAR, outside_calendar),
            # Where days are counted, a time that the clocks skipped counts by its date as written.
            (NO_SUCH_LOCAL_TIME, None if due is None else due.unreal(self.start, self.end)),
            *data_exclusions(columns),
        )
        return tuple((reason, test) for reason, test in reasons if test is not None)


def data_exclusions(columns: Columns) -> list[tuple[str, pl.Expr]]:
    """Return the exclusions of every kind of target: the mask of rows with a repeated key (S13)."""
    return [(REPEATED_ID, pl.col(REPEATED))] if REPEATED in columns.flags else []


def optional_window(value: object) -> Window | None:
    """Parse a window; None stands for the plan's period.

    Raises:
        PlanError: where the value is no window, or the window has no end.
    """
    if value is None:
        return None
    window = parse_window(value)
    if window.stop is None:
        raise PlanError(
            f"found a window {window}; accepted: one with an end, for the verdict falls on it"
        )
    return window


def closed_window(value: object) -> Window | None:
    """Parse a window with both ends; None stands for the plan's period.

    Raises:
        PlanError: where the value is no window, or the window lacks an end.
    """
    window = optional_window(value)
    if window is not None and window.first is None:
        raise PlanError(f"found a window {window}; accepted: one with both ends")
    return window


WINDOW = about(
    "The window it is counted in (default: the plan's period).", {"$ref": "#/$defs/window"}
)
