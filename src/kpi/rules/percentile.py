"""Percentile of the durations of cases, against a limit (S18)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

from kpi.definitions.calendars import Calendar, optional_calendar
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, percentage, placed
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.ranks import kth, rank
from kpi.definitions.sums import Sums
from kpi.definitions.time_options import CALENDAR, MONTH_END, MonthEnd, optional_month_end
from kpi.definitions.time_units import Span, parse_span
from kpi.definitions.windows import Window
from kpi.errors import PlanError
from kpi.polars_on_demand import pl
from kpi.rules._interval import WINDOW, optional_window
from kpi.rules._pausable import PausableTarget
from kpi.rules._requirement_texts import limit_words
from kpi.time import due_dates as deadlines
from kpi.time import in_time
from kpi.time.in_time import TimeOptions
from kpi.time.pauses import PausedDays


def _limit(value: object) -> Span:
    span = parse_span(value)
    if span.is_clock or (span.total_months and span.total_days):
        raise PlanError(
            f"found {str(span)!r}; accepted: weeks and days, working days, or months and years alone. "
            "A percentile is one number, and units never convert (S5); the rule 'within' asks the same "
            "of months and days together, and of hours and minutes"
        )
    return span


@frozen(kw_only=True, field_transformer=placed)
class Percentile(PausableTarget):
    """The smallest duration within which at least so many per cent of the cases ended (S18).

    The cases are those that ended in the window. The value is one of their durations, the k-th
    smallest with k = ceil(q · n), never interpolated: in days, in working days, or as the smallest
    whole number of months that the case ended by, as the limit is.
    """

    rule = "percentile"

    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    percentile: Decimal = field(
        converter=percentage,
        metadata=about(
            "Which percentile, such as 80; the median is 50.",
            {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
            percent=True,
        ),
    )
    limit: Span = field(
        converter=_limit,
        metadata=about(
            "The most that it may be: in weeks and days, in working days, or in months and years.",
            {"$ref": "#/$defs/span"},
        ),
    )
    month_end: MonthEnd | None = field(
        default=None, converter=optional_month_end, metadata=MONTH_END
    )
    calendar: Calendar | None = field(default=None, converter=optional_calendar, metadata=CALENDAR)

    @property
    def takes_working_hours(self) -> bool:
        """False: amounts are days, working days, months or elapsed time."""
        return False

    @property
    def limit_text(self) -> str:
        """The limit in the plan's words."""
        return str(self.limit)

    @property
    def requirement(self) -> str:
        """The requirement in a few words."""
        limit = f"{self.limit}{limit_words(self)}"
        return f"percentile {self.percentile:f} at most {limit}{self.pause_words()}"

    def inherited_options(self, plan: Defaults) -> Iterator[str]:
        """Yield the names of the plan's options that the durations are counted by."""
        return in_time.inherited_options(
            plan, self.limit, mode=self.month_end, calendar=self.calendar
        )

    def paused_times(self, plan: Defaults) -> Iterator[PausedDays]:
        """Yield the paused time of each column that the expressions read, in the limit's unit."""
        calendar = self._options(plan).calendar if self.limit.in_working_days else None
        return self.paused_times_in(calendar)

    def _options(self, plan: Defaults) -> TimeOptions:
        return in_time.time_options(plan, mode=self.month_end, calendar=self.calendar)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: cases that ended in the window, a histogram of durations."""
        options = self._options(columns.plan)
        calendar = options.calendar if self.limit.in_working_days else None
        duration = self.duration(columns, calendar)
        amount, refused = duration.amount, None
        if self.limit.in_months:
            amount, refused = self._months(options.mode)
        return Rows(
            tests=(*self.population(columns), self.inside(self.end, self.window_of(columns.plan))),
            exclusions=self.exclusions(
                columns, refused=refused, outside_calendar=duration.outside_calendar
            ),
            days=duration.amount,
            paused=duration.paused,
            event=pl.col(self.end),
            bins={self._unit: amount},
        )

    def _months(self, mode: MonthEnd) -> tuple[pl.Expr, pl.Expr | None]:
        """Return the months that each case took, and whether their last day is refused (S4, S18).

        Months are rounded first and then moved by the paused days: a case has ended by them if its
        end less the paused days is no later (S14).
        """
        start, end = pl.col(self.start), pl.col(self.end)
        if self.pauses:
            end = (end.to_physical() - self.paused_days).cast(pl.Int32).cast(pl.Date)
        months = deadlines.months_taken(start, end, mode)
        if mode != "refuse":
            return months, None
        return months, deadlines.months_later(start, months, mode).is_null()

    @property
    def _unit(self) -> Literal["days", "working days", "months"]:
        if self.limit.in_months:
            return "months"
        return "working days" if self.limit.in_working_days else "days"

    def measure(self, sums: Sums) -> Measure:
        """Return the k-th smallest duration, against the limit (S18)."""
        unit = self._unit
        value = kth(sums.histogram(unit), rank(sums["counted"], self.percentile))
        if value is None:
            return Measure(value=None, unit=unit, reached=None)
        most = {
            "days": self.limit.total_days,
            "working days": self.limit.working_days,
            "months": self.limit.total_months,
        }
        return Measure(value=value, unit=unit, reached=value <= most[unit])

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:
        """Yield the sums with all of the further cases ended at once, and as late as they can."""
        # No unit of time is shorter than a day.
        for most in (0, longest):
            yield sums.plus({"counted": n}, {self._unit: {most: n}})
