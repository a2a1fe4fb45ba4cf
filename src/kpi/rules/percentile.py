"""The time within which a share of the cases ended is at most a limit (S18)."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, percentage, placed
from kpi.definitions.limits import Span, parse_span
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.ranks import kth, rank
from kpi.definitions.sums import Sums
from kpi.definitions.windows import Window
from kpi.errors import PlanError
from kpi.polars_on_demand import pl
from kpi.rules._interval import WINDOW, optional_window, window_or_period
from kpi.rules._pausable import PausableTarget
from kpi.rules._wording import each_words


def _limit(value: object) -> Span:
    span = parse_span(value)
    if span.total_months or span.working_days or span.is_clock:
        raise PlanError(
            f"found {str(span)!r}; accepted: weeks or days. A percentile is a number of days, and "
            "units never convert (S5); the rule 'within' asks the same of months, working days, hours or minutes"
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
        metadata=about("The most that it may be, in weeks or days.", {"$ref": "#/$defs/span"}),
    )

    @property
    def limit_text(self) -> str:
        """The limit in the plan's words."""
        return str(self.limit)

    @property
    def requirement(self) -> str:
        """What must be reached, in a few words."""
        return f"percentile {self.percentile:f} at most {self.limit}{self.pause_words()}{each_words(self.each)}"

    def window_of(self, plan: Defaults) -> Window:
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
