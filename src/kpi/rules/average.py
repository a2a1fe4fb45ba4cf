"""The average processing time is at most a limit (S16)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from attrs import field, frozen

from kpi.columns import Columns
from kpi.fields import about, optional_month_end, placed
from kpi.interval import WINDOW, IntervalTarget, optional_window, window_or_period
from kpi.limits import MONTH_ENDS, MonthEnd, Span, parse_span
from kpi.periods import Window
from kpi.plan import Plan
from kpi.rows import Measure, Rows


@frozen(kw_only=True, field_transformer=placed)
class Average(IntervalTarget):
    """Total whole days over the cases that ended in the window, against a limit (S16).

    A limit in months is kept when the total is at most the sum of each counted case's own days
    from its start to its due date: units never convert (S5).
    """

    rule = "average"

    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    limit: Span = field(
        converter=parse_span,
        metadata=about(
            "The most that the average may be, such as '210 days'.", {"$ref": "#/$defs/span"}
        ),
    )
    month_end: MonthEnd | None = field(
        default=None,
        converter=optional_month_end,
        metadata=about(
            "This target's month-end mode (S4; default: the plan's).", {"enum": list(MONTH_ENDS)}
        ),
    )

    @property
    def limit_text(self) -> str:
        """The limit in the plan's words."""
        return str(self.limit)

    @property
    def requirement(self) -> str:
        """What must be reached, in a few words."""
        return f"at most {self.limit}"

    def window_of(self, plan: Plan) -> Window:
        """The window that cases must have ended in."""
        return window_or_period(self.window, plan)

    def rows(self, columns: Columns) -> Rows:
        """Cases that ended in the window; their days are summed."""
        sums = {"total": self.days()}
        due = None
        if self.limit.total_months:
            due = columns.due(self.start, self.limit, self.month_end)
            sums["allowed"] = due.to_physical().cast(pl.Int64) - pl.col(self.start).to_physical()
        return Rows(
            tests=(*self.population(columns), self.inside(self.end, self.window_of(columns.plan))),
            exclusions=self.exclusions(columns, due=due),
            days=self.days(),
            event=pl.col(self.end),
            sums=sums,
        )

    def measure(self, sums: Mapping[str, int]) -> Measure:
        """Total over counted, compared as integers before any division (S16)."""
        total, counted = sums["total"], sums["counted"]
        if not counted:
            return Measure(total=total, value=None, unit="days", reached=None)
        allowed = sums["allowed"] if self.limit.total_months else self.limit.total_days * counted
        return Measure(total=total, value=total / counted, unit="days", reached=total <= allowed)
