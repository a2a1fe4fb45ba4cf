"""The base of every scenario: values and dates that a target's conditions ask for."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from functools import cached_property

from attrs import frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.plan import Plan
from kpi.definitions.population import Condition, Missing, Population
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.sample.date_bounds import is_between, place
from kpi.sample.values import Pool, Row, between, day_of, failing, fulfilling, holds

DAY = dt.timedelta(1)
_BEYOND = 0.07
_ASTRAY = 0.04
_BEFORE_START = 45


@frozen(kw_only=True)
class Scenario:
    """Maker of rows for one target. As it stands, for a kind of target that is not known.

    Attributes:
        target: the target.
        table: the declaration of its table.
        pools: the values of the table's columns that are no dates.
        first: the first day of the target's window.
        last: the last day of that window.
        calendar: the plan's calendar of working days.
        variants: the same for a target with each of the alternatives of `any_of` for conditions
            (S34), or for each of several tiers; none where there are no alternatives.
        weights: how often each of the variants is taken; none where they are taken alike.
    """

    target: Target
    table: Table
    pools: Mapping[str, Pool]
    first: dt.date
    last: dt.date
    calendar: Calendar
    variants: tuple[Scenario, ...] = ()
    weights: tuple[float, ...] = ()

    def variant(self, rng: random.Random) -> Scenario:
        """Return the scenario for a row: one of the alternatives, or of the tiers."""
        if self.weights:
            return rng.choices(self.variants, self.weights)[0]
        return rng.choice(self.variants) if self.variants else self

    @property
    def wanted(self) -> int | None:
        """The number of rows that the target is to count; None for as many as there are."""
        return None

    @property
    def distinct(self) -> str | None:
        """The column whose distinct values are counted; None where rows are counted."""
        return None

    def counts(self, row: Row) -> bool:  # noqa: ARG002 - for scenarios with a number of rows
        """Return whether a row is one of those wanted."""
        return False

    def choose(self, row: Row, rng: random.Random) -> None:
        """Fill the columns, other than dates, that the target turns on; rarely with a miss."""
        conditions = self.value_conditions
        for condition in conditions:
            self.turn(row, condition, self.first, rng, kept=True)
        each = self.target.each
        if each is not None and each not in row:
            row[each] = rng.choice(self.pools[each].named or self.pools[each].others)
        if conditions and rng.random() < _ASTRAY:
            self.turn(row, rng.choice(conditions), self.last, rng, kept=False)

    def turn(
        self, row: Row, condition: Condition, around: dt.date, rng: random.Random, *, kept: bool
    ) -> None:
        """Fill the column of a condition so that the row fulfils the condition, or does not.

        Args:
            row: the row.
            condition: the condition.
            around: the day near which dates lie that nothing else decides.
            rng: where the choices come from.
            kept: whether the row is to fulfil the condition.
        """
        column, test, pool = condition.column, condition.test, self.pools.get(condition.column)
        if isinstance(test, DateBounds):
            place(row, column, test, self.table, self.calendar, around, rng, kept=kept)
        elif kept:
            row[column] = fulfilling(test, pool, around, rng)
        else:
            row[column] = failing(test, pool, around, rng)

    def fulfils(self, row: Row, condition: Condition) -> bool:
        """Return whether the cells of a row so far fulfil a condition."""
        column, test = condition.column, condition.test
        if isinstance(test, DateBounds):
            return is_between(row, column, test, self.calendar)
        return column in row and holds(row[column], test)

    def dates(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> None:  # noqa: ARG002 - for scenarios that look at other targets
        """Fill the dates that the target turns on."""
        for read in self.target.reads():
            if read.kind == "date" and read.column not in row:
                row[read.column] = self.inside(rng)
        self.fill_condition_dates(row, rng)

    def complete_values(self, row: Row, rng: random.Random) -> None:
        """Fill columns, other than dates, of a row made for another target that this one takes."""

    def complete(self, row: Row, rng: random.Random) -> None:
        """Fill dates of a row made for another target that this one takes."""

    def spoil(self, row: Row, rng: random.Random) -> None:
        """Damage a row, rarely: empty a cell, or put dates in the wrong order."""

    # Asked of each row by every scenario of its table.
    @cached_property
    def value_conditions(self) -> tuple[Condition, ...]:
        """The conditions on columns that are no dates."""
        return tuple(c for c in self.target.where if not self.is_on_date(c))

    def is_on_date(self, condition: Condition) -> bool:
        """Return whether a condition is on a column of dates."""
        return condition.column in self._dates

    @cached_property
    def _dates(self) -> frozenset[str]:
        return frozenset(self.table.all_dates)

    @cached_property
    def _date_conditions(self) -> tuple[Condition, ...]:
        """The conditions on dates, those that compare with other dates last."""
        on_dates = filter(self.is_on_date, self.target.where)
        return tuple(sorted(on_dates, key=_is_of_other_dates))

    def fits(self, row: Row) -> bool:
        """Return whether a row fulfils the conditions on columns that are no dates."""
        # A loop, as every scenario of a table is asked of each row, twice.
        for condition in self.value_conditions:
            if not self.fulfils(row, condition):
                return False
        return not self.variants or any(variant.fits(row) for variant in self.variants)

    def is_in(self, row: Row, population: Population) -> bool:
        """Return whether the cells of a row so far put it into a population."""
        return all(self.fulfils(row, condition) for condition in population) and (
            not population.any_of or any(self.is_in(row, other) for other in population.any_of)
        )

    def fill_condition_dates(self, row: Row, rng: random.Random) -> None:
        """Fill the dates that the target's conditions ask for, and the entry before the others."""
        for condition in self._date_conditions:
            column, test = condition.column, condition.test
            if isinstance(test, Missing):
                self._fill_or_leave(row, column, test, rng)
                continue
            if isinstance(test, DateBounds):
                self.turn(row, condition, self.last, rng, kept=rng.random() >= _ASTRAY)
                continue
            if column in row or not isinstance(test, Window):
                continue
            dates = [date for date in row.values() if isinstance(date, dt.date)]
            if column != self.table.entry or not dates:
                row[column] = fulfilling(test, None, self.last, rng)
                continue
            latest = min(map(day_of, dates))
            latest = latest if test.last is None else min(latest, test.last)
            early = latest - dt.timedelta(_BEFORE_START)
            row[column] = between(max(early, test.first or early), latest, rng)

    def _fill_or_leave(self, row: Row, column: str, test: Missing, rng: random.Random) -> None:
        """Fill a date that must be known, or empty a date that must not; rarely the other way."""
        astray = rng.random() < _ASTRAY
        if test.missing == astray:
            row.setdefault(column, fulfilling(Missing(missing=False), None, self.last, rng))
        elif column not in self.table.key:
            row[column] = None

    def avoid(self, row: Row, rng: random.Random) -> None:
        """Change a row that the exclusions of the target (`unless`) would leave out."""
        unless = self.target.unless
        if unless and self.is_in(row, unless):
            # Without conditions of its own each of the alternatives is to fail.
            for population in (unless,) if unless.conditions else unless.any_of:
                if self.is_in(row, population):
                    self._fail(row, rng.choice(population.conditions), rng)

    def _fail(self, row: Row, wrong: Condition, rng: random.Random) -> None:
        """Change a row so that it does not fulfil a condition."""
        if isinstance(wrong.test, DateBounds):
            row.pop(wrong.column)
        self.turn(row, wrong, self.last, rng, kept=False)
        unkeyed = wrong.column not in self.table.key
        if isinstance(wrong.test, Window) and unkeyed and rng.random() < 0.6:
            row[wrong.column] = None

    def inside(self, rng: random.Random, beyond: float = _BEYOND) -> dt.date:
        """Return a day of the window, or rarely one within a year of the window."""
        if rng.random() < beyond:
            days = dt.timedelta(rng.randrange(1, 365))
            return self.first - days if rng.random() < 0.5 else self.last + days
        return between(self.first, self.last, rng)


def _is_of_other_dates(condition: Condition) -> bool:
    return isinstance(condition.test, DateBounds)


def ends(target: Target, plan: Plan) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a target's window.

    A bound that the window lacks is the period's, or else leaves a year.
    """
    window, period = target.window_of(plan), plan.period.closed
    first, last = period.first, window.last or period.last
    if window.first is not None:
        return window.first, max(last, window.first)
    return (first, last) if first <= last else (last - 365 * DAY, last)
