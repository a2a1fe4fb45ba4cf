"""Cases around the limits of a target on the time from a start to an end."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from kpi.definitions.limits import ByValue, Dated, DueColumn
from kpi.definitions.windows import Window
from kpi.rules._interval import IntervalTarget
from kpi.sample.durations import Durations
from kpi.sample.limit_scales import LimitScale, LimitScales, date_of, in_force
from kpi.sample.scenario import DAY, Scenario
from kpi.sample.values import Row, between, day_of, fulfils, holds

_TRIES = 12
_STILL_OPEN = 0.07
_FLAW = 0.005


@frozen(kw_only=True)
class IntervalScenario(Scenario):
    """Rows around the limit of a target.

    Attributes:
        target: the target.
        scales: its limit.
        durations: how long its cases take, by value of `each`; under None for all others.
        denominator: which cases it takes, by which of their dates.
        event: the date that must fall in its window; None for the due date and the like.
    """

    target: IntervalTarget
    scales: LimitScales
    durations: Mapping[object, Durations]
    denominator: str
    event: str | None
    _windows: Mapping[str, Window] = field(init=False, repr=False)

    @_windows.default
    def _its_windows(self) -> Mapping[str, Window]:
        return {c.column: c.test for c in self.target.where if isinstance(c.test, Window)}

    def choose(self, row: Row, rng: random.Random) -> None:
        """The columns of its conditions, and the value that a limit goes by."""
        limit = self.scales.limit
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

    def durations_of(self, row: Row, day: dt.date) -> Durations:
        """How long a row takes."""
        threshold = getattr(self.target, "threshold", None)
        if isinstance(threshold, Dated):
            return self.durations[in_force(threshold, row.get(threshold.column) or day)]
        each = self.target.each
        return (
            self.durations.get(row.get(each) if each is not None else None) or self.durations[None]
        )

    def dates(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> None:
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

    def _drawn(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> Row:
        day = self.inside(rng)
        scale, durations = self.scales.of(row, day, rng), self.durations_of(row, day)
        met = durations.in_time(rng)
        event, start, end = self.event, self.target.start, self.target.end
        if event == end or (self.denominator == "settled" and met):
            return self.ending_on(row, day, scale, durations, rng, met=met)
        if event is None:
            late = self.denominator == "settled"
            moment = scale.tick(day.toordinal() - late, rng)
            return self._ahead(row, scale.start_due_at(moment), scale, durations, rng, met=met)
        if event == start:
            return self._ahead(
                row, scale.tick(day.toordinal(), rng), scale, durations, rng, met=met
            )
        if event == self.table.entry:
            begun = day.toordinal() + rng.randrange(30)
            drawn = self._ahead(row, scale.tick(begun, rng), scale, durations, rng, met=met)
            return {**drawn, event: day}
        begun = self._begun_before(row, event, day, scale, others, rng)
        drawn = self._ahead(row, begun, scale, durations, rng, met=met)
        return {**drawn, **self._not_after(event, day, drawn)}

    def _begun_before(
        self,
        row: Row,
        event: str,
        day: dt.date,
        scale: LimitScale,
        others: Sequence[Scenario],
        rng: random.Random,
    ) -> int:
        """A start for a later event, at the durations of the target that is about the two, if any."""
        for other in others:
            if isinstance(other, IntervalScenario) and other.fits(row):
                target = other.target
                if (target.start, target.end) == (self.target.start, event):
                    its, durations = other.scales.of(row, day, rng), other.durations_of(row, day)
                    back = other.ending_on(
                        row, day, its, durations, rng, met=durations.in_time(rng)
                    )
                    return scale.tick_of(back[target.start])
        end = scale.tick(day.toordinal(), rng)
        length = max(abs(end - scale.start_due_at(end)), 1)
        return end - round(length * rng.uniform(0.8, 4))

    def _not_after(self, event: str, day: dt.date, drawn: Row) -> Row:
        """The event, and no end that would come after it."""
        end = drawn[self.target.end]
        late = end is not None and _after(end, day)
        return {event: day, self.target.end: None if late else end}

    def ending_on(
        self,
        row: Row,
        day: dt.date,
        scale: LimitScale,
        durations: Durations,
        rng: random.Random,
        *,
        met: bool,
    ) -> Row:
        """A row that ends on a day."""
        end = scale.tick(day.toordinal(), rng)
        start = durations.back(end, scale, rng, met=met)
        scale, again = self._measured_from(row, start, scale, rng)
        if again:
            start = durations.back(end, scale, rng, met=met)
        if not scale.backwards:
            start = min(start, end)
        return self._row(start, end, scale)

    def _ahead(
        self,
        row: Row,
        start: int,
        scale: LimitScale,
        durations: Durations,
        rng: random.Random,
        *,
        met: bool,
    ) -> Row:
        """A row that starts at a moment."""
        scale, _ = self._measured_from(row, start, scale, rng)
        end = durations.ahead(start, scale, rng, met=met)
        if end is not None and not scale.backwards:
            if met and self.denominator in ("cohort", "overdue") and not self.scales.is_clock:
                # What ends after the day it is looked at from is not in time then.
                end = min(end, max(self.scales.as_of.toordinal(), start))
            end = max(start, end)
        return self._row(start, end, scale)

    def _measured_from(
        self, row: Row, start: int, scale: LimitScale, rng: random.Random
    ) -> tuple[LimitScale, bool]:
        """The scale of a row whose limit goes by its start, and whether it is another."""
        limit = self.scales.limit
        if not isinstance(limit, Dated) or limit.column != self.target.start:
            return scale, False
        other = self.scales.of(row, date_of(scale.day(start)), rng)
        return other, other != scale

    def _row(self, start: int, end: int | None, scale: LimitScale) -> Row:
        drawn: Row = {self.target.start: scale.value(start)}
        drawn[self.target.end] = None if end is None else scale.value(end)
        if isinstance(self.scales.limit, DueColumn):
            drawn[self.scales.limit.column] = scale.value(scale.due(start))
        return drawn

    def _forced(self, row: Row, rng: random.Random) -> Row:
        """A row whose start, at least, is what the conditions ask for."""
        early, late = self.bounds()
        day = between(max(early or self.first, self.first - 3 * 365 * DAY), late, rng)
        scale, durations = self.scales.of(row, day, rng), self.durations_of(row, day)
        start = scale.tick(day.toordinal(), rng)
        drawn = self._ahead(row, start, scale, durations, rng, met=durations.in_time(rng))
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
        scale, durations = self.scales.of(row, day, rng), self.durations_of(row, day)
        met, tick = durations.in_time(rng), scale.tick_of(row[known])
        if missing == end:
            its_end = durations.ahead(tick, scale, rng, met=met)
            if its_end is not None and not scale.backwards:
                its_end = max(its_end, tick)
            row[end] = None if its_end is None else scale.value(its_end)
            event = None if self.event in (None, start, end) else row.get(self.event)
            if event is not None and row[end] is not None and _after(row[end], event):
                row[end] = None
        else:
            begun = durations.back(tick, scale, rng, met=met)
            entry = row.get(self.table.entry or start)
            if entry is not None:
                # Nothing happens to a case before it is there.
                begun = max(begun, scale.tick_of(entry))
            row[start] = scale.value(begun if scale.backwards else min(begun, tick))
        if isinstance(self.scales.limit, DueColumn):
            due = scale.value(scale.due(scale.tick_of(row[start])))
            row.setdefault(self.scales.limit.column, due)

    def _own_due(self, row: Row, rng: random.Random) -> None:
        """The due date of its own of a row whose start and end are known."""
        limit, start, end = self.scales.limit, self.target.start, row.get(self.target.end)
        if not isinstance(limit, DueColumn) or limit.column in row or row.get(start) is None:
            return
        begun = day_of(row[start])
        if end is None:
            row[limit.column] = begun + rng.randrange(14, 56) * DAY
        elif self.durations_of(row, begun).in_time(rng):
            row[limit.column] = day_of(end) + rng.randrange(15) * DAY
        else:
            row[limit.column] = max(begun, day_of(end) - rng.randrange(1, 15) * DAY)

    def spoil(self, row: Row, rng: random.Random) -> None:
        """Open cases where the end decides, and rarely a flaw: a date missing, or before its start."""
        start, end, limit = self.target.start, self.target.end, self.scales.limit
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
            scale = self.scales.of(row, None, rng)
            if not scale.backwards:
                tick = scale.tick_of(start) - rng.randrange(1, 20)
                row[self.target.end] = scale.value(tick)


def _after(one: dt.date, other: dt.date) -> bool:
    """Whether one day is after another, whatever their times."""
    return one.toordinal() > other.toordinal()
