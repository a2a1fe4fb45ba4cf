"""Open time as look-ups by day: the time within a calendar's opening hours up to an instant (S35).

Opening hours are intervals of the wall clock. As instants they are the same for every case, so that
the open time up to an instant is what had passed when the local day began, from a table, and what
has passed of the few intervals of that day.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property, lru_cache
from typing import Literal

from attrs import frozen

from kpi.definitions.calendars import Calendar
from kpi.polars_on_demand import pl

_EPOCH = dt.date(1970, 1, 1).toordinal()
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_LONGEST_GAP = 26 * 3600
"""Seconds of the wall clock that clocks have skipped at most: whole days, at the date line."""
_MOST_STEPS = 1 << 20
_NEVER = 1 << 62


@frozen(eq=False, repr=False)
class OpenTime:
    """Open time of a calendar in a time zone, over some local days.

    Instants are microseconds since 1970 in UTC.

    Attributes:
        low: the first of the days, days since 1970-01-01.
        high: the last of the days.
        before: the open microseconds before each day begins.
        openings: the instants at which the office opens, or is open when the day begins: the first
            of each day, the second ...
        lengths: how long it stays open then; 0 where a day has fewer openings.
        opens: the instants of all openings.
        worked: the open microseconds before each of all openings, and those of all days.
    """

    low: int
    high: int
    before: pl.Series
    openings: tuple[pl.Series, ...]
    lengths: tuple[pl.Series, ...]
    opens: pl.Series
    worked: pl.Series

    @property
    def total(self) -> int:
        """The open microseconds of all days."""
        return int(self.worked[-1])

    def until_day(self, day: pl.Expr) -> pl.Expr:
        """Return the open microseconds before a date begins, Int64; null where that is.

        Before a date after the days, they are all that there are.
        """
        index = day.to_physical().clip(self.low, self.high + 1) - self.low
        return pl.lit(pl.concat([self.before, self.worked.tail(1)])).gather(index)

    def until(
        self, day: pl.Expr, instant: pl.Expr, between: tuple[int, int] | None = None
    ) -> pl.Expr:
        """Return the open microseconds up to an instant, Int64; null where that is.

        An instant before the days counts as the beginning of them, one after them as the end.

        Args:
            day: the local date of the instant.
            instant: the instant.
            between: day numbers between which all dates lie, where they are known.
        """
        number = day.to_physical()
        if between is None or not self._has(between):
            number = number.clip(self.low, self.high)
        index = number - self.low
        worked = pl.lit(self.before).gather(index)
        for opening, length in self._openings:
            since = instant.to_physical() - pl.lit(opening).gather(index)
            most = length if isinstance(length, int) else pl.lit(length).gather(index)
            worked += since.clip(0, most)
        return worked

    @cached_property
    def _openings(self) -> list[tuple[pl.Series, pl.Series | int]]:
        return [_of_one_length(*pair) for pair in zip(self.openings, self.lengths, strict=True)]

    def is_followed_by(self, days: tuple[int, int], more: int) -> bool:
        """Return whether more open time than that follows every instant of some days.

        Args:
            days: the first and the last of them, days since 1970-01-01.
            more: open microseconds.
        """
        if not self._has(days):
            return False
        last = days[1] - self.low
        spent = self.before[last] + sum(length[last] for length in self.lengths)
        return bool(spent + more < self.total)

    def _has(self, days: tuple[int, int]) -> bool:
        return self.low <= days[0] and days[1] <= self.high

    def first_followed_by_less(self, more: int) -> int:
        """Return the first instant that is not followed by more open time than that.

        Args:
            more: open microseconds; where all days do not hold more, every instant comes after the
                one returned.
        """
        worked = self.total - more
        if worked <= 0:
            return -_NEVER
        n = int(self.worked.search_sorted(worked, "left")) - 1
        return int(self.opens[n]) + worked - int(self.worked[n])

    def last_instant(self, worked: pl.Expr) -> pl.Expr:
        """Return the last instant up to which there is so much open time and not more, Int64.

        Where that much has passed at closing time, it is the next opening.

        Args:
            worked: open microseconds from 0, less than the total, after which the next opening is
                not known; or null.
        """
        if not self.opens.len():
            return pl.lit(None, pl.Int64)
        step, closed_before, openings = self._by_step
        number = worked // step
        instant = worked + pl.lit(closed_before).gather(number)
        for begins, gaps in openings:
            has_begun = worked >= pl.lit(begins).gather(number)
            instant += pl.when(has_begun).then(pl.lit(gaps).gather(number)).otherwise(0)
        return instant

    @cached_property
    def _by_step(self) -> tuple[int, pl.Series, list[tuple[pl.Series, pl.Series]]]:
        """The closed time since 1970 before each step of the open time, and within it.

        Returns:
            the length of the steps; the closed microseconds before the opening in which each step
            begins; and for the first opening within each step, for the second ..., the open
            microseconds before it and the closed ones since the opening before it, null where a
            step has no such opening.
        """
        lengths = self.worked.diff().drop_nulls().to_list()
        step = max(min(lengths), self.total // _MOST_STEPS + 1)
        steps = pl.int_range(0, self.total, step, dtype=pl.Int64, eager=True)
        first = self.worked.head(-1).search_sorted(steps, "right").cast(pl.Int64) - 1
        last = pl.concat([first.tail(-1), pl.Series([self.opens.len() - 1], dtype=pl.Int64)])
        closed_before = self.opens - self.worked.head(-1)
        openings = []
        for n in range(1, int((last - first).max()) + 1):  # type: ignore[arg-type]  # as above
            nth = pl.select(pl.when(first + n <= last).then(first + n)).to_series()
            openings.append((self.worked.gather(nth), closed_before.diff().gather(nth)))
        return step, closed_before.gather(first), openings


def _of_one_length(opening: pl.Series, length: pl.Series) -> tuple[pl.Series, pl.Series | int]:
    """Return openings with their length, as a number where it is the same on all open days.

    The days that are not open then open when no instant comes.
    """
    is_open = length > 0
    lengths = length.filter(is_open).unique()
    if lengths.len() != 1:
        return opening, length
    never = pl.Series([_NEVER], dtype=pl.Int64)
    return opening.zip_with(is_open, never), int(lengths[0])


def reaching(days: tuple[int, int], least: int, calendar: Calendar, zone: str) -> OpenTime:
    """Return the open time of some days, and of as many later ones as hold so much of it.

    Args:
        days: the first and the last of the days, days since 1970-01-01.
        least: open microseconds; where the calendar does not cover so many, all that it covers.
        calendar: the calendar, with opening hours.
        zone: the time zone of its wall clock.
    """
    low, high = days
    last = calendar.coverage[1].toordinal() - _EPOCH
    room = 31 + least // _DAY
    while high + room < last and open_time(high + 1, high + room, calendar, zone).total <= least:
        room *= 2
    return open_time(low, high + room, calendar, zone)


def covers(day: pl.Expr, calendar: Calendar) -> pl.Expr:
    """Return whether a calendar covers a date; null where that is."""
    first, last = calendar.coverage
    return day.is_between(pl.lit(first), pl.lit(last))


@lru_cache(maxsize=16)
def open_time(low: int, high: int, calendar: Calendar, zone: str) -> OpenTime:
    """Return the open time of the days from `low` to `high`, as far as a calendar covers them.

    Args:
        low: the first local day, days since 1970-01-01.
        high: the last local day.
        calendar: the calendar, with opening hours.
        zone: the time zone of its wall clock.
    """
    first, last = (day.toordinal() - _EPOCH for day in calendar.coverage)
    low = min(max(low, first), last)
    high = max(low, min(high, last))
    midnights = pl.int_range(low, high + 2, dtype=pl.Int64, eager=True) * _DAY
    # Clocks that go back over midnight show the first minutes of a day, and then the day before.
    begins, ends = (
        _instants(midnights.head(-1), zone),
        _instants(midnights.tail(-1), zone, "latest"),
    )
    stretches = _stretches(low, high, calendar, zone)
    return _tables(low, high, stretches, begins, ends)


def _stretches(low: int, high: int, calendar: Calendar, zone: str) -> pl.DataFrame:
    """Return the instants `since` and `to` between which it is open; those that touch are one."""
    assert calendar.hours is not None, "a plan without opening hours has no working hours"
    days = (dt.date.fromordinal(day + _EPOCH) for day in (low, high))
    intervals = [
        (day.toordinal() - _EPOCH, since, to)
        for day in calendar.working_days(*days)
        for since, to in calendar.hours.by_weekday[day.weekday()]
    ]
    walls = pl.DataFrame(intervals, dict.fromkeys(("day", "since", "to"), pl.Int64), orient="row")
    since, to = (
        _instants(walls["day"] * _DAY + walls[name] * _MINUTE, zone) for name in ("since", "to")
    )
    frame = pl.DataFrame({"since": since, "to": to}).filter(pl.col("since") < pl.col("to"))
    begins = (pl.col("since") != pl.col("to").shift(1)).fill_null(value=True)
    ends = (pl.col("to") != pl.col("since").shift(-1)).fill_null(value=True)
    return frame.select(pl.col("since").filter(begins), pl.col("to").filter(ends))


def _tables(
    low: int,
    high: int,
    stretches: pl.DataFrame,
    begins: pl.Series,
    ends: pl.Series,
) -> OpenTime:
    since, to = stretches
    lengths = to - since
    worked = pl.concat([pl.Series([0], dtype=pl.Int64), lengths.cum_sum()])
    # The stretches of a day: the first that ends after it begins, to those that begin within it.
    first = to.search_sorted(begins, "right").cast(pl.Int64)
    after = since.search_sorted(ends, "left").cast(pl.Int64)
    openings, lengths_of_day = [], []
    before = worked.gather(first)
    for n in range(max([0, *(after - first)])):
        nth = pl.select(pl.when(first + n < after).then(first + n)).to_series()
        opening = pl.select(pl.max_horizontal(since.gather(nth), begins)).to_series()
        if n == 0:
            before += (opening - since.gather(nth)).fill_null(0)
        openings.append(opening)
        lengths_of_day.append((to.gather(nth) - opening).fill_null(0))
    return OpenTime(
        low=low,
        high=high,
        before=before,
        openings=tuple(openings),
        lengths=tuple(lengths_of_day),
        opens=since,
        worked=worked,
    )


def _instants(
    walls: pl.Series, zone: str, which: Literal["earliest", "latest"] = "earliest"
) -> pl.Series:
    """Return the instants at which a wall clock shows some times, as microseconds.

    A time that the clocks skip is the instant at which they skip it.

    Args:
        walls: microseconds of the wall clock since 1970.
        zone: the time zone.
        which: the instant of a time that the clock shows twice, "earliest" or "latest".
    """
    zoned = walls.cast(pl.Datetime("us")).dt.replace_time_zone(
        zone, ambiguous=which, non_existent="null"
    )
    instants = zoned.dt.convert_time_zone("UTC").to_physical()
    skipped = instants.is_null().arg_true()
    if not skipped.len():
        return instants
    return instants.scatter(skipped, [_after_gap(wall, zone) for wall in walls.gather(skipped)])


def _after_gap(wall: int, zone: str) -> int:
    """Return the instant at which a wall clock skips a time: when it first shows a later one."""
    later = pl.int_range(wall, wall + _LONGEST_GAP * _SECOND, _SECOND, dtype=pl.Int64, eager=True)
    zoned = later.cast(pl.Datetime("us")).dt.replace_time_zone(
        zone, ambiguous="earliest", non_existent="null"
    )
    return int(zoned.drop_nulls().head(1).dt.convert_time_zone("UTC").to_physical()[0])
