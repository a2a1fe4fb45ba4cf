"""A share of the cases is handled within a limit: maximum processing times and service targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import polars as pl
from attrs import field, frozen

from kpi import denominators
from kpi.columns import Columns
from kpi.deadlines import due_date
from kpi.denominators import DENOMINATORS, OF_AN_EVENT, Denominator, Entering, parse_denominator
from kpi.errors import PlanError, Problem, listed
from kpi.fields import about, optional_month_end, optional_text, percentage, placed
from kpi.interval import WINDOW, IntervalTarget, optional_window, window_or_period
from kpi.limits import MONTH_ENDS, DueColumn, MonthEnd, Span, parse_limit
from kpi.periods import Window
from kpi.plan import Plan
from kpi.rows import Measure, Rows, share


@frozen(kw_only=True, field_transformer=placed)
class Within(IntervalTarget):
    """At least a threshold of the cases ended within the limit, counted from their start (S3-S6).

    A maximum processing time counts from the day the case was filed, a service target from the
    day it was fully documented: they differ in `start` alone.
    """

    rule = "within"

    denominator: Denominator = field(
        default="closed",
        converter=parse_denominator,
        metadata=about(
            "closed (default): cases that ended in the window; cohort: cases whose entry, or the "
            "event named by `on`, falls in the window, ended or not; overdue: as cohort, open cases "
            "counting once they are due; due: cases that fall due in the window; settled: cases "
            "whose outcome became certain in the window (S11).",
            {"enum": list(DENOMINATORS)},
        ),
    )
    on: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about(
            "For cohort and overdue: the date that must fall in the window (default: the entry).",
            date_column=True,
        ),
    )
    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    limit: Span | DueColumn = field(
        converter=parse_limit,
        metadata=about(
            "The longest time, such as '7 months', or the column with each case's due date.",
            {"$ref": "#/$defs/limit"},
        ),
    )
    month_end: MonthEnd | None = field(
        default=None,
        converter=optional_month_end,
        metadata=about(
            "This target's month-end mode (S4; default: the plan's).", {"enum": list(MONTH_ENDS)}
        ),
    )
    threshold: Decimal = field(
        converter=percentage,
        metadata=about(
            "The percentage of the counted cases that must be in time.",
            {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
        ),
    )

    def __attrs_post_init__(self) -> None:
        if self.on is not None and self.denominator not in OF_AN_EVENT:
            message = f"found 'on' with the denominator {self.denominator}; accepted: with {listed(OF_AN_EVENT)}"
            raise PlanError([Problem(("on",), message)])

    @property
    def limit_text(self) -> str:
        """The limit in the plan's words."""
        return str(self.limit)

    @property
    def requirement(self) -> str:
        """What must be reached, in a few words."""
        within = "within " if isinstance(self.limit, Span) else ""
        return f"{self.threshold} % {within}{self.limit}"

    def window_of(self, plan: Plan) -> Window:
        """The window that the date of the denominator must fall in."""
        return window_or_period(self.window, plan)

    def rows(self, columns: Columns) -> Rows:
        """The cases of the denominator; met where the end is on or before the due date."""
        if isinstance(self.limit, DueColumn):
            due = pl.col(self.limit.column)
            exclusions = self.exclusions(columns, limit=due)
        else:
            due = columns.due(self.start, self.limit, self.month_end)
            exclusions = self.exclusions(columns, due=due if self.limit.total_months else None)
        entering = self._entering(columns, due)
        met = (pl.col(self.end) <= due).fill_null(value=False)
        return Rows(
            tests=(*self.population(columns), *entering.tests),
            exclusions=exclusions,
            undetermined=entering.undetermined,
            met=met,
            days=self.days(),
            due=due,
            event=entering.event,
            sums={"met": met},
        )

    def _entering(self, columns: Columns, due: pl.Expr) -> Entering:
        window, as_of = self.window_of(columns.plan), columns.as_of
        if self.denominator == "due":
            return denominators.falling_due(due, window, as_of)
        if self.denominator == "settled":
            return denominators.settled(self.end, due, window, as_of)
        event = self.end
        if self.denominator in OF_AN_EVENT:
            event = self.on or columns.table.entry or self.start
        inside = self.inside(event, window)
        if self.denominator == "overdue":
            return denominators.overdue(event, inside, self.end, due, as_of)
        return denominators.by_event(event, inside)

    def measure(self, sums: Mapping[str, int]) -> Measure:
        """Met over counted, against the threshold (S19)."""
        return share(sums, self.threshold)

    def remarks(self, plan: Plan) -> Iterator[str]:
        """Says where the window and the filing dates leave no room to miss the limit."""
        firsts = [
            c.test.first
            for c in self.where
            if c.column == self.start and isinstance(c.test, Window) and c.test.first is not None
        ]
        last = self.window_of(plan).last
        if (
            self.denominator != "closed"
            or not firsts
            or last is None
            or isinstance(self.limit, DueColumn)
        ):
            return
        earliest = due_date(max(firsts), self.limit, self.month_end or plan.month_end)
        if earliest is not None and earliest >= last:
            yield f"cannot be missed: no case falls due before {earliest}, and the window ends {last}"
