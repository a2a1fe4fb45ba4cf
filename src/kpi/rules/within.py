"""Share of the cases handled within a limit: maximum processing times and service targets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from attrs import evolve, field, frozen

from kpi.definitions.bounds import BOUNDS_FORM, Bounds, optional_bounds
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
from kpi.definitions.fields import about, optional_text, placed
from kpi.definitions.figures import Figure
from kpi.definitions.limits import (
    Before,
    ByValue,
    Dated,
    DueColumn,
    Limit,
    in_working_hours,
    parse_limit,
)
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.messages import Message
from kpi.definitions.notes import Note
from kpi.definitions.series import through_moment
from kpi.definitions.sums import Sums
from kpi.definitions.thresholds import (
    Threshold,
    ThresholdByValue,
    optional_threshold,
    require_each,
    require_same_values,
)
from kpi.definitions.time_options import (
    CALENDAR,
    MONTH_END,
    ROLL,
    MonthEnd,
    Roll,
    optional_month_end,
    optional_roll,
)
from kpi.definitions.time_units import Span
from kpi.definitions.windows import EndOf, Window, optional_end_of
from kpi.errors import PlanError, Problem, listed
from kpi.polars_on_demand import pl
from kpi.rules import _denominators as denominators
from kpi.rules._denominators import (
    DENOMINATORS,
    OF_AN_EVENT,
    Denominator,
    DenominatorFilter,
    parse_denominator,
)
from kpi.rules._interval import WINDOW, optional_window
from kpi.rules._late import late_cases, late_extremes
from kpi.rules._pausable import PausableTarget
from kpi.rules._requirement_texts import limit_words, percent
from kpi.rules._shares import PERCENTAGE_POINTS, share, share_extremes
from kpi.time import in_time
from kpi.time.due_dates import due_date
from kpi.time.in_time import Due, TimeOptions
from kpi.time.pauses import PausedDays

_INSTANTS = "due instants"
"""The quantity of the counted rows whose due date is an instant (S3)."""


DUE_BEFORE_START = "due before start"


@frozen(kw_only=True, field_transformer=placed)
class Within(PausableTarget):
    """At least a threshold of the cases ended within the limit, counted from their start (S3-S6).

    A maximum processing time counts from the day the case was filed, a service target from the
    day it was fully documented, or from the filing less the pauses (S14). Without a threshold and
    without `late` it is an indicator (S31): the share within the limit.
    """

    rule = "within"

    denominator: Denominator = field(
        default="closed",
        converter=parse_denominator,
        metadata=about(
            "closed (default): cases that ended in the window; cohort: cases whose entry, or the "
            "event named by `on`, falls in the window, ended or not; overdue: as cohort, open cases "
            "counting once they are due; due: cases that fall due in the window; settled: cases "
            "whose outcome became certain in the window (S11); open: cases open at the end of the "
            "day `at`, in time where that day is not after their due date (S29).",
            {"enum": list(DENOMINATORS)},
        ),
    )
    on: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about(
            "For cohort and overdue: the date that must fall in the window (default: the entry).",
            column="date",
        ),
    )
    at: EndOf | None = field(
        default=None,
        converter=optional_end_of,
        metadata=about(
            "For open: the day at whose end the cases are open.", {"$ref": "#/$defs/end_of"}
        ),
    )
    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    limit: Limit = field(
        converter=parse_limit,
        metadata=about(
            "The longest time: '7 months', '12 minutes', '1 month before'; the column with each "
            "case's due date; a limit for each value of a column; or limits that change over time.",
            {"$ref": "#/$defs/limit"},
        ),
    )
    month_end: MonthEnd | None = field(
        default=None, converter=optional_month_end, metadata=MONTH_END
    )
    calendar: Calendar | None = field(default=None, converter=optional_calendar, metadata=CALENDAR)
    roll: Roll | None = field(default=None, converter=optional_roll, metadata=ROLL)
    count_as: str | None = field(default=None, converter=optional_text, metadata=COUNT_AS)
    threshold: Threshold | None = field(
        default=None,
        converter=optional_threshold,
        metadata=about(
            "The percentage of the counted cases that must be in time, or 'all'; percentages by "
            "value or that change over time must each be reached; none where the file of limits has "
            "them (default: nothing is asked).",
            {"$ref": "#/$defs/threshold"},
            percent=True,
        ),
    )

    late: Bounds | None = field(
        default=None,
        converter=optional_bounds,
        metadata=about(
            "In place of a threshold: how many of the counted cases may be late, not in time.",
            BOUNDS_FORM,
        ),
    )
    against: Window | None = field(default=None, converter=optional_window, metadata=AGAINST)
    change: Bounds | None = field(default=None, converter=optional_bounds, metadata=CHANGE)
    difference: Bounds | None = field(default=None, converter=optional_bounds, metadata=DIFFERENCE)

    def __attrs_post_init__(self) -> None:
        of_file = self._has_thresholds_of_file
        if self.late is not None and (self.threshold is not None or of_file):
            message = "found 'late' beside a threshold; accepted: one or the other"
            raise PlanError([Problem(("late",), message)])
        if self.threshold is not None and of_file:
            message = "the file of limits has thresholds of its own; accepted: one or the other"
            raise PlanError([Problem(("threshold",), message)])
        if of_file:
            require_each(self.limit.column, self.each)  # type: ignore[union-attr]  # of_file says so
        if isinstance(self.threshold, ThresholdByValue):
            require_each(self.threshold.column, self.each)
            if isinstance(self.limit, ByValue) and self.limit.column == self.each:
                require_same_values(self.threshold.thresholds, self.limit.limits)
        elapsed = in_time.is_clock(self.limit) and not in_working_hours(self.limit)
        if self.pauses and (isinstance(self.limit, Before) or elapsed):
            message = (
                f"found 'pauses' with the limit {self.limit}; accepted: with a limit in days, forwards, "
                "or in working hours"
            )
            raise PlanError([Problem(("pauses",), message)])
        if self.roll is not None and in_time.is_clock(self.limit):
            message = f"found 'roll' with the limit {self.limit}; accepted: with a limit in days"
            raise PlanError([Problem(("roll",), message)])
        if self.on is not None and self.denominator not in OF_AN_EVENT:
            message = f"found 'on' with the denominator {self.denominator}; accepted: with {listed(OF_AN_EVENT)}"
            raise PlanError([Problem(("on",), message)])
        problems = [*self._misplaced_day(), *self._misplaced_comparison()]
        if problems:
            raise PlanError(problems)

    @property
    def _has_thresholds_of_file(self) -> bool:
        """Whether the limits come from a file with a threshold for each value."""
        return isinstance(self.limit, ByValue) and bool(self.limit.thresholds)

    @property
    def has_requirement(self) -> bool:
        """Whether a threshold, a number of late cases, or a change is asked for (S31, S33)."""
        asked = (self.threshold, self.late, self.change, self.difference)
        return any(demand is not None for demand in asked) or self._has_thresholds_of_file

    @property
    def comparison(self) -> Comparison | None:
        """The window of the base that the value is compared with, and what is asked of it (S33)."""
        return comparison_of(self.against, self.change, self.difference, **PERCENTAGE_POINTS)

    def _misplaced_comparison(self) -> Iterator[Problem]:
        """Yield a problem for each key that does not go with a base (S33)."""
        of_file = "limit" if self._has_thresholds_of_file else None
        others = (
            ("threshold", self.threshold),
            ("late", self.late),
            ("count_as", self.count_as),
            ("the thresholds of the file of limits", of_file),
        )
        yield from misplaced_comparison(self.against, self.change, self.difference, *others)
        if self.against is not None and self.denominator == "open":
            message = "found 'against' with the denominator open, which has a day and no window; accepted: with another"
            yield Problem(("against",), message)

    def _misplaced_day(self) -> Iterator[Problem]:
        """Yield a problem for each key that does not go with the denominator `open` (S29)."""
        if self.denominator != "open":
            if self.at is not None:
                message = f"found 'at' with the denominator {self.denominator}; accepted: with open"
                yield Problem(("at",), message)
            return
        if self.at is None:
            message = 'missing; accepted with the denominator open: a day, { end_of = "2022-03" }'
            yield Problem(("at",), message)
        if self.window is not None:
            message = "found 'window' with the denominator open; accepted: its day alone, 'at'"
            yield Problem(("window",), message)
        if isinstance(self.limit, Before):
            message = f"found {self.limit} with the denominator open; accepted: a limit forwards"
            yield Problem(("limit",), message)

    def window_of(self, plan: Defaults) -> Window:
        """Return the window that the verdict falls at the end of; of open cases, up to their day."""
        return super().window_of(plan) if self.at is None else Window(through=self.at.day)

    @property
    def counts_in_several_periods(self) -> bool:
        """Whether a case may count in several periods: where cases open at a day are counted."""
        return self.at is not None

    def in_period(self, window: Window) -> Within:
        """Return the share of the period; of open cases, that at the end of the period (S30)."""
        if self.at is None:
            return evolve(self, window=window)
        return evolve(self, at=EndOf(window.closed.last))

    def series_window(self, plan: Defaults) -> Window:
        """Return the window that the periods divide; of open cases, the plan's period to their day."""
        return self.window_of(plan) if self.at is None else through_moment(plan, self.at)

    @property
    def limit_text(self) -> str:
        """The limit in the plan's words."""
        return str(self.limit)

    @property
    def bounds(self) -> Bounds | None:
        """The bounds on the number of late cases, where that is what is asked for."""
        return self.late

    @property
    def applies_to_total_only(self) -> bool:
        """Whether the requirement is on a number of late cases, and so not on that of a group."""
        return self.late is not None

    @property
    def requirement(self) -> str:
        """The requirement in a few words; without a demand, what is measured."""
        if self._has_thresholds_of_file:
            return "its own share within its own limit"
        limit = f"within {self.limit}"
        if isinstance(self.limit, Before):
            limit = f"at the latest {self.limit} {self.start}"
        elif isinstance(self.limit, DueColumn):
            limit = str(self.limit)
        limit += f"{limit_words(self)}{self.pause_words()}"
        of = "" if self.at is None else f" of those open {self.at}"
        if self.late is not None:
            return f"{self.late}{of} not {limit}"
        if self.threshold is None:
            base = "" if self.comparison is None else self.comparison.words
            return f"share{of} {limit}{base}"
        return f"{percent(self.threshold)}{of} {limit}"

    @property
    def figure(self) -> Figure:
        """The figure: a share, or the number of late cases where that is what is asked for (F7).

        A later start never makes a case later (S4), so that the first day is the worst for it; but a
        due date may have to fall in a window, and a limit may be counted backwards.
        """
        has_dues = self.denominator in ("due", "settled")
        return Figure(
            "share" if self.late is None else "late",
            is_within=True,
            is_monotone=not (has_dues or isinstance(self.limit, Before)),
        )

    def timestamp_columns(self) -> tuple[str, ...]:
        """Return the date columns that are read as instants (S3).

        Start and end, where the limit is in hours or minutes; due date and end, where the due dates
        are compared by instant. Of open cases a day stands against the due day (S29), which pauses
        up to the end move where they are deducted by the minute.
        """
        limit = self._compared_limit
        if isinstance(limit, DueColumn) and limit.by == "instant":
            return (limit.column, self.end)
        if not in_time.is_clock(limit):
            return ()
        end_unread = self.denominator == "open" and not (self.pauses and in_working_hours(limit))
        return (self.start,) if end_unread else (self.start, self.end)

    def instants_where_given(self) -> tuple[str, ...]:
        """Return due date and end, where the due dates are a column without `by` (S3)."""
        limit = self._compared_limit
        if isinstance(limit, DueColumn) and limit.by is None:
            return (limit.column, self.end)
        return ()

    def paused_times(self, plan: Defaults) -> Iterator[PausedDays]:
        """Yield the paused time of every column that the expressions read, due dates included."""
        yield from super().paused_times(plan)
        yield from in_time.paused_days_needed(self._compared_limit, self._options(plan))

    @property
    def _compared_limit(self) -> Limit:
        """The limit, whose due dates are days where the day of open cases stands against them."""
        if self.denominator == "open" and isinstance(self.limit, DueColumn):
            return evolve(self.limit, by="date")
        return self.limit

    def _options(self, plan: Defaults) -> TimeOptions:
        return in_time.time_options(
            plan,
            mode=self.month_end,
            calendar=self.calendar,
            roll=self.roll,
            pauses=self.deducted,
        )

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: cases of the denominator, met where the end is in time."""
        due = in_time.due(columns, self.start, self._compared_limit, self._options(columns.plan))
        if self.at is not None:
            return self._open_rows(columns, due, self.at.day)
        entering = self._entering(columns, due)
        met = due.is_met(self.end)
        sums = {"met": met}
        if due.by_instant is not None:
            sums[_INSTANTS] = due.by_instant
        return Rows(
            tests=(*self.population(columns), *entering.tests),
            exclusions=self.exclusions(columns, due),
            undetermined=entering.undetermined,
            met=met,
            days=self.days(),
            paused=self.paused_days,
            due=due.date,
            seconds=due.seconds(self.start, self.end),
            event=entering.event,
            sums=sums | self._reversed_due(due),
        )

    def _open_rows(self, columns: Columns, due: Due, day: dt.date) -> Rows:
        """Return the row expressions of cases open at the end of a day, met unless due before (S29).

        Their days are those from the start to that day. A case that a pause leaves without a due
        date is in time, for the pause began by the due day (S14).
        """
        entering = denominators.open_at(self.start, self.end, day)
        met = due.date >= day
        if due.pending is not None:
            met = due.pending | met
        # The end may be any day after, and its time of day says nothing.
        by_day = evolve(
            due,
            ends_before_start=in_time.reversed_days,
            unreal=lambda start, _: due.unreal(start, start),
        )
        return Rows(
            tests=(*self.population(columns), *entering.tests),
            exclusions=self.exclusions(columns, by_day),
            met=met,
            days=(pl.lit(day) - pl.col(self.start)).dt.total_days(),
            due=due.date,
            event=entering.event,
            sums={"met": met, **self._reversed_due(due)},
        )

    def _reversed_due(self, due: Due) -> dict[str, pl.Expr]:
        """Return the mask of the cases that fall due before their start, as a quantity."""
        if not isinstance(self.limit, DueColumn):
            return {}
        return {DUE_BEFORE_START: due.date < pl.col(self.start)}

    def _entering(self, columns: Columns, due: Due) -> DenominatorFilter:
        window, as_of = self.window_of(columns.plan), columns.as_of
        if self.denominator == "due":
            return denominators.falling_due(due, window, as_of)
        if self.denominator == "settled":
            return denominators.settled(self.end, due, due.is_met(self.end), window, as_of)
        event = self.end
        if self.denominator in OF_AN_EVENT:
            event = self.on or columns.table.entry or self.start
        inside = self.inside(event, window)
        if self.denominator == "overdue":
            return denominators.overdue(event, inside, self.end, due, as_of)
        return denominators.by_event_date(event, inside)

    def period_in_force(self, columns: Columns) -> pl.Expr | None:
        """Return the period in force whose threshold a case counts towards; None without."""
        if not isinstance(self.threshold, Dated):
            return None
        named = [words for words, _ in self.threshold.periods_in_force()]
        dated: Dated[str] = Dated(
            self.threshold.column,
            named[0],
            tuple(
                (since, words)
                for (since, _), words in zip(self.threshold.later, named[1:], strict=True)
            ),
        )
        return in_time.in_force(dated, columns.as_of, pl.lit)

    def declared_segments(self) -> tuple[str, ...]:
        """Return the values of `each` with a limit or a threshold; each must reach its threshold."""
        by_value = isinstance(self.limit, ByValue) and self.limit.column == self.each
        return tuple(self.limit.limits) if by_value else super().declared_segments()  # type: ignore[union-attr]  # by_value says so

    def threshold_of(self, part: tuple[str | None, ...]) -> Decimal | None:
        """Return the percentage that a segment must reach; None where the segment has none."""
        if isinstance(self.threshold, Dated):
            return dict(self.threshold.periods_in_force()).get(part[-1] or "") if part else None
        if self.threshold is not None:
            return super().threshold_of(part)
        if not isinstance(self.limit, ByValue):
            return None
        return self.limit.thresholds.get(part[0] or "") if part else None

    def measure(self, sums: Sums) -> Measure:
        """Return met over counted, against the threshold (S19); or how many are late."""
        if self.late is None:
            measure = share(sums, self.threshold_of(sums.part))
        else:
            measure = late_cases(sums, self.late)
        return evolve(measure, remarks=tuple(self._of_due_dates(sums)))

    def _of_due_dates(self, sums: Sums) -> Iterator[Note]:
        """Yield how due dates of cases were taken, and how many lie before the start (S3)."""
        persons: str = ""
        if self.count_as is not None:
            persons = Message(", counted as {column}", column=self.count_as)
        if isinstance(self.limit, DueColumn) and _INSTANTS in sums.numbers:
            yield Note(
                "due-dates-taken",
                "of the due dates in {column}, {days:,} taken as days and {instants:,} as "
                "instants{persons} (S3)",
                column=self.limit.column,
                days=sums["counted"] - sums[_INSTANTS],
                instants=sums[_INSTANTS],
                persons=persons,
            )
        if n := sums[DUE_BEFORE_START]:
            yield Note(
                "due-before-start",
                "{n:,} of {counted:,} counted {cases} fell due before {start}",
                n=n,
                counted=sums["counted"],
                cases=self.count_as or Message("cases"),
                start=self.start,
            )

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:  # noqa: ARG002 - a share has no days
        """Yield the sums with all of the further rows met, and with none of them.

        Of a number of late rows, also with as many late ones as reach a bound.
        """
        return share_extremes(sums, n) if self.late is None else late_extremes(sums, n, self.late)

    def inherited_options(self, plan: Defaults) -> Iterator[str]:
        """Yield the names of the plan's options that the due dates are counted by."""
        return in_time.inherited_options(
            plan, self.limit, mode=self.month_end, calendar=self.calendar, roll=self.roll
        )

    def remarks(self, plan: Defaults) -> Iterator[str]:
        """Yield a remark where the window and the filing dates leave no room to miss the limit."""
        firsts = [
            c.test.first
            for c in self.where
            if c.column == self.start and isinstance(c.test, Window) and c.test.first is not None
        ]
        last = self.window_of(plan).last
        if (
            self.denominator != "closed"
            or not self.has_requirement
            or not firsts
            or last is None
            or not isinstance(self.limit, Span)
            or self.limit.is_clock
        ):
            return
        options = self._options(plan)
        earliest = due_date(max(firsts), self.limit, options.mode, options.calendar)
        if earliest is not None and earliest >= last:
            yield Note(
                "cannot-be-missed",
                "cannot be missed: no case falls due before {earliest}, and the window ends {last}",
                earliest=earliest,
                last=last,
            )
