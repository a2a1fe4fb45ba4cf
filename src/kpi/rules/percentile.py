"""The time within which a share of the cases ended is at most a limit (S18)."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from attrs import field, frozen

from kpi.calendars import Calendar, optional_calendar
from kpi.columns import Columns
from kpi.errors import PlanError
from kpi.fields import about, percentage, placed
from kpi.interval import WINDOW, optional_window, window_or_period
from kpi.limits import MonthEnd, Span, parse_span
from kpi.pausable import PausableTarget
from kpi.periods import Window
from kpi.plan import Plan
from kpi.ranks import kth, rank
from kpi.rows import Measure, Rows
from kpi.sums import Sums
from kpi.ways import CALENDAR, MONTH_END, optional_month_end
from kpi.wording import each_words


def _limit(value: object) -> Span:
    span = parse_span(value)
    if span.is_clock or (span.total_months and span.total_days):
        raise PlanError(
            f"found {str(span)!r}; accepted: days and weeks, working days, or months and years. "
            "Units never convert (S5); the rule 'within' asks the same of hours or minutes"
        )
    return span


@frozen(kw_only=True, field_transformer=placed)
class Percentile(PausableTarget):
    """The smallest duration within which at least so many per cent of the cases ended (S18).

    The cases are those that ended in the window. The value is one of their durations, the k-th
    smallest with k = ceil(q · n), never interpolated.
    """

    rule = "percentile"

    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    percentile: Decimal = field(
        converter=percentage,
        metadata=about(
            "Which percentile, such as 80; the median is 50.",
            {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
        ),
    )
    limit: Span = field(
        converter=_limit,
        metadata=about(
            "The most that it may be, in days, working days or months.", {"$ref": "#/$defs/span"}
        ),
    )
    month_end: MonthEnd | None = field(
        default=None, converter=optional_month_end, metadata=MONTH_END
    )
    calendar: Calendar | None = field(default=None, converter=optional_calendar, metadata=CALENDAR)

    @property
    def limit_text(self) -> str:
        """The limit in the plan's words."""
        return str(self.limit)

    @property
    def requirement(self) -> str:
        """What must be reached, in a few words."""
        return f"percentile {self.percentile:f} at most {self.limit}{self.pause_words()}{each_words(self.each)}"

    def window_of(self, plan: Plan) -> Window:
        """The window that cases must have ended in."""
        return window_or_period(self.window, plan)

    def rows(self, columns: Columns) -> Rows:
        """Cases that ended in the window, by their days."""
        return Rows(
            tests=(*self.population(columns), self.inside(self.end, self.window_of(columns.plan))),
            exclusions=self.exclusions(columns),
            days=self.days(),
            paused=self.paused_days,
            event=pl.col(self.end),
            bins={"days": self.days()},
        )

    def measure(self, sums: Sums) -> Measure:
        """The k-th smallest duration against the limit."""
        value = kth(sums.histogram("days"), rank(sums["counted"], self.percentile))
        if value is None:
            return Measure(value=None, unit="days", reached=None)
        return Measure(value=value, unit="days", reached=value <= self.limit.total_days)
