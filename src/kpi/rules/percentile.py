"""Percentile of the durations of cases, against a limit (S18)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from kpi.definitions.amounts import (
    AMOUNT_UNITS,
    Amounts,
    AmountUnit,
    amounts_of,
    one_of,
    optional_unit,
    refuse_two_units,
    unit_key,
)
from kpi.definitions.bounds import Bounds, optional_bounds
from kpi.definitions.calendars import Calendar, optional_calendar
from kpi.definitions.case_weights import COUNT_AS
from kpi.definitions.columns import Columns
from kpi.definitions.comparison import (
    AGAINST,
    CHANGE,
    DIFFERENCE,
    Comparison,
    comparison_of,
    misplaced_comparison,
)
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, optional_text, percentage, placed
from kpi.definitions.figures import Figure
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.ranks import kth, rank
from kpi.definitions.sums import Sums
from kpi.definitions.time_options import CALENDAR, MONTH_END, MonthEnd, optional_month_end
from kpi.definitions.time_units import Span, parse_span
from kpi.definitions.windows import Window
from kpi.errors import PlanError, Problem
from kpi.polars_on_demand import pl
from kpi.rules import _amounts as amounts
from kpi.rules._interval import WINDOW, optional_window
from kpi.rules._pausable import PausableTarget
from kpi.rules._requirement_texts import limit_words
from kpi.time import due_dates as deadlines
from kpi.time import in_time
from kpi.time.in_time import TimeOptions
from kpi.time.pauses import PausedDays


def _unit(value: object) -> AmountUnit | None:
    return optional_unit(value, AMOUNT_UNITS)


def _limit(value: object) -> Span | None:
    if value is None:
        return None
    span = parse_span(value)
    if span.total_months and span.total_days:
        raise PlanError(
            f"found {str(span)!r}; accepted: weeks and days, working days, months and years alone, or "
            "hours and minutes. A percentile is one number, and units never convert (S5); the rule "
            "'within' asks the same of months and days together"
        )
    return span


@frozen(kw_only=True, field_transformer=placed)
class Percentile(PausableTarget):
    """The smallest duration within which at least so many per cent of the cases ended (S18).

    The cases are those that ended in the window. The value is one of their durations, the k-th
    smallest with k = ceil(q · n), never interpolated: in days, in working days, in hours or minutes
    of elapsed time (S3), or as the smallest whole number of months that the case ended by, as the
    limit is. Without a limit it is an indicator (S31), in days or in `unit`.
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
    limit: Span | None = field(
        default=None,
        converter=_limit,
        metadata=about(
            "The most that it may be: in weeks and days, in working days, in months and years, or "
            "in hours and minutes (default: nothing is asked).",
            {"$ref": "#/$defs/span"},
        ),
    )
    count_as: str | None = field(default=None, converter=optional_text, metadata=COUNT_AS)
    unit: AmountUnit | None = field(default=None, converter=_unit, metadata=unit_key(AMOUNT_UNITS))
    against: Window | None = field(default=None, converter=optional_window, metadata=AGAINST)
    change: Bounds | None = field(default=None, converter=optional_bounds, metadata=CHANGE)
    difference: Bounds | None = field(default=None, converter=optional_bounds, metadata=DIFFERENCE)
    month_end: MonthEnd | None = field(
        default=None, converter=optional_month_end, metadata=MONTH_END
    )
    calendar: Calendar | None = field(default=None, converter=optional_calendar, metadata=CALENDAR)

    def __attrs_post_init__(self) -> None:
        refuse_two_units(self.limit, self.unit)
        others = ("limit", self.limit), ("count_as", self.count_as)
        problems: list[Problem] = [
            *misplaced_comparison(self.against, self.change, self.difference, *others),
            *amounts.pauses_by_clock(self.limit_or_unit, self.pauses),
            *amounts.weights_by_clock(self.limit_or_unit, self.count_as),
        ]
        if problems:
            raise PlanError(problems)

    def timestamp_columns(self) -> tuple[str, ...]:
        """Return the date columns that are read as instants (S3)."""
        return amounts.clock_columns(self.limit_or_unit, self.start, self.end)

    @property
    def limit_or_unit(self) -> Span:
        """The limit, or one of the unit that the time is measured in without a limit (S31)."""
        return one_of(self.unit) if self.limit is None else self.limit

    @property
    def has_requirement(self) -> bool:
        """Whether there is a limit, or what the time changes by has bounds (S31, S33)."""
        asked = (self.limit, self.change, self.difference)
        return any(demand is not None for demand in asked)

    @property
    def comparison(self) -> Comparison | None:
        """The window of the base that the value is compared with, and what is asked of it (S33)."""
        return comparison_of(self.against, self.change, self.difference, unit=self._amounts.unit)

    @property
    def takes_working_hours(self) -> bool:
        """False: amounts are days, working days, months or elapsed time."""
        return False

    @property
    def limit_text(self) -> str | None:
        """The limit in the plan's words; None without a limit."""
        return None if self.limit is None else str(self.limit)

    @property
    def requirement(self) -> str:
        """The requirement in a few words; without a limit, what is measured."""
        limit = "" if self.limit is None else f" at most {self.limit}"
        base = "" if self.comparison is None else self.comparison.words
        how = f"{limit_words(self)}{self.pause_words()}"
        return f"percentile {self.percentile:f}{limit}{how}{base}"

    @property
    def figure(self) -> Figure:
        """The figure: a percentile (F9)."""
        counted = self._amounts
        most = None if self.limit is None else counted.most(self.limit)
        return Figure("percentile", counted.unit, most, counted.size, is_monotone=True)

    def inherited_options(self, plan: Defaults) -> Iterator[str]:
        """Yield the names of the plan's options that the durations are counted by."""
        return in_time.inherited_options(
            plan, self.limit_or_unit, mode=self.month_end, calendar=self.calendar
        )

    def paused_times(self, plan: Defaults) -> Iterator[PausedDays]:
        """Yield the paused time of each column that the expressions read, in the limit's unit."""
        calendar = self._options(plan).calendar if self.limit_or_unit.in_working_days else None
        return self.paused_times_in(calendar)

    def _options(self, plan: Defaults) -> TimeOptions:
        return in_time.time_options(plan, mode=self.month_end, calendar=self.calendar)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: cases that ended in the window, a histogram of durations."""
        options, counted = self._options(columns.plan), self._amounts
        took = amounts.case_amounts(self, columns, self.limit_or_unit, counted, options)
        amount, refused = took.exact, None
        if self.limit_or_unit.in_months:
            amount, refused = self._months(options.mode)
        return Rows(
            tests=(*self.population(columns), self.inside(self.end, self.window_of(columns.plan))),
            exclusions=self.exclusions(
                columns, took.clock, refused=refused, outside_calendar=took.outside_calendar
            ),
            days=took.days,
            paused=took.paused,
            seconds=took.seconds,
            event=pl.col(self.end),
            bins={counted.unit: amount},
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
    def _amounts(self) -> Amounts:
        limit = self.limit_or_unit
        return Amounts("months") if limit.in_months else amounts_of(limit)

    def measure(self, sums: Sums) -> Measure:
        """Return the k-th smallest duration, against the limit (S18)."""
        counted = self._amounts
        smallest = kth(sums.histogram(counted.unit), rank(sums["counted"], self.percentile))
        if smallest is None:
            return Measure(value=None, unit=counted.unit, reached=None)
        reached = None if self.limit is None else smallest <= counted.most(self.limit)
        exact = Fraction(smallest, counted.size)
        value = float(exact) if counted.by_clock else smallest
        return Measure(value=value, exact=exact, unit=counted.unit, reached=reached)

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:
        """Yield the sums with all of the further cases ended at once, and as late as they can."""
        # No other unit of time is shorter than a day.
        counted = self._amounts
        for most in (0, amounts.longest_of(counted, longest)):
            yield sums.plus({"counted": n}, {counted.unit: {most: n}})
