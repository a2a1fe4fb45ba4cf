"""The figure that a target is expected to end with, from what was known on a day (F20-F23, F29)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import chain

import polars as pl
from attrs import frozen

from kpi.definitions.target import Target
from kpi.evaluation.forecast.expected_rows import expected_rows
from kpi.evaluation.forecast.figures import (
    Asked,
    BySegment,
    known_rows,
    rows_to_count,
    together,
    totals,
)
from kpi.evaluation.forecast.grouped_rows import GroupedRows, N
from kpi.evaluation.forecast.life_table import LOOK_BACK, LifeTable, life_table
from kpi.evaluation.forecast.method import Method, population_tests
from kpi.evaluation.forecast.shifted_dates import shifted

FEWEST_ENDS = 30
"""Ends in the look-back without which there is no estimate (F28)."""


@frozen(eq=False, repr=False)
class Asking:
    """A question: which figure a target ends with, from what was known on an earlier day.

    Attributes:
        grouped: the rows that the target is about.
        method: the way in which it is estimated.
        cases: the target about the cases of the life table, without its windows (F21).
        target: the target, its dates moved where it is asked at another time (F25).
        as_of: the last day that is known.
        last: the day that the figure is of: the last day of the target's window.
    """

    grouped: GroupedRows
    method: Method
    cases: Target
    target: Target
    as_of: dt.date
    last: dt.date

    @property
    def shares(self) -> tuple[object, ...]:
        """What the questions have in common that share a life table and its expected rows."""
        tests = [test.meta.serialize() for test in self._cases()]
        return id(self.grouped), self.method, tuple(tests), self.as_of, self.last

    def _cases(self) -> list[pl.Expr]:
        return population_tests(self.cases, self.grouped.columns(self.as_of))

    def population(self, tests: Sequence[pl.Expr]) -> pl.LazyFrame:
        """Return the known rows of the population, without its windows, that pass further tests."""
        return self.grouped.known(self.as_of, [*tests, *self._cases()])

    def basis(self) -> pl.LazyFrame:
        """Return the rows of the life table: cases open at some time of the look-back (F21).

        Of all cases of the population, whether or not they count in the window.
        """
        start, end = self.method.interval
        first = self.as_of - dt.timedelta(LOOK_BACK - 1)
        is_open = pl.col(end).is_null() | (pl.col(end) >= first)
        return self.population([is_open, pl.col(start).is_not_null()])

    def known(self) -> Iterator[Asked]:
        """Yield what is counted of known rows: see `Forecast`, whose totals are made of these."""
        target, grouped, step = self.target, self.grouped, dt.timedelta(LOOK_BACK)
        before = shifted(target, grouped.plan, -LOOK_BACK)
        then, end = self.as_of - step, self.last - step
        yield known_rows(target, grouped, self.as_of, self.as_of)
        yield known_rows(before, grouped, end, end)
        yield known_rows(before, grouped, then, then)
        yield known_rows(target, grouped, self.last, self.last)
        if self.method.way == "life table":
            has_ended = pl.col(self.method.interval[1]).is_not_null()
            yield known_rows(target, grouped, self.as_of, self.last, has_ended)


@frozen(eq=False, repr=False)
class Forecast:
    """The answer to a question, with what simpler figures say.

    Attributes:
        asking: the question.
        expected: the totals of the rows that the target is expected to end with, by segment.
        standing: the totals as they stand on the day that is known.
        last_year: what stands, and by how much the same remaining days of last year changed it (F29).
        actual: the totals that it ended with, as they were known then (S15); those known so far,
            where the day is not over.
        basis: the rows of the life table; None without one.
        table: the life table; None without one.
    """

    asking: Asking
    expected: BySegment
    standing: BySegment
    last_year: BySegment
    actual: BySegment
    basis: pl.DataFrame | None
    table: LifeTable | None

    @property
    def dormant(self) -> int | None:
        """The open cases that are older than any that was ended (F22); None without a life table."""
        if self.table is None or self.basis is None:
            return None
        start, end = self.asking.method.interval
        age = (pl.lit(self.asking.as_of) - pl.col(start)).dt.total_days()
        old = self.basis.filter(pl.col(end).is_null() & (age > self.table.oldest_ended))
        return int(old[N].sum())


def forecasts(askings: Sequence[Asking]) -> list[Forecast | int]:
    """Answer questions; those about the same cases at the same time share a life table.

    Returns:
        for each the answer; where there are too few ends in the look-back (F28), their number.
    """
    places: dict[object, list[int]] = {}
    for n, asking in enumerate(askings):
        places.setdefault(asking.shares, []).append(n)
    answers: dict[int, Forecast | int] = {}
    for numbers in places.values():
        alike = [askings[n] for n in numbers]
        found = (
            _by_life_table(alike) if alike[0].method.way == "life table" else _as_last_year(alike)
        )
        answers |= zip(numbers, found, strict=True)
    return [answers[n] for n in range(len(askings))]


def _by_life_table(askings: Sequence[Asking]) -> Iterator[Forecast | int]:
    """Yield the answers to questions about the same cases at the same time."""
    first = askings[0]
    start, end = first.method.interval
    basis = first.basis().collect(engine="in-memory", optimizations=_AS_WRITTEN)
    table = life_table(basis, start, end, first.as_of)
    if table.ends < FEWEST_ENDS:
        yield from [table.ends] * len(askings)
        return
    rows = expected_rows(basis, table, start=start, end=end, as_of=first.as_of, last=first.last)
    to_come = [
        rows_to_count(asking.target, asking.grouped, rows, asking.last) for asking in askings
    ]
    found = iter(totals([*chain.from_iterable(a.known() for a in askings), *to_come]))
    known = [[next(found) for _ in range(5)] for _ in askings]
    for asking, (standing, year_end, then, actual, ended), still in zip(
        askings, known, found, strict=True
    ):
        last_year = together((1, standing), (1, year_end), (-1, then))
        expected = together((1, ended), (1, still))
        yield Forecast(asking, expected, standing, last_year, actual, basis, table)


def _as_last_year(askings: Sequence[Asking]) -> Iterator[Forecast]:
    """Yield the answers to questions that take the second way (F29)."""
    found = iter(totals([*chain.from_iterable(asking.known() for asking in askings)]))
    for asking in askings:
        standing, year_end, then, actual = (next(found) for _ in range(4))
        last_year = together((1, standing), (1, year_end), (-1, then))
        yield Forecast(asking, last_year, standing, last_year, actual, None, None)


_AS_WRITTEN = pl.QueryOptFlags.none()
