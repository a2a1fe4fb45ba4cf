"""Limit on a measure that must be kept on every working day of a window (S24)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from kpi.definitions.calendars import Calendar, optional_calendar
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, placed
from kpi.definitions.figures import Figure
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.notes import Note
from kpi.definitions.sums import Sums
from kpi.definitions.time_options import CALENDAR, MONTH_END, MonthEnd, optional_month_end
from kpi.definitions.time_units import Span, span_in_days
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl
from kpi.rules import _population as population
from kpi.rules._interval import WINDOW, IntervalTarget, closed_window
from kpi.time import in_time
from kpi.time.in_time import TimeOptions


@frozen(kw_only=True, field_transformer=placed)
class EveryWorkingDay(IntervalTarget):
    """A day's measure, `end`, is within the limit of the day itself, `start`, on each working day.

    A day whose measure is null is a miss; a working day without a row leaves it not assessable,
    unless another day was over the limit (S24).
    """

    rule = "every_working_day"

    window: Window | None = field(default=None, converter=closed_window, metadata=WINDOW)
    limit: Span = field(
        converter=span_in_days,
        metadata=about("The longest time, such as '3 weeks'.", {"$ref": "#/$defs/span"}),
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
        """The requirement in a few words."""
        calendar = "" if self.calendar is None else f" of {self.calendar}"
        return f"within {self.limit} on every working day{calendar}"

    def inherited_options(self, plan: Defaults) -> Iterator[str]:
        """Yield the names of the plan's options that working days and due dates are counted by."""
        yield from in_time.inherited_options(
            plan, self.limit, mode=self.month_end, calendar=self.calendar
        )
        if self.calendar is None:
            yield "calendar"

    @property
    def figure(self) -> Figure:
        """The figure: a share (F7)."""
        return Figure("share", needs_every=True, is_of_days=True)

    def _options(self, plan: Defaults) -> TimeOptions:
        return in_time.time_options(plan, mode=self.month_end, calendar=self.calendar)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: working days up to the as-of date, met within the limit."""
        window = self.window_of(columns.plan)
        options = self._options(columns.plan)
        due = in_time.due(columns, self.start, self.limit, options)
        met = due.is_met(self.end)
        first, last = window.closed
        day = pl.col(self.start)
        working = options.calendar.working_days(first, min(last, columns.as_of))
        is_working = day.is_in(list(working))
        seen = population.or_missing(day <= columns.as_of, self.start)
        return Rows(
            tests=(
                *self.population(columns),
                self.inside(self.start, window),
                (f"fails: {self.start} through {columns.as_of}", seen),
                (
                    f"left out: {self.start} is no working day",
                    population.or_missing(is_working, self.start),
                ),
            ),
            exclusions=self.exclusions(columns, due),
            met=met,
            days=self.days(),
            due=due.date,
            event=day,
            sums={"met": met},
            # The histogram of days tells a missing day, which the number of rows does not.
            bins={"day": day.to_physical()},
        )

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:  # noqa: ARG002 - days are rows here
        """Yield the sums with further days over the limit; days within it undo no miss."""
        yield sums.plus({"counted": n})

    def measure(self, sums: Sums) -> Measure:
        """Return the share of the days within the limit; all must be, and none missing (S24)."""
        met, counted = sums["met"], sums["counted"]
        first, last = sums.first, min(sums.last, sums.as_of)
        calendar = self.calendar or sums.calendar
        expected = len(calendar.working_days(first, last)) if first is not None else 0
        missing = expected - len(sums.histogram("day"))
        figures = {"working_days": expected, "missing_days": missing}
        reached: bool | None = None
        if met < counted:
            reached = False
        elif counted and not missing:
            reached = True
        remark = Note(
            "working-days-without-rows",
            "{missing} of {expected} working days have no row that counts",
            missing=missing,
            expected=expected,
        )
        return Measure(
            met=met,
            value=met / counted if counted else None,
            unit="share",
            reached=reached,
            figures=figures,
            remarks=(remark,) if missing else (),
        )
