"""Rows that are counted, or of which a share has a property, by one date of theirs."""

from __future__ import annotations

import random
from collections.abc import Sequence

from attrs import frozen

from kpi.definitions.population import Condition
from kpi.definitions.windows import Window
from kpi.sample.scenario import Scenario
from kpi.sample.values import Row, day_of, failing, fulfilling, fulfils


@frozen(kw_only=True)
class EventScenario(Scenario):
    """Rows whose date falls in the window.

    Attributes:
        event: the date.
    """

    event: str

    def dates(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> None:  # noqa: ARG002 - as its base
        """The date, in the window for the most part, and what the conditions ask for."""
        row[self.event] = self.inside(rng)
        self.asked_dates(row, rng)


@frozen(kw_only=True)
class CountScenario(EventScenario):
    """As many rows as a count asks for, or a few more or less.

    Attributes:
        number: how many.
        value: the value of the target's `each` that they have, if it has one.
        of: the column whose values count once each, if it is not the rows that count.
    """

    number: int
    value: str | None = None
    of: str | None = None

    @property
    def wanted(self) -> int | None:
        """How many rows it is to count."""
        return self.number

    @property
    def distinct(self) -> str | None:
        """The column whose values it counts once each."""
        return self.of

    def counts(self, row: Row) -> bool:
        """Whether the target counts a row."""
        date, each, unless = row.get(self.event), self.target.each, tuple(self.target.unless)
        return (
            date is not None
            and self.first <= day_of(date) <= self.last
            and (each is None or row.get(each) == self.value)
            and all(fulfils(row, condition) for condition in self.target.where)
            and not (unless and all(fulfils(row, condition) for condition in unless))
        )

    def choose(self, row: Row, rng: random.Random) -> None:
        """The columns of its conditions, and the value of its part."""
        if self.target.each is not None:
            row[self.target.each] = self.value
        super().choose(row, rng)
        if self.target.each is not None:
            row[self.target.each] = self.value
        self._distinguish(row, rng)

    def _distinguish(self, row: Row, rng: random.Random) -> None:
        """Fills the column whose values count once each, with enough of them."""
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
    """Rows of which about a threshold has a property.

    Attributes:
        having: the property.
        chances: the share that has it, by value of `each`; under None for all others.
    """

    having: tuple[Condition, ...]
    chances: dict[object, float]

    def choose(self, row: Row, rng: random.Random) -> None:
        """The columns of its conditions and of the property."""
        super().choose(row, rng)
        self._have(row, rng, dates=False)

    def dates(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> None:
        """The date, and those of the property."""
        super().dates(row, others, rng)
        self._have(row, rng, dates=True)

    def complete_values(self, row: Row, rng: random.Random) -> None:
        """The property of a row that was made for another target."""
        self._have(row, rng, dates=False)

    def complete(self, row: Row, rng: random.Random) -> None:
        """The same, where it is a date's."""
        self._have(row, rng, dates=True)

    def _have(self, row: Row, rng: random.Random, *, dates: bool) -> None:
        """Fills the columns of the property that are dates, or those that are none."""
        mine = [
            c for c in self.having if isinstance(c.test, Window) == dates and c.column not in row
        ]
        if not mine:
            return
        each = self.target.each
        value = row.get(each) if each is not None else None
        # Each of the two draws is a part of the same share.
        halves = len({isinstance(c.test, Window) for c in self.having})
        has = rng.random() < self.chances.get(value, self.chances[None]) ** (1 / halves)
        wrong = None if has else rng.choice(mine)
        for condition in mine:
            pool = self.pools.get(condition.column)
            if condition is wrong:
                row[condition.column] = failing(condition.test, pool, rng)
            else:
                row[condition.column] = fulfilling(condition.test, pool, self.last, rng)
