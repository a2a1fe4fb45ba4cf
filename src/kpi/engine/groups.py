"""The keys of groups and of segments."""

from __future__ import annotations

import polars as pl

from kpi.definitions.columns import Columns
from kpi.definitions.target import Target


def segment_keys(target: Target, columns: Columns) -> list[pl.Expr]:
    """Return the keys of the segments that must each reach the target on their own, as texts.

    The key of `each` first, then that of the period in force, where the target has them; a key is
    null where the column is.
    """
    period = target.period_in_force(columns)
    each = [] if target.each is None else [pl.col(target.each).cast(pl.String)]
    return [*each, *([] if period is None else [period])]
