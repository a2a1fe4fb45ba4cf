"""Number of rows or of distinct values, such as persons seen, in a window (S23)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from kpi.definitions.bounds import BOUNDS_FORM, Bounds, parse_bounds
from kpi.definitions.case_weights import COUNT_AS
from kpi.definitions.columns import Columns
from kpi.definitions.fields import about, optional_text, placed
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
    """The number of rows whose date falls in the window (S23). Zero is a value."""

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
    requires: Bounds = field(
        converter=parse_bounds, metadata=about("What the number must be.", BOUNDS_FORM)
    )

    def __attrs_post_init__(self) -> None:
        if self.count_as is not None and self.distinct is not None:
            message = "found 'count_as' with 'distinct'; accepted: one or the other"
            raise PlanError([Problem(("count_as",), message)])

    @property
    def bounds(self) -> Bounds | None:
        """The bounds that the number must lie within."""
        return self.requires

    @property
    def applies_to_total_only(self) -> bool:
        """Whether the requirement is on the number of all rows together, not on that of a group."""
        return True

    @property
    def counts_in_several_periods(self) -> bool:
        """Whether a value counts in each period that it comes up in: where it counts once in one."""
        return self.distinct is not None

    @property
    def requirement(self) -> str:
        """The requirement in a few words."""
        of = "" if self.distinct is None else f", each {self.distinct} once"
        return f"{self.requires}{of}"

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
        return Measure(value=n, unit="count", reached=self.requires.hold(n))

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:  # noqa: ARG002 - a count has no days
        """Yield the sums with one, with all, and with as many further rows as reach a bound."""
        return count_extremes(sums, n, "counted", self.requires)
