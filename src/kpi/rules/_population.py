"""Populations and conditions of a plan as Polars expressions (S9, S10, S34)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from kpi.definitions.bounds import BoundWord
from kpi.definitions.columns import Columns
from kpi.definitions.date_bounds import Bound, CaseDate, DateBounds
from kpi.definitions.outcomes import THRESHOLD_MISSING
from kpi.definitions.population import Condition, Missing, OneOf, Population
from kpi.definitions.thresholds import Threshold, ThresholdByValue
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl
from kpi.time.derived_dates import moved
from kpi.time.windows import between


def holds(columns: Columns, condition: Condition) -> pl.Expr:
    """Return the predicate of a condition; null, which counts as false, for a null (S10)."""
    column, test = pl.col(condition.column), condition.test
    if isinstance(test, Window):
        return between(column, test)
    if isinstance(test, DateBounds):
        return _between_dates(columns, column, test)
    if isinstance(test, Missing):
        return column.is_null() if test.missing else column.is_not_null()
    if isinstance(test, OneOf):
        if len(test.values) == 1:
            return column != test.values[0] if test.negated else column == test.values[0]
        # Nulls stay null through the negation: != is false for them too.
        is_listed = column.is_in(list(test.values))
        return ~is_listed if test.negated else is_listed
    return within_bounds(column, test.data())


def _between_dates(columns: Columns, column: pl.Expr, test: DateBounds) -> pl.Expr:
    """Return the predicate that a date is between other dates of the case (S34)."""
    comparisons = {
        "since": column.ge,
        "after": column.gt,
        "before": column.lt,
        "through": column.le,
    }
    return pl.all_horizontal(
        [comparisons[word](case_date(columns, bound)) for word, bound in test.bounds().items()]
    )


def case_date(columns: Columns, bound: Bound) -> pl.Expr:
    """Return a bound of dates: a date, another date of the case, or that moved by some time (S34)."""
    if isinstance(bound, dt.date):
        return pl.lit(bound)
    if isinstance(bound, CaseDate):
        return pl.col(bound.date)
    return moved(columns.plan, bound, columns.bounds)


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


def tests(
    columns: Columns, where: Population, unless: Population, start: str | None
) -> list[tuple[str, pl.Expr]]:
    """Return the predicates of a population in order, with the words for failing them.

    Args:
        columns: the columns of the table, and the choices of the plan.
        where: the conditions that a row must fulfil.
        unless: the conditions that leave a row out if it fulfils all of them.
        start: the target's start column; a window on it passes where the start is null, so that
            the row is excluded as "start missing" (S10). None where the target has no start.
    """
    predicates = [(f"fails: {words}", test) for words, test in demands(columns, where, start)]
    if unless:
        all_hold = pl.all_horizontal(
            [test.fill_null(value=False) for _, test in demands(columns, unless)]
        )
        predicates.append((f"left out: {unless}", ~all_hold))
    return predicates


def threshold_missing(threshold: Threshold | None) -> list[tuple[str, pl.Expr]]:
    """Return the mask of the rows whose value has no threshold, with the reason (S12)."""
    if not isinstance(threshold, ThresholdByValue):
        return []
    is_listed = pl.col(threshold.column).is_in(list(threshold.thresholds))
    return [(THRESHOLD_MISSING, ~is_listed.fill_null(value=False))]


def demands(
    columns: Columns, population: Population, start: str | None = None
) -> list[tuple[str, pl.Expr]]:
    """Return the predicates that must all hold for a row of a population, each with its words.

    Args:
        columns: the columns of the table, and the choices of the plan.
        population: the population.
        start: the start column whose windows pass where the start is null; None for no such column.
    """
    predicates = [(str(condition), _passes(columns, condition, start)) for condition in population]
    if population.any_of:
        alternatives = [
            pl.all_horizontal([_passes(columns, condition, start) for condition in alternative])
            for alternative in population.any_of
        ]
        predicates.append((population.any_of_text, pl.any_horizontal(alternatives)))
    return predicates


def _passes(columns: Columns, condition: Condition, start: str | None) -> pl.Expr:
    expression = holds(columns, condition)
    if condition.column == start and isinstance(condition.test, Window):
        return or_missing(expression, start)
    return expression


def or_missing(expression: pl.Expr, start: str) -> pl.Expr:
    """Return a predicate that is true as well where the target's start is null (S10)."""
    return expression | pl.col(start).is_null()
