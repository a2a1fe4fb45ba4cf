"""Deadline of a reported fact: a plan made, a report handed in (S20, S25)."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, placed
from kpi.definitions.figures import Figure
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.sums import Sums
from kpi.definitions.target import Read
from kpi.definitions.windows import Window, parse_window
from kpi.errors import PlanError
from kpi.polars_on_demand import pl
from kpi.rules._interval import data_exclusions
from kpi.rules._reported import DONE, FactTarget
from kpi.time.windows import between


def _deadline(value: object) -> Window:
    accepted = "accepted: { through = 2017-06-30 }, { before = 2017-07-01 }, or a period '2017-H1'"
    if not isinstance(value, Window | Mapping | str):
        raise PlanError(f"found {str(value)!r}; {accepted}")
    window = parse_window(value)
    if window.stop is None:
        raise PlanError(f"found {window}; {accepted}")
    return window


@frozen(kw_only=True, field_transformer=placed)
class Milestone(FactTarget):
    """A reported fact was done by the deadline, or in the period, that the plan says.

    Not done once the deadline is over, it is missed; a fact that nobody reported is not assessable
    (S25).
    """

    rule = "milestone"
    fact_columns = (Read(DONE, "date", ("rule",)),)

    deadline: Window = field(
        converter=_deadline,
        metadata=about(
            "It must be done before a date, through it, or in a period, as written (S20).",
            {"$ref": "#/$defs/window"},
        ),
    )

    @property
    def limit_text(self) -> str:
        """The deadline in the plan's words."""
        return str(self.deadline)

    @property
    def requirement(self) -> str:
        """The requirement in a few words."""
        return f"done {self.deadline}"

    @property
    def figure(self) -> Figure:
        """The figure: a share (F7)."""
        return Figure("share", needs_every=True)

    def window_of(self, plan: Defaults) -> Window:  # noqa: ARG002 - the deadline alone says it
        """Return the time up to the deadline."""
        return self.deadline

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions of the row with the fact, met if done by the deadline."""
        met = between(pl.col(DONE), self.deadline)
        last = pl.lit(self.deadline.last)
        return Rows(
            tests=tuple(self.tests(columns)),
            exclusions=tuple(data_exclusions(columns)),
            met=met,
            due=last,
            # The fact is judged on one day, so a series has one period.
            event=last,
            sums={"met": met},
        )

    def measure(self, sums: Sums) -> Measure:
        """Return whether the fact was done; not assessable where nobody reported it (S25)."""
        met, counted = sums["met"], sums["counted"]
        if not counted:
            return Measure(met=met, value=None, unit="share", reached=None)
        return Measure(met=met, value=met / counted, unit="share", reached=met == counted)
