"""Rows that are counted, or of which a share fulfils a condition, by the date of an event."""

from __future__ import annotations

import random
from collections.abc import Sequence

from attrs import frozen

from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.population import Population
from kpi.sample.scenario import Scenario
from kpi.sample.values import Row, day_of


@frozen(kw_only=True)
class EventScenario(Scenario):
    """Rows whose date falls in the window.

    Attributes:
        event: the column of the date.
    """

    event: str

    def dates(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> None:  # noqa: ARG002 - as its base
        """Fill the date, mostly in the window, and the dates that the conditions ask for."""
        row[self.event] = self.inside(rng)
        self.fill_condition_dates(row, rng)


@frozen(kw_only=True)
class CountScenario(EventScenario):
    """As many rows as a count requires, or a few more or less.

    Attributes:
        number: how many rows.
        value: the value of the target's `each` in those rows; None without `each`.
        of: the column whose distinct values are counted; None where rows are counted.
    """

    number: int
    value: str | None = None
    of: str | None = None

    @property
    def wanted(self) -> int | None:
        """The number of rows that the target is to count."""
        return self.number

    @property
    def distinct(self) -> str | None:
        """The column whose distinct values are counted; None where rows are counted."""
        return self.of

    def counts(self, row: Row) -> bool:
        """Return whether the target counts a row."""
        date, each, unless = row.get(self.event), self.target.each, self.target.unless
        return (
            date is not None
            and self.first <= day_of(date) <= self.last
            and (each is None or row.get(each) == self.value)
            and self.is_in(row, self.target.where)
            and not (unless and self.is_in(row, unless))
        )

    def choose(self, row: Row, rng: random.Random) -> None:
        """Fill the columns of the conditions, and the value of `each`."""
        if self.target.each is not None:
            row[self.target.each] = self.value
        super().choose(row, rng)
        if self.target.each is not None:
            row[self.target.each] = self.value
        self._distinguish(row, rng)

    def _distinguish(self, row: Row, rng: random.Random) -> None:
        """Fill the column whose distinct values are counted, with enough of them."""
        if self.of is None or self.of not in self.pools or self.of in (*row, *self.table.key):
            return
        pool, number = self.pools[self.of], rng.randrange(2 * self.number) + 1
        like = next(value for value in (*pool.named, *pool.others) if value is not None)
        if isinstance(like, str):
            row[self.of] = f"{self.of}-{number}"
        elif isinstance(like, int) and not isinstance(like, bool):
            row[self.of] = number


@frozen(kw_only=True)
class ShareScenario(EventScenario):
    """Rows of which about the threshold fulfils the conditions of the numerator.

    Attributes:
        having: the conditions of the numerator.
        chances: the share that fulfils them, by value of `each`; under None for all others.
    """

    having: Population
    chances: dict[object, float]

    def choose(self, row: Row, rng: random.Random) -> None:
        """Fill the columns of the population and of the numerator."""
        super().choose(row, rng)
        self._have(row, rng, dates=False)

    def dates(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> None:
        """Fill the date of the event, and the dates of the numerator."""
        super().dates(row, others, rng)
        self._have(row, rng, dates=True)

    def complete_values(self, row: Row, rng: random.Random) -> None:
        """Fill the columns of the numerator, other than dates, of another target's row."""
        self._have(row, rng, dates=False)

    def complete(self, row: Row, rng: random.Random) -> None:
        """Fill the dates of the numerator of another target's row."""
        self._have(row, rng, dates=True)

    def _have(self, row: Row, rng: random.Random, *, dates: bool) -> None:
        """Fill the columns of the numerator that are dates, or those that are none."""
        mine = [
            c
            for c in self.having
            if self.is_on_date(c) == dates
            and (c.column not in row or isinstance(c.test, DateBounds))
        ]
        if not mine:
            return
        each = self.target.each
        value = row.get(each) if each is not None else None
        # Values and dates are drawn apart, and their product is the share.
        halves = len({self.is_on_date(c) for c in self.having})
        has = rng.random() < self.chances.get(value, self.chances[None]) ** (1 / halves)
        wrong = None if has else rng.choice(mine)
        for condition in mine:
            self.turn(row, condition, self.last, rng, kept=condition is not wrong)
