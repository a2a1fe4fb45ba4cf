"""Percentiles in working days and in months, by engine and oracle (S18)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from kpi.testing.oracle import Row
from tests.counting_rules.hand_worked import D, percentile, run


def march(day: int) -> dt.date:
    return D(2017, 3, day)


def took(filed: dt.date, decided: dt.date) -> dict[str, object]:
    return {"filed": filed, "decided": decided}


FROM_FRIDAY_TO_SUNDAY = took(march(3), march(5))
FROM_MONDAY_TO_TUESDAY = took(march(6), march(7))
FROM_MONDAY_TO_THURSDAY = took(march(6), march(9))
FROM_MONDAY_TO_MONDAY = took(march(6), march(13))
TWO_WEEKS = took(march(6), march(20))


@pytest.mark.parametrize(
    ("percent", "value"), [(25, 0), (26, 1), (50, 1), (51, 3), (75, 3), (76, 5), (100, 5)]
)
def test_s18_a_percentile_in_working_days(percent: int, value: int) -> None:
    """None, one, three and five working days."""
    cases = (
        FROM_MONDAY_TO_MONDAY,
        FROM_FRIDAY_TO_SUNDAY,
        FROM_MONDAY_TO_THURSDAY,
        FROM_MONDAY_TO_TUESDAY,
    )
    for limit, verdict in ((value, "met"), (value - 1, "missed")):
        if limit >= 0:
            found = run(percentile(limit=f"{limit} working days", percentile=percent), *cases)
            assert (found.value, found.verdict) == (Fraction(value), verdict)


@pytest.mark.parametrize(
    ("filed", "decided", "mode", "months"),
    [
        (D(2017, 9, 1), D(2017, 9, 1), "down", 0),
        (D(2017, 9, 1), D(2017, 9, 2), "down", 1),
        (D(2017, 9, 1), D(2017, 10, 1), "down", 1),
        (D(2017, 9, 1), D(2017, 10, 2), "down", 2),
        (D(2017, 1, 31), D(2017, 2, 28), "down", 1),
        (D(2017, 1, 31), D(2017, 3, 1), "down", 2),
        (D(2017, 1, 31), D(2017, 3, 1), "up", 1),
        # From one last day of a month to another, or to the day of that number.
        (D(2017, 2, 28), D(2017, 3, 31), "sticky", 1),
        (D(2017, 2, 28), D(2017, 3, 31), "down", 2),
        # One step each: seven months from 31 January are 31 August.
        (D(2017, 1, 31), D(2017, 8, 31), "down", 7),
        (D(2016, 2, 29), D(2017, 3, 1), "down", 13),
        (D(2016, 2, 29), D(2017, 2, 28), "down", 12),
        (D(2017, 1, 31), D(2017, 3, 31), "refuse", 2),
        (D(2017, 1, 31), D(2017, 2, 28), "refuse", None),
    ],
)
def test_s18_a_percentile_in_months(
    filed: dt.date, decided: dt.date, mode: str, months: int | None
) -> None:
    target = percentile(limit="12 months", percentile=50, month_end=mode)
    found = run(target, took(filed, decided))
    assert found.value == months
    if months is None:
        assert found.trail == (Row("excluded", "refused month end"),)
    else:
        # The days of the row stay days.
        assert found.trail == (Row("counted", days=(decided - filed).days),)
        assert found.verdict == ("met" if months <= 12 else "missed")


def test_s18_months_are_moved_by_pauses() -> None:
    """A month from 1 March is 1 April, and five paused days more the 6th."""
    target = percentile(limit="1 month", percentile=100, pauses="waiting")
    case = took(march(1), D(2017, 4, 5))
    assert run(target, case, waiting=[]).value == 2
    assert run(target, case, waiting=[(march(10), march(15))]).value == 1
    assert run(target, case, waiting=[(march(10), march(13))]).value == 2


def test_s18_the_rank_is_that_of_days() -> None:
    """Of one, two and three months, the median is two and the 67th percentile three."""
    cases = [took(march(1), D(2017, month, 1)) for month in (4, 5, 6)]
    for percent, value in ((33, 1), (34, 2), (66, 2), (67, 3), (100, 3)):
        assert run(percentile(limit="1 year", percentile=percent), *cases).value == value
    assert run(percentile(limit="0 months", percentile=33), *cases).verdict == "missed"
