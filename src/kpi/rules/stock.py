"""Stock at the end of a day, or the change since the end of another day (S22)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from attrs import evolve, field, frozen

from kpi.definitions.bounds import BOUNDS_FORM, Bounds, optional_bounds
from kpi.definitions.case_weights import COUNT_AS
from kpi.definitions.columns import Columns
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, optional_text, placed
from kpi.definitions.figures import Figure
from kpi.definitions.measurement import Measure, Rows, Unit
from kpi.definitions.series import through_moment
from kpi.definitions.sums import Sums
from kpi.definitions.windows import EndOf, Window, optional_end_of, parse_end_of
from kpi.errors import PlanError, Problem
from kpi.polars_on_demand import pl
from kpi.rules._counts import count_extremes
from kpi.rules._interval import IntervalTarget

_MOMENT = {"$ref": "#/$defs/end_of"}


@frozen(kw_only=True, field_transformer=placed)
class Stock(IntervalTarget):
    """The rows that had entered by a day and not left by it, against a level or a base (S22).

    A row enters the stock on `start` and leaves it on `end`. Without `level` and `change` it is an
    indicator (S31): the number, or with `against` the change.
    """

    rule = "stock"

    at: EndOf = field(
        converter=parse_end_of,
        metadata=about("The day at whose end the stock is counted.", _MOMENT),
    )
    against: EndOf | None = field(
        default=None,
        converter=optional_end_of,
        metadata=about("The day whose stock is the base of a change.", _MOMENT),
    )
    count_as: str | None = field(default=None, converter=optional_text, metadata=COUNT_AS)
    level: Bounds | None = field(
        default=None,
        converter=optional_bounds,
        metadata=about("What the stock must be (default: nothing is asked).", BOUNDS_FORM),
    )
    change: Bounds | None = field(
        default=None,
        converter=optional_bounds,
        metadata=about(
            "What the change against the base must be, in per cent: a fall of 10 is -10.",
            BOUNDS_FORM,
            percent=True,
        ),
    )
    difference: Bounds | None = field(
        default=None,
        converter=optional_bounds,
        metadata=about(
            "How many rows more than the base it must be: 50 fewer is -50.", BOUNDS_FORM
        ),
    )

    def __attrs_post_init__(self) -> None:
        asked = [bounds for bounds in (self.level, self.change, self.difference) if bounds]
        if len(asked) > 1:
            raise PlanError(
                "accepted: either what the stock must be (level), or its change, or the difference"
            )
        moved = self.change is not None or self.difference is not None
        if (self.level is not None) if self.against is not None else moved:
            message = "a change needs the day of its base, and a level has none"
            raise PlanError([Problem(("against",), message)])
        if self.against is not None and self.against.day >= self.at.day:
            message = f"found {self.against.day}; accepted: a day before {self.at.day}"
            raise PlanError([Problem(("against",), message)])

    @property
    def has_requirement(self) -> bool:
        """Whether the stock has a level or its change bounds, and is not only an indicator (S31)."""
        return self.bounds is not None

    @property
    def bounds(self) -> Bounds | None:
        """The bounds that the number must lie within."""
        return self.change or self.difference or self.level

    @property
    def applies_to_total_only(self) -> bool:
        """Whether the requirement is on the number of all rows together, not on that of a group."""
        return self.level is not None or self.difference is not None

    @property
    def requirement(self) -> str:
        """The requirement in a few words; without bounds, what is measured."""
        if self.against is None:
            return f"{self.level or 'number'} {self.at}"
        change = "change" if self.change is None else f"change {self.change.text('%')}"
        change = change if self.difference is None else f"difference {self.difference}"
        return f"{change} from {self.against.day} to {self.at.day}"

    def window_of(self, plan: Defaults) -> Window:  # noqa: ARG002 - the moment alone says it
        """Return the time up to the day whose stock is judged."""
        return Window(through=self.at.day)

    @property
    def counts_in_several_periods(self) -> bool:
        """Whether a row may count in several periods: yes, in the stock at the end of each."""
        return True

    def in_period(self, window: Window) -> Stock:
        """Return the stock at the end of the period (S30)."""
        return evolve(self, at=EndOf(window.closed.last))

    def series_window(self, plan: Defaults) -> Window:
        """Return the days after that of the base, from the plan's period on, through the stock's."""
        window = through_moment(plan, self.at)
        if self.against is None or self.against.day not in window:
            return window
        return Window(after=self.against.day, through=self.at.day)

    @property
    def figure(self) -> Figure:
        """The figure: a number of rows, which a base that is over stands beside (F10)."""
        return Figure("number", "stock", is_monotone=True)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions: the rows in the stock at the end of one of the days."""
        start, end = pl.col(self.start), pl.col(self.end)
        days = [self.at.day] + ([self.against.day] if self.against is not None else [])
        entered = start.is_null() | (start <= self.at.day)
        in_any_stock = pl.any_horizontal(
            [(start.is_null() | (start <= day)) & (end.is_null() | (end > day)) for day in days]
            + [(end < start).fill_null(value=False)]
        )
        dates = " or ".join(map(str, days))
        in_stock = {"stock": self._in_stock(self.at)}
        if self.against is not None:
            in_stock["base"] = self._in_stock(self.against)
        return Rows(
            tests=(
                *self.population(columns),
                (f"fails: {self.start} through {self.at.day}", entered),
                (f"fails: in the stock at the end of {dates}", in_any_stock),
            ),
            exclusions=self.exclusions(columns),
            days=self.days(),
            event=pl.lit(self.at.day),
            sums=in_stock,
        )

    def _in_stock(self, moment: EndOf) -> pl.Expr:
        end = pl.col(self.end)
        return (pl.col(self.start) <= moment.day) & (end.is_null() | (end > moment.day))

    def measure(self, sums: Sums) -> Measure:
        """Return the stock against the level, or the change against the base, compared exactly."""
        stock, base = sums["stock"], sums["base"]
        if self.against is None:
            reached = None if self.level is None else self.level.hold(stock)
            return Measure(
                value=stock, unit="count", reached=reached, figures={"stock": stock, "base": None}
            )
        figures = {"stock": stock, "base": base}
        if not base:
            unit: Unit = "change" if self.difference is None else "count"
            return Measure(value=None, unit=unit, reached=None, figures=figures)
        if self.difference is not None:
            more = stock - base
            reached = self.difference.hold(more)
            return Measure(value=more, unit="count", reached=reached, figures=figures)
        change = Fraction(stock - base, base)
        return Measure(
            value=float(change),
            unit="change",
            reached=None if self.change is None else self.change.hold(change * 100),
            figures=figures,
        )

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:  # noqa: ARG002 - a stock has no days
        """Yield the sums with further rows in the stock, in the base, or in both."""
        if self.level is not None:
            yield from count_extremes(sums, n, "stock", self.level)
            return
        if self.bounds is None:
            return
        yield sums.plus({"base": n})
        yield sums.plus({"stock": n, "base": n})
        base = sums["base"]
        bounds = self.bounds.data().values()
        ends = [
            base * (1 + bound / 100) if self.difference is None else base + bound
            for bound in bounds
        ]
        at = {int(end) + step - sums["stock"] for end in ends for step in (-1, 0, 1)}
        for more in sorted({n, *at}):
            if 1 <= more <= n:
                yield sums.plus({"stock": more})
