"""Cases around the limits of a target on the time from a start to an end."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.limits import ByValue, Dated, DueColumn
from kpi.definitions.windows import Window
from kpi.rules._interval import IntervalTarget
from kpi.sample.clocks import date_of
from kpi.sample.durations import Durations
from kpi.sample.limit_scales import LimitScale, LimitScales, in_force
from kpi.sample.scenario import DAY, Scenario
from kpi.sample.values import Row, between, day_of, holds

_TRIES = 12
_STILL_OPEN = 0.07
_CLOSED_SINCE = 0.2
_FLAW = 0.005
_ASTRAY = 0.04


@frozen(kw_only=True)
class IntervalScenario(Scenario):
    """Rows around the limit of a target.

    Attributes:
        target: the target.
        scales: the scales of its limit.
        durations: the durations of its cases, by value of `each`; under None for all others.
        denominator: which cases are in the denominator (S11).
        event: the column that must fall in the window; None for the due date and the like.
    """

    target: IntervalTarget
    scales: LimitScales
    durations: Mapping[object, Durations]
    denominator: str
    event: str | None
    _windows: Mapping[str, Window] = field(init=False, repr=False)

    @_windows.default
    def _date_windows(self) -> Mapping[str, Window]:
        return {c.column: c.test for c in self.target.where if isinstance(c.test, Window)}

    def choose(self, row: Row, rng: random.Random) -> None:
        """Fill the columns of the conditions, and the value that a limit goes by."""
        limit = self.scales.limit
        if isinstance(limit, ByValue):
            fitting = [c for c in self.value_conditions if c.column == limit.column]
            values = [
                value
                for value in limit.limits
                if all(self.fulfils({limit.column: value}, c) for c in fitting)
            ]
            super().choose(row, rng)
            # A value that went astray on purpose stays so.
            if values and all(self.fulfils(row, c) for c in fitting):
                row[limit.column] = rng.choice(values)
        else:
            super().choose(row, rng)

    def durations_of(self, row: Row, day: dt.date) -> Durations:
        """Return the durations that a row is drawn from."""
        threshold = self.target.threshold
        if isinstance(threshold, Dated):
            return self.durations[in_force(threshold, row.get(threshold.column) or day)]
        each = self.target.each
        return (
            self.durations.get(row.get(each) if each is not None else None) or self.durations[None]
        )

    def dates(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> None:
        """Fill start, end and the date that must fall in the window, as the denominator asks."""
        for _ in range(_TRIES):
            drawn = self._drawn(row, others, rng)
            if self._fulfils_dates(drawn) and self._fulfils_bounds({**row, **drawn}, rng):
                row.update(drawn)
                break
        else:
            row.update(self._forced(row, rng))
        self.fill_condition_dates(row, rng)

    def _fulfils_bounds(self, row: Row, rng: random.Random) -> bool:
        """Return whether the dates so far lie between their bounds; rarely they need not."""
        bounded = [
            condition
            for condition in self.target.where
            if isinstance(condition.test, DateBounds)
            and all(column in row for column, kind, _ in condition.reads() if kind == "date")
        ]
        if not bounded or rng.random() < _ASTRAY:
            return True
        return all(self.fulfils(row, condition) for condition in bounded)

    def _fulfils_dates(self, drawn: Row) -> bool:
        """Return whether drawn dates fulfil the conditions on dates."""
        fulfilled = all(
            holds(drawn[column], window)
            for column, window in self._windows.items()
            if column in drawn
        )
        if not fulfilled or self.target.open_at is None:
            return fulfilled
        day, end = self.target.open_at.day, drawn[self.target.end]
        begun = day_of(drawn[self.target.start]) < day
        return begun and (end is None or day_of(end) >= day)

    def _drawn(self, row: Row, others: Sequence[Scenario], rng: random.Random) -> Row:
        day = self.inside(rng)
        scale, durations = self.scales.of(row, day, rng), self.durations_of(row, day)
        met = durations.in_time(rng)
        event, start, end = self.event, self.target.start, self.target.end
        if self.denominator == "open":
            return self._open(scale, rng, met=met)
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

    def _open(self, scale: LimitScale, rng: random.Random, *, met: bool) -> Row:
        """Return the dates of a row that is open at the end of the last day, due by then or not."""
        last = self.last.toordinal()
        now = scale.tick(last, rng)
        length = max(scale.day(scale.due(now)) - last, 1)
        due = last + rng.randint(0, length) if met else last - rng.randint(1, length)
        start = min(scale.start_due_at(scale.tick(due, rng)), now)
        closed = rng.random() < _CLOSED_SINCE
        end = scale.tick(last + rng.randint(1, length), rng) if closed else None
        return self._row(start, end, scale)

    def _begun_before(
        self,
        row: Row,
        event: str,
        day: dt.date,
        scale: LimitScale,
        others: Sequence[Scenario],
        rng: random.Random,
    ) -> int:
        """Return the tick of a start before an event.

        It follows the durations of the target from that start to the event, if there is one.
        """
        for other in others:
            if isinstance(other, IntervalScenario) and other.fits(row):
                target = other.target
                if (target.start, target.end) == (self.target.start, event):
                    theirs, durations = other.scales.of(row, day, rng), other.durations_of(row, day)
                    back = other.ending_on(
                        row, day, theirs, durations, rng, met=durations.in_time(rng)
                    )
                    return scale.tick_of(back[target.start])
        end = scale.tick(day.toordinal(), rng)
        length = max(abs(end - scale.start_due_at(end)), 1)
        return end - round(length * rng.uniform(0.8, 4))

    def _not_after(self, event: str, day: dt.date, drawn: Row) -> Row:
        """Return the event, and the end unless it would come after the event."""
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
        """Return the dates of a row that ends on a day."""
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
        """Return the dates of a row that starts at a tick."""
        scale, _ = self._measured_from(row, start, scale, rng)
        end = durations.ahead(start, scale, rng, met=met)
        if end is not None and not scale.backwards:
            if met and self.denominator in ("cohort", "overdue") and not self.scales.is_clock:
                # A case that ends after the as-of day is not in time as of it.
                end = min(end, max(self.scales.as_of.toordinal(), start))
            end = max(start, end)
        return self._row(start, end, scale)

    def _measured_from(
        self, row: Row, start: int, scale: LimitScale, rng: random.Random
    ) -> tuple[LimitScale, bool]:
        """Return the scale of a limit dated by the start, and whether it differs from the given."""
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
        """Return dates whose start, at least, fulfils the conditions."""
        early, late = self.bounds()
        day = between(max(early or self.first, self.first - 3 * 365 * DAY), late, rng)
        scale, durations = self.scales.of(row, day, rng), self.durations_of(row, day)
        start = scale.tick(day.toordinal(), rng)
        drawn = self._ahead(row, start, scale, durations, rng, met=durations.in_time(rng))
        if self.event is not None and self.event not in drawn:
            drawn[self.event] = between(max(day, self.first), max(day, self.last), rng)
        return drawn

    def bounds(self) -> tuple[dt.date | None, dt.date]:
        """Return the first (or None) and last start that the target's own conditions leave."""
        window = self._windows.get(self.target.start)
        early = None if window is None else window.first
        late = self.last if window is None or window.last is None else min(window.last, self.last)
        if self.target.open_at is not None:
            late = min(late, self.target.open_at.day - DAY)
        return early, late

    def complete(self, row: Row, rng: random.Random) -> None:
        """Fill the end of a row whose start is known, or its start from its end."""
        start, end = self.target.start, self.target.end
        given = start if row.get(start) is not None else end
        missing = end if given == start else start
        if row.get(given) is None:
            return
        if missing in row:
            self._own_due(row, rng)
            return
        day = day_of(row[given])
        scale, durations = self.scales.of(row, day, rng), self.durations_of(row, day)
        met, tick = durations.in_time(rng), scale.tick_of(row[given])
        if missing == end:
            end_tick = durations.ahead(tick, scale, rng, met=met)
            if end_tick is not None and not scale.backwards:
                end_tick = max(end_tick, tick)
            row[end] = None if end_tick is None else scale.value(end_tick)
            event = None if self.event in (None, start, end) else row.get(self.event)
            if event is not None and row[end] is not None and _after(row[end], event):
                row[end] = None
        else:
            begun = durations.back(tick, scale, rng, met=met)
            entry = row.get(self.table.entry or start)
            if entry is not None:
                # Nothing happens to a case before its entry.
                begun = max(begun, scale.tick_of(entry))
            row[start] = scale.value(begun if scale.backwards else min(begun, tick))
        if isinstance(self.scales.limit, DueColumn):
            due = scale.value(scale.due(scale.tick_of(row[start])))
            row.setdefault(self.scales.limit.column, due)

    def _own_due(self, row: Row, rng: random.Random) -> None:
        """Fill the due date of its own of a row whose start and end are known."""
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
        """Leave cases open where the end decides; rarely drop a date, or end before the start."""
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


def _after(day: dt.date, other: dt.date) -> bool:
    """Return whether one day is after another, whatever their times of day."""
    return day.toordinal() > other.toordinal()
