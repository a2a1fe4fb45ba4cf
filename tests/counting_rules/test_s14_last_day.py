"""Pauses that include the day on which they end (S14): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

from kpi.testing.oracle import Outcome
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import CASES, REQUESTS, D, asked, m, plan, rows, within

INCLUDED = evolve(REQUESTS, last_day="paused")
MARCH = {"filed": m(1), "decided": m(31)}


def paused(
    limit: str, *requests: tuple[dt.date, dt.date | None], table: Any = INCLUDED, **more: Any
) -> Outcome:
    """What becomes of one case that is paused by requests."""
    words = {"denominator": "overdue"} if more.pop("is_open", False) else {}
    as_of, case = more.pop("as_of", None), {**MARCH, **more}
    pauses = [{"of": "c0", "asked": since, "answered": to} for since, to in requests]
    target = within(limit, pauses="requests", **words)
    tables: dict[str, Any] = {"cases": rows(case), "requests": pauses}
    return asked(plan(target, tables=[CASES, table]), tables, as_of)["1"]


@pytest.mark.parametrize(
    ("requests", "days", "due"),
    [
        ([(m(10), m(19))], 10, m(31)),  # the 10th through the 19th
        ([(m(10), m(10))], 1, m(22)),
        # The day after the last one touches: a single stretch of 3 days.
        ([(m(10), m(11)), (m(12), m(12))], 3, m(24)),
        ([(m(10), m(12)), (m(12), m(13))], 4, m(25)),
        # Through the end day and beyond it: the end day itself is no paused day.
        ([(m(20), m(31))], 11, D(2017, 4, 1)),
        ([(m(20), D(2017, 4, 9))], 11, D(2017, 4, 1)),
        ([(m(20), None)], 11, D(2017, 4, 1)),
        # Before the case began but for its first day.
        ([(D(2017, 2, 1), m(1))], 1, m(22)),
        ([(m(10), m(9))], 0, m(21)),  # rejected: it ends before it begins
    ],
)
def test_s14_a_pause_takes_its_last_day_too(
    requests: list[tuple[dt.date, dt.date | None]], days: int, due: dt.date
) -> None:
    (row,) = paused("20 days", *requests).trail
    assert (row.paused, row.days, row.due) == (days, 30 - days, due)


def test_s14_by_default_the_day_on_which_a_pause_ends_counts() -> None:
    (row,) = paused("20 days", (m(10), m(19)), table=REQUESTS).trail
    assert (row.paused, row.due) == (9, m(30))


def test_s14_working_days_of_a_pause_with_its_last_day() -> None:
    # 5 working days from Monday the 6th end on the 13th; paused on Tuesday and Wednesday, the 15th.
    (row,) = paused("5 working days", (m(7), m(8)), filed=m(6)).trail
    assert row.due == m(15)


@pytest.mark.parametrize(
    ("as_of", "bucket", "due"),
    [
        # Limit of 10 days from 1 March, paused from the 11th, its due day, through the 15th.
        (m(10), "undetermined", None),
        (m(14), "undetermined", None),
        # At the end of its last day the pause is not over: the next day counts again, and is due.
        (m(15), "undetermined", None),
        (m(16), "counted", m(16)),
        (m(17), "counted", m(16)),
    ],
)
def test_s14_an_open_case_is_paused_through_the_last_day(
    as_of: dt.date, bucket: str, due: dt.date | None
) -> None:
    outcome = paused("10 days", (m(11), m(15)), decided=None, as_of=as_of, is_open=True)
    (row,) = outcome.trail
    assert (row.bucket, row.due) == (bucket, due)


def test_s14_a_day_more_by_default_is_the_same() -> None:
    """A pause through a day and one up to the next day are told apart by nothing."""
    for as_of in (m(12), m(15), m(16), m(20), None):
        for decided in (m(13), m(15), m(16), m(25), None):
            more = {"as_of": as_of, "decided": decided, "is_open": True}
            through = paused("10 days", (m(11), m(15)), **more)
            before = paused("10 days", (m(11), m(16)), table=hand_worked.REQUESTS, **more)
            assert through.trail == before.trail
