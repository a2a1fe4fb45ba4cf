"""Open time up to an instant, as Polars computes and compares it (S35)."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from kpi.definitions.calendars import parse_calendar
from kpi.time.open_time import OpenTime, open_time

FIRST, LAST = (
    dt.date(2017, 1, 1).toordinal() - dt.date(1970, 1, 1).toordinal() + n for n in (0, 364)
)
HOUR = 3_600_000_000


def table(hours: str = "08:00-16:00") -> OpenTime:
    calendar = parse_calendar({"name": "denmark", "hours": {"weekdays": hours}})
    return open_time(FIRST, LAST, calendar, "Europe/Copenhagen")


def until(opened: OpenTime, between: tuple[int, int] | None = None) -> pl.Expr:
    return opened.until(pl.col("day"), pl.col("at"), between)


def frame(*instants: dt.datetime | None) -> pl.LazyFrame:
    days = [None if at is None else at.date() for at in instants]
    return pl.LazyFrame(
        {"day": days, "at": instants}, {"day": pl.Date, "at": pl.Datetime("us", "UTC")}
    )


def test_an_expression_is_told_apart_by_its_tables() -> None:
    """Queries are shared by the bytes of their predicates."""
    same, again, other = until(table()), until(table()), until(table("09:00-16:00"))
    assert same.meta.serialize() == again.meta.serialize()
    assert same.meta.serialize() != other.meta.serialize()
    assert same.meta.serialize() != until(table(), (FIRST, LAST)).meta.serialize()


@pytest.mark.parametrize("between", [None, (FIRST, LAST)])
def test_the_open_time_of_days_inside(between: tuple[int, int] | None) -> None:
    """The 2nd of January is a Monday: 8 hours, of which 3 have passed at 11 in Copenhagen."""
    monday, tuesday = (dt.datetime(2017, 1, day, 10, tzinfo=dt.UTC) for day in (2, 3))
    found = frame(monday, tuesday, None).select(until(table(), between)).collect().to_series()
    assert found.to_list() == [3 * HOUR, 11 * HOUR, None]


def test_the_open_time_of_days_before_and_after() -> None:
    opened = table()
    days = [dt.datetime(year, 6, 1, 10, tzinfo=dt.UTC) for year in (2016, 2018)]
    found = frame(*days).select(until(opened)).collect().to_series()
    assert found.to_list() == [0, opened.total]


@pytest.mark.parametrize(
    ("last_day", "hours", "is_followed"), [(29, 0, False), (28, 8, False), (28, 7, True)]
)
def test_how_much_open_time_follows_some_days(last_day: int, hours: int, is_followed: bool) -> None:
    """The last working day of 2017 was Friday 29 December, and it had 8 hours."""
    last = LAST - 31 + last_day
    assert table().is_followed_by((FIRST, last), hours * HOUR) is is_followed


def test_days_of_which_the_open_time_is_not_known_are_followed_by_none() -> None:
    opened = table()
    assert not opened.is_followed_by((FIRST - 1, FIRST), 0)
    assert not opened.is_followed_by((FIRST, LAST + 1), 0)


@pytest.mark.parametrize(
    ("more", "day", "at"), [(0, 29, 16), (5, 29, 11), (8, 28, 16), (9, 28, 15)]
)
def test_the_first_instant_that_less_open_time_follows(more: int, day: int, at: int) -> None:
    """The last two working days of 2017, each from 8 to 16 in Copenhagen, an hour before UTC."""
    instant = dt.datetime(2017, 12, day, at - 1, tzinfo=dt.UTC)
    assert table().first_followed_by_less(more * HOUR) == instant.timestamp() * 1_000_000


def test_as_much_open_time_as_there_is_follows_no_instant() -> None:
    opened = table()
    assert opened.first_followed_by_less(opened.total) < -FIRST * 24 * HOUR
