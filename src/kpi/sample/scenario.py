"""What every scenario at a target shares: the values and dates that its conditions ask for."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from kpi.definitions.plan import Plan
from kpi.definitions.population import Condition
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.sample.values import Pool, Row, between, day_of, failing, fulfilling, fulfils

DAY = dt.timedelta(1)
_BEYOND = 0.07
_ASTRAY = 0.04
_BEFORE_START = 45


@frozen(kw_only=True)
class Scenario:
    """Makes rows for a target. As it stands, for a target of a kind that is not known.

    Attributes:
        target: the target.
        table: the declaration of its table.
        pools: the values of the table's columns that are no dates.
        first: the first day of the target's window.
        last: the last day of it.
    """

    target: Target
    table: Table
    pools: Mapping[str, Pool]
    first: dt.date
    last: dt.date

    @property
    def wanted(self) -> int | None:
        """How many rows it is to count; None for as many as there are."""
        return None

    @property
    def distinct(self) -> str | None:
        """The column whose values it counts once each; None where it counts rows."""
        return None

    def counts(self, row: Row) -> bool:  # noqa: ARG002 - for scenarios with a number of rows
        """Whether a row is one of those wanted."""
        return False

    def choose(self, row: Row, rng: random.Random) -> None:
        """Fills the columns, other than dates, that the target turns on; rarely with a miss."""
        asked = list(self.asked())
        for condition in asked:
            pool = self.pools.get(condition.column)
            row[condition.column] = fulfilling(condition.test, pool, self.first, rng)
        each = self.target.each
        if each is not None and each not in row:
            row[each] = rng.choice(self.pools[each].named or self.pools[each].others)
        if asked and rng.random() < _ASTRAY:
            wrong = rng.choice(asked)
            row[wrong.column] = failing(wrong.test, self.pools.get(wrong.column), rng)

    def dates(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> None:  # noqa: ARG002 - for scenarios that look at other targets
        """Fills the dates that the target turns on."""
        for read in self.target.reads():
            if read.kind == "date" and read.column not in row:
                row[read.column] = self.inside(rng)
        self.asked_dates(row, rng)

    def complete_values(self, row: Row, rng: random.Random) -> None:
        """Fills columns, other than dates, of a row that another target has and this one takes."""

    def complete(self, row: Row, rng: random.Random) -> None:
        """Fills dates of a row that another target has and this one takes."""

    def spoil(self, row: Row, rng: random.Random) -> None:
        """Takes something from a row, rarely."""

    def asked(self) -> Iterator[Condition]:
        """The conditions on columns that are no dates."""
        for condition in self.target.where:
            if not isinstance(condition.test, Window):
                yield condition

    def fits(self, row: Row) -> bool:
        """Whether a row fulfils the conditions on columns that are no dates."""
        return all(fulfils(row, condition) for condition in self.asked())

    def asked_dates(self, row: Row, rng: random.Random) -> None:
        """Fills the dates that the target's conditions ask for, and the entry before the others."""
        for condition in self.target.where:
            column, test = condition.column, condition.test
            if column in row or not isinstance(test, Window):
                continue
            known = [date for date in row.values() if isinstance(date, dt.date)]
            if column != self.table.entry or not known:
                row[column] = fulfilling(test, None, self.last, rng)
                continue
            latest = min(map(day_of, known))
            latest = latest if test.last is None else min(latest, test.last)
            early = latest - dt.timedelta(_BEFORE_START)
            row[column] = between(max(early, test.first or early), latest, rng)

    def avoid(self, row: Row, rng: random.Random) -> None:
        """Changes a row that the target would leave out."""
        unless = tuple(self.target.unless)
        if unless and all(fulfils(row, condition) for condition in unless):
            wrong = rng.choice(unless)
            row[wrong.column] = failing(wrong.test, self.pools.get(wrong.column), rng)
            unkeyed = wrong.column not in self.table.key
            if isinstance(wrong.test, Window) and unkeyed and rng.random() < 0.6:
                row[wrong.column] = None

    def inside(self, rng: random.Random, beyond: float = _BEYOND) -> dt.date:
        """A day of the window, or rarely one within a year of it."""
        if rng.random() < beyond:
            days = dt.timedelta(rng.randrange(1, 365))
            return self.first - days if rng.random() < 0.5 else self.last + days
        return between(self.first, self.last, rng)


def ends(target: Target, plan: Plan) -> tuple[dt.date, dt.date]:
    """The first and last day of a target's window; of an open one as much as the plan's period."""
    window, period = target.window_of(plan), plan.period
    first, last = period.first, window.last or period.last
    assert first is not None, "a plan's period has both ends"
    assert last is not None, "a plan's period has both ends"
    if window.first is not None:
        return window.first, max(last, window.first)
    return (first, last) if first <= last else (last - 365 * DAY, last)
