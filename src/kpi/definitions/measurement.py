"""Row expressions and measures: the two things that a rule hands over."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field, frozen

from kpi.definitions.ranks import Fastest, Trimmed

if TYPE_CHECKING:
    import polars as pl

Unit: TypeAlias = Literal[
    "share",
    "days",
    "working days",
    "months",
    "hours",
    "minutes",
    "count",
    "change",
    "number",
    "parts",
]
"""The unit of a value.

A fraction 0..1, days, working days, months, hours, minutes, a count of rows, a change as a fraction,
a number as it was reported; a requirement of several parts ("parts") has no value of its own.
"""


@frozen(kw_only=True)
class Rows:
    """The row-level expressions of a target, over the columns of its table.

    The rule writes each expression once; the state sums them and the audit trail lists them, so the
    trail adds up to the number by construction.

    Example:
        Cases that were decided in 2022, met where the decision took at most 30 days::

            days = (pl.col("decided") - pl.col("filed")).dt.total_days()
            Rows(
                tests=(("not decided in 2022", pl.col("decided").dt.year() == 2022),),
                exclusions=(("start missing", pl.col("filed").is_null()),),
                met=days <= 30,
                days=days,
                event=pl.col("decided"),
                sums={"met": days <= 30},
            )

    Attributes:
        tests: the predicates (boolean), each after the words for failing it; a row is outside at
            the first predicate that is false or null (S10).
        exclusions: the masks (boolean) for excluding a row inside, each after its reason; the first
            that is true gives the reason (S12).
        undetermined: mask (boolean) of the rows whose outcome is not certain yet; None where every
            outcome is.
        met: outcome (boolean) of a counted row, null as false; None where the target has no limit
            that a row keeps or misses.
        days: duration (integer): whole days from start to end, less the deducted ones; working days
            where an average or a percentile is in working days (S16).
        paused: the deducted days (integer), in the unit of `days`; None where none are deducted
            (S14).
        due: due date: the last day on which the row is in time.
        event: the date by which the row falls in the window, and in a period of a series.
        seconds: elapsed seconds (integer) from start to end; None unless the limit is in hours or
            minutes (S3).
        sums: the quantities (boolean or integer) that a state adds up over the counted rows, by
            name.
        bins: the whole numbers (integer) of which a state keeps a histogram over the counted rows,
            by name.
        distinct: the value of which the rule counts the first row by the key alone, within each
            segment; it excludes the others last, as "counted already" (S23).
        fastest: the share of the shortest rows that alone are counted, or of the rows that are left
            out at both ends (S17).
        group: the value (text) of which a state keeps `sums` and the number of counted rows apart;
            never null where a row is counted. None where it keeps them of all rows together.
        ranked: what tells which rows those are (integer); None where that is `days`.
        weight: the number (integer) that a row counts as; the sums and histograms of the state are
            then of that number. None where each row counts as one (S32).
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
    distinct: pl.Expr | None = None
    fastest: Fastest | Trimmed | None = None
    ranked: pl.Expr | None = None
    group: pl.Expr | None = None
    weight: pl.Expr | None = None


@frozen(kw_only=True)
class Measure:
    """The value and the outcome, reached or not, that the totals of a group of rows give.

    Example:
        A share of which 90 % must be met, for a group with 45 of 60 counted rows met::

            Measure(met=45, value=45 / 60, unit="share", reached=False)

    Attributes:
        met: numerator of a share (rows, or what they count as), or the rows in time where the late
            ones are counted; None for other targets.
        total: sum of the durations of an average (days, working days, or microseconds where the
            limit is in hours or minutes); None for other targets.
        value: the value, in `unit`; None where no row is counted that could give one.
        exact: the value as a fraction, where it is neither `met` nor `total` over `counted`, so that
            it is printed as it compares (S19); None where `value` will do.
        unit: the unit of `value`.
        reached: whether the value reaches the target; None where that cannot be assessed (S25).
        counted: denominator (rows, or what they count as), where it is not that of every counted
            row; None where it is.
        excluded: rows that can be excluded only once all are summed, by reason (S17).
        figures: further figures to show beside the value, by name.
        remarks: remarks for the reader of the result, a line each.
    """

    met: int | None = None
    total: int | None = None
    value: float | None
    exact: Fraction | None = None
    unit: Unit
    reached: bool | None
    counted: int | None = None
    excluded: Mapping[str, int] = field(factory=dict)
    figures: Mapping[str, float | int | None] = field(factory=dict)
    remarks: tuple[str, ...] = ()
