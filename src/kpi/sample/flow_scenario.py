"""Cases that enter and leave in a window, at a clearance rate near what is required."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from attrs import frozen

from kpi.sample.interval_scenario import IntervalScenario
from kpi.sample.scenario import DAY, Scenario
from kpi.sample.values import Row, between

_THROUGH, _COMES, _STAYS = 0.4, 0.25, 0.1


@frozen(kw_only=True)
class FlowScenario(IntervalScenario):
    """Cases that enter and leave, in numbers of a clearance rate.

    Attributes:
        rate: how many go out for one that comes in.
    """

    rate: float

    def _drawn(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> Row:  # noqa: ARG002 - as its base
        first, last = self.first, self.last
        goes = max(self.rate * (_THROUGH + _COMES) - _THROUGH, 0.0)
        scale = self.scales.of(row, first, rng)
        length = max(scale.due(first.toordinal()) - first.toordinal(), 2)
        kind = rng.choices(("through", "comes", "goes", "stays"), (_THROUGH, _COMES, goes, _STAYS))[
            0
        ]
        start = between(first, last, rng)
        if kind in ("goes", "stays"):
            start = first - rng.randrange(1, 2 * length) * DAY
        elif kind == "comes":
            start = max(first, last - rng.randrange(2 * length) * DAY)
        end: dt.date | None = between(max(start, first), last, rng)
        if kind in ("comes", "stays"):
            end = last + rng.randrange(1, 2 * length) * DAY if rng.random() < 0.3 else None
        return {self.target.start: start, self.target.end: end}

    def complete(self, row: Row, rng: random.Random) -> None:
        """Leave the row alone: intake and output are drawn for rows of their own."""
