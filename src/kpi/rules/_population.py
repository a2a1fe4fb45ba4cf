"""Populations and conditions of a plan as Polars expressions (S9, S10)."""

from __future__ import annotations

from collections.abc import Mapping

from kpi.definitions.bounds import BoundWord
from kpi.definitions.outcomes import THRESHOLD_MISSING
from kpi.definitions.population import Condition, OneOf, Population
from kpi.definitions.thresholds import Threshold, ThresholdByValue
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl
from kpi.time.windows import between


def holds(condition: Condition) -> pl.Expr:
    """Return the predicate of a condition; null, which counts as false, for a null (S10)."""
    column, test = pl.col(condition.column), condition.test
    if isinstance(test, Window):
        return between(column, test)
    if isinstance(test, OneOf):
        if len(test.values) == 1:
            return column != test.values[0] if test.negated else column == test.values[0]
        # Nulls stay null through the negation: != is false for them too.
        is_listed = column.is_in(list(test.values))
        return ~is_listed if test.negated else is_listed
    return within_bounds(column, test.data())


def within_bounds(value: pl.Expr, bounds: Mapping[BoundWord, float]) -> pl.Expr:
    """Return the predicate that a number keeps every bound; null where the number is."""
    comparisons = {
        "at_least": value.ge,
        "more_than": value.gt,
        "at_most": value.le,
        "less_than": value.lt,
    }
    return pl.all_horizontal([comparisons[word](bound) for word, bound in bounds.items()])


def inside(column: str, window: Window) -> tuple[str, pl.Expr]:
    """Return the predicate that a date lies in a window, with the words for failing it."""
    return f"fails: {column} {window}", between(pl.col(column), window)


def tests(where: Population, unless: Population, start: str | None) -> list[tuple[str, pl.Expr]]:
    """Return the predicates of a population in order, with the words for failing them.

    Args:
        where: the conditions that a row must fulfil.
        unless: the conditions that leave a row out if it fulfils all of them.
        start: the target's start column; a condition on it passes where the start is null, so that
            the row is excluded as "start missing" (S10). None where the target has no start.
    """
    predicates = []
    for condition in where:
        expression = holds(condition)
        if condition.column == start:
            expression = or_missing(expression, start)
        predicates.append((f"fails: {condition}", expression))
    if unless:
        all_hold = pl.all_horizontal([holds(c).fill_null(value=False) for c in unless])
        predicates.append((f"left out: {unless}", ~all_hold))
    return predicates


def threshold_missing(threshold: Threshold | None) -> list[tuple[str, pl.Expr]]:
    """Return the mask of the rows whose value has no threshold, with the reason (S12)."""
    if not isinstance(threshold, ThresholdByValue):
        return []
    is_listed = pl.col(threshold.column).is_in(list(threshold.thresholds))
    return [(THRESHOLD_MISSING, ~is_listed.fill_null(value=False))]


def or_missing(expression: pl.Expr, start: str) -> pl.Expr:
    """Return a predicate that is true as well where the target's start is null (S10)."""
    return expression | pl.col(start).is_null()
