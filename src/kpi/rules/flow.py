"""Figures beside a mean: intake, output, open cases and their age, clearance rate, backlog."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from attrs import field, frozen

from kpi.definitions.bounds import BOUNDS_FORM, Bounds, optional_bounds
from kpi.definitions.case_weights import COUNT_AS
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, choice, optional_text, placed
from kpi.definitions.figures import Figure
from kpi.definitions.measurement import Measure, Rows, Unit
from kpi.definitions.ranks import kth, rank
from kpi.definitions.sums import Sums
from kpi.definitions.time_options import MONTH_END, MonthEnd, optional_month_end
from kpi.definitions.time_units import Span, calendar_span
from kpi.definitions.windows import Window
from kpi.errors import InternalError, PlanError, Problem
from kpi.polars_on_demand import pl
from kpi.rules._interval import WINDOW, IntervalTarget, closed_window
from kpi.time import in_time

Indicator: TypeAlias = Literal[
    "clearance_rate",
    "disposition_time",
    "intake",
    "output",
    "open_start",
    "open_end",
    "mean_age",
    "median_age",
    "p90_age",
    "backlog",
]
"""Names of the figures of a flow; all are shown, and the indicator is the value."""

INDICATORS: tuple[Indicator, ...] = get_args(Indicator)
_COUNTS = ("intake", "output", "open_start", "open_end", "backlog")
_IN_DAYS = ("disposition_time", "mean_age", "median_age", "p90_age")
_YEAR = 365


def _indicator(value: object) -> Indicator:
    return choice(value, INDICATORS)


def _limit(value: object) -> Span | None:
    return None if value is None else calendar_span(value)


@frozen(kw_only=True, field_transformer=placed)
class Flow(IntervalTarget):
    """Cases in and out of a window: figures that say what a mean over decided cases does not.

    The window is looked at up to the as-of date. `open_start + intake - output = open_end` is
    checked. Clearance rate is output over intake, disposition time open cases over output times
    the days of the year (CEPEJ). Without `requires` it is an indicator and asks for nothing.
    """

    rule = "flow"

    window: Window | None = field(default=None, converter=closed_window, metadata=WINDOW)
    limit: Span | None = field(
        default=None,
        converter=_limit,
        metadata=about(
            "Open cases older than this are the backlog (default: no backlog is counted).",
            {"$ref": "#/$defs/span"},
        ),
    )
    month_end: MonthEnd | None = field(
        default=None, converter=optional_month_end, metadata=MONTH_END
    )
    indicator: Indicator = field(
        default="clearance_rate",
        converter=_indicator,
        metadata=about(
            "Which of the figures is the value (default: clearance_rate).",
            {"enum": list(INDICATORS)},
        ),
    )
    count_as: str | None = field(default=None, converter=optional_text, metadata=COUNT_AS)
    requires: Bounds | None = field(
        default=None,
        converter=optional_bounds,
        metadata=about(
            "What it must be, a clearance rate in per cent (default: nothing is asked).",
            BOUNDS_FORM,
        ),
    )

    def __attrs_post_init__(self) -> None:
        if self.indicator == "backlog" and self.limit is None:
            message = "missing; the backlog is the open cases older than it"
            raise PlanError([Problem(("limit",), message)])

    @property
    def has_requirement(self) -> bool:
        """Whether the figure has bounds, and is not only an indicator."""
        return self.requires is not None

    @property
    def bounds(self) -> Bounds | None:
        """The bounds that the number must lie within."""
        return self.requires

    @property
    def applies_to_total_only(self) -> bool:
        """Whether the requirement is on the number of all rows together, not on that of a group."""
        return self.indicator in _COUNTS

    @property
    def counts_in_several_periods(self) -> bool:
        """Whether a case may count in several periods: yes, it comes in, stays and goes out."""
        return True

    @property
    def limit_text(self) -> str | None:
        """The limit in the plan's words."""
        return None if self.limit is None else str(self.limit)

    @property
    def requirement(self) -> str:
        """The requirement in a few words."""
        named = self.indicator.replace("_", " ")
        if self.requires is None:
            return f"{named}"
        unit = "%" if self.indicator == "clearance_rate" else ""
        unit = "days" if self.indicator in _IN_DAYS else unit
        return f"{named} {self.requires.text(unit)}"

    def percentages(self) -> Iterator[tuple[str, Decimal]]:
        """Yield the bounds of a clearance rate; the other indicators are no percentages."""
        if self.indicator == "clearance_rate" and self.requires is not None:
            for word, bound in self.requires.data().items():
                yield f"requires.{word}", bound

    @property
    def figure(self) -> Figure | None:
        """The figure, where it is a number of rows (F10); None for rates and ages."""
        return (
            Figure("number", self.indicator, is_monotone=True)
            if self.indicator in _COUNTS
            else None
        )

    def inherited_options(self, plan: Defaults) -> Iterator[str]:
        """Yield the names of the plan's options that the backlog is counted by."""
        if self.limit is not None:
            yield from in_time.inherited_options(plan, self.limit, mode=self.month_end)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: the cases that were open at some time of the window."""
        first, last = self.window_of(columns.plan).closed
        close = min(last, columns.as_of)
        start, end = pl.col(self.start), pl.col(self.end)
        is_open = end.is_null() | (end > close)
        sums = {
            "intake": start >= first,
            "output": ~is_open,
            "open_start": start < first,
            "open_end": is_open,
        }
        due, due_date = None, pl.lit(None, pl.Date)
        if self.limit is not None:
            due = in_time.due(
                columns,
                self.start,
                self.limit,
                in_time.time_options(columns.plan, mode=self.month_end),
            )
            due_date = due.date
            sums["backlog"] = is_open & (due_date < close)
        age = pl.lit(close).to_physical().cast(pl.Int64) - start.to_physical()
        return Rows(
            tests=(
                *self.population(columns),
                (f"fails: {self.start} through {close}", start.is_null() | (start <= close)),
                (f"left out: {self.end} before {first}", end.is_null() | (end >= first)),
            ),
            exclusions=self.exclusions(columns, due),
            days=self.days(),
            event=pl.lit(last),
            sums=sums,
            bins={"age": pl.when(is_open).then(age)},
            due=due_date,
        )

    def measure(self, sums: Sums) -> Measure:
        """Return the figures, and the indicator against the bounds."""
        figures = self._figures(sums)
        value = figures[self.indicator]
        unit: Unit = "share" if self.indicator == "clearance_rate" else "count"
        unit = "days" if self.indicator in _IN_DAYS else unit
        reached = None
        if self.requires is not None and value is not None:
            reached = self.requires.hold(value * 100 if unit == "share" else value)
        shown = {
            name: float(figure) if isinstance(figure, Fraction) else figure
            for name, figure in figures.items()
        }
        return Measure(value=shown[self.indicator], unit=unit, reached=reached, figures=shown)

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:
        """Yield the sums with further cases: come in or open before, gone out or still open."""
        for more in sorted({1, n}):
            for begun in ("intake", "open_start"):
                yield sums.plus({begun: more, "output": more})
                for age in (0, longest):
                    backlog = more if age else 0
                    yield sums.plus(
                        {begun: more, "open_end": more, "backlog": backlog}, {"age": {age: more}}
                    )

    def _figures(self, sums: Sums) -> dict[str, Fraction | int | None]:
        intake, output = sums["intake"], sums["output"]
        before, after = sums["open_start"], sums["open_end"]
        if before + intake - output != after:
            raise InternalError(
                f"{self.id}: {before} open + {intake} in - {output} out is not {after}"
            )
        ages = sums.histogram("age")
        total = sum(age * n for age, n in ages.items())
        return {
            "intake": intake,
            "output": output,
            "open_start": before,
            "open_end": after,
            "clearance_rate": Fraction(output, intake) if intake else None,
            "disposition_time": Fraction(after * _days(sums), output) if output else None,
            "mean_age": Fraction(total, after) if after else None,
            "median_age": kth(ages, rank(after, Decimal(50))),
            "p90_age": kth(ages, rank(after, Decimal(90))),
            "backlog": sums["backlog"] if self.limit is not None else None,
        }


def _days(sums: Sums) -> int:
    """Return 365 for a year, leap or not (CEPEJ); else the window's days up to the as-of date."""
    if sums.first is None:
        return _YEAR
    days = (min(sums.last, sums.as_of) - sums.first).days + 1
    return _YEAR if days == _YEAR + 1 else days
