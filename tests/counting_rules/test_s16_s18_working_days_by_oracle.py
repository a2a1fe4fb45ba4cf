"""S16, S18: the amount of a case is in the unit of the limit, and months are counted by due dates."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from kpi.testing.oracle import Row
from tests.counting_rules.hand_worked import D, average, outcome, percentile, row


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
    ("limit", "cases", "total", "verdict"),
    [
        # None and three: one and a half.
        ("1 working day", (FROM_FRIDAY_TO_SUNDAY, FROM_MONDAY_TO_THURSDAY), 3, "missed"),
        ("2 working days", (FROM_FRIDAY_TO_SUNDAY, FROM_MONDAY_TO_THURSDAY), 3, "met"),
        # Five and one: three.
        ("3 working days", (FROM_MONDAY_TO_MONDAY, FROM_MONDAY_TO_TUESDAY), 6, "met"),
        ("0 working days", (FROM_FRIDAY_TO_SUNDAY,), 0, "met"),
        ("0 working days", (FROM_MONDAY_TO_TUESDAY,), 1, "missed"),
        ("0 days", (FROM_FRIDAY_TO_SUNDAY,), 2, "missed"),
        # The day of the start is not counted, the day of the end is; Easter takes four days.
        ("3 working days", (took(D(2017, 4, 12), D(2017, 4, 20)),), 3, "met"),
    ],
)
def test_s16_an_average_in_working_days_counts_working_days(
    limit: str, cases: tuple[dict[str, object], ...], total: int, verdict: str
) -> None:
    found = outcome(average(limit=limit), *cases)
    assert (found.total, found.value, found.verdict) == (
        total,
        Fraction(total, len(cases)),
        verdict,
    )
    assert sum(row.days or 0 for row in found.trail) == total
    assert found.figures == {}


@pytest.mark.parametrize(
    ("stop", "days", "paused"),
    [
        # Thursday, Friday and Monday; the weekend between takes nothing.
        ((march(9), march(14)), 7, 3),
        # The day of the start takes nothing, and nor does the day of the end.
        ((march(6), march(7)), 10, 0),
        ((march(20), None), 10, 0),
        ((march(20), march(25)), 10, 0),
        ((march(17), None), 9, 1),
        ((march(11), march(13)), 10, 0),
        ((march(1), None), 1, 9),
    ],
)
def test_s14_paused_working_days_are_deducted_from_working_days(
    stop: tuple[Any, Any], days: int, paused: int
) -> None:
    """From Monday 6 to Monday 20 March are ten working days."""
    expected = Row("counted", days=days, paused=paused)
    stops = [stop]
    target = average(limit="5 working days", pauses="stops")
    assert row(target, TWO_WEEKS, stops=stops) == expected
    of_rank = percentile(limit="5 working days", percentile=50, pauses="stops")
    assert row(of_rank, TWO_WEEKS, stops=stops) == expected
    assert outcome(of_rank, TWO_WEEKS, stops=stops).value == days


def test_s16_limits_in_working_days_by_value_allow_their_sum() -> None:
    """Two and five working days allow seven: five and two are seven, five and three are not."""
    limit = {"by": "kind", "limits": {"a": "2 working days", "b": "5 working days"}}
    long, short = {"kind": "a", **FROM_MONDAY_TO_MONDAY}, {"kind": "b"}
    found = outcome(average(limit=limit), long, short | took(march(6), march(8)))
    assert (found.total, found.figures, found.verdict) == (7, {"allowed": 7}, "met")
    found = outcome(average(limit=limit), long, short | FROM_MONDAY_TO_THURSDAY)
    assert (found.total, found.figures, found.verdict) == (8, {"allowed": 7}, "missed")


def test_s16_in_a_calendar_of_its_own() -> None:
    """Tuesday is off, and what is after 15 March is not known."""
    calendar = {"off": [march(7)], "covers": {"since": march(1), "through": march(15)}}
    for target in (
        average(limit="5 working days", calendar=calendar),
        percentile(limit="5 working days", percentile=50, calendar=calendar),
    ):
        assert row(target, FROM_MONDAY_TO_THURSDAY).days == 2
        assert row(target, TWO_WEEKS) == Row("excluded", "outside the calendar")
        assert row(target, took(march(10), march(15))).days == 3


def test_s05_an_average_in_months_counts_days_as_before() -> None:
    """From 31 January, a month by due date is 28 days."""
    found = outcome(average(limit="1 month"), took(D(2017, 1, 31), D(2017, 2, 28)))
    assert (found.total, found.figures, found.verdict) == (28, {"allowed": 28}, "met")


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
            found = outcome(percentile(limit=f"{limit} working days", percentile=percent), *cases)
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
    found = outcome(target, took(filed, decided))
    assert found.value == months
    if months is None:
        assert found.trail == (Row("excluded", "refused month end"),)
    else:
        # The days of the row stay days.
        assert found.trail == (Row("counted", days=(decided - filed).days),)
        assert found.verdict == ("met" if months <= 12 else "missed")


def test_s18_months_are_moved_by_pauses() -> None:
    """A month from 1 March is 1 April, and five paused days more the 6th."""
    target = percentile(limit="1 month", percentile=100, pauses="stops")
    case = took(march(1), D(2017, 4, 5))
    assert outcome(target, case).value == 2
    assert outcome(target, case, stops=[(march(10), march(15))]).value == 1
    assert outcome(target, case, stops=[(march(10), march(13))]).value == 2


def test_s18_the_rank_is_that_of_days() -> None:
    """Of one, two and three months, the median is two and the 67th percentile three."""
    cases = [took(march(1), D(2017, month, 1)) for month in (4, 5, 6)]
    for percent, value in ((33, 1), (34, 2), (66, 2), (67, 3), (100, 3)):
        assert outcome(percentile(limit="1 year", percentile=percent), *cases).value == value
    assert outcome(percentile(limit="0 months", percentile=33), *cases).verdict == "missed"
