"""Share of the rows that fulfil a condition: samples that passed, letters answered (S19)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from attrs import field, frozen

from kpi.definitions.bounds import Bounds, optional_bounds
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
from kpi.definitions.fields import about, optional_text, placed
from kpi.definitions.figures import Figure
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.population import Condition, Population, parse_population
from kpi.definitions.sums import Sums
from kpi.definitions.target import CONDITIONS, Target
from kpi.definitions.thresholds import (
    ThresholdByValue,
    optional_constant_threshold,
    require_each,
)
from kpi.definitions.windows import Window
from kpi.errors import PlanError
from kpi.polars_on_demand import pl
from kpi.rules import _population as population
from kpi.rules._event import ON, event_of
from kpi.rules._interval import WINDOW, data_exclusions, optional_window
from kpi.rules._requirement_texts import percent
from kpi.rules._shares import PERCENTAGE_POINTS, share, share_extremes


def _having(value: object) -> Population:
    having = parse_population(value)
    if not having:
        raise PlanError("found none; accepted: at least one condition")
    return having


@frozen(kw_only=True, field_transformer=placed)
class Share(Target):
    """At least a threshold of the rows whose date falls in the window fulfil a condition (S19)."""

    rule = "share"

    on: str | None = field(default=None, converter=optional_text, metadata=ON)
    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    having: Population = field(
        converter=_having,
        metadata=about("What a row must fulfil to be met; null fulfils nothing (S10).", CONDITIONS),
    )
    count_as: str | None = field(default=None, converter=optional_text, metadata=COUNT_AS)
    threshold: Decimal | ThresholdByValue | None = field(
        default=None,
        converter=optional_constant_threshold,
        metadata=about(
            "The percentage of the counted rows that must be met, or one for each value of a column "
            "(default: nothing is asked).",
            {"$ref": "#/$defs/constant-threshold"},
            percent=True,
        ),
    )
    against: Window | None = field(default=None, converter=optional_window, metadata=AGAINST)
    change: Bounds | None = field(default=None, converter=optional_bounds, metadata=CHANGE)
    difference: Bounds | None = field(default=None, converter=optional_bounds, metadata=DIFFERENCE)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.threshold, ThresholdByValue):
            require_each(self.threshold.column, self.each)
        others = ("threshold", self.threshold), ("count_as", self.count_as)
        problems = [*misplaced_comparison(self.against, self.change, self.difference, *others)]
        if problems:
            raise PlanError(problems)

    @property
    def has_requirement(self) -> bool:
        """Whether the share has a threshold, or what it changes by has bounds (S31, S33)."""
        asked = (self.threshold, self.change, self.difference)
        return any(demand is not None for demand in asked)

    @property
    def comparison(self) -> Comparison | None:
        """The window of the base that the value is compared with, and what is asked of it (S33)."""
        return comparison_of(self.against, self.change, self.difference, **PERCENTAGE_POINTS)

    @property
    def requirement(self) -> str:
        """The requirement in a few words; without a threshold, what is measured."""
        if self.threshold is None:
            base = "" if self.comparison is None else self.comparison.words
            return f"share where {self.having}{base}"
        return f"{percent(self.threshold)} {self.having}"

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition on a column, those of `having` included."""
        yield from super().conditions()
        yield from self.having.leaves()

    @property
    def figure(self) -> Figure:
        """The figure: a share (F7)."""
        return Figure("share", is_monotone=True)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: the rows whose date falls in the window, met by `having`."""
        event = event_of(columns, self.on)
        met = pl.all_horizontal([test for _, test in population.demands(columns, self.having)])
        return Rows(
            tests=(
                *population.tests(columns, self.where, self.unless, None),
                population.inside(event, self.window_of(columns.plan)),
            ),
            exclusions=(*population.threshold_missing(self.threshold), *data_exclusions(columns)),
            met=met,
            event=pl.col(event),
            sums={"met": met},
        )

    def measure(self, sums: Sums) -> Measure:
        """Return met over counted, against the threshold (S19)."""
        return share(sums, self.threshold_of(sums.part))

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:  # noqa: ARG002 - a share has no days
        """Yield the sums with all of the further rows met, and with none of them."""
        return share_extremes(sums, n)
