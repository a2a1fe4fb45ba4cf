"""What a rule says of each row, and what a state comes to: the two things a rule hands over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field, frozen

from kpi.definitions.bounds import Bounds
from kpi.definitions.ranks import Fastest
from kpi.definitions.sums import Sums

if TYPE_CHECKING:
    import polars as pl

Unit: TypeAlias = Literal[
    "share", "days", "working days", "months", "count", "change", "number", "parts"
]
"""What a value is counted in: a fraction 0..1, days, working days, months, a count of rows, a change
as a fraction, a number as it was reported; a requirement of several parts has no value of its own."""


@frozen(kw_only=True)
class Rows:
    """What is asked of each row of a table, as expressions over its columns.

    Written once by the rule; the state sums them and the audit trail lists them, so the trail adds
    up to the number by construction.

    Attributes:
        tests: a row is outside at the first that does not hold; each with the words for it.
        exclusions: a row inside is excluded for the first that holds; each with its reason (S12).
        undetermined: whether the row's outcome is not certain yet; None where it always is.
        met: whether a counted row keeps the limit, null as no; None where none is kept or missed.
        days: whole days from start to end, less those that are deducted; working days where an
            average or a percentile is in those (S16).
        paused: the days that are deducted, where a target deducts any, in the same unit (S14).
        due: the last day on which the row is in time.
        event: the date by which the row falls in the window, for series.
        seconds: elapsed seconds from start to end, where the limit is in hours or minutes (S3).
        sums: the quantities a state adds up over the counted rows, each an integer.
        bins: the whole numbers of which a state keeps how many counted rows have which.
        fastest: where only the shortest `days` are counted; `bins` then holds "days" (S17).
    """

    tests: tuple[tuple[str, pl.Expr], ...]
    exclusions: tuple[tuple[str, pl.Expr], ...]
    undetermined: pl.Expr | None = None
    met: pl.Expr | None = None
    days: pl.Expr | None = None
    paused: pl.Expr | None = None
    due: pl.Expr | None = None
    seconds: pl.Expr | None = None
    event: pl.Expr
    sums: Mapping[str, pl.Expr] = field(factory=dict)
    bins: Mapping[str, pl.Expr] = field(factory=dict)
    fastest: Fastest | None = None


@frozen(kw_only=True)
class Measure:
    """What a state comes to.

    Attributes:
        met: the numerator of a share, else None.
        total: the days of an average, whole ones or working days, else None.
        value: in `unit`; None where there is nothing to say it of.
        unit: what `value` is counted in.
        reached: whether the target is kept; None where that cannot be assessed (S25).
        counted: how many rows the value is made of, where that is not all that were counted.
        excluded: rows that only the whole of the cases leaves out, by reason (S17).
        figures: what else should be seen beside the value, by name.
        remarks: what a reader should know, a line each.
    """

    met: int | None = None
    total: int | None = None
    value: float | None
    unit: Unit
    reached: bool | None
    counted: int | None = None
    excluded: Mapping[str, int] = field(factory=dict)
    figures: Mapping[str, float | int | None] = field(factory=dict)
    remarks: tuple[str, ...] = ()


def share_extremes(sums: Sums, n: int) -> Iterator[Sums]:
    """The sums of a share with so many rows more, all of them met, and none."""
    yield sums.plus({"counted": n, "met": n})
    yield sums.plus({"counted": n})


def count_extremes(sums: Sums, n: int, quantity: str, bounds: Bounds) -> Iterator[Sums]:
    """The sums with up to so many rows more of a quantity: one, all, and those that reach a bound."""
    at = {
        int(bound) + step - sums[quantity]
        for bound in bounds.data().values()
        for step in (-1, 0, 1)
    }
    for more in sorted({1, n, *at}):
        if 1 <= more <= n:
            yield sums.plus({quantity: more})


def share(sums: Mapping[str, int], threshold_pct: Decimal | None) -> Measure:
    """Met over counted, compared exactly with an exact percentage (S19, S25).

    Without a percentage it cannot be assessed: there is nothing to compare with.
    """
    met, counted = sums["met"], sums["counted"]
    if not counted:
        return Measure(met=met, value=None, unit="share", reached=None)
    reached = None if threshold_pct is None else met * 100 >= Fraction(threshold_pct) * counted
    return Measure(met=met, value=met / counted, unit="share", reached=reached)
