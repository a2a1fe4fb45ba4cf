"""A row for each day of a window, with a measure within its limit except on a few days."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterator, Sequence

from attrs import frozen

from kpi.rules._interval import IntervalTarget
from kpi.sample.limit_scales import LimitScales
from kpi.sample.scenario import DAY, Scenario
from kpi.sample.values import Row

_AROUND = 7
_WEEKEND_MISS = 0.03


@frozen(kw_only=True)
class DayScenario(Scenario):
    """Rows of days, for a target on every working day.

    Attributes:
        target: the target.
        scales: the scales of its limit.
        missed: the working days that are to exceed the limit.
    """

    target: IntervalTarget
    scales: LimitScales
    missed: Collection[dt.date]

    def choose(self, row: Row, rng: random.Random) -> None:
        """Fill the columns of the conditions; never with a miss, as a day would then be missing."""
        for condition in self.value_conditions:
            self.turn(row, condition, self.first, rng, kept=True)

    def measure(self, row: Row, day: dt.date, rng: random.Random) -> None:
        """Fill in the day and its measure."""
        scale = self.scales.of(row, day, rng)
        start = day.toordinal()
        length = scale.due(start) - start
        end: int | None = start + round(length * rng.uniform(0, 1) ** 0.7)
        weekend = day.weekday() > 4 and rng.random() < _WEEKEND_MISS
        if day in self.missed or weekend:
            end = None if rng.random() < 0.3 else start + length + rng.randrange(1, 6)
        row[self.target.start] = day
        row[self.target.end] = None if end is None else scale.value(end)

    def values(self) -> tuple[str | None, ...]:
        """Return the values of `each`, each with days of its own; (None,) without `each`."""
        each = self.target.each
        return (None,) if each is None else self.pools[each].named or self.pools[each].others


def day_rows(scenarios: Sequence[DayScenario], rows: int, rng: random.Random) -> Iterator[Row]:
    """Yield the rows of a table of days: of all windows, or as many as there is room for."""
    if not scenarios:
        return
    days = _days(scenarios)
    first = scenarios[0]
    if first.table.key == (first.target.start,):
        for day in sorted(days[:rows]):
            row: Row = {}
            for scenario in scenarios:
                scenario.variant(rng).choose(row, rng)
                if scenario.target.each is not None:
                    row[scenario.target.each] = scenario.values()[0]
                scenario.measure(row, day, rng)
            yield row
        return
    sorts = [(scenario, value) for scenario in scenarios for value in scenario.values()]
    for day in sorted(days[: rows // len(sorts)]):
        for scenario, value in sorts:
            row = {} if scenario.target.each is None else {scenario.target.each: value}
            scenario.variant(rng).choose(row, rng)
            scenario.measure(row, day, rng)
            yield row


def _days(scenarios: Sequence[DayScenario]) -> list[dt.date]:
    """Return the days of the windows, then a few on either side."""
    first, last = (
        min(scenario.first for scenario in scenarios),
        max(scenario.last for scenario in scenarios),
    )
    inside = [first + n * DAY for n in range((last - first).days + 1)]
    return [
        *inside,
        *(last + n * DAY for n in range(1, _AROUND + 1)),
        *(first - n * DAY for n in range(1, _AROUND + 1)),
    ]
