"""What each row comes to under a target: compared where values alone do not tell (F41, F46)."""

from __future__ import annotations

import polars as pl
from attrs import field, frozen

from kpi.definitions.target import Target
from kpi.engine.audit_trail import gives_due_dates
from kpi.engine.buckets import inside, retained_masks
from kpi.engine.groups import segment_keys
from kpi.evaluation.comparison.columns_read import TargetRows
from kpi.rules._interval import IntervalTarget

_OUTCOME = "kpi:outcome:"
_ROW = "kpi:n"
_KEPT = f"{_ROW}:kept"


def outcome(of_snapshot: TargetRows, target: Target) -> list[pl.Expr]:
    """Return what a row adds to the state of a target, as expressions.

    The step of S12 that it reaches (outside null, then the number of the steps that retain it), and
    of counted rows the summands, the values of histograms, the group, the weight and the segment.
    """
    rows, columns = of_snapshot.of(target), of_snapshot.columns
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
    target: Target,
    before: tuple[TargetRows, pl.DataFrame],
    after: tuple[TargetRows, pl.DataFrame],
) -> pl.Series | None:
    """Return whether each pair of rows comes to something else; None where expressions are equal.

    Args:
        target: the target.
        before: the row expressions over the earlier snapshot, and rows of it.
        after: those over the later one, and the rows that they stand against.
    """
    old, new = outcome(before[0], target), outcome(after[0], target)
    if all(one.meta.eq(other) for one, other in zip(old, new, strict=True)):
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


@frozen(eq=False, repr=False)
class OpenRows:
    """The open cases of a frame by start and end, each pair of dates looked for once.

    Attributes:
        rows: all rows.
        found: by the columns of start and end, the open ones with their places.
    """

    rows: pl.DataFrame
    found: dict[tuple[str, str], pl.DataFrame] = field(factory=dict)

    def between(self, start: str, end: str) -> pl.DataFrame:
        """Return the rows with the start and without the end, behind their places."""
        if (start, end) not in self.found:
            is_open = pl.col(start).is_not_null() & pl.col(end).is_null()
            self.found[start, end] = self.rows.with_row_index(_ROW).filter(is_open)
        return self.found[start, end]


def falls_due(
    target: Target, before: TargetRows, after: TargetRows, rows: OpenRows
) -> pl.Series | None:
    """Return the mask of the open cases of a target's population that fall due between two days (F41).

    Those whose due date is later than the first day, and the second or earlier: that day is over. None
    where the target gives no due dates.

    Args:
        target: the target.
        before: the row expressions as of the earlier day.
        after: those as of the later day.
        rows: rows of the later one.
    """
    if not isinstance(target, IntervalTarget):
        return None
    expressions = after.of(target)
    if expressions.due is None or not gives_due_dates(expressions):
        return None
    due = expressions.due.cast(pl.Date)
    passed = (due > before.columns.as_of) & (due <= after.columns.as_of)
    # The population first, so that no due date is computed of the rows that are left out. As a mask each:
    # Polars refuses filters one after the other over ten million rows.
    opened = rows.between(target.start, target.end)
    for tests in ([test for _, test in target.population(after.columns)], [passed]):
        if tests:
            kept = opened.with_columns(pl.all_horizontal(tests).alias(_KEPT))[_KEPT]
            opened = opened.filter(kept)
    places = opened[_ROW]
    mask = pl.repeat(value=False, n=rows.rows.height, eager=True)
    return mask.scatter(places, values=True) if places.len() else mask
