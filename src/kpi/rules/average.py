"""Average processing time, of all cases or of the fastest, against a limit (S14, S16, S17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from kpi.definitions.amounts import (
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
from kpi.definitions.exact_numbers import exact_decimal
from kpi.definitions.fields import about, optional_percentage, optional_text, placed
from kpi.definitions.figures import Figure
from kpi.definitions.limits import ByValue, Dated, most_days, parse_limit, spans_of
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.notes import Note
from kpi.definitions.ranks import ROUNDINGS, Fastest, Rounding, Trimmed, parse_rounding
from kpi.definitions.sums import Sums
from kpi.definitions.time_options import CALENDAR, MONTH_END, MonthEnd, optional_month_end
from kpi.definitions.time_units import CLOCK_UNITS, DAY_UNITS, Span
from kpi.definitions.windows import Window
from kpi.errors import PlanError, Problem, listed
from kpi.polars_on_demand import pl
from kpi.rules import _amounts as amounts
from kpi.rules._interval import WINDOW, optional_window
from kpi.rules._means import mean_extremes, mean_of_means
from kpi.rules._pausable import PausableTarget
from kpi.rules._requirement_texts import limit_words
from kpi.time import in_time
from kpi.time.in_time import TimeOptions
from kpi.time.pauses import PausedDays

_BIN = "days"
"""The histogram of the amounts, of which the fastest are taken: working days, or microseconds."""


_ONE_NUMBER = "accepted: a limit in days, weeks, working days, hours or minutes"

_UNITS: tuple[AmountUnit, ...] = ("days", "working days", "hours", "minutes")


def _unit(value: object) -> AmountUnit | None:
    return optional_unit(value, _UNITS)


def _trimmed(value: object) -> Decimal | None:
    if value is None:
        return None
    accepted = "accepted: a percentage above 0 and below 50, such as 5"
    exact = exact_decimal(value, accepted)
    if not 0 < exact < 50:
        raise PlanError(f"found {value}; {accepted}")
    return exact


def _limit(value: object) -> Span | ByValue | Dated[Span] | None:
    if value is None:
        return None
    limit = parse_limit(value)
    if not isinstance(limit, Span | ByValue | Dated):
        raise PlanError(
            f"found {limit}; accepted: an average in {listed((*DAY_UNITS, *CLOCK_UNITS))}"
        )
    return limit


@frozen(kw_only=True, field_transformer=placed)
class Average(PausableTarget):
    """Total time over the cases that ended in the window, against a limit (S16).

    Time is whole days, working days where the limits are in those, or elapsed time where they are
    in hours or minutes (S3). A limit in months, or one that differs from case to case, is kept when
    the total is at most the sum of what each counted case is allowed: the days from its start to
    its due date, or its own number of working days, hours or minutes (S5). Without a limit it is an
    indicator (S31), in days or in `unit`.
    """

    rule = "average"

    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    limit: Span | ByValue | Dated[Span] | None = field(
        default=None,
        converter=_limit,
        metadata=about(
            "The most that the average may be, such as '210 days' (default: nothing is asked).",
            {"$ref": "#/$defs/limit"},
        ),
    )
    unit: AmountUnit | None = field(default=None, converter=_unit, metadata=unit_key(_UNITS))
    against: Window | None = field(default=None, converter=optional_window, metadata=AGAINST)
    change: Bounds | None = field(default=None, converter=optional_bounds, metadata=CHANGE)
    difference: Bounds | None = field(default=None, converter=optional_bounds, metadata=DIFFERENCE)
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
    trimmed: Decimal | None = field(
        default=None,
        converter=_trimmed,
        metadata=about(
            "This percentage of the cases does not count at either end, neither the fastest nor the "
            "slowest of them (S17; default: all count).",
            {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 50},
            percent=True,
        ),
    )
    mean_of_means: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about(
            "A column of texts, such as the office: what is compared is the mean of the means of its "
            "values, each value alike, however many cases it has (S16; default: each case alike).",
            column="text",
        ),
    )
    count_as: str | None = field(default=None, converter=optional_text, metadata=COUNT_AS)
    rounding: Rounding = field(
        default="up",
        converter=parse_rounding,
        metadata=about(
            "How that percentage becomes a number of cases (S17; default: up).",
            {"enum": list(ROUNDINGS)},
        ),
    )

    def __attrs_post_init__(self) -> None:
        refuse_two_units(self.limit, self.unit)
        if isinstance(self.limit, ByValue) and self.limit.thresholds:
            message = "the file has thresholds, and an average has none; accepted: a file without"
            raise PlanError([Problem(("limit",), message)])
        if in_time.in_mixed_units(self.limit_or_unit):
            accepted = "accepted: all in working days, or none; units never convert (S5)"
            raise PlanError([Problem(("limit",), f"found {self.limit}; {accepted}")])
        others = ("limit", self.limit), ("count_as", self.count_as)
        compared = misplaced_comparison(self.against, self.change, self.difference, *others)
        problems = [
            *self._misplaced(),
            *compared,
            *amounts.pauses_by_clock(self.limit_or_unit, self.pauses),
            *amounts.weights_by_clock(self.limit_or_unit, self.count_as),
        ]
        if problems:
            raise PlanError(problems)

    def _misplaced(self) -> Iterator[Problem]:
        """Yield a problem for each key by which cases count otherwise than all alike, and cannot."""
        if self.mean_of_means is not None:
            if self.count_as is not None:
                message = "found 'count_as' with 'mean_of_means'; accepted: one or the other"
                yield Problem(("count_as",), message)
            if self._kept is not None:
                other = "fastest" if self.trimmed is None else "trimmed"
                message = f"found 'mean_of_means' with {other!r}; accepted: one or the other"
                yield Problem(("mean_of_means",), message)
            if not self._is_one_number:
                message = f"found {self.limit} with 'mean_of_means'; {_ONE_NUMBER}"
                yield Problem(("limit",), message)
        key = "fastest" if self.trimmed is None else "trimmed"
        if self._kept is not None and not self._is_one_number:
            yield Problem(("limit",), f"found {self.limit} with {key!r}; {_ONE_NUMBER}")
        if self.trimmed is None:
            return
        if self.fastest is not None:
            yield Problem(
                ("trimmed",), "found 'trimmed' with 'fastest'; accepted: one or the other"
            )
        if self.rounding != "up":
            message = "found 'rounding' with 'trimmed', which rounds down; accepted: with 'fastest'"
            yield Problem(("rounding",), message)

    @property
    def _kept(self) -> Fastest | Trimmed | None:
        """The restriction to some of the cases; None where all count (S17)."""
        if self.trimmed is not None:
            return Trimmed(self.trimmed)
        return None if self.fastest is None else Fastest(self.fastest, self.rounding)

    @property
    def limit_or_unit(self) -> Span | ByValue | Dated[Span]:
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
    def _is_one_number(self) -> bool:
        """Whether the limit is one number, of days, working days or time, for every case."""
        limit = self.limit_or_unit
        if not isinstance(limit, Span):
            return False
        return not (limit.total_months or limit.in_months)

    @property
    def _amounts(self) -> Amounts:
        return amounts_of(self.limit_or_unit)

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
        of = "" if self.fastest is None else f" for the fastest {self.fastest:f} %"
        of += "" if self.trimmed is None else f" without {self.trimmed:f} % at either end"
        if self.mean_of_means is not None:
            of = f" as the mean of the means by {self.mean_of_means}"
        asked = "average" if self.limit is None else f"at most {self.limit}"
        base = "" if self.comparison is None else self.comparison.words
        return f"{asked}{limit_words(self)}{of}{self.pause_words()}{base}"

    @property
    def figure(self) -> Figure | None:
        """The figure: a mean, of all or of the fastest (F8, F9); None for a mean of means."""
        if self.mean_of_means is not None:
            return None
        counted, most = self._amounts, None
        if self.limit is not None and self._is_one_number:
            most = self._most(1)
        quantity = "" if self._kept is None else _BIN
        return Figure(
            "mean",
            quantity,
            most,
            counted.size,
            kept=self._kept,
            # What is allowed in months differs from day to day.
            is_monotone=most is not None,
        )

    def timestamp_columns(self) -> tuple[str, ...]:
        """Return the date columns that are read as instants (S3)."""
        return amounts.clock_columns(self.limit_or_unit, self.start, self.end)

    def declared_segments(self) -> tuple[str, ...]:
        """Return the values of `each` with a limit in the plan; each must keep its own."""
        if isinstance(self.limit, ByValue) and self.limit.column == self.each:
            return tuple(self.limit.limits)
        return ()

    def inherited_options(self, plan: Defaults) -> Iterator[str]:
        """Yield the names of the plan's options that the due dates are counted by."""
        return in_time.inherited_options(
            plan, self.limit_or_unit, mode=self.month_end, calendar=self.calendar
        )

    def paused_times(self, plan: Defaults) -> Iterator[PausedDays]:
        """Yield the paused time of each column that the expressions read, in the limit's unit."""
        in_working_days = self._amounts.unit == "working days"
        return self.paused_times_in(self._options(plan).calendar if in_working_days else None)

    def _options(self, plan: Defaults) -> TimeOptions:
        # No pause moves the due dates, for the days that they are compared with are net.
        return in_time.time_options(plan, mode=self.month_end, calendar=self.calendar)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: cases that ended in the window, their durations summed."""
        options, counted = self._options(columns.plan), self._amounts
        limit = self.limit_or_unit
        took = amounts.case_amounts(self, columns, limit, counted, options)
        due, due_date = took.clock, pl.lit(None, pl.Date)
        sums = took.sums()
        if counted.unit != "days":
            if not self._is_one_number:
                sums["allowed"] = in_time.allowed(columns, limit, counted.shown)
        elif not self._is_one_number:
            due = in_time.due(columns, self.start, limit, options)
            due_date = due.date
            allowed = due_date.to_physical() - pl.col(self.start).to_physical()
            sums["allowed"] = allowed.cast(pl.Int64)
        exclusions = self.exclusions(
            columns,
            due,
            missing=in_time.missing(limit),
            outside_calendar=took.outside_calendar,
        )
        group = None
        if self.mean_of_means is not None:
            group = pl.col(self.mean_of_means).cast(pl.String)
            exclusions = (*exclusions, (f"{self.mean_of_means} missing", group.is_null()))
        return Rows(
            tests=(*self.population(columns), self.inside(self.end, self.window_of(columns.plan))),
            exclusions=exclusions,
            days=took.days,
            paused=took.paused,
            due=due_date,
            seconds=took.seconds,
            event=pl.col(self.end),
            sums={} if self._kept else sums,
            bins={_BIN: took.exact} if self._kept else {},
            ranked=took.exact,
            fastest=self._kept,
            group=group,
        )

    def measure(self, sums: Sums) -> Measure:
        """Return the total over counted, compared as integers before any division (S16)."""
        if self._kept is not None:
            return self._of_those_kept(sums, self._kept)
        if self.mean_of_means is not None:
            return self._of_means(sums)
        total, counted = amounts.total_of(sums, self._amounts), sums["counted"]
        figures = {} if self._is_one_number else {"allowed": sums["allowed"]}
        unit, size = self._amounts.unit, self._amounts.size
        if not counted:
            return Measure(total=total, value=None, unit=unit, reached=None, figures=figures)
        reached = None
        if self.limit is not None:
            most = self._most(counted) if self._is_one_number else sums["allowed"] * size
            reached = total <= most
        value = total / (counted * size)
        return Measure(total=total, value=value, unit=unit, reached=reached, figures=figures)

    def _of_means(self, sums: Sums) -> Measure:
        """Return the mean of the means of the groups, compared as a fraction (S16)."""
        counted, unit = self._amounts, self._amounts.unit
        figures = {"groups": len(sums.groups)}
        mean = mean_of_means(
            (amounts.total_of(group, counted), group["counted"]) for group in sums.groups.values()
        )
        if mean is None:
            return Measure(value=None, unit=unit, reached=None, figures=figures)
        remark = Note(
            "mean-of-means",
            "the mean of the means by {column}: each value of it counts alike, however "
            "many cases it has (S16)",
            column=self.mean_of_means,
        )
        return Measure(
            value=float(mean / counted.size),
            exact=mean / counted.size,
            unit=unit,
            reached=None if self.limit is None else mean <= self._most(1),
            figures=figures,
            remarks=(remark,),
        )

    def _of_those_kept(self, sums: Sums, kept_of: Fastest | Trimmed) -> Measure:
        # Where each segment must keep the limit, each is trimmed by itself (S17).
        parts = [*sums.parts.values()] or [sums]
        total = sum(kept_of.total(part.histogram(_BIN), part["counted"]) for part in parts)
        kept = sum(kept_of.kept(part["counted"]) for part in parts)
        left_out: Counter[str] = Counter()
        for part in parts:
            for reason, after, through in kept_of.left_out(part["counted"]):
                # A case of several persons is left out where all of them are (S32).
                left_out[reason] += part.rows_within(_BIN, after, through)
        value, reached = None, None
        if kept:
            value = float(Fraction(total, kept * self._amounts.size))
            reached = None if self.limit is None else total <= self._most(kept)
        return Measure(
            total=total,
            value=value,
            unit=self._amounts.unit,
            reached=reached,
            counted=kept,
            excluded=left_out,
        )

    def _most(self, counted: int) -> int:
        assert isinstance(self.limit, Span), "only one number of days can be multiplied"
        return self._amounts.most(self.limit) * counted

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:
        """Yield the sums with all of the further cases ended at once, and as late as they can."""
        counted, allowed = self._amounts, 0
        if not self._is_one_number:
            allowed = max(map(self._most_of, spans_of(self.limit_or_unit)))
        most = amounts.longest_of(counted, longest)
        if self.mean_of_means is not None:
            yield from mean_extremes(sums, n, most, counted)
            return
        yield sums.plus({"counted": n, "allowed": n * allowed}, {_BIN: {0: n}})
        total = amounts.as_sums(n * most, counted)
        yield sums.plus({"counted": n, **total}, {_BIN: {most: n}})

    def _most_of(self, span: Span) -> int:
        return most_days(span) if self._amounts.unit == "days" else self._amounts.shown(span)
