"""The figure that a target is expected to end with, from what was known on a day (F20-F23, F29)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

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

    def population(self, tests: Sequence[pl.Expr]) -> pl.LazyFrame:
        """Return the known rows of the population, without its windows, that pass further tests."""
        of_population = population_tests(self.cases, self.grouped.columns(self.as_of))
        return self.grouped.known(self.as_of, [*tests, *of_population])

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
    """Answer questions about one target, all together.

    Returns:
        for each the answer; where there are too few ends in the look-back (F28), their number.
    """
    by_life_table = bool(askings) and askings[0].method.way == "life table"
    bases: list[pl.DataFrame | None] = [None] * len(askings)
    if by_life_table:
        queries = [asking.basis() for asking in askings]
        bases = [*pl.collect_all(queries, engine="in-memory", optimizations=_AS_WRITTEN)]
    known = [[*asking.known()] for asking in askings]
    found = iter(totals([asked for of_one in known for asked in of_one]))
    answers: list[Forecast | int] = []
    for asking, basis in zip(askings, bases, strict=True):
        standing, end, then, actual = (next(found) for _ in range(4))
        last_year = together((1, standing), (1, end), (-1, then))
        if basis is None:
            answers.append(Forecast(asking, last_year, standing, last_year, actual, None, None))
            continue
        ended = next(found)
        start_column, end_column = asking.method.interval
        table = life_table(basis, start_column, end_column, asking.as_of)
        if table.ends < FEWEST_ENDS:
            answers.append(table.ends)
            continue
        rows = expected_rows(
            basis,
            table,
            start=start_column,
            end=end_column,
            as_of=asking.as_of,
            last=asking.last,
        )
        (still,) = totals([rows_to_count(asking.target, asking.grouped, rows, asking.last)])
        expected = together((1, ended), (1, still))
        answers.append(Forecast(asking, expected, standing, last_year, actual, basis, table))
    return answers


_AS_WRITTEN = pl.QueryOptFlags.none()
