"""Which rows a target retains at each step of S12, and how many each step removes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import polars as pl

from kpi.definitions.measurement import Rows
from kpi.engine.state import COUNTED, EXCLUDED, INSIDE, UNDETERMINED


def inside(rows: Rows) -> pl.Expr:
    """Return the mask of the rows inside: all predicates hold, and none is null."""
    tests = [test for _, test in rows.tests]
    return pl.all_horizontal(tests) if tests else pl.repeat(value=True, n=pl.len())


def retained_masks(rows: Rows) -> list[pl.Expr]:
    """Return a mask for each step of S12: the rows inside that the step retains; never null.

    A step per reason for exclusion, in order, then a step for undetermined rows, if there can be
    any. The last mask is that of the counted rows. The sums and the audit trail use the same masks.
    """
    steps = [test for _, test in rows.exclusions]
    if rows.undetermined is not None:
        steps.append(rows.undetermined)
    stays: list[pl.Expr] = []
    for leaves in steps:
        # Null leaves no row out.
        left = leaves.ne_missing(other=True)
        stays.append(stays[-1] & left if stays else left)
    # As long as the rows, for a rule may exclude none of them.
    return stays or [pl.repeat(value=True, n=pl.len())]


def mask_name(n: int) -> str:
    """Return the column of the mask after the n-th step of S12, counted from 0."""
    return f"kpi:step {n}"


def removal_reasons(rows: Rows) -> list[str]:
    """Return the quantity that counts the rows removed at each step of `retained_masks`."""
    undetermined = [] if rows.undetermined is None else [UNDETERMINED]
    return [*(f"{EXCLUDED}{reason}" for reason, _ in rows.exclusions), *undetermined]


def counted_mask(rows: Rows) -> str:
    """Return the column of the mask of the counted rows."""
    return mask_name(max(len(removal_reasons(rows)) - 1, 0))


N = TypeVar("N", int, pl.Series)


def by_bucket(rows: Rows, found: Mapping[str, N]) -> dict[str, N]:
    """Return the quantities of a state: each step removes the rows retained before, less those after.

    Args:
        rows: the row expressions of the target.
        found: by mask and sum, an integer or a column of integers (a row per group).
    """
    quantities = {INSIDE: found[INSIDE]}
    before = found[INSIDE]
    for n, name in enumerate(removal_reasons(rows)):
        quantities[name] = before - found[mask_name(n)]
        before = found[mask_name(n)]
    return quantities | {COUNTED: before} | {name: found[name] for name in rows.sums}
