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
from kpi.definitions.measurement import Measure, Rows
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

    A row enters the stock on `start` and leaves it on `end`.
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
        metadata=about("What the stock must be.", BOUNDS_FORM),
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

    def __attrs_post_init__(self) -> None:
        if (self.level is None) == (self.change is None):
            raise PlanError("accepted: either what the stock must be (level), or its change")
        if (self.change is None) != (self.against is None):
            message = "a change needs the day of its base, and a level has none"
            raise PlanError([Problem(("against",), message)])
        if self.against is not None and self.against.day >= self.at.day:
            message = f"found {self.against.day}; accepted: a day before {self.at.day}"
            raise PlanError([Problem(("against",), message)])

    @property
    def bounds(self) -> Bounds | None:
        """The bounds that the number must lie within."""
        return self.change or self.level

    @property
    def applies_to_total_only(self) -> bool:
        """Whether the requirement is on the number of all rows together, not on that of a group."""
        return self.level is not None

    @property
    def requirement(self) -> str:
        """The requirement in a few words."""
        if self.level is not None:
            return f"{self.level} {self.at}"
        assert self.change is not None, "either is given"
        assert self.against is not None, "a change has a base"
        return f"change {self.change.text('%')} from {self.against.day} to {self.at.day}"

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
        if self.level is not None:
            reached = self.level.hold(stock)
            return Measure(
                value=stock, unit="count", reached=reached, figures={"stock": stock, "base": None}
            )
        figures = {"stock": stock, "base": base}
        if not base:
            return Measure(value=None, unit="change", reached=None, figures=figures)
        assert self.change is not None, "either is given"
        change = Fraction(stock - base, base)
        return Measure(
            value=float(change),
            unit="change",
            reached=self.change.hold(change * 100),
            figures=figures,
        )

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:  # noqa: ARG002 - a stock has no days
        """Yield the sums with further rows in the stock, in the base, or in both."""
        if self.level is not None:
            yield from count_extremes(sums, n, "stock", self.level)
            return
        assert self.change is not None, "either is given"
        yield sums.plus({"base": n})
        yield sums.plus({"stock": n, "base": n})
        base = sums["base"]
        at = {
            int(base * (1 + bound / 100)) + step - sums["stock"]
            for bound in self.change.data().values()
            for step in (-1, 0, 1)
        }
        for more in sorted({n, *at}):
            if 1 <= more <= n:
                yield sums.plus({"stock": more})
