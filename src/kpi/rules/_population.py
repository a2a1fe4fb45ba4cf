"""The conditions of a plan as Polars expressions (S9, S10)."""

from __future__ import annotations

from kpi.definitions.population import Condition, OneOf, Population, Range
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
    return pl.all_horizontal(_bounds(column, test))


def _bounds(column: pl.Expr, test: Range) -> list[pl.Expr]:
    signs = {
        "at_least": column.ge,
        "more_than": column.gt,
        "at_most": column.le,
        "less_than": column.lt,
    }
    return [signs[name](bound) for name, bound in test.data().items()]


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
