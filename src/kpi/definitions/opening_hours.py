"""Opening hours by day of the week, within which working hours are counted (S35)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from kpi.definitions.weekdays import WEEKDAYS
from kpi.errors import PlanError, Problem, listed, suggest

MONDAY_TO_FRIDAY = "weekdays"
"""The key that stands for Monday to Friday, but for those of them that are named too."""

HOURS_KEYS = (MONDAY_TO_FRIDAY, *WEEKDAYS)
"""The keys of opening hours."""

INTERVAL = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
"""Pattern of an interval of opening hours, "08:00-16:00"."""

Interval: TypeAlias = tuple[int, int]
"""Minutes of the wall clock since midnight: from the first, to before the second."""

_WORKING_WEEK = WEEKDAYS[:5]
_MOST = 3
_ACCEPTED = "accepted: '08:00-16:00', or a list of such intervals in order, up to 24:00"


@frozen
class OpeningHours:
    """Opening hours of an office, by the wall clock: the intervals of each day of the week.

    Attributes:
        by_weekday: the intervals of each day from Monday, in order; none where it has no hours.
    """

    by_weekday: tuple[tuple[Interval, ...], ...]

    def __str__(self) -> str:
        return ", ".join(f"{day} {_words(hours)}" for day, hours in self.data().items())

    def named(self) -> tuple[str, ...]:
        """Return the days of the week that have hours."""
        return tuple(day for day, some in zip(WEEKDAYS, self.by_weekday, strict=True) if some)

    def data(self) -> dict[str, Any]:
        """Return the hours as plan files write them: most working days under one key, if alike."""
        each = {
            day: [f"{_time(since)}-{_time(to)}" for since, to in hours]
            for day, hours in zip(WEEKDAYS, self.by_weekday, strict=True)
        }
        usual = each["monday"]
        alike = {day for day in _WORKING_WEEK if each[day] == usual}
        if usual and len(alike) >= _MOST:
            others = {day: hours for day, hours in each.items() if day not in alike}
            other_days = {
                day: hours for day, hours in others.items() if hours or day in _WORKING_WEEK
            }
            each = {MONDAY_TO_FRIDAY: usual, **other_days}
        else:
            each = {day: hours for day, hours in each.items() if hours}
        return {day: hours[0] if len(hours) == 1 else hours for day, hours in each.items()}


def parse_hours(value: object) -> OpeningHours | None:
    """Parse opening hours from a mapping of weekdays, as plan files write them; None stays None.

    Raises:
        PlanError: naming every mistake, each at its key.
    """
    if value is None or isinstance(value, OpeningHours):
        return value
    if not isinstance(value, Mapping) or not value:
        example = '{ weekdays = "08:00-16:00", friday = "08:00-15:00" }'
        raise PlanError([Problem(("hours",), f"found {value!r}; accepted: {example}")])
    problems: list[Problem] = []
    given: dict[str, tuple[Interval, ...]] = {}
    for key, hours in value.items():
        if key not in HOURS_KEYS:
            hint = suggest(key, HOURS_KEYS) if isinstance(key, str) else ""
            message = f"unknown day {key!r}; accepted: {listed(HOURS_KEYS)}{hint}"
            problems.append(Problem(("hours",), message))
            continue
        try:
            given[key] = _intervals(hours)
        except PlanError as error:
            problems += error.within("hours", key)
    if not problems and not any(given.values()):
        problems.append(Problem(("hours",), "found no opening hours; accepted: at least one day's"))
    if problems:
        raise PlanError(problems)
    usual = {day: given.get(MONDAY_TO_FRIDAY, ()) for day in _WORKING_WEEK}
    each = {**usual, **given}
    return OpeningHours(tuple(each.get(day, ()) for day in WEEKDAYS))


def _intervals(value: object) -> tuple[Interval, ...]:
    texts = (value,) if isinstance(value, str) else value
    if not isinstance(texts, Sequence):
        raise PlanError(f"found {value!r}; {_ACCEPTED}")
    intervals: list[Interval] = []
    for text in texts:
        if not isinstance(text, str) or not re.fullmatch(INTERVAL, text):
            raise PlanError(f"found {text!r}; {_ACCEPTED}")
        since, to = (60 * int(time[:2]) + int(time[3:]) for time in text.split("-"))
        if since >= to:
            raise PlanError(f"found {text!r}, which ends before it begins; {_ACCEPTED}")
        if intervals and since < intervals[-1][1]:
            raise PlanError(
                f"found {text!r}, which begins before the one before it ends; {_ACCEPTED}"
            )
        intervals.append((since, to))
    return tuple(intervals)


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _words(hours: str | list[str]) -> str:
    return hours if isinstance(hours, str) else listed(hours) or "closed"
