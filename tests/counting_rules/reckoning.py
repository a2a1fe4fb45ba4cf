"""Time reckoned day by day in plain Python, for tests to hold the engine against."""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Collection, Iterable
from typing import TypeAlias

import polars as pl

from kpi.definitions.time_options import MonthEnd
from tests.builders import pauses as waiting
from tests.counting_rules.hand_worked import KIND, OFF

DAY = dt.timedelta(1)
Pause: TypeAlias = tuple[dt.date, dt.date | None]


def is_working(date: dt.date) -> bool:
    """Whether a date is Monday to Friday and not off."""
    return date.weekday() < 5 and date not in OFF


def days_after(start: dt.date, end: dt.date) -> list[dt.date]:
    """The days after one date through another."""
    return [start + n * DAY for n in range(1, (end - start).days + 1)]


def is_paused(date: dt.date, pauses: Iterable[Pause]) -> bool:
    """Whether a date lies in one of the intervals [from, to)."""
    return any(since <= date and (to is None or date < to) for since, to in pauses)


def working_days(start: dt.date, end: dt.date, pauses: Collection[Pause] = ()) -> int:
    """The working days after one date through another that lie in no pause (S14, S16).

    A pause is clipped to the case, [from, end), so the day of the end is none of the paused ones.
    """
    days = days_after(start, end)
    return sum(is_working(d) and (d == end or not is_paused(d, pauses)) for d in days)


def paused_days(start: dt.date, end: dt.date, pauses: Collection[Pause]) -> int:
    """The days from the start to the day before the end that lie in a pause (S14)."""
    return sum(is_paused(start + n * DAY, pauses) for n in range((end - start).days))


def months_later(start: dt.date, months: int, mode: MonthEnd = "down") -> dt.date | None:
    """The same day number so many months later, or what the mode says (S4)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    first = dt.date(year, month + 1, 1)
    last_of_month = (start + DAY).day == 1
    if mode == "sticky" and last_of_month:
        return first.replace(day=length)
    if start.day <= length:
        return first.replace(day=start.day)
    if mode == "refuse":
        return None
    return first.replace(day=length) + (DAY if mode == "up" else dt.timedelta(0))


def rolled(date: dt.date) -> dt.date:
    """The date, or the next that is a working day (S8)."""
    while not is_working(date):
        date += DAY
    return date


def some_cases(
    seed: int, n: int = 60, most: int = 90
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, list[Pause]]]:
    """Make cases that began and ended in 2022, with their pauses: as tables, and pauses by case.

    Args:
        seed: of the random numbers.
        n: how many cases.
        most: the most days that one takes.
    """
    rng = random.Random(seed)  # noqa: S311 - a test, not a secret
    rows, pauses = [], {}
    for number in range(n):
        start = dt.date(2022, 1, 1) + dt.timedelta(rng.randrange(360 - most))
        end = start + dt.timedelta(rng.choice((0, 1, 2, 3, rng.randrange(most))))
        case = str(number)
        rows.append((case, rng.choice(("visa", "work")), start, end))
        pauses[case] = [
            (since, rng.choice((None, since + dt.timedelta(rng.randrange(20)))))
            for since in (
                start + dt.timedelta(rng.randrange(-5, most)) for _ in range(rng.randrange(3))
            )
        ]
    intervals = [
        (case, str(since), str(to) if to else None)
        for case, its in pauses.items()
        for since, to in its
    ]
    return pl.DataFrame(rows, schema=KIND, orient="row"), waiting(*intervals), pauses
