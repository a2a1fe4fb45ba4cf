"""Conditions of targets, as reported facts (S28)."""

from __future__ import annotations

from attrs import frozen

from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import placed
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.sums import Sums
from kpi.definitions.target import Read, Target
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl
from kpi.rules._interval import data_exclusions
from kpi.rules._reported import CONDITION, FactTarget

CONDITION_OF = ", condition"
"""Suffix of the id of a condition, after the id of the target."""


@frozen(kw_only=True, field_transformer=placed)
class ConditionFact(FactTarget):
    """The fact whether the condition of another target came about (S28); not a requirement."""

    rule = "condition"
    fact_columns = (Read(CONDITION, "boolean", ("on_condition",)),)

    @property
    def requirement(self) -> str:
        """The event that the fact reports."""
        return "came about"

    def window_of(self, plan: Defaults) -> Window:
        """Return the plan's period."""
        return plan.period

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions of the row that reports the fact."""
        came_about = pl.col(CONDITION)
        return Rows(
            tests=tuple(self.tests(columns)),
            exclusions=(("condition missing", came_about.is_null()), *data_exclusions(columns)),
            met=came_about,
            event=pl.lit(columns.plan.period.last, pl.Date),
            sums={"met": came_about},
        )

    def measure(self, sums: Sums) -> Measure:
        """Return whether the condition came about; not assessable where nobody reported it."""
        met, counted = sums["met"], sums["counted"]
        reached = met == counted if counted else None
        return Measure(met=met, value=None, unit="share", reached=reached)


def condition_of(target: Target) -> ConditionFact | None:
    """Return the reported fact of the condition of a target; None where the target has none."""
    if target.on_condition is None:
        return None
    return ConditionFact(
        id=f"{target.id}{CONDITION_OF}", fact=target.on_condition.fact or target.id
    )
