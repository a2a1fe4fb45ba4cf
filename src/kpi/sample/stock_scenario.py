"""Rows that enter and leave a stock, so that its level or change is near what is required."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from attrs import frozen

from kpi.rules._interval import IntervalTarget
from kpi.sample.scenario import DAY, Scenario
from kpi.sample.values import Row, between, day_of

_BASE, _NEW, _GONE, _LATER, _PASSING = 0.55, 0.15, 0.1, 0.05, 0.05
_USUAL = 500
_FLAW = 0.004


@frozen(kw_only=True)
class StockScenario(Scenario):
    """Rows in a stock at the end of one day, of another, or of neither.

    Attributes:
        target: the target.
        base: the day whose stock is the base; where there is none, a year before.
        ratio: the ratio of the stock to its base.
        level: the size of the stock, in rows; None where only the change counts.
    """

    target: IntervalTarget
    base: dt.date
    ratio: float
    level: int | None = None

    @property
    def wanted(self) -> int | None:
        """The number of rows that are to be in the stock."""
        return self.level

    def counts(self, row: Row) -> bool:
        """Return whether a row is in the stock."""
        start, end = row.get(self.target.start), row.get(self.target.end)
        return (
            self.fits(row)
            and start is not None
            and day_of(start) <= self.last
            and (end is None or day_of(end) > self.last)
        )

    def dates(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> None:  # noqa: ARG002 - as its base
        """Fill the days on which a row enters and leaves."""
        new = min(_NEW, _BASE * self.ratio / 2)
        stays = min(max(_BASE * self.ratio - new, 0.0), _BASE)
        new = max(_BASE * self.ratio - stays, 0.0)
        kinds = ("stays", "leaves", "new", "gone", "later", "passing")
        weights = (stays, _BASE - stays, new, _GONE, _LATER, _PASSING)
        kind = rng.choices(kinds, weights)[0]
        base, last = self.base, self.last
        start = base - int(_USUAL * 2 * rng.random() ** 2) * DAY
        end: dt.date | None = None
        if kind == "new":
            start = between(base + DAY, last, rng)
        elif kind == "later":
            start = between(last + DAY, last + 120 * DAY, rng)
        elif kind == "leaves":
            end = last if rng.random() < 0.02 else between(base + DAY, last, rng)
        elif kind == "gone":
            end = base if rng.random() < 0.1 else between(start, base, rng)
        elif kind == "passing":
            start = between(base + DAY, last, rng)
            end = between(start, last, rng)
        if kind in ("stays", "new") and rng.random() < 0.2:
            end = last + rng.randrange(1, 200) * DAY
        row[self.target.start], row[self.target.end] = start, end
        self.fill_condition_dates(row, rng)

    def spoil(self, row: Row, rng: random.Random) -> None:
        """Drop the start, rarely, or put the end before the start."""
        chance, start = rng.random(), row[self.target.start]
        if chance < _FLAW and self.target.start not in self.table.key:
            row[self.target.start] = None
        elif chance < 2 * _FLAW and self.target.end not in self.table.key:
            row[self.target.end] = start - rng.randrange(1, 20) * DAY
