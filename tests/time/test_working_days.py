"""Working days of a calendar that knows two weeks."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from kpi.definitions.calendars import Calendar
from kpi.time import working_days

D = dt.date


TWO_WEEKS = Calendar(covers={"since": "2017-01-02", "through": "2017-01-13"})


EPOCH = D(1970, 1, 1)


def number(day: int) -> int:
    """The day number of a day of January 2017; 0 and below are of the December before."""
    return (D(2016, 12, 31) - EPOCH).days + day


def of_each(made: pl.Expr, **columns: list[int]) -> list[int | None]:
    """The days of January, or the numbers, that come out for days of January."""
    given = {
        name: [number(n) for n in its] if name != "n" else its for name, its in columns.items()
    }
    found = pl.DataFrame(given).select(made.alias("found")).to_series()
    if found.dtype == pl.Date:
        return [None if day is None else (day - D(2016, 12, 31)).days for day in found]
    return found.to_list()


BOUNDS = (number(-5), number(20))


@pytest.mark.parametrize(
    ("n", "backwards", "days", "found"),
    [
        (1, False, [0, 1, 2, 5, 6, 7, 8, 12, 13, 14], [None, 2, 3, 6, 9, 9, 9, 13, None, None]),
        (2, False, [0, 1, 2, 5, 6, 11, 12, 13], [None, 3, 4, 9, 10, 13, None, None]),
        (10, False, [0, 1, 2], [None, 13, None]),
        (1, True, [2, 3, 9, 10, 13, 14, 15], [None, 2, 6, 9, 12, 13, None]),
        (2, True, [3, 4, 9, 10, 13, 14, 15], [None, 2, 5, 6, 11, 12, None]),
        (10, True, [13, 14, 15], [None, 2, None]),
        (0, False, [-3, 7, 19], [-3, 7, 19]),
    ],
)
def test_the_nth_working_day(
    n: int, backwards: bool, days: list[int], found: list[int | None]
) -> None:
    made = working_days.add_working_days(pl.col("day"), BOUNDS, n, TWO_WEEKS, backwards=backwards)
    assert of_each(made, day=days) == found
    if not backwards:
        made = working_days.add_working_days_by_row(
            pl.col("day"), BOUNDS, pl.col("n"), 10, TWO_WEEKS
        )
        assert of_each(made, day=days, n=[n] * len(days)) == found


def test_three_years_without_a_working_day() -> None:
    first = D(2010, 1, 1)
    off = [first + dt.timedelta(n) for n in range((D(2013, 1, 1) - first).days)]
    calendar = Calendar(off=off, covers={"since": "2009-01-01", "through": "2013-12-31"})
    before, after = (D(2009, 12, 31) - EPOCH).days, (D(2013, 1, 1) - EPOCH).days
    for day, backwards, found in (
        (before, False, D(2013, 1, 1)),
        (after, True, D(2009, 12, 31)),
    ):
        made = working_days.add_working_days(
            pl.col("day"), (day, day), 1, calendar, backwards=backwards
        )
        assert pl.DataFrame({"day": [day]}).select(made.alias("found")).item() == found


def test_a_day_out_of_bounds_is_never_looked_up() -> None:
    bounds = (number(3), number(5))
    for made in (
        working_days.add_working_days(pl.col("day"), bounds, 1, TWO_WEEKS, backwards=False),
        working_days.add_working_days_by_row(pl.col("day"), bounds, pl.lit(1), 1, TWO_WEEKS),
    ):
        assert of_each(made, day=[2, 3, 5, 6]) == [None, 4, 6, None]
    rolled = working_days.roll_forward(pl.col("day"), bounds, TWO_WEEKS)
    assert of_each(rolled, day=[2, 3, 5, 6]) == [None, 3, 5, None]


def test_a_day_is_rolled_to_the_next_working_day() -> None:
    made = working_days.roll_forward(pl.col("day"), BOUNDS, TWO_WEEKS)
    days = [0, 1, 2, 6, 7, 8, 9, 13, 14]
    assert of_each(made, day=days) == [None, None, 2, 6, 9, 9, 9, 13, None]


def test_the_working_days_between() -> None:
    """From the first day to the day before the other."""
    made = working_days.count_working_days(pl.col("first"), pl.col("stop"), BOUNDS, TWO_WEEKS)
    pairs = {
        (2, 2): 0, (2, 3): 1, (2, 14): 10, (6, 9): 1, (7, 9): 0, (13, 14): 1, (3, 8): 4,
        (1, 3): None, (2, 15): None, (1, 15): None, (14, 15): None, (-3, -3): 0, (16, 16): 0,
    }  # fmt: skip
    firsts, stops = zip(*pairs, strict=True)
    assert of_each(made, first=list(firsts), stop=list(stops)) == list(pairs.values())


@pytest.mark.parametrize("backwards", [False, True])
def test_s07_bounds_far_outside_the_calendar_change_nothing(*, backwards: bool) -> None:
    far = (number(-800_000), number(2_900_000))
    days = {"day": [number(n) for n in (-800_000, *range(-5, 21), 2_900_000)]}
    frame = pl.DataFrame(days, schema={"day": pl.Int32})
    day = pl.col("day")

    def moved(bounds: tuple[int, int]) -> pl.DataFrame:
        return frame.select(
            working_days.add_working_days(day, bounds, 3, TWO_WEEKS, backwards=backwards).alias(
                "n"
            ),
            working_days.roll_forward(day, bounds, TWO_WEEKS).alias("rolled"),
            working_days.add_working_days_by_row(day, bounds, pl.lit(3), 3, TWO_WEEKS).alias("by"),
            working_days.count_working_days(day, day + 3, bounds, TWO_WEEKS).alias("number"),
        )

    assert moved(far)[1:-1].equals(moved((number(-6), number(24)))[1:-1])
    assert all(column.null_count() == 2 for column in moved(far)[[0, -1]])
