"""Targets on every working day: words, remarks, series."""

from __future__ import annotations

import kpi
from tests.builders import SLOTS, day, every_working_day, half_years, slots


def test_a_week_without_a_gap_has_no_remark() -> None:
    window = {"since": day("2017-01-09"), "through": day("2017-01-10")}
    made = kpi.Plan(
        id="p", period="2017", tables=[SLOTS], targets=[every_working_day(window=window)]
    )
    assert kpi.evaluate(made, slots("2017-01-09", "2017-01-10"))["t"].remarks == ()


def test_the_requirement_names_a_calendar_of_its_own() -> None:
    assert every_working_day().requirement == "within 3 weeks on every working day"
    off = {"name": "denmark", "off": ["christmas eve"]}
    assert every_working_day(calendar=off).requirement == (
        "within 3 weeks on every working day of denmark (christmas eve off)"
    )
    assert (
        every_working_day(calendar="sweden").requirement
        == "within 3 weeks on every working day of sweden"
    )


def test_the_days_outside_a_series_are_of_no_working_day() -> None:
    window = {"since": day("2017-01-09"), "through": day("2017-01-10")}
    frame = slots("2017-01-09", "2017-01-10", "2017-03-01")
    found = half_years(every_working_day(window=window), {"slots": frame}, tables=[SLOTS])
    assert found["2017-01-09 to 2017-01-10"].figures == {"working_days": 2, "missing_days": 0}
    assert (found[None].figures, found[None].remarks) == (
        {"working_days": 0, "missing_days": 0},
        (),
    )
