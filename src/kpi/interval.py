"""Targets on the time from a start event to an end event: what they share (S2, S10-S12, S21)."""

from __future__ import annotations

import polars as pl
from attrs import field, frozen

from kpi import population
from kpi.columns import Columns
from kpi.conditions import OpenAt, parse_open_at
from kpi.errors import PlanError
from kpi.fields import about, placed, text
from kpi.periods import Window, parse_window
from kpi.plan import Plan, Target

START_MISSING = "start missing"
LIMIT_MISSING = "limit missing"
END_BEFORE_START = "end before start"
REFUSED_MONTH_END = "refused month end"
NO_SUCH_LOCAL_TIME = "no such local time"
REPEATED_ID = "repeated id"


def _open_at(value: object) -> OpenAt | None:
    return None if value is None else parse_open_at(value)


@frozen(kw_only=True, field_transformer=placed)
class IntervalTarget(Target):
    """A target on the time from `start` to `end`, two dates of its table."""

    start: str = field(
        converter=text,
        metadata=about(
            "The date its time is counted from; that day is not counted (S2).", date_column=True
        ),
    )
    end: str = field(
        converter=text,
        metadata=about("The date its time is counted to, that day included.", date_column=True),
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
        """The tests for `where`, `unless` and `open_at`, each with the words for failing it."""
        tests = population.tests(self.where, self.unless, self.start)
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
        """The test that a date lies in the window, with the words for failing it."""
        test = population.between(pl.col(column), window)
        if column == self.start:
            test = population.or_missing(test, column)
        return f"fails: {column} {window}", test

    def days(self) -> pl.Expr:
        """Whole days from start to end (S2); null where either is."""
        return pl.col(self.end).to_physical().cast(pl.Int64) - pl.col(self.start).to_physical()

    def exclusions(
        self, columns: Columns, *, due: pl.Expr | None = None, limit: pl.Expr | None = None
    ) -> tuple[tuple[str, pl.Expr], ...]:
        """The reasons for leaving out a row that is inside, in the order of S12.

        Args:
            columns: the table's columns.
            due: the due date, where a month-end mode may refuse it.
            limit: the limit, where it stands in the table and may be missing.
        """
        start, end = pl.col(self.start), pl.col(self.end)
        reasons = (
            (START_MISSING, start.is_null()),
            (LIMIT_MISSING, None if limit is None else limit.is_null()),
            (END_BEFORE_START, (end < start).fill_null(value=False)),
            (REFUSED_MONTH_END, None if due is None else due.is_null()),
            (NO_SUCH_LOCAL_TIME, columns.unreal(self.start, self.end)),
            (REPEATED_ID, columns.repeated()),
        )
        return tuple((reason, test) for reason, test in reasons if test is not None)


def optional_window(value: object) -> Window | None:
    """A window, or None for the plan's period."""
    if value is None:
        return None
    window = parse_window(value)
    if window.stop is None:
        raise PlanError(
            f"found a window {window}; accepted: one with an end, for the verdict falls on it"
        )
    return window


WINDOW = about(
    "The window it is counted in (default: the plan's period).", {"$ref": "#/$defs/window"}
)


def window_or_period(window: Window | None, plan: Plan) -> Window:
    """The target's own window, or the plan's period."""
    return window if window is not None else plan.period
