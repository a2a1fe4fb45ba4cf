"""Strategies for populations: conditions on the columns of a table, and conjunctions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.kinds import Kind
from kpi.definitions.population import Condition, Missing, OneOf, Population, Range
from kpi.definitions.windows import Window
from kpi.testing.strategies.date_bounds import date_bounds
from kpi.testing.strategies.days import FIRST, LAST, windows
from kpi.testing.strategies.tables import CASES, VALUES, columns_of

_ONE_IN_SIX = st.sampled_from((False,) * 5 + (True,))


def _one_of(kind: Kind) -> SearchStrategy[OneOf]:
    values = st.lists(st.sampled_from(VALUES[kind]), min_size=1, max_size=3, unique=True)
    return st.builds(OneOf, values.map(tuple), st.booleans())


@st.composite
def _ranges(draw: DrawFn) -> Range:
    low = draw(st.sampled_from((None, "at_least", "more_than")))
    words = ("at_most", "less_than") if low is None else (None, "at_most", "less_than")
    high = draw(st.sampled_from(words))
    first = draw(st.integers(0, 8))
    # A whole number lies in between, or no plan would take the range.
    least = first + (low == "more_than") + (high == "less_than") if low is not None else 0
    bounds = {low: first, high: draw(st.integers(least, max(least, 8)))}
    return Range(**{word: n for word, n in bounds.items() if word is not None})


def conditions(
    columns: Mapping[str, Kind], column: str, years: tuple[int, int] = (FIRST.year, LAST.year)
) -> SearchStrategy[Condition]:
    """Generate conditions on one of the columns, whose kinds are given."""
    kind = columns[column]
    if kind == "date":
        # A whole year is likelier to meet the target's other windows than a part of one.
        wide = st.integers(*years).map(lambda year: Window(f"{year:04}"))
        window = st.one_of(wide, windows(years))
        tests: SearchStrategy[Any] = st.one_of(window, window, date_bounds(columns, years))
    else:
        tests = _one_of(kind)
        if kind == "integer":
            tests = st.one_of(tests, _ranges())
    missing = st.builds(Missing, st.booleans())
    return st.builds(Condition, st.just(column), st.one_of(tests, tests, tests, missing))


@st.composite
def populations(
    draw: DrawFn,
    columns: Mapping[str, Kind] | None = None,
    years: tuple[int, int] = (FIRST.year, LAST.year),
    *,
    least: int = 0,
    most: int = 2,
) -> Population:
    """Generate conjunctions of conditions, at most one a column; now and then with alternatives.

    Args:
        draw: given by Hypothesis.
        columns: the kind of each column (default: the columns of `CASES`).
        years: the first and last year of their windows.
        least: how many conditions at least.
        most: how many conditions at most.
    """
    kinds = columns if columns is not None else columns_of(CASES)
    if not kinds:
        return Population()
    # Each kind of value as often as the others, though most columns hold dates.
    by_kind = [sorted(c for c in kinds if kinds[c] == kind) for kind in sorted({*kinds.values()})]
    column = st.one_of([st.sampled_from(same) for same in by_kind])
    chosen = draw(st.lists(column, min_size=least, max_size=most, unique=True))
    drawn = tuple(draw(conditions(kinds, column, years)) for column in chosen)
    if not draw(_ONE_IN_SIX):
        return Population(drawn)
    alternative = st.lists(column, min_size=1, max_size=2, unique=True).flatmap(
        lambda names: st.tuples(*(conditions(kinds, name, years) for name in names))
    )
    any_of = draw(st.lists(alternative.map(Population), min_size=1, max_size=3))
    # Where there must be a condition, the alternatives now and then stand alone.
    return Population(drawn if draw(st.booleans()) else (), tuple(any_of))
