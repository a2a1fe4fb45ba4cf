"""Which rows a target retains at each step of S12, and how many each step removes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import polars as pl

from kpi.definitions.measurement import Rows
from kpi.engine.state import COUNTED, EXCLUDED, INSIDE, UNDETERMINED


def inside(rows: Rows) -> pl.Expr:
    """Whether a row is not outside; null counts as outside."""
    tests = [test for _, test in rows.tests]
    return pl.all_horizontal(tests) if tests else pl.repeat(value=True, n=pl.len())


def retained_masks(rows: Rows) -> list[pl.Expr]:
    """Whether a row inside is still to be counted after each step of S12; none of them is null.

    A step for each reason for excluding a row, in order, then one for what is undetermined, if
    anything can be: the last says whether a row is counted. The sums and the trail go by the same.
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
    return f"kpi:step {n}"


def removal_reasons(rows: Rows) -> list[str]:
    """The quantity of the rows that leave at each step of `staying`."""
    undetermined = [] if rows.undetermined is None else [UNDETERMINED]
    return [*(f"{EXCLUDED}{reason}" for reason, _ in rows.exclusions), *undetermined]


def counted_mask(rows: Rows) -> str:
    """Whether a row is counted."""
    return mask_name(max(len(removal_reasons(rows)) - 1, 0))


N = TypeVar("N", int, pl.Series)


def by_bucket(rows: Rows, found: Mapping[str, N]) -> dict[str, N]:
    """What a state holds: at each step leave as many as there were before, less those who stay."""
    quantities = {INSIDE: found[INSIDE]}
    before = found[INSIDE]
    for n, name in enumerate(removal_reasons(rows)):
        quantities[name] = before - found[mask_name(n)]
        before = found[mask_name(n)]
    return quantities | {COUNTED: before} | {name: found[name] for name in rows.sums}
