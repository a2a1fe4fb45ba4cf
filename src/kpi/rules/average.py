"""Average processing time, of all cases or of the fastest, against a limit (S14, S16, S17)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from kpi.definitions.calendars import Calendar, optional_calendar
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, optional_percentage, placed
from kpi.definitions.limits import ByValue, Dated, most_days, parse_limit, spans_of
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.ranks import ROUNDINGS, Fastest, Rounding, parse_rounding, sum_of_smallest
from kpi.definitions.sums import Sums
from kpi.definitions.time_options import CALENDAR, MONTH_END, MonthEnd, optional_month_end
from kpi.definitions.time_units import DAY_UNITS, Span
from kpi.definitions.windows import Window
from kpi.errors import PlanError, Problem, listed
from kpi.polars_on_demand import pl
from kpi.rules._interval import WINDOW, optional_window
from kpi.rules._pausable import PausableTarget
from kpi.rules._requirement_texts import limit_words
from kpi.time import in_time
from kpi.time.durations import DurationUnit
from kpi.time.in_time import TimeOptions
from kpi.time.pauses import PausedDays


def _limit(value: object) -> Span | ByValue | Dated[Span]:
    limit = parse_limit(value)
    if not isinstance(limit, Span | ByValue | Dated) or in_time.is_clock(limit):
        raise PlanError(f"found {limit}; accepted: an average in {listed(DAY_UNITS)}")
    return limit


@frozen(kw_only=True, field_transformer=placed)
class Average(PausableTarget):
    """Total time over the cases that ended in the window, against a limit (S16).

    Time is whole days, or working days where the limits are in those. A limit in months, or one that
    differs from case to case, is kept when the total is at most the sum of what each counted case is
    allowed: the days from its start to its due date, or its own number of working days (S5).
    """

    rule = "average"

    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    limit: Span | ByValue | Dated[Span] = field(
        converter=_limit,
        metadata=about(
            "The most that the average may be, such as '210 days'.", {"$ref": "#/$defs/limit"}
        ),
    )
    month_end: MonthEnd | None = field(
        default=None, converter=optional_month_end, metadata=MONTH_END
    )
    calendar: Calendar | None = field(default=None, converter=optional_calendar, metadata=CALENDAR)
    fastest: Decimal | None = field(
        default=None,
        converter=optional_percentage,
        metadata=about(
            "Only this percentage of the cases counts, the fastest of them (S17; default: all).",
            {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
            percent=True,
        ),
    )
    rounding: Rounding = field(
        default="up",
        converter=parse_rounding,
        metadata=about(
            "How that percentage becomes a number of cases (S17; default: up).",
            {"enum": list(ROUNDINGS)},
        ),
    )

    def __attrs_post_init__(self) -> None:
        if isinstance(self.limit, ByValue) and self.limit.thresholds:
            message = "the file has thresholds, and an average has none; accepted: a file without"
            raise PlanError([Problem(("limit",), message)])
        if in_time.in_mixed_units(self.limit):
            accepted = "accepted: all in working days, or none; units never convert (S5)"
            raise PlanError([Problem(("limit",), f"found {self.limit}; {accepted}")])
        if self.fastest is not None and not self._is_one_number:
            accepted = "accepted: a limit in days, weeks or working days"
            message = f"found {self.limit} with 'fastest'; {accepted}"
            raise PlanError([Problem(("limit",), message)])

    @property
    def _is_one_number(self) -> bool:
        """Whether the limit is one number of days, or of working days, for every case."""
        if not isinstance(self.limit, Span):
            return False
        return not (self.limit.total_months or self.limit.in_months)

    @property
    def _in_working_days(self) -> bool:
        return in_time.in_working_days(self.limit)

    @property
    def _unit(self) -> DurationUnit:
        return "working days" if self._in_working_days else "days"

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
        of = "" if self.fastest is None else f" for the fastest {self.fastest:f} %"
        limit = f"{self.limit}{limit_words(self)}"
        return f"at most {limit}{of}{self.pause_words()}"

    def declared_segments(self) -> tuple[str, ...]:
        """Return the values of `each` with a limit in the plan; each must keep its own."""
        if isinstance(self.limit, ByValue) and self.limit.column == self.each:
            return tuple(self.limit.limits)
        return ()

    def inherited_options(self, plan: Defaults) -> Iterator[str]:
        """Yield the names of the plan's options that the due dates are counted by."""
        return in_time.inherited_options(
            plan, self.limit, mode=self.month_end, calendar=self.calendar
        )

    def paused_times(self, plan: Defaults) -> Iterator[PausedDays]:
        """Yield the paused time of each column that the expressions read, in the limit's unit."""
        calendar = self._options(plan).calendar if self._in_working_days else None
        return self.paused_times_in(calendar)

    def _options(self, plan: Defaults) -> TimeOptions:
        # No pause moves the due dates, for the days that they are compared with are net.
        return in_time.time_options(plan, mode=self.month_end, calendar=self.calendar)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: cases that ended in the window, their durations summed."""
        options = self._options(columns.plan)
        due, due_date = None, pl.lit(None, pl.Date)
        duration = self.duration(columns, options.calendar if self._in_working_days else None)
        sums = {"total": duration.amount}
        if self._in_working_days:
            if not self._is_one_number:
                sums["allowed"] = in_time.working_days_allowed(columns, self.limit)
        elif not self._is_one_number:
            due = in_time.due(columns, self.start, self.limit, options)
            due_date = due.date
            allowed = due_date.to_physical() - pl.col(self.start).to_physical()
            sums["allowed"] = allowed.cast(pl.Int64)
        fastest = None if self.fastest is None else Fastest(self.fastest, self.rounding)
        return Rows(
            tests=(*self.population(columns), self.inside(self.end, self.window_of(columns.plan))),
            exclusions=self.exclusions(
                columns,
                due,
                missing=in_time.missing(self.limit),
                outside_calendar=duration.outside_calendar,
            ),
            days=duration.amount,
            paused=duration.paused,
            due=due_date,
            event=pl.col(self.end),
            sums={} if fastest else sums,
            bins={"days": duration.amount} if fastest else {},
            fastest=fastest,
        )

    def measure(self, sums: Sums) -> Measure:
        """Return the total over counted, compared as integers before any division (S16)."""
        if self.fastest is not None:
            return self._of_the_fastest(sums, Fastest(self.fastest, self.rounding))
        total, counted = sums["total"], sums["counted"]
        figures = {} if self._is_one_number else {"allowed": sums["allowed"]}
        unit = self._unit
        if not counted:
            return Measure(total=total, value=None, unit=unit, reached=None, figures=figures)
        reached = total <= (self._most(counted) if self._is_one_number else sums["allowed"])
        value = total / counted
        return Measure(total=total, value=value, unit=unit, reached=reached, figures=figures)

    def _of_the_fastest(self, sums: Sums, fastest: Fastest) -> Measure:
        # Where each segment must keep the limit, each is trimmed by itself (S17).
        kept_of = [(part, fastest.kept(part["counted"])) for part in sums.parts.values() or [sums]]
        total = sum(sum_of_smallest(part.histogram("days"), k) for part, k in kept_of)
        kept = sum(k for _, k in kept_of)
        beyond = {fastest.reason: sums["counted"] - kept}
        value, reached = None, None
        if kept:
            value, reached = float(Fraction(total, kept)), total <= self._most(kept)
        return Measure(
            total=total,
            value=value,
            unit=self._unit,
            reached=reached,
            counted=kept,
            excluded=beyond,
        )

    def _most(self, counted: int) -> int:
        assert isinstance(self.limit, Span), "only one number of days can be multiplied"
        return (self.limit.working_days or self.limit.total_days) * counted

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:
        """Yield the sums with all of the further cases ended at once, and as late as they can."""
        allowed = 0 if self._is_one_number else max(map(self._most_of, spans_of(self.limit)))
        yield sums.plus({"counted": n, "allowed": n * allowed}, {"days": {0: n}})
        yield sums.plus({"counted": n, "total": n * longest}, {"days": {longest: n}})

    def _most_of(self, span: Span) -> int:
        return span.working_days if self._in_working_days else most_days(span)
