"""Working days as look-ups by day: the n-th after a day, the next, and their number (S7, S8).

A day that a calendar does not cover gives null and never counts as an ordinary working day.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from kpi.definitions.calendars import Calendar
from kpi.polars_on_demand import pl

_EPOCH = dt.date(1970, 1, 1).toordinal()
_LONGEST = 400
"""Days among which at least one is a working day, unless a calendar is defined to have none."""


def add_working_days(
    day: pl.Expr, bounds: tuple[int, int], n: int, calendar: Calendar, *, backwards: bool
) -> pl.Expr:
    """Return the n-th working day after a date, or before it; the date itself for 0 (S7).

    Args:
        day: dates as day numbers, days since 1970-01-01.
        bounds: the smallest and largest day number; a date outside gives null, as does a date from
            which the calendar does not cover every day that is passed.
        n: the number of working days.
        calendar: the calendar of the working days.
        backwards: whether working days are counted back.
    """
    if n == 0:
        return day.cast(pl.Date)
    bounds = covered(bounds, calendar)
    table = working_days_table(*bounds, n, calendar, backwards=backwards)
    return pl.lit(table).gather(_index(day, bounds))


@lru_cache(maxsize=32)
def working_days_table(
    low: int, high: int, n: int, calendar: Calendar, *, backwards: bool = False
) -> pl.Series:
    """Return the n-th working day after, or before, every day from `low` to `high`."""
    return _working_days_table(low, high, n, calendar, backwards=backwards)


def _working_days_table(
    low: int, high: int, n: int, calendar: Calendar, *, backwards: bool
) -> pl.Series:
    days = pl.int_range(low, high + 1, dtype=pl.Int32, eager=True)
    if backwards:
        working = _working(calendar, low, high, before=n)
        index = working.search_sorted(days, "left").cast(pl.Int64) - n
    else:
        working = _working(calendar, low, high, after=n)
        index = working.search_sorted(days, "right").cast(pl.Int64) + (n - 1)
    first, last = _coverage(calendar)
    covered = (days <= last + 1) if backwards else (days >= first - 1)
    covered &= index.is_between(0, working.len() - 1)
    moved = pl.select(pl.lit(working).gather(pl.when(covered).then(index))).to_series()
    return moved.cast(pl.Date)


def add_working_days_by_row(
    day: pl.Expr, bounds: tuple[int, int], n: pl.Expr, most: int, calendar: Calendar
) -> pl.Expr:
    """Return the n-th working day after a date, where n differs from row to row (S7, S14).

    Args:
        day: dates as day numbers, days since 1970-01-01.
        bounds: the smallest and largest day number.
        n: the number of working days of each row; 0 gives the date itself.
        most: the largest of these numbers.
        calendar: the calendar of the working days; null where it does not cover every day passed.
    """
    low, high = bounds
    working = _working(calendar, low, high, after=most)
    first, _ = _coverage(calendar)
    index = _rank(day, bounds, working, calendar) + n - 1
    covered = (day >= first - 1) & index.is_between(0, working.len() - 1)
    moved = pl.lit(working).gather(pl.when(covered).then(index)).cast(pl.Date)
    return pl.when(n == 0).then(day.cast(pl.Date)).otherwise(moved)


def roll_forward(day: pl.Expr, bounds: tuple[int, int], calendar: Calendar) -> pl.Expr:
    """Return each date that is a working day as it is, and for others the next working day (S8)."""
    bounds = covered(bounds, calendar)
    return pl.lit(roll_forward_table(*bounds, calendar)).gather(_index(day, bounds))


@lru_cache(maxsize=32)
def roll_forward_table(low: int, high: int, calendar: Calendar) -> pl.Series:
    """Return the working day on or next after every day from `low` to `high`."""
    return _roll_forward_table(low, high, calendar)


def _roll_forward_table(low: int, high: int, calendar: Calendar) -> pl.Series:
    days = pl.int_range(low, high + 1, dtype=pl.Int32, eager=True)
    working = _working(calendar, low, high, after=1)
    index = working.search_sorted(days, "left").cast(pl.Int64)
    covered = (days >= _coverage(calendar)[0]) & (index < working.len())
    rolled = pl.select(pl.lit(working).gather(pl.when(covered).then(index))).to_series()
    return rolled.cast(pl.Date)


def count_working_days(
    first: pl.Expr, stop: pl.Expr, bounds: tuple[int, int], calendar: Calendar
) -> pl.Expr:
    """Return the number of working days from a date to the day before another, Int64 (S7).

    Args:
        first: dates as day numbers, not after `stop`; else the number is 0 or below.
        stop: dates as day numbers.
        bounds: the smallest and largest day number of both.
        calendar: the calendar of the working days; null where it does not cover one of the days.
    """
    low, high = bounds[0] - 1, bounds[1]
    working = _working(calendar, low, high)
    since, through = _coverage(calendar)
    covered = (first >= stop) | ((first >= since) & (stop <= through + 1))
    before = [_rank(day - 1, (low, high), working, calendar) for day in (first, stop)]
    return pl.when(covered).then(before[1] - before[0])


def _rank(day: pl.Expr, bounds: tuple[int, int], working: pl.Series, calendar: Calendar) -> pl.Expr:
    """Return the number of working days that are not after a date."""
    within = covered(bounds, calendar)
    if within != bounds:
        day, bounds = day.clip(*within), within
    days = pl.int_range(bounds[0], bounds[1] + 1, dtype=pl.Int32, eager=True)
    ranks = working.search_sorted(days, "right").cast(pl.Int64)
    return pl.lit(ranks).gather(_index(day, bounds))


def _index(day: pl.Expr, bounds: tuple[int, int]) -> pl.Expr:
    """Return the index of a date in a table; null outside, as a negative index wraps silently."""
    low, high = bounds
    return pl.when(day.is_between(low, high)).then(day - low)


def covered(bounds: tuple[int, int], calendar: Calendar) -> tuple[int, int]:
    """Return the bounds without the days that are more than a day outside the calendar.

    Such days have no n-th working day, and one date of the year 9999 would ask for a table of three
    million days. Where all days are outside, the day beside the calendar that is nearest to them
    is left.
    """
    first, last = _coverage(calendar)
    low, high = (min(max(day, first - 1), last + 1) for day in bounds)
    return low, high


def _coverage(calendar: Calendar) -> tuple[int, int]:
    first, last = calendar.coverage
    return first.toordinal() - _EPOCH, last.toordinal() - _EPOCH


def _working(
    calendar: Calendar, low: int, high: int, *, before: int = 0, after: int = 0
) -> pl.Series:
    """Return the working days from `low` to `high`, as day numbers, Int32, sorted.

    At least `before` more stand before and `after` more after, where the calendar covers so many.
    """
    room_before, room_after = (2 * n + (_LONGEST if n else 0) for n in (before, after))
    working = _working_days(calendar, low - room_before, high + room_after)
    first, last = _coverage(calendar)
    while (
        (after and (working > high).sum() < after and high + room_after < last)
        or (before and (working < low).sum() < before and low - room_before > first)
    ):  # fmt: skip
        room_before, room_after = 2 * room_before, 2 * room_after
        working = _working_days(calendar, low - room_before, high + room_after)
    return working


@lru_cache(maxsize=32)
def _working_days(calendar: Calendar, low: int, high: int) -> pl.Series:
    """Return the working days from `low` to `high`, as far as the calendar covers them."""
    return _found_working_days(calendar, low, high)


def _found_working_days(calendar: Calendar, low: int, high: int) -> pl.Series:
    first, last = _coverage(calendar)
    low, high = max(low, first), min(high, last)
    empty = pl.Series([], dtype=pl.Int32)
    if low > high:
        return empty
    days = calendar.working_days(
        dt.date.fromordinal(low + _EPOCH), dt.date.fromordinal(high + _EPOCH)
    )
    return pl.Series([day.toordinal() - _EPOCH for day in days], dtype=pl.Int32)
