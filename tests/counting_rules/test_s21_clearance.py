"""Clearance of what was open (S21): cases worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from kpi.definitions.population import OpenAt
from kpi.definitions.windows import Window
from tests.builders import clearance, one, spans
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D


def test_s21_open_at_the_start_of_a_day_and_ended_before_another() -> None:
    frame = spans(
        ("2016-12-31", "2016-12-31"),  # ended before the day
        ("2016-12-31", "2017-01-01"),  # open at its start, and ended on it
        ("2017-01-01", "2017-02-01"),  # entered on it
        ("2016-05-01", "2017-06-30"),
        ("2016-05-01", "2017-07-01"),
        ("2016-05-01", None),
    )
    before = clearance({"before": "2017-07-01"}, open_at={"start_of": "2017"})
    through = clearance({"through": "2017-07-01"}, open_at={"start_of": "2017-01-01"})
    found = one(before, frame)
    assert (found.met, found.counted, found.outside) == (2, 4, 2)
    assert one(through, frame).met == 3


@pytest.mark.parametrize(
    ("filed", "decided", "bucket"),
    [
        (D(2016, 12, 31), D(2017, 1, 1), True),
        (D(2017, 1, 1), D(2017, 1, 2), None),
        (D(2016, 1, 1), D(2016, 12, 31), None),
        (D(2016, 1, 1), D(2017, 6, 30), True),
        (D(2016, 1, 1), D(2017, 7, 1), False),
        (D(2016, 1, 1), None, False),
    ],
)
def test_s21_clearance_of_what_was_open(
    filed: dt.date, decided: dt.date | None, bucket: bool | None
) -> None:
    row = hand_worked.one(hand_worked.clearance(), filed=filed, decided=decided)
    assert row.met is bucket
    assert row.bucket == ("outside" if bucket is None else "counted")
    assert row.due == (None if bucket is None else D(2017, 6, 30))


def test_s21_a_deadline_before_or_through_as_written() -> None:
    cells = {"filed": D(2016, 1, 1), "decided": D(2017, 7, 1)}
    assert hand_worked.one(hand_worked.clearance(), **cells).met is False
    assert (
        hand_worked.one(hand_worked.clearance(deadline=Window(through="2017-07-01")), **cells).met
        is True
    )


def test_s21_the_start_of_a_half_year_is_its_first_day() -> None:
    """H2 begins on 1 July: entered before it, not ended before it."""
    target = hand_worked.clearance(open_at=OpenAt("2017-H2"), deadline=Window(before="2018-01-01"))
    assert hand_worked.one(target, filed=D(2017, 6, 30), decided=D(2017, 7, 1)).bucket == "counted"
    assert hand_worked.one(target, filed=D(2017, 7, 1)).bucket == "outside"
    assert hand_worked.one(target, filed=D(2017, 6, 1), decided=D(2017, 6, 30)).bucket == "outside"
