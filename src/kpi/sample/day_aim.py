"""A row for each day of a window, and a measure of each that keeps its limit, or on a few does not."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterator, Sequence

from attrs import frozen

from kpi.rules._interval import IntervalTarget
from kpi.sample.aim import DAY, Aim
from kpi.sample.rulers import Rulers
from kpi.sample.values import Row, fulfilling

_AROUND = 7
_WEEKEND_MISS = 0.03


@frozen(kw_only=True)
class DayAim(Aim):
    """Rows of days.

    Attributes:
        target: the target.
        rulers: its limit.
        missed: the working days that are not to keep it.
    """

    target: IntervalTarget
    rulers: Rulers
    missed: Collection[dt.date]

    def choose(self, row: Row, rng: random.Random) -> None:
        """The columns of its conditions; a day that went astray would be missing."""
        for condition in self.asked():
            pool = self.pools.get(condition.column)
            row[condition.column] = fulfilling(condition.test, pool, self.first, rng)

    def measure(self, row: Row, day: dt.date, rng: random.Random) -> None:
        """The day and its measure."""
        ruler = self.rulers.of(row, day, rng)
        start = day.toordinal()
        length = ruler.due(start) - start
        end: int | None = start + round(length * rng.uniform(0, 1) ** 0.7)
        weekend = day.weekday() > 4 and rng.random() < _WEEKEND_MISS
        if day in self.missed or weekend:
            end = None if rng.random() < 0.3 else start + length + rng.randrange(1, 6)
        row[self.target.start] = day
        row[self.target.end] = None if end is None else ruler.value(end)

    def values(self) -> tuple[str | None, ...]:
        """The values that each have their own days."""
        each = self.target.each
        return (None,) if each is None else self.pools[each].named or self.pools[each].others


def day_rows(aims: Sequence[DayAim], rows: int, rng: random.Random) -> Iterator[Row]:
    """The rows of days of a table, days of all windows or as many as there is room for."""
    if not aims:
        return
    days = _days(aims)
    first = aims[0]
    if first.table.key == (first.target.start,):
        for day in sorted(days[:rows]):
            row: Row = {}
            for aim in aims:
                aim.choose(row, rng)
                if aim.target.each is not None:
                    row[aim.target.each] = aim.values()[0]
                aim.measure(row, day, rng)
            yield row
        return
    sorts = [(aim, value) for aim in aims for value in aim.values()]
    for day in sorted(days[: rows // len(sorts)]):
        for aim, value in sorts:
            row = {} if aim.target.each is None else {aim.target.each: value}
            aim.choose(row, rng)
            aim.measure(row, day, rng)
            yield row


def _days(aims: Sequence[DayAim]) -> list[dt.date]:
    """The days of the windows, then a few on either side."""
    first, last = min(aim.first for aim in aims), max(aim.last for aim in aims)
    inside = [first + n * DAY for n in range((last - first).days + 1)]
    return [
        *inside,
        *(last + n * DAY for n in range(1, _AROUND + 1)),
        *(first - n * DAY for n in range(1, _AROUND + 1)),
    ]
