"""Bounds of a reported number: sick days, marks of an assessment (S20)."""

from __future__ import annotations

from fractions import Fraction

from attrs import field, frozen

from kpi.definitions.bounds import BOUNDS_FORM, Bounds, parse_bounds
from kpi.definitions.columns import Columns
from kpi.definitions.fields import about, placed
from kpi.definitions.figures import Figure
from kpi.definitions.measurement import Measure, Rows
from kpi.definitions.sums import Sums
from kpi.definitions.target import Read
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl
from kpi.rules._interval import WINDOW, data_exclusions, optional_window
from kpi.rules._population import within_bounds
from kpi.rules._reported import VALUE, FactTarget

_SCALE = 1_000_000
VALUE_MISSING = "value missing"


@frozen(kw_only=True, field_transformer=placed)
class Reported(FactTarget):
    """A reported number lies within bounds; under 7 is not 7 (S20).

    The number is compared as a float of 15 digits reads it. A state keeps the number in millionths,
    and the result shows it so. A fact that nobody reported is not assessable (S25).
    """

    rule = "reported"
    fact_columns = (Read(VALUE, "number", ("rule",)),)

    window: Window | None = field(default=None, converter=optional_window, metadata=WINDOW)
    requires: Bounds = field(
        converter=parse_bounds, metadata=about("What the number must be.", BOUNDS_FORM)
    )

    @property
    def bounds(self) -> Bounds | None:
        """The bounds that the number must lie within."""
        return self.requires

    @property
    def figure(self) -> Figure:
        """The figure: a number that somebody reports, and that stands once it is (F10)."""
        return Figure("reported", "kept")

    @property
    def has_one_period(self) -> bool:
        """Whether a series has the window alone: yes, the number is of the whole window."""
        return True

    @property
    def requirement(self) -> str:
        """The requirement in a few words."""
        return str(self.requires)

    def rows(self, columns: Columns) -> Rows:
        """Return the row expressions of the row that reports the number."""
        value = pl.col(VALUE)
        # A number read as a float is the decimal that it is written as, and so is the bound.
        bounds = {word: float(bound) for word, bound in self.requires.data().items()}
        kept = within_bounds(value, bounds)
        return Rows(
            tests=tuple(self.tests(columns)),
            exclusions=((VALUE_MISSING, value.is_null()), *data_exclusions(columns)),
            event=pl.lit(self.window_of(columns.plan).last),
            sums={"kept": kept, "millionths": (value * _SCALE).round()},
        )

    def measure(self, sums: Sums) -> Measure:
        """Return the number, against the bounds."""
        counted = sums["counted"]
        if not counted:
            return Measure(value=None, unit="number", reached=None)
        value = float(Fraction(sums["millionths"], _SCALE * counted))
        return Measure(value=value, unit="number", reached=sums["kept"] == counted)
