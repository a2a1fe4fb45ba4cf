"""Share of the cases open at a date that are ended by a deadline (S21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from attrs import evolve, field, frozen

from kpi.definitions.case_weights import COUNT_AS
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, optional_percentage, optional_text, placed
from kpi.definitions.figures import Figure
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.series import bounded
from kpi.definitions.sums import Sums
from kpi.definitions.windows import Window, parse_window
from kpi.errors import PlanError, Problem
from kpi.polars_on_demand import pl
from kpi.rules._interval import IntervalTarget
from kpi.rules._requirement_texts import percent
from kpi.rules._shares import share, share_extremes


def _deadline(value: object) -> Window:
    accepted = "accepted: { before = 2017-07-01 } or { through = 2017-06-30 }"
    if not isinstance(value, Window | Mapping):
        raise PlanError(f"found {str(value)!r}; {accepted}")
    window = parse_window(value)
    if window.name is not None or window.first is not None:
        raise PlanError(f"found {window}; {accepted}")
    return window


@frozen(kw_only=True, field_transformer=placed)
class Clearance(IntervalTarget):
    """At least a threshold of a cohort is ended by the deadline; open cases are not met (S21)."""

    rule = "clearance"

    deadline: Window = field(
        converter=_deadline,
        metadata=about(
            "The end must be before a date, or through it, as written.",
            {"$ref": "#/$defs/deadline"},
        ),
    )
    count_as: str | None = field(default=None, converter=optional_text, metadata=COUNT_AS)
    threshold: Decimal | None = field(
        default=None,
        converter=optional_percentage,
        metadata=about(
            "The percentage of the cohort that must be ended (default: nothing is asked).",
            {"$ref": "#/$defs/percentage"},
            percent=True,
        ),
    )

    def __attrs_post_init__(self) -> None:
        if self.open_at is not None and self.open_at.day not in self.deadline:
            raise PlanError(
                [
                    Problem(
                        ("deadline",),
                        f"found {self.deadline}; accepted: a deadline after {self.open_at.day}, the day the cohort was open",
                    )
                ]
            )

    @property
    def limit_text(self) -> str:
        """The deadline in the plan's words."""
        return str(self.deadline)

    @property
    def has_requirement(self) -> bool:
        """Whether the share has a threshold, and is not only an indicator (S31)."""
        return self.threshold is not None

    @property
    def requirement(self) -> str:
        """The requirement in a few words; without a threshold, what is measured."""
        if self.threshold is None:
            return f"share ended {self.deadline}"
        return f"{percent(self.threshold)} ended {self.deadline}"

    @property
    def figure(self) -> Figure:
        """The figure: a share (F7)."""
        return Figure("share", is_of_cohort=True, is_monotone=True)

    def window_of(self, plan: Defaults) -> Window:  # noqa: ARG002 - the deadline alone says it
        """Return the time up to the deadline."""
        return self.deadline

    @property
    def counts_in_several_periods(self) -> bool:
        """Whether a case counts in every period: yes, ended by the end of the period or not."""
        return True

    def in_period(self, window: Window) -> Clearance:
        """Return the same cohort with the end of the period for a deadline (S30)."""
        return evolve(self, deadline=Window(through=window.closed.last))

    def series_window(self, plan: Defaults) -> Window:
        """Return the days from that of the open cohort, or the plan's period, to the deadline."""
        if self.open_at is None:
            return bounded(self.deadline, plan)
        return Window(since=self.open_at.day, through=self.deadline.last)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: the cohort, met where the end is by the deadline."""
        last = pl.lit(self.deadline.last)
        met = pl.col(self.end) <= last
        return Rows(
            tests=tuple(self.population(columns)),
            exclusions=self.exclusions(columns),
            met=met,
            days=self.days(),
            due=last,
            event=last,
            sums={"met": met},
        )

    def measure(self, sums: Sums) -> Measure:
        """Return the share of the cohort that ended in time, against the threshold (S19)."""
        return share(sums, self.threshold)

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:  # noqa: ARG002 - a share has no days
        """Yield the sums with all of the further rows met, and with none of them."""
        return share_extremes(sums, n)
