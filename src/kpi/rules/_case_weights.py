"""Weights of cases as expressions: the only place that makes them (S32)."""

from __future__ import annotations

from attrs import evolve

from kpi.definitions.columns import Columns
from kpi.definitions.measurement import Rows
from kpi.definitions.outcomes import WEIGHT_MISSING
from kpi.definitions.target import Target
from kpi.polars_on_demand import pl


def weighed_rows(target: Target, columns: Columns) -> Rows:
    """Return the row expressions of a target, with the weights of its cases where it has them.

    A row inside whose weight is null or below 1 is excluded before any other reason, so that every
    other row inside has a weight.
    """
    rows = target.rows(columns)
    if target.count_as is None:
        return rows
    weight = pl.col(target.count_as).cast(pl.Int64)
    missing = weight.is_null() | (weight < 1)
    return evolve(rows, exclusions=((WEIGHT_MISSING, missing), *rows.exclusions), weight=weight)
