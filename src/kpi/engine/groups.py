"""The keys of groups and of segments."""

from __future__ import annotations

import polars as pl

from kpi.definitions.columns import Columns
from kpi.definitions.target import Target


def part_keys(target: Target, columns: Columns) -> list[pl.Expr]:
    """What splits a target's rows into parts that must each reach it on their own: texts."""
    stretch = target.stretch(columns)
    each = [] if target.each is None else [pl.col(target.each).cast(pl.String)]
    return [*each, *([] if stretch is None else [stretch])]
