"""The figure that a target is expected to end with, from what was known on a day (F20-F23, F29)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property

import polars as pl
from attrs import frozen

from kpi.definitions.target import Target
from kpi.evaluation.forecast.expected_rows import expected_rows
from kpi.evaluation.forecast.figures import (
    BySegment,
    expected_totals,
    known_totals,
    together,
)
from kpi.evaluation.forecast.grouped_rows import GroupedRows, N
from kpi.evaluation.forecast.life_table import LOOK_BACK, LifeTable, life_table
from kpi.evaluation.forecast.method import Method, population_tests
from kpi.evaluation.forecast.shifted_dates import shifted

FEWEST_ENDS = 30
"""Ends in the look-back without which there is no estimate (F28)."""


@frozen(eq=False, repr=False)
class Forecast:
    """The figure of a target at a day, from what was known on an earlier day.

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

    @cached_property
    def basis(self) -> pl.DataFrame:
        """The grouped rows of the life table: open at some time of the look-back (F21).

        Of all cases of the population, whether or not they count in the window.
        """
        start, end = self.method.start, self.method.end
        assert start is not None, "a life table has a start"
        assert end is not None, "a life table has an end"
        first = self.as_of - dt.timedelta(LOOK_BACK - 1)
        tests = [pl.col(start).is_not_null(), pl.col(end).is_null() | (pl.col(end) >= first)]
        return self.population(tests).collect(engine="in-memory")

    def population(self, tests: Sequence[pl.Expr]) -> pl.LazyFrame:
        """Return the known rows of the population, without its windows, that pass further tests."""
        columns = self.grouped.columns(self.as_of)
        of_population = population_tests(self.cases, columns)
        return self.grouped.known(self.as_of, [*tests, *of_population])

    @cached_property
    def table(self) -> LifeTable:
        """The life table of the look-back."""
        assert self.method.start is not None, "a life table has a start"
        assert self.method.end is not None, "a life table has an end"
        return life_table(self.basis, self.method.start, self.method.end, self.as_of)

    @property
    def dormant(self) -> int | None:
        """The open cases that are older than any that was ended (F22); None without a life table."""
        if self.method.way == "last year":
            return None
        age = (pl.lit(self.as_of) - pl.col(self.method.start or "")).dt.total_days()
        is_open = pl.col(self.method.end or "").is_null()
        old = self.basis.filter(is_open & (age > self.table.oldest_ended))
        return int(old[N].sum())

    @property
    def has_enough(self) -> bool:
        """Whether enough cases were ended in the look-back for an estimate (F28)."""
        return self.method.way == "last year" or self.table.ends >= FEWEST_ENDS

    def expected(self) -> BySegment:
        """Return the totals of the rows that the target is expected to end with."""
        if self.method.way == "last year":
            return self.as_last_year()
        start, end = self.method.start, self.method.end
        assert start is not None, "a life table has a start"
        assert end is not None, "a life table has an end"
        rows = expected_rows(
            self.basis, self.table, start=start, end=end, as_of=self.as_of, last=self.last
        )
        known = known_totals(
            self.target, self.grouped, self.as_of, self.last, pl.col(end).is_not_null()
        )
        return together(
            (1, known), (1, expected_totals(self.target, self.grouped, rows, self.last))
        )

    @cached_property
    def standing(self) -> BySegment:
        """The totals of the target as it stands on the day that is known."""
        return known_totals(self.target, self.grouped, self.as_of, self.as_of)

    def as_last_year(self) -> BySegment:
        """Return what stands, and by how much the same remaining days of last year changed it (F29)."""
        before = shifted(self.target, self.grouped.plan, -LOOK_BACK)
        step = dt.timedelta(LOOK_BACK)
        then, end = self.as_of - step, self.last - step
        return together(
            (1, self.standing),
            (1, known_totals(before, self.grouped, end, end)),
            (-1, known_totals(before, self.grouped, then, then)),
        )

    def actual(self) -> BySegment:
        """Return the totals that the target ended with, as they were known then (S15)."""
        return known_totals(self.target, self.grouped, self.last, self.last)
