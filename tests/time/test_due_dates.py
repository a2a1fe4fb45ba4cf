"""Due dates, one day at a time."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

import kpi
from kpi.definitions.calendars import Calendar
from kpi.definitions.time_options import MonthEnd
from kpi.definitions.time_units import Span
from kpi.time import working_days
from kpi.time.due_dates import back_from, due, due_date, due_table, months_later
from tests.builders import plan, within

MODES: tuple[MonthEnd, ...] = ("down", "sticky", "up", "refuse")


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_table_is_not_read_outside_its_bounds(offset: int) -> None:
    """A date beside the bounds that a caller gave is null, for an index of -1 would be the last day."""
    calendar = kpi.Calendar("denmark")
    low, high = 19_700, 19_800
    frame = pl.DataFrame({"d": [low + offset, high + offset]}, schema={"d": pl.Int32})
    d = pl.col("d")
    found = frame.select(
        working_days.add_working_days(d, (low, high), 3, calendar, backwards=False).alias("later"),
        working_days.add_working_days(d, (low, high), 3, calendar, backwards=True).alias("before"),
        working_days.roll_forward(d, (low, high), calendar).alias("rolled"),
        working_days.add_working_days_by_row(d, (low, high), d * 0 + 3, 9, calendar).alias("by"),
    )
    inside = [low <= value + offset <= high for value in (low, high)]
    for name in found.columns:
        assert [value is not None for value in found[name]] == inside, name


def test_no_case_falls_due_after_the_calendar_ends() -> None:
    window = {"since": "9999-01-01", "through": "9999-12-30"}
    target = within("7 months", where={"filed": {"since": "9999-10-01"}}, window=window)
    assert list(target.remarks(plan(target))) == []


D = dt.date


DENMARK = Calendar("denmark")


@pytest.mark.parametrize(
    ("day", "span", "back", "found"),
    [
        (D(2017, 3, 31), Span(months=1), True, D(2017, 2, 28)),
        (D(2017, 1, 31), Span(months=1), False, D(2017, 2, 28)),
        (D(2017, 3, 10), Span(months=1, days=3), True, D(2017, 2, 7)),
        (D(2017, 3, 10), Span(weeks=1), False, D(2017, 3, 17)),
        (D(2017, 3, 13), Span(working_days=1), True, D(2017, 3, 10)),  # a Monday
        (D(2017, 3, 10), Span(working_days=1), False, D(2017, 3, 13)),
    ],
)
def test_a_day_so_long_before_another(day: D, span: Span, *, back: bool, found: D) -> None:
    assert back_from(day, span, DENMARK, back=back) == found


def test_a_day_that_the_calendar_does_not_cover() -> None:
    own = Calendar(covers="2017")
    assert back_from(D(2017, 1, 2), Span(working_days=1), own, back=True) is None
    assert back_from(D(2017, 1, 3), Span(working_days=1), own, back=True) == D(2017, 1, 2)
    assert due_date(D(2017, 12, 29), Span(working_days=1), "down", own) is None
    assert due_date(D(2017, 12, 28), Span(working_days=1), "down", own) == D(2017, 12, 29)


def test_one_due_date() -> None:
    assert due_date(D(2017, 1, 31), Span(months=1), "down", DENMARK) == D(2017, 2, 28)
    assert due_date(D(2017, 1, 31), Span(months=1), "up", DENMARK) == D(2017, 3, 1)
    assert due_date(D(2017, 1, 31), Span(months=1), "refuse", DENMARK) is None
    assert due_date(D(2017, 1, 31), Span(days=1), "down", DENMARK) == D(2017, 2, 1)
    assert due_date(D(9999, 12, 30), Span(days=1), "down", DENMARK) == D(9999, 12, 31)
    assert due_date(D(9999, 12, 30), Span(days=2), "down", DENMARK) is None


def test_months_before_the_year_one() -> None:
    """13 months before 0001-01-01: the year 0, a leap year, and the December before it."""
    start = (D(1, 1, 1) - D(1970, 1, 1)).days
    frame = pl.DataFrame({"start": [D(1, 1, 1)], "months": pl.Series([-13], dtype=pl.Int32)})
    found = frame.select(months_later(pl.col("start"), pl.col("months"), "down").to_physical())
    assert found.item() == start - 366 - 31


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "span",
    [Span(months=1), Span(months=7), Span(months=210), Span(years=1), Span(months=1, days=3)],
    ids=str,
)
def test_s04_one_due_date_is_that_of_a_column_of_dates(span: Span, mode: MonthEnd) -> None:
    """Over five years with a leap year, and where the calendar ends."""
    epoch = D(1970, 1, 1)
    for first, last in ((D(2015, 1, 1), D(2019, 12, 31)), (D(9980, 1, 1), D(9999, 12, 31))):
        low, high = (first - epoch).days, (last - epoch).days
        column = due_table(low, high, span, mode).to_physical().to_list()
        expected = [
            None if n is None or n > (D.max - epoch).days else epoch + dt.timedelta(days=n)
            for n in column
        ]
        days = [epoch + dt.timedelta(days=n) for n in range(low, high + 1)]
        assert [due_date(day, span, mode, DENMARK) for day in days] == expected


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("span", [Span(months=7), Span(years=1), Span(months=1, days=3)], ids=str)
def test_s04_a_column_with_a_date_of_the_year_9999(
    span: Span, mode: MonthEnd, *, backwards: bool
) -> None:
    """The due dates over more than 400 years are those of the days asked for alone."""
    low, high = (D(1600, 1, 31) - D(1970, 1, 1)).days, (D.max - D(1970, 1, 1)).days
    days = [*range(low, high - 800, 97_331), *range(16_840, 16_870), high - 365 * 3]
    frame = pl.DataFrame({"day": pl.Series([*days, None], dtype=pl.Int32).cast(pl.Date)})
    wide = frame.select(
        due("day", (low, high), span, mode, DENMARK, backwards=backwards).to_physical()
    )
    alone = [
        due_table(day, day, span, mode, backwards=backwards).to_physical().item() for day in days
    ]
    assert wide["day"].to_list() == [*alone, None]
