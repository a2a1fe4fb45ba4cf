"""Whether the condition of another target came about (S28)."""

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
"""What the id of a condition adds to that of its target."""


@frozen(kw_only=True, field_transformer=placed)
class ConditionFact(FactTarget):
    """Whether the condition of another target came about (S28): no requirement of its own."""

    rule = "condition"
    fact_columns = (Read(CONDITION, "boolean", ("on_condition",)),)

    @property
    def requirement(self) -> str:
        """What it looks for."""
        return "came about"

    def window_of(self, plan: Defaults) -> Window:
        """The plan's period."""
        return plan.period

    def rows(self, columns: Columns) -> Rows:
        """The row that tells it."""
        known, came = pl.col(CONDITION).is_not_null(), pl.col(CONDITION)
        return Rows(
            tests=tuple(self.tests()),
            exclusions=(("condition missing", ~known), *data_exclusions(columns)),
            met=came,
            event=pl.lit(columns.plan.period.last, pl.Date),
            sums={"met": came},
        )

    def measure(self, sums: Sums) -> Measure:
        """Whether it came about; not assessable where nobody said."""
        met, counted = sums["met"], sums["counted"]
        reached = met == counted if counted else None
        return Measure(met=met, value=None, unit="share", reached=reached)


def condition_of(target: Target) -> ConditionFact | None:
    """What tells whether a target's condition came about; None where it has none."""
    if target.on_condition is None:
        return None
    return ConditionFact(
        id=f"{target.id}{CONDITION_OF}", fact=target.on_condition.fact or target.id
    )
