"""What each row comes to under a target: compared where values alone do not tell (F41, F46)."""

from __future__ import annotations

import polars as pl

from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.engine.audit_trail import gives_due_dates
from kpi.engine.buckets import inside, retained_masks
from kpi.engine.groups import segment_keys
from kpi.engine.target_query import columns_of, identity
from kpi.rules._case_weights import weighed_rows
from kpi.rules._interval import IntervalTarget
from kpi.tables.as_of import Snapshot

_OUTCOME = "kpi:outcome:"
_ROW = "kpi:n"
_IN_ORDER = pl.QueryOptFlags(predicate_pushdown=False)


def outcome(plan: Plan, snapshot: Snapshot, target: Target) -> list[pl.Expr]:
    """Return what a row adds to the state of a target, as expressions.

    The step of S12 that it reaches (outside null, then the number of the steps that retain it), and
    of counted rows the summands, the values of histograms, the group, the weight and the segment.
    """
    columns = columns_of(plan, snapshot)
    rows = weighed_rows(target, columns)
    member, masks = inside(rows).fill_null(value=False), retained_masks(rows)
    counted = member & masks[-1]
    retained = pl.sum_horizontal([mask.cast(pl.Int64) for mask in masks])
    values = [*rows.sums.values(), *rows.bins.values(), *segment_keys(target, columns)]
    values += [value for value in (rows.group, rows.weight, rows.distinct) if value is not None]
    return [
        pl.when(member).then(retained).alias(f"{_OUTCOME}step"),
        *(pl.when(counted).then(value).alias(f"{_OUTCOME}{n}") for n, value in enumerate(values)),
    ]


def outcome_differs(
    plan: Plan,
    target: Target,
    before: tuple[Snapshot, pl.DataFrame],
    after: tuple[Snapshot, pl.DataFrame],
) -> pl.Series | None:
    """Return whether each pair of rows comes to something else; None where expressions are equal.

    Args:
        plan: the plan that is evaluated.
        target: the target.
        before: the earlier snapshot, and rows of it.
        after: the later snapshot, and the rows that they stand against.
    """
    old, new = outcome(plan, before[0], target), outcome(plan, after[0], target)
    if list(map(identity, old)) == list(map(identity, new)):
        return None
    return values_differ(before[1], old, after[1], new)


def values_differ(
    before: pl.DataFrame, old: list[pl.Expr], after: pl.DataFrame, new: list[pl.Expr]
) -> pl.Series:
    """Return whether any of some expressions differs between rows and those that they stand against."""
    pair = pl.concat(
        [before.select(old), after.select(new).rename(lambda name: f"{name}:new")],
        how="horizontal",
    )
    names = [expression.meta.output_name() for expression in old]
    differs = [pl.col(name).ne_missing(pl.col(f"{name}:new")) for name in names]
    return pair.select(pl.any_horizontal(differs)).to_series()


def falls_due(
    plan: Plan, target: Target, before: Snapshot, after: Snapshot, rows: pl.DataFrame
) -> pl.Series | None:
    """Return the mask of the open cases of a target's population that fall due between two days (F41).

    Those whose due date is later than the first day, and the second or earlier: that day is over. None
    where the target gives no due dates.

    Args:
        plan: the plan that is evaluated.
        target: the target.
        before: the snapshot of the earlier day.
        after: that of the later day.
        rows: rows of the later one.
    """
    if not isinstance(target, IntervalTarget):
        return None
    columns = columns_of(plan, after)
    expressions = weighed_rows(target, columns)
    if expressions.due is None or not gives_due_dates(expressions):
        return None
    is_open = pl.col(target.start).is_not_null() & pl.col(target.end).is_null()
    due = expressions.due.cast(pl.Date)
    passed = (due > before.as_of) & (due <= after.as_of)
    tests = [is_open, *(test for _, test in target.population(columns)), passed]
    # Filtered one after the other: few cases are open, and nothing need be computed of the others.
    lazy = rows.lazy().with_row_index(_ROW)
    for test in tests:
        lazy = lazy.filter(test)
    places = lazy.select(_ROW).collect(engine="in-memory", optimizations=_IN_ORDER).to_series()
    mask = pl.repeat(value=False, n=rows.height, eager=True)
    return mask.scatter(places, values=True) if places.len() else mask
