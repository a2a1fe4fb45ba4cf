"""Averages in working days, by engine and oracle: the amount of a case is in the unit of the limit (S16)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from kpi.testing.oracle import Row
from tests.counting_rules.hand_worked import D, average, percentile, row, run


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
    found = run(average(limit=limit), *cases)
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
def test_s16_paused_working_days_are_deducted_from_working_days(
    stop: tuple[Any, Any], days: int, paused: int
) -> None:
    """From Monday 6 to Monday 20 March are ten working days."""
    expected = Row("counted", days=days, paused=paused)
    stops = [stop]
    target = average(limit="5 working days", pauses="waiting")
    assert row(target, TWO_WEEKS, waiting=stops) == expected
    of_rank = percentile(limit="5 working days", percentile=50, pauses="waiting")
    assert row(of_rank, TWO_WEEKS, waiting=stops) == expected
    assert run(of_rank, TWO_WEEKS, waiting=stops).value == days


def test_s16_limits_in_working_days_by_value_allow_their_sum() -> None:
    """Two and five working days allow seven: five and two are seven, five and three are not."""
    limit = {"by": "kind", "limits": {"a": "2 working days", "b": "5 working days"}}
    long, short = {"kind": "a", **FROM_MONDAY_TO_MONDAY}, {"kind": "b"}
    found = run(average(limit=limit), long, short | took(march(6), march(8)))
    assert (found.total, found.figures, found.verdict) == (7, {"allowed": 7}, "met")
    found = run(average(limit=limit), long, short | FROM_MONDAY_TO_THURSDAY)
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


def test_s16_an_average_in_months_counts_days_as_before() -> None:
    """From 31 January, a month by due date is 28 days."""
    found = run(average(limit="1 month"), took(D(2017, 1, 31), D(2017, 2, 28)))
    assert (found.total, found.figures, found.verdict) == (28, {"allowed": 28}, "met")


def test_s16_no_months_allow_no_days() -> None:
    """A limit keeps its unit at zero: what "0 months" allow is summed, as for every number of them."""
    same_day, next_day = took(march(6), march(6)), took(march(6), march(7))
    for cases, verdict in (((same_day,), "met"), ((same_day, next_day), "missed")):
        found = run(average(limit="0 months"), *cases)
        assert (found.figures, found.verdict) == ({"allowed": 0}, verdict)
