"""Dates at the end of the month, week or year that an offset leads to: cases worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.counting_rules.hand_worked import D, derived_due


@pytest.mark.parametrize(
    ("every", "filed", "due"),
    [
        # 31 January + 1 month is 28 February, by every month-end mode in February.
        ("month", D(2017, 1, 31), D(2017, 2, 28)),
        ("month", D(2017, 3, 1), D(2017, 4, 30)),
        ("month", D(2016, 1, 1), D(2016, 2, 29)),
        # 17 February 2017 is a Friday; a Sunday is the end of its own week.
        ("week", D(2017, 1, 17), D(2017, 2, 19)),
        ("week", D(2017, 1, 19), D(2017, 2, 19)),
        ("quarter", D(2017, 1, 31), D(2017, 3, 31)),
        ("quarter", D(2017, 3, 15), D(2017, 6, 30)),
        ("half-year", D(2017, 5, 31), D(2017, 6, 30)),
        ("half-year", D(2017, 6, 1), D(2017, 12, 31)),
        ("year", D(2017, 11, 30), D(2017, 12, 31)),
        ("year", D(2017, 12, 1), D(2018, 12, 31)),
    ],
)
def test_s08_a_date_at_the_end_of_a_period(every: str, filed: dt.date, due: dt.date) -> None:
    made = {"ends": {"date": "filed", "plus": "1 month", "end_of": every}}
    for mode in ("down", "sticky"):
        assert derived_due(made, filed=filed, words={"month_end": mode}) == due


@pytest.mark.parametrize(
    ("every", "starts", "filed", "due"),
    [
        ("year", "04", D(2017, 3, 31), D(2017, 3, 31)),
        ("year", "04", D(2017, 4, 1), D(2018, 3, 31)),
        ("year", "04", D(2017, 12, 31), D(2018, 3, 31)),
        ("half-year", "04", D(2017, 2, 1), D(2017, 3, 31)),
        ("half-year", "04", D(2017, 10, 1), D(2018, 3, 31)),
        ("quarter", "02", D(2017, 1, 31), D(2017, 1, 31)),
        ("quarter", "02", D(2017, 12, 1), D(2018, 1, 31)),
        ("month", "04", D(2017, 2, 1), D(2017, 2, 28)),
        ("year", "12", D(2016, 12, 1), D(2017, 11, 30)),
    ],
)
def test_s08_years_end_where_those_of_the_plan_do(
    every: str, starts: str, filed: dt.date, due: dt.date
) -> None:
    made = {"ends": {"date": "filed", "plus": "0 days", "end_of": every}}
    assert derived_due(made, filed=filed, words={"year_starts": starts}) == due


def test_s08_the_end_of_the_next_month_lacks_no_day() -> None:
    """31 January + 1 month asks for no 31 February where the end of that month is meant."""
    made = {"ends": {"date": "filed", "plus": "1 month", "end_of": "month"}}
    by_column = {"ends": {"date": "filed", "plus_months": "months", "end_of": "month"}}
    for mode in ("up", "refuse"):
        words = {"month_end": mode}
        assert derived_due(made, filed=D(2017, 1, 31), words=words) == D(2017, 2, 28)
        assert derived_due(by_column, filed=D(2017, 1, 31), months=1, words=words) == D(2017, 2, 28)
    # Days after the months are counted from a day, and so is the end of a week.
    days = {"ends": {"date": "filed", "plus": "1 month and 31 days", "end_of": "month"}}
    assert derived_due(days, filed=D(2017, 1, 31)) == D(2017, 3, 31)
    assert derived_due(days, filed=D(2017, 1, 31), words={"month_end": "up"}) == D(2017, 4, 30)
    week = {"ends": {"date": "filed", "plus": "1 month", "end_of": "week"}}
    assert derived_due(week, filed=D(2017, 1, 31), words={"month_end": "refuse"}) is None


def test_s08_the_end_of_a_period_comes_before_rolling() -> None:
    # 30 April 2017 is a Sunday and 1 May a Monday; 1 April, a Saturday, would have rolled first.
    made = {
        "ends": {
            "date": "filed",
            "plus": "1 month",
            "end_of": "month",
            "roll": "next working day",
        }
    }
    assert derived_due(made, filed=D(2017, 3, 1)) == D(2017, 5, 1)
    # Whitsun: Sunday 4 June, and Monday 5 June 2017 is a holiday in Denmark.
    weekly = {
        "ends": {"date": "filed", "plus": "0 days", "end_of": "week", "roll": "next working day"}
    }
    assert derived_due(weekly, filed=D(2017, 6, 2)) == D(2017, 6, 6)


def test_s08_the_end_of_a_period_of_a_date_before() -> None:
    made = {"ends": {"date": "filed", "minus": "1 month", "end_of": "quarter"}}
    assert derived_due(made, filed=D(2017, 4, 15)) == D(2017, 3, 31)
    assert derived_due(made, filed=D(2017, 5, 15)) == D(2017, 6, 30)
