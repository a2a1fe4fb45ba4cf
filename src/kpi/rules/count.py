"""Number of rows or of distinct values, such as persons seen, in a window (S23)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from kpi.definitions.bounds import BOUNDS_FORM, Bounds, optional_bounds
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
from kpi.definitions.outcomes import COUNTED_ALREADY
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.errors import PlanError, Problem
from kpi.polars_on_demand import pl
from kpi.rules import _population as population
from kpi.rules._counts import count_extremes
from kpi.rules._event import ON, event_of
from kpi.rules._interval import WINDOW, data_exclusions, optional_window


@frozen(kw_only=True, field_transformer=placed)
class Count(Target):
    """The number of rows whose date falls in the window (S23). Zero is a value.

    Without `requires` it is an indicator (S31).
    """

    rule = "count"

    on: str | None = field(default=None, converter=optional_text, metadata=ON)
    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    distinct: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about(
            "Counts each value of this column once, such as each person (default: every row).",
            column="any",
        ),
    )
    count_as: str | None = field(default=None, converter=optional_text, metadata=COUNT_AS)
    requires: Bounds | None = field(
        default=None,
        converter=optional_bounds,
        metadata=about("What the number must be (default: nothing is asked).", BOUNDS_FORM),
    )
    against: Window | None = field(default=None, converter=optional_window, metadata=AGAINST)
    change: Bounds | None = field(default=None, converter=optional_bounds, metadata=CHANGE)
    difference: Bounds | None = field(default=None, converter=optional_bounds, metadata=DIFFERENCE)

    def __attrs_post_init__(self) -> None:
        others = ("requires", self.requires), ("count_as", self.count_as)
        problems = [*misplaced_comparison(self.against, self.change, self.difference, *others)]
        if self.count_as is not None and self.distinct is not None:
            message = "found 'count_as' with 'distinct'; accepted: one or the other"
            problems.append(Problem(("count_as",), message))
        if problems:
            raise PlanError(problems)

    @property
    def has_requirement(self) -> bool:
        """Whether the number, or what it changes by, has bounds; else it is an indicator (S31)."""
        asked = (self.requires, self.change, self.difference)
        return any(bounds is not None for bounds in asked)

    @property
    def comparison(self) -> Comparison | None:
        """The window of the base that the value is compared with, and what is asked of it (S33)."""
        return comparison_of(self.against, self.change, self.difference)

    @property
    def bounds(self) -> Bounds | None:
        """The bounds that the number must lie within."""
        return self.requires

    @property
    def applies_to_total_only(self) -> bool:
        """Whether the requirement is on the number of all rows together, not on that of a group.

        A change in per cent is asked of each group as of the whole.
        """
        return self.change is None

    @property
    def counts_in_several_periods(self) -> bool:
        """Whether a value counts in each period that it comes up in: where it counts once in one."""
        return self.distinct is not None

    @property
    def requirement(self) -> str:
        """The requirement in a few words; without bounds, what is measured."""
        of = "" if self.distinct is None else f", each {self.distinct} once"
        base = "" if self.comparison is None else self.comparison.words
        return f"{self.requires or 'number'}{of}{base}"

    @property
    def figure(self) -> Figure | None:
        """The figure: a number of rows (F10); None for a number of distinct values."""
        return None if self.distinct is not None else Figure("number", "counted", is_monotone=True)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: the rows whose date falls in the window, each value once."""
        event = event_of(columns, self.on)
        tests = [
            *population.tests(columns, self.where, self.unless, None),
            population.inside(event, self.window_of(columns.plan)),
        ]
        exclusions = data_exclusions(columns)
        if self.distinct is not None:
            value = pl.col(self.distinct)
            exclusions = [(f"{self.distinct} missing", value.is_null()), *exclusions]
            usable = pl.all_horizontal(
                [test.fill_null(value=False) for _, test in tests]
                + [~excluded.fill_null(value=False) for _, excluded in exclusions]
            )
            # Among the rows of a value the keys decide, so that the row order does not matter.
            place = pl.arg_sort_by([~usable, *columns.table.key]).arg_sort()
            is_repeated = place.over([value, *self.parts_by]) > 0
            exclusions.append((COUNTED_ALREADY, usable & is_repeated))
        return Rows(
            tests=tuple(tests),
            exclusions=tuple(exclusions),
            event=pl.col(event),
            distinct=None if self.distinct is None else pl.col(self.distinct),
        )

    @property
    def parts_by(self) -> list[str]:
        """The columns of the segments within which a value is counted once."""
        return [] if self.each is None else [self.each]

    def measure(self, sums: Sums) -> Measure:
        """Return the number of counted rows, against the bounds."""
        n = sums["counted"]
        reached = None if self.requires is None else self.requires.hold(n)
        return Measure(value=n, unit="count", reached=reached)

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:  # noqa: ARG002 - a count has no days
        """Yield the sums with one, with all, and with as many further rows as reach a bound."""
        if self.requires is None:
            yield sums.plus({"counted": n})
        else:
            yield from count_extremes(sums, n, "counted", self.requires)
