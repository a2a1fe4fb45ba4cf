"""What completed rows come to, and the options of each row: sums that merge by addition (F3, F15)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpi.definitions.figures import Figure
from kpi.definitions.measurement import Rows
from kpi.definitions.reserved import BIN, PART, PREFIX, ROW
from kpi.engine.buckets import inside, retained_masks
from kpi.engine.state import encode_segment

MET, MISSED, NOT_COUNTED = 1, 2, 4
"""What a row can be in the end. A row of a number counts as met where it is in the number."""

OPTIONS = {
    bits: "open: "
    + " or ".join(
        word
        for bit, word in ((MET, "met"), (MISSED, "missed"), (NOT_COUNTED, "not counted"))
        if bits & bit
    )
    for bits in range(1, 8)
}
"""The quantity that counts the open rows with each set of options: the seven sets that are not empty."""

SHORTEST, LONGEST = "shortest", "longest"
"""Histograms of the least and the greatest amount that open rows can come to, where they count."""

CERTAIN = "certain"
"""Histogram of the amounts of the open rows that are counted in any case, with that amount."""

WORST_SLACK, BEST_SLACK = "worst slack", "best slack"
"""What open rows add to what is allowed less what was taken, at worst and at best (F8)."""

COUNT = f"{PREFIX}n"
"""Integer column: the rows that a distinct row stands for."""

MAY_BE_EXCLUDED = "may be excluded"
"""The quantity of the open rows that can come to be inside without being counted."""

OPTION, AMOUNT, SLACK = f"{PREFIX}option", f"{PREFIX}amount", f"{PREFIX}slack"
"""The columns that `outcomes` adds: the bit, the amount, and what it leaves of what is allowed."""

_EXCLUDED = f"{PREFIX}excluded"


def outcomes(
    frame: pl.DataFrame, figure: Figure, rows: Rows, segments: Sequence[pl.Expr]
) -> pl.DataFrame:
    """Return what each row of a frame is under a target: a bit, the segment, and the amount.

    Args:
        frame: rows with every column that the target reads, derived dates included.
        figure: the figure of the target.
        rows: the row expressions of the target, as of its last day.
        segments: the segment keys of the target.

    Returns:
        the frame's columns, and `option` (`MET`, `MISSED` or `NOT_COUNTED`), `part`, `amount` and
        `slack` (Int64; null where there are none).
    """
    is_inside = inside(rows).fill_null(value=False)
    counted = is_inside & retained_masks(rows)[-1]
    amount, slack = _amounts(figure, rows)
    weight = pl.col(COUNT) if rows.weight is None else pl.col(COUNT) * rows.weight.fill_null(0)
    return frame.with_columns(
        pl.when(~counted)
        .then(NOT_COUNTED)
        .when(_numerator(figure, rows))
        .then(MET)
        .otherwise(NOT_COUNTED if figure.kind == "number" else MISSED)
        .cast(pl.UInt8)
        .alias(OPTION),
        encode_segment(segments).alias(PART),
        pl.when(counted).then(amount).cast(pl.Int64).alias(AMOUNT),
        pl.when(counted).then(slack).cast(pl.Int64).alias(SLACK),
        (is_inside & ~counted).alias(_EXCLUDED),
        weight.alias(COUNT),
    )


def _numerator(figure: Figure, rows: Rows) -> pl.Expr:
    """Return the mask of the counted rows that are met, or that are in the number."""
    if figure.quantity and figure.kind in ("number", "reported") and figure.quantity != "counted":
        return rows.sums[figure.quantity].fill_null(value=False)
    return pl.lit(value=True) if rows.met is None else rows.met.fill_null(value=False)


def _amounts(figure: Figure, rows: Rows) -> tuple[pl.Expr, pl.Expr]:
    """Return the amount of each row, and what it leaves of what is allowed; null without any."""
    none = pl.lit(None, pl.Int64)
    if figure.kind == "percentile":
        return rows.bins[figure.quantity], none
    if figure.kind != "mean" or rows.ranked is None:
        return none, none
    allowed = none if figure.most is None else pl.lit(figure.most)
    if "allowed" in rows.sums:
        allowed = rows.sums["allowed"] * figure.size
    return rows.ranked, allowed - rows.ranked


def options_of(completed: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Return the sums of the options of rows, given the outcomes of every completion of each.

    Args:
        completed: the outcomes (see `outcomes`); `kpi:row` says which row is completed.
        by: the columns of the break-down.

    Returns:
        a row for each group, segment and quantity: the break-down, `part`, `quantity`, `bin`, `n`.
    """
    has_amounts = completed[AMOUNT].null_count() < completed.height
    amounts = [
        extreme.alias(name) if has_amounts else pl.lit(None, pl.Int64).alias(name)
        for name, extreme in (
            (SHORTEST, pl.col(AMOUNT).min()),
            (LONGEST, pl.col(AMOUNT).max()),
            (WORST_SLACK, pl.col(SLACK).min()),
            (BEST_SLACK, pl.col(SLACK).max()),
        )
    ]
    # Where there are no segments a row has one, and the row alone is the key.
    has_parts = completed[PART].null_count() < completed.height
    of_row = completed.group_by(ROW, *([PART] if has_parts else [])).agg(
        *([] if has_parts else [pl.lit(None, pl.String).alias(PART)]),
        *(pl.col(name).first() for name in by),
        pl.col(COUNT).max(),
        pl.col(OPTION).bitwise_or(),
        pl.col(_EXCLUDED).any(),
        *amounts,
    )
    if has_parts:
        # A row that may fall in another segment may be not counted in this.
        several = pl.len().over(ROW) > 1
        bits = pl.when(several).then(pl.col(OPTION) | NOT_COUNTED).otherwise(pl.col(OPTION))
        of_row = of_row.with_columns(bits.alias(OPTION))
    may_not_count = (pl.col(OPTION) & NOT_COUNTED) != 0
    zero = pl.when(may_not_count).then(0)
    n = pl.col(COUNT)
    keys = [*by, PART]
    lazy = of_row.lazy()
    counts = (
        lazy.group_by(*keys, OPTION)
        .agg(n.sum().alias("n"))
        .select(
            *keys,
            pl.col(OPTION)
            .replace_strict(list(OPTIONS), list(OPTIONS.values()), return_dtype=pl.String)
            .alias("quantity"),
            _NO_BIN,
            "n",
        )
    )
    excluded = (
        lazy.filter(_EXCLUDED)
        .group_by(keys)
        .agg(n.sum().alias("n"))
        .select(*keys, pl.lit(MAY_BE_EXCLUDED).alias("quantity"), _NO_BIN, "n")
    )
    slacks = (
        []
        if not has_amounts
        else [
            lazy.filter(pl.col(name).is_not_null())
            .group_by(keys)
            .agg((extreme * n).sum().alias("n"))
            .select(*keys, pl.lit(name).alias("quantity"), _NO_BIN, "n")
            for name, extreme in (
                (WORST_SLACK, pl.min_horizontal(WORST_SLACK, zero)),
                (BEST_SLACK, pl.max_horizontal(BEST_SLACK, zero)),
            )
        ]
    )
    is_certain = ~may_not_count & (pl.col(SHORTEST) == pl.col(LONGEST))
    histograms = (
        []
        if not has_amounts
        else [
            lazy.filter(pl.col(amount).is_not_null(), mask)
            .group_by(*keys, pl.col(amount).alias(BIN))
            .agg(n.sum().alias("n"))
            .select(*keys, pl.lit(name).alias("quantity"), BIN, "n")
            for name, amount, mask in (
                (SHORTEST, SHORTEST, ~is_certain),
                (LONGEST, LONGEST, ~is_certain),
                (CERTAIN, SHORTEST, is_certain),
            )
        ]
    )
    parts = [counts, excluded, *slacks, *histograms]
    # Together, since small tables are many.
    return pl.concat(parts, how="vertical_relaxed").collect(engine="in-memory")


_NO_BIN = pl.lit(None, pl.Int64).alias(BIN)


def newcomer_sums(completed: pl.DataFrame, figure: Figure, *, start_freely: bool) -> pl.DataFrame:
    """Return what hypothetical new rows can do to a figure, by segment (F6).

    Args:
        completed: the outcomes of every newcomer (see `outcomes`).
        figure: the figure.
        start_freely: whether a newcomer may begin on any day, and so take any time.

    Returns:
        `part`, `quantity`, `bin` and `n`: a row with an `n` above 0 for each thing that some
        newcomer can do: `CAN_HELP`, `CAN_HURT`, `CAN_BE_EXCLUDED`, and `OF_NEWCOMERS` by `bin`.
    """
    option, amount, slack = pl.col(OPTION), pl.col(AMOUNT), pl.col(SLACK)
    helps, hurts = option == MET, option == MISSED
    if figure.kind in ("mean", "percentile"):
        counts = option != NOT_COUNTED
        if figure.is_trimmed:
            helps = hurts = counts
        elif figure.is_ranked:
            # Enough newcomers of the limit itself push all others out of the ranks that matter.
            within = pl.lit(value=True) if figure.most is None else amount <= figure.most
            beyond = pl.lit(value=True) if figure.most is None else amount > figure.most
            helps, hurts = counts & within, counts & beyond
        else:
            helps = counts & (slack.is_null() | (slack > 0))
            hurts = counts & (slack.is_null() | (slack < 0))
    if start_freely and (figure.kind in ("mean", "percentile") or figure.is_within):
        # Among all days there is one on which it is early, and one on which it is late.
        helps = hurts = option != NOT_COUNTED
    lazy = completed.lazy().group_by(PART)
    flags = lazy.agg(
        helps.any().cast(pl.Int64).alias(CAN_HELP),
        hurts.any().cast(pl.Int64).alias(CAN_HURT),
        pl.col(_EXCLUDED).any().cast(pl.Int64).alias(CAN_BE_EXCLUDED),
        (amount.is_not_null().any() & start_freely).cast(pl.Int64).alias(UNBOUNDED),
        amount.min().alias(SHORTEST),
        amount.max().alias(LONGEST),
    )
    long = flags.unpivot(
        on=[CAN_HELP, CAN_HURT, CAN_BE_EXCLUDED, UNBOUNDED],
        index=PART,
        variable_name="quantity",
        value_name="n",
    ).select(PART, "quantity", _NO_BIN, "n")
    amounts = flags.select(PART, pl.concat_list(SHORTEST, LONGEST).alias(BIN)).explode(BIN)
    amounts = amounts.filter(pl.col(BIN).is_not_null()).select(
        PART, pl.lit(OF_NEWCOMERS).alias("quantity"), BIN, pl.lit(1, pl.Int64).alias("n")
    )
    both = pl.concat([long.filter(pl.col("n") > 0), amounts])
    return both.collect(engine="in-memory")


CAN_HELP, CAN_HURT = "newcomers can help", "newcomers can hurt"
"""Quantities: above 0 where a new case can be met, and where one can be missed (F6)."""

OF_NEWCOMERS = "amounts of newcomers"
"""Histogram: the least and the greatest amount that a new case can be counted with."""

HISTOGRAMS = (SHORTEST, LONGEST, CERTAIN, OF_NEWCOMERS)
"""The histograms of what open rows and newcomers can come to, of rows or of what they count as."""

UNBOUNDED = "amounts of newcomers without bounds"
"""Quantity: above 0 where a new case can begin on any day, and so take any time."""

CAN_BE_EXCLUDED = "newcomers can be excluded"
"""Quantity: above 0 where a new case can be inside without being counted."""

OTHER = f"{PREFIX}other"
"""The text of a newcomer that stands for every value that a target does not name."""
