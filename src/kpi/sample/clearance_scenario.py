"""Cases of a cohort that a target asks to be closed by a deadline."""

from __future__ import annotations

import random
from collections.abc import Sequence

from attrs import frozen

from kpi.sample.interval_scenario import IntervalScenario
from kpi.sample.scenario import DAY, Scenario
from kpi.sample.values import Row, between


@frozen(kw_only=True)
class ClearanceScenario(IntervalScenario):
    """A cohort that is mostly closed by a deadline."""

    def _drawn(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> Row:  # noqa: ARG002 - as its base
        early, late = self.bounds()
        late = min(late, self.last)
        start = late - int(720 * rng.random() ** 1.5) * DAY
        if early is not None and start < early:
            start = between(early, late, rng)
        open_at = self.target.open_at
        low = max(start, self.first if open_at is None else open_at.day)
        if open_at is None and rng.random() < 0.5:
            low = start
        drawn: Row = {self.target.start: start}
        chance = rng.random()
        if self.durations_of(row, late).in_time(rng):
            drawn[self.target.end] = self.last if chance < 0.06 else between(low, self.last, rng)
        elif chance < 0.45:
            drawn[self.target.end] = None
        else:
            late_by = 1 if chance < 0.6 else rng.randrange(2, 300)
            drawn[self.target.end] = self.last + late_by * DAY
        return drawn

    def complete(self, row: Row, rng: random.Random) -> None:
        """Leave the row alone: one made for another target is best left out of the cohort."""
