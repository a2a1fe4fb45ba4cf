"""Working hours, walked opening by opening from the start of a case (S35)."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from kpi.definitions.time_units import Span
from kpi.testing.oracle.calendars import calendar_of, covers, is_working_day
from kpi.testing.oracle.cases import Case, Counting, Pause, instant, local_date
from kpi.testing.oracle.dates import DAY, days_later
from kpi.testing.oracle.due import Due

_NONE = dt.timedelta(0)
_MINUTES = 24 * 60


def due_in_working_hours(limit: Span, target: Any, case: Case, at: Counting) -> Due:
    """Return the due date of a case: the last instant at which no more open time has passed.

    Where the hours are used up at closing time, that is the next opening. Time in a pause is left
    out, and an open case is not due while a pause that began by then is not over (S14).
    """
    reads = (target.start, target.end)
    began, day = case.instant(target.start), case.day(target.start)
    pauses = [
        pause
        for table in getattr(target, "pauses", ())
        for pause in at.pauses[table].get(case.key, ())
    ]
    lost = any(pause.unreal for pause in pauses)
    if began is None or day is None:
        return Due(clock=True, reads=reads, lost_pause=lost)
    pauses = [pause for pause in pauses if not pause.unreal]
    paused = list(_paused(pauses, began, _until(target, case, at)))
    left = dt.timedelta(hours=limit.working_hours, minutes=limit.working_minutes)
    calendar = calendar_of(target, at.plan)
    moment: dt.datetime | None = None
    while moment is None:
        if not covers(calendar, day):
            return Due(clock=True, reads=reads, uncovered=True, lost_pause=lost)
        for opens, closes in _worked(
            opening_times(day, calendar, at.plan.time_zone), began, paused
        ):
            if closes - opens > left:
                moment = opens + left
                break
            left -= closes - opens
        day += DAY
    if case.day(target.end) is None and any(
        pause.to is None and pause.since_at is not None and pause.since_at <= moment
        for pause in pauses
    ):
        return Due(clock=True, reads=reads, held_up=True, lost_pause=lost)
    due_day = local_date(moment, at.plan.time_zone)
    return Due(day=due_day, moment=moment, clock=True, reads=reads, lost_pause=lost)


def opening_times(day: dt.date, calendar: Any, zone: str) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return the instants between which it is open on a day; none on a day off."""
    if not is_working_day(day, calendar):
        return []
    hours = calendar.hours.by_weekday[day.weekday()]
    return [(_shown(day, since, zone), _shown(day, to, zone)) for since, to in hours]


def _shown(day: dt.date, minutes: int, zone: str) -> dt.datetime:
    """Return the instant at which a wall clock first shows a time of a day, or a later one."""
    if minutes == _MINUTES:
        day, minutes = days_later(day, 1), 0
    wall = dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60))
    moment = instant(wall, zone)
    if moment is not None:
        return moment
    place = zoneinfo.ZoneInfo(zone)
    # The clocks skip that time: look for the turn between the instants that either offset gives.
    low, high = (wall.replace(tzinfo=place, fold=fold).astimezone(dt.UTC) for fold in (1, 0))
    before = low.astimezone(place).utcoffset()
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(place).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _until(target: Any, case: Case, at: Counting) -> dt.datetime:
    """Return the instant to which the time of a case goes: the end, or the end of `as_of`."""
    ended = case.instant(target.end)
    if ended is not None:
        return ended
    return _shown(days_later(at.as_of, 1), 0, at.plan.time_zone)


def _paused(
    pauses: list[Pause], began: dt.datetime, until: dt.datetime
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield the paused stretches of a case, clipped to it; they may overlap."""
    for pause in pauses:
        since = max(pause.since_at or began, began)
        to = until if pause.to is None or pause.to_at is None else min(pause.to_at, until)
        if since < to:
            yield since, to


def _worked(
    openings: list[tuple[dt.datetime, dt.datetime]],
    began: dt.datetime,
    paused: list[tuple[dt.datetime, dt.datetime]],
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield the parts of the openings after a start that lie in no pause, in order."""
    for opens, closes in openings:
        turns = {max(opens, began), closes, *(turn for pause in paused for turn in pause)}
        kept = sorted(turn for turn in turns if max(opens, began) <= turn <= closes)
        for since, to in pairwise(kept):
            if to - since > _NONE and not any(a <= since and to <= b for a, b in paused):
                yield since, to
