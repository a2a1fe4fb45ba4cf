"""Calendars as plan files write them, their words, and calendars that are refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import kpi
from kpi.definitions.calendars import Calendar
from tests.builders import every_working_day, in_may, may_slots


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("danmark", "did you mean 'denmark'"),
        ({"name": "denmark", "off": ["easter"]}, "unknown day 'easter'"),
        (
            {"name": "sweden", "off": ["constitution day"]},
            "found 'constitution day' with the calendar sweden",
        ),
        ({"nam": "denmark"}, "did you mean 'name'"),
        ({"name": "denmark", "saturdays": 1}, "accepted: true or false"),
    ],
)
def test_calendars_that_are_none(wrong: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        in_may(may_slots(), calendar=wrong)


def test_a_calendar_as_plan_files_write_it() -> None:
    for made in (
        kpi.Calendar("sweden"),
        kpi.Calendar("denmark", saturdays=True),
        kpi.Calendar("denmark", off=["christmas eve"], saturdays=True),
    ):
        assert every_working_day(calendar=made.data()).calendar == made
    with pytest.raises(
        kpi.PlanError, match=r"^calendar.off: found 'constitution day' with the calendar sweden"
    ):
        every_working_day(calendar={"name": "sweden", "off": ["constitution day"]})


D = dt.date


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (Calendar("denmark"), "denmark"),
        (Calendar("germany", region="BE"), "germany (BE)"),
        (Calendar("denmark", saturdays=True), "denmark (Saturdays too)"),
        (Calendar("denmark", off=(D(2022, 1, 3),)), "denmark (2022-01-03 off)"),
        (
            Calendar("denmark", off=(D(2022, 1, 3), D(2022, 1, 4)), saturdays=True),
            "denmark (2 dates off, Saturdays too)",
        ),
        (
            Calendar(
                "GB",
                ["12-24", {"since": "07-01", "through": "07-31"}, "2024-02"],
                region=["ENG", "WLS"],
                worked=[D(2024, 12, 25)],
                weekend=["friday"],
            ),
            (
                "united kingdom (ENG, WLS, 12-24 off, 07-01 to 07-31 off, 2024-02 off, "
                "2024-12-25 worked, weekend: friday)"
            ),
        ),
    ],
)
def test_a_calendar_says_what_it_is_made_of(calendar: Calendar, words: str) -> None:
    assert str(calendar) == words
