"""Cases around the limits of a target on the time from a start to an end."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from kpi.definitions.limits import ByValue, Dated, DueColumn
from kpi.definitions.windows import Window
from kpi.rules._interval import IntervalTarget
from kpi.sample.aim import DAY, Aim
from kpi.sample.paces import Pace
from kpi.sample.rulers import Ruler, Rulers, date_of, in_force
from kpi.sample.values import Row, between, day_of, fulfils, holds

_TRIES = 12
_STILL_OPEN = 0.07
_FLAW = 0.005


@frozen(kw_only=True)
class IntervalAim(Aim):
    """Rows around the limit of a target.

    Attributes:
        target: the target.
        rulers: its limit.
        paces: how long its cases take, by value of `each`; under None for all others.
        denominator: which cases it takes, by which of their dates.
        event: the date that must fall in its window; None for the due date and the like.
    """

    target: IntervalTarget
    rulers: Rulers
    paces: Mapping[object, Pace]
    denominator: str
    event: str | None
    _windows: Mapping[str, Window] = field(init=False, repr=False)

    @_windows.default
    def _its_windows(self) -> Mapping[str, Window]:
        return {c.column: c.test for c in self.target.where if isinstance(c.test, Window)}

    def choose(self, row: Row, rng: random.Random) -> None:
        """The columns of its conditions, and the value that a limit goes by."""
        limit = self.rulers.limit
        if isinstance(limit, ByValue):
            fitting = [c for c in self.asked() if c.column == limit.column]
            values = [
                value
                for value in limit.limits
                if all(fulfils({limit.column: value}, c) for c in fitting)
            ]
            super().choose(row, rng)
            # What went astray stays so.
            if values and all(fulfils(row, c) for c in fitting):
                row[limit.column] = rng.choice(values)
        else:
            super().choose(row, rng)

    def pace(self, row: Row, day: dt.date) -> Pace:
        """How long a row takes."""
        threshold = self.target.threshold
        if isinstance(threshold, Dated):
            return self.paces[in_force(threshold, row.get(threshold.column) or day)]
        each = self.target.each
        return self.paces.get(row.get(each) if each is not None else None) or self.paces[None]

    def dates(self, row: Row, others: Sequence[Aim], rng: random.Random) -> None:
        """Start, end and the date that must fall in the window, as the denominator asks."""
        for _ in range(_TRIES):
            drawn = self._drawn(row, others, rng)
            if self._is_asked(drawn):
                row.update(drawn)
                break
        else:
            row.update(self._forced(row, rng))
        self.asked_dates(row, rng)

    def _is_asked(self, drawn: Row) -> bool:
        """Whether drawn dates are what the conditions ask for."""
        asked = all(
            holds(drawn[column], window)
            for column, window in self._windows.items()
            if column in drawn
        )
        if not asked or self.target.open_at is None:
            return asked
        day, end = self.target.open_at.day, drawn[self.target.end]
        begun = day_of(drawn[self.target.start]) < day
        return begun and (end is None or day_of(end) >= day)

    def _drawn(self, row: Row, others: Sequence[Aim], rng: random.Random) -> Row:
        day = self.inside(rng)
        ruler, pace = self.rulers.of(row, day, rng), self.pace(row, day)
        met = pace.in_time(rng)
        event, start, end = self.event, self.target.start, self.target.end
        if event == end or (self.denominator == "settled" and met):
            return self.ending_on(row, day, ruler, pace, rng, met=met)
        if event is None:
            late = self.denominator == "settled"
            moment = ruler.tick(day.toordinal() - late, rng)
            return self._ahead(row, ruler.start_due_at(moment), ruler, pace, rng, met=met)
        if event == start:
            return self._ahead(row, ruler.tick(day.toordinal(), rng), ruler, pace, rng, met=met)
        if event == self.table.entry:
            begun = day.toordinal() + rng.randrange(30)
            drawn = self._ahead(row, ruler.tick(begun, rng), ruler, pace, rng, met=met)
            return {**drawn, event: day}
        begun = self._begun_before(row, event, day, ruler, others, rng)
        drawn = self._ahead(row, begun, ruler, pace, rng, met=met)
        return {**drawn, **self._not_after(event, day, drawn)}

    def _begun_before(
        self,
        row: Row,
        event: str,
        day: dt.date,
        ruler: Ruler,
        others: Sequence[Aim],
        rng: random.Random,
    ) -> int:
        """A start for a later event, at the pace of the target that is about the two, if any."""
        for other in others:
            if isinstance(other, IntervalAim) and other.fits(row):
                target = other.target
                if (target.start, target.end) == (self.target.start, event):
                    its, pace = other.rulers.of(row, day, rng), other.pace(row, day)
                    back = other.ending_on(row, day, its, pace, rng, met=pace.in_time(rng))
                    return ruler.tick_of(back[target.start])
        end = ruler.tick(day.toordinal(), rng)
        length = max(abs(end - ruler.start_due_at(end)), 1)
        return end - round(length * rng.uniform(0.8, 4))

    def _not_after(self, event: str, day: dt.date, drawn: Row) -> Row:
        """The event, and no end that would come after it."""
        end = drawn[self.target.end]
        late = end is not None and _after(end, day)
        return {event: day, self.target.end: None if late else end}

    def ending_on(
        self, row: Row, day: dt.date, ruler: Ruler, pace: Pace, rng: random.Random, *, met: bool
    ) -> Row:
        """A row that ends on a day."""
        end = ruler.tick(day.toordinal(), rng)
        start = pace.back(end, ruler, rng, met=met)
        ruler, again = self._measured_from(row, start, ruler, rng)
        if again:
            start = pace.back(end, ruler, rng, met=met)
        if not ruler.backwards:
            start = min(start, end)
        return self._row(start, end, ruler)

    def _ahead(
        self, row: Row, start: int, ruler: Ruler, pace: Pace, rng: random.Random, *, met: bool
    ) -> Row:
        """A row that starts at a moment."""
        ruler, _ = self._measured_from(row, start, ruler, rng)
        end = pace.ahead(start, ruler, rng, met=met)
        if end is not None and not ruler.backwards:
            if met and self.denominator in ("cohort", "overdue") and not self.rulers.is_clock:
                # What ends after the day it is looked at from is not in time then.
                end = min(end, max(self.rulers.as_of.toordinal(), start))
            end = max(start, end)
        return self._row(start, end, ruler)

    def _measured_from(
        self, row: Row, start: int, ruler: Ruler, rng: random.Random
    ) -> tuple[Ruler, bool]:
        """The ruler of a row whose limit goes by its start, and whether it is another."""
        limit = self.rulers.limit
        if not isinstance(limit, Dated) or limit.column != self.target.start:
            return ruler, False
        other = self.rulers.of(row, date_of(ruler.day(start)), rng)
        return other, other != ruler

    def _row(self, start: int, end: int | None, ruler: Ruler) -> Row:
        drawn: Row = {self.target.start: ruler.value(start)}
        drawn[self.target.end] = None if end is None else ruler.value(end)
        if isinstance(self.rulers.limit, DueColumn):
            drawn[self.rulers.limit.column] = ruler.value(ruler.due(start))
        return drawn

    def _forced(self, row: Row, rng: random.Random) -> Row:
        """A row whose start, at least, is what the conditions ask for."""
        early, late = self.bounds()
        day = between(max(early or self.first, self.first - 3 * 365 * DAY), late, rng)
        ruler, pace = self.rulers.of(row, day, rng), self.pace(row, day)
        start = ruler.tick(day.toordinal(), rng)
        drawn = self._ahead(row, start, ruler, pace, rng, met=pace.in_time(rng))
        if self.event is not None and self.event not in drawn:
            drawn[self.event] = between(max(day, self.first), max(day, self.last), rng)
        return drawn

    def bounds(self) -> tuple[dt.date | None, dt.date]:
        """What the target's own conditions leave for the start."""
        asked = self._windows.get(self.target.start)
        early = None if asked is None else asked.first
        late = self.last if asked is None or asked.last is None else min(asked.last, self.last)
        if self.target.open_at is not None:
            late = min(late, self.target.open_at.day - DAY)
        return early, late

    def complete(self, row: Row, rng: random.Random) -> None:
        """The end of a row whose start is known, or its start."""
        start, end = self.target.start, self.target.end
        known = start if row.get(start) is not None else end
        missing = end if known == start else start
        if row.get(known) is None:
            return
        if missing in row:
            self._own_due(row, rng)
            return
        day = day_of(row[known])
        ruler, pace = self.rulers.of(row, day, rng), self.pace(row, day)
        met, tick = pace.in_time(rng), ruler.tick_of(row[known])
        if missing == end:
            its_end = pace.ahead(tick, ruler, rng, met=met)
            if its_end is not None and not ruler.backwards:
                its_end = max(its_end, tick)
            row[end] = None if its_end is None else ruler.value(its_end)
            event = None if self.event in (None, start, end) else row.get(self.event)
            if event is not None and row[end] is not None and _after(row[end], event):
                row[end] = None
        else:
            begun = pace.back(tick, ruler, rng, met=met)
            entry = row.get(self.table.entry or start)
            if entry is not None:
                # Nothing happens to a case before it is there.
                begun = max(begun, ruler.tick_of(entry))
            row[start] = ruler.value(begun if ruler.backwards else min(begun, tick))
        if isinstance(self.rulers.limit, DueColumn):
            due = ruler.value(ruler.due(ruler.tick_of(row[start])))
            row.setdefault(self.rulers.limit.column, due)

    def _own_due(self, row: Row, rng: random.Random) -> None:
        """The due date of its own of a row whose start and end are known."""
        limit, start, end = self.rulers.limit, self.target.start, row.get(self.target.end)
        if not isinstance(limit, DueColumn) or limit.column in row or row.get(start) is None:
            return
        begun = day_of(row[start])
        if end is None:
            row[limit.column] = begun + rng.randrange(14, 56) * DAY
        elif self.pace(row, begun).in_time(rng):
            row[limit.column] = day_of(end) + rng.randrange(15) * DAY
        else:
            row[limit.column] = max(begun, day_of(end) - rng.randrange(1, 15) * DAY)

    def spoil(self, row: Row, rng: random.Random) -> None:
        """Open cases where the end decides, and rarely a flaw: a date missing, or before its start."""
        start, end, limit = self.target.start, self.target.end, self.rulers.limit
        chance = rng.random()
        if chance < _FLAW:
            self._without(row, start)
        elif chance < 2 * _FLAW:
            self._reverse(row, rng)
        elif chance < 2.6 * _FLAW and isinstance(limit, ByValue | DueColumn):
            if limit.column != self.target.each:
                self._without(row, limit.column)
        elif chance < _STILL_OPEN and self.event == end:
            self._without(row, end)

    def _without(self, row: Row, column: str) -> None:
        if column not in self.table.key:
            row[column] = None

    def _reverse(self, row: Row, rng: random.Random) -> None:
        start = row.get(self.target.start)
        if start is not None and row.get(self.target.end) is not None:
            ruler = self.rulers.of(row, None, rng)
            if not ruler.backwards:
                tick = ruler.tick_of(start) - rng.randrange(1, 20)
                row[self.target.end] = ruler.value(tick)


def _after(one: dt.date, other: dt.date) -> bool:
    """Whether one day is after another, whatever their times."""
    return one.toordinal() > other.toordinal()
