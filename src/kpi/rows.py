"""What a rule says of each row, and what a state comes to: the two things a rule hands over."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

import polars as pl
from attrs import field, frozen

Unit: TypeAlias = Literal["share", "days"]
"""What a value is counted in: a fraction 0..1, or days."""

OUTSIDE, EXCLUDED, UNDETERMINED, COUNTED = BUCKETS = (
    "outside",
    "excluded",
    "undetermined",
    "counted",
)
"""Every row falls in the first of these that fits (S12)."""


@frozen(kw_only=True)
class Rows:
    """What is asked of each row of a table, as expressions over its columns.

    Written once by the rule; the state sums them and the audit trail lists them, so the trail adds
    up to the number by construction.

    Attributes:
        tests: a row is outside at the first that does not hold; each with the words for it.
        exclusions: a row inside is excluded for the first that holds; each with its reason (S12).
        undetermined: whether the row's outcome is not certain yet; None where it always is.
        met: whether a counted row keeps the limit.
        days: whole days from start to end.
        due: the last day on which the row is in time.
        event: the date by which the row falls in the window, for series.
        sums: the quantities a state adds up over the counted rows, each an integer.
    """

    tests: tuple[tuple[str, pl.Expr], ...]
    exclusions: tuple[tuple[str, pl.Expr], ...]
    undetermined: pl.Expr | None = None
    met: pl.Expr = field(factory=lambda: pl.lit(None, pl.Boolean))
    days: pl.Expr = field(factory=lambda: pl.lit(None, pl.Int64))
    due: pl.Expr = field(factory=lambda: pl.lit(None, pl.Date))
    event: pl.Expr
    sums: Mapping[str, pl.Expr]


@frozen(kw_only=True)
class Measure:
    """What a state comes to.

    Attributes:
        met: the numerator of a share, else None.
        total: the whole days of an average, else None.
        value: a fraction 0..1 of a share, days of an average; None where nothing was counted.
        unit: what `value` is counted in.
        reached: whether the target is kept; None where that cannot be assessed (S25).
    """

    met: int | None = None
    total: int | None = None
    value: float | None
    unit: Unit
    reached: bool | None


def share(sums: Mapping[str, int], threshold_pct: Decimal) -> Measure:
    """Met over counted, compared exactly with an exact percentage (S19, S25)."""
    met, counted = sums["met"], sums["counted"]
    if not counted:
        return Measure(met=met, value=None, unit="share", reached=None)
    reached = met * 100 >= Fraction(threshold_pct) * counted
    return Measure(met=met, value=met / counted, unit="share", reached=reached)
