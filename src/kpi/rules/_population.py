"""The conditions of a plan as Polars expressions (S9, S10)."""

from __future__ import annotations

from collections.abc import Mapping

from kpi.definitions.bounds import BoundWord
from kpi.definitions.population import Condition, OneOf, Population
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl
from kpi.time.windows import between


def holds(condition: Condition) -> pl.Expr:
    """Whether a condition holds; null, which counts as no, where the column is null (S10)."""
    column, test = pl.col(condition.column), condition.test
    if isinstance(test, Window):
        return between(column, test)
    if isinstance(test, OneOf):
        if len(test.values) == 1:
            return column != test.values[0] if test.negated else column == test.values[0]
        # Nulls stay null through the negation: != is false for them too.
        within = column.is_in(list(test.values))
        return ~within if test.negated else within
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
    """The test that a date lies in a window, with the words for failing it."""
    return f"fails: {column} {window}", between(pl.col(column), window)


def tests(where: Population, unless: Population, start: str | None) -> list[tuple[str, pl.Expr]]:
    """The population's tests in order, each with the words for failing it.

    A row whose null in `start`, the target's own start column, is all that fails a window passes:
    it is then excluded as "start missing" (S10).
    """
    found = []
    for condition in where:
        expression = holds(condition)
        if condition.column == start:
            expression = or_missing(expression, start)
        found.append((f"fails: {condition}", expression))
    if unless:
        both = pl.all_horizontal([holds(c).fill_null(value=False) for c in unless])
        found.append((f"left out: {unless}", ~both))
    return found


def or_missing(expression: pl.Expr, start: str) -> pl.Expr:
    """The expression, or true where the target's start is null (S10)."""
    return expression | pl.col(start).is_null()
