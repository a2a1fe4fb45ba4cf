"""The masks of the rows that a target retains at each step of S12, and the counts each removes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import polars as pl

from kpi.definitions.measurement import Rows
from kpi.engine.state import (
    COUNTED,
    COUNTED_AS,
    EXCLUDED,
    INSIDE,
    INSIDE_AS,
    UNDETERMINED,
    UNDETERMINED_AS,
)


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
    masks: list[pl.Expr] = []
    for removed in steps:
        # Null removes no row.
        retained = removed.ne_missing(other=True)
        masks.append(masks[-1] & retained if masks else retained)
    # A mask as long as the rows, where a rule excludes none of them.
    return masks or [pl.repeat(value=True, n=pl.len())]


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


def weighed_masks(rows: Rows) -> dict[str, pl.Expr]:
    """Return the mask of the rows whose weights each quantity adds up, by name; none without (S32).

    Of the rows inside those that have a weight: the first exclusion leaves the others out.
    """
    if rows.weight is None:
        return {}
    counted = pl.col(counted_mask(rows))
    masks = {INSIDE_AS: pl.col(mask_name(0)), COUNTED_AS: counted}
    if rows.undetermined is not None:
        masks[UNDETERMINED_AS] = pl.col(mask_name(len(rows.exclusions) - 1)) & ~counted
    return masks


N = TypeVar("N", int, pl.Series)


def by_bucket(rows: Rows, totals: Mapping[str, N]) -> dict[str, N]:
    """Return the quantities of a state: a step removes the rows retained before, less those after.

    Args:
        rows: the row expressions of the target.
        totals: the rows inside, the rows of each mask, and the sums of the rule and of weights, by
            name: integers, or columns of integers (a row per group).
    """
    quantities = {INSIDE: totals[INSIDE]}
    before = totals[INSIDE]
    for n, name in enumerate(removal_reasons(rows)):
        quantities[name] = before - totals[mask_name(n)]
        before = totals[mask_name(n)]
    names = (*weighed_masks(rows), *rows.sums)
    return quantities | {COUNTED: before} | {name: totals[name] for name in names}
