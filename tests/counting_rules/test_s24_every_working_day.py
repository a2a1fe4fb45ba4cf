"""A limit on every working day (S24): cases worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl

import kpi
from kpi.definitions.calendars import Calendar
from kpi.definitions.windows import Window
from kpi.testing.oracle import Row
from tests.builders import every_working_day, in_may, may_slots, slots
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, buckets, days_of_may, offered


def test_s24_every_working_day_of_the_week_of_ascension() -> None:
    found = in_may(may_slots(d23=21, d24=0, d25=21, d26=99, d27=20, d28=99, d29=99))
    assert (found.counted, found.outside, found.verdict) == (4, 3, "met")
    assert found.figures == {"working_days": 4, "missing_days": 0}


def test_s24_one_day_over_the_limit_is_a_miss_whatever_else_is_missing() -> None:
    found = in_may(may_slots(d23=22))
    assert (found.verdict, found.figures) == ("missed", {"working_days": 4, "missing_days": 3})
    assert in_may(may_slots(d23=21, d24=1, d25=1, d27=None)).verdict == "missed"


def test_s24_a_working_day_without_a_row_cannot_be_assessed() -> None:
    found = in_may(may_slots(d23=21, d24=1, d25=1))
    assert (found.verdict, found.figures) == (
        "not_assessable",
        {"working_days": 4, "missing_days": 1},
    )
    assert found.remarks == ("1 of 4 working days have no row that counts",)
    assert in_may(may_slots()).verdict == "not_assessable"


def test_s24_which_days_are_working_days_is_declared() -> None:
    week = {"d23": 1, "d24": 1, "d25": 1, "d27": 1}
    friday_off = {"name": "denmark", "off": ["friday after ascension"]}
    assert in_may(may_slots(**week | {"d27": 99}), calendar=friday_off).verdict == "met"
    assert in_may(may_slots(**week | {"d27": 99})).verdict == "missed"
    saturdays = {"name": "denmark", "saturdays": True}
    assert in_may(may_slots(**week), calendar=saturdays).verdict == "not_assessable"
    assert in_may(may_slots(**week, d28=1), calendar=saturdays).verdict == "met"
    # Ascension Day is a holiday in Sweden too, and no day in the United Kingdom.
    assert in_may(may_slots(**week), calendar="sweden").verdict == "met"
    assert in_may(may_slots(**week), calendar="united kingdom").verdict == "not_assessable"


def test_s24_the_days_up_to_the_as_of_date() -> None:
    found = in_may(may_slots(d23=1, d24=1, d25=99), "2022-05-24")
    assert (found.counted, found.verdict) == (2, "open")
    assert found.figures == {"working_days": 2, "missing_days": 0}


def test_s24_a_day_twice_is_a_day_without_a_row() -> None:
    frame = pl.concat([may_slots(d23=1, d24=1, d25=1, d27=1), may_slots(d27=2)])
    found = in_may(frame)
    assert (found.excluded, found.verdict) == ({"repeated id": 2}, "not_assessable")


MAY = (D(2022, 5, 1), D(2022, 5, 31))


def test_s24_every_working_day_keeps_the_limit() -> None:
    outcome = days_of_may(hand_worked.slots(), *offered(*MAY))
    assert outcome.figures == {"working_days": 20, "missing_days": 0}
    assert (outcome.met, outcome.value, outcome.verdict) == (20, Fraction(1), "met")
    assert outcome.trail[0] == Row("counted", met=True, days=21, due=D(2022, 5, 23))
    # A day beyond the limit, and a day on which nothing was free.
    for wait in (22, None):
        cases = [
            *offered(D(2022, 5, 1), D(2022, 5, 30)),
            *offered(MAY[1], MAY[1], wait),
        ]
        outcome = days_of_may(hand_worked.slots(), *cases)
        assert (outcome.met, outcome.counted, outcome.verdict) == (19, 20, "missed")
        assert outcome.trail[-1].met is False


def test_s24_a_working_day_without_a_row_is_not_assessable_but_a_miss_decides() -> None:
    cases = list(offered(*MAY))[1:]
    outcome = days_of_may(hand_worked.slots(), *cases)
    assert outcome.figures == {"working_days": 20, "missing_days": 1}
    assert outcome.verdict == "not_assessable"
    late = list(offered(MAY[1], MAY[1], 22))
    outcome = days_of_may(hand_worked.slots(), *cases[:-1], *late)
    assert (outcome.figures["missing_days"], outcome.verdict) == (1, "missed")
    outcome = days_of_may(hand_worked.slots())
    assert outcome.figures == {"working_days": 20, "missing_days": 20}
    assert (outcome.value, outcome.verdict) == (None, "not_assessable")


def test_s24_a_day_whose_rows_cannot_be_used_is_missing() -> None:
    first, *rest = offered(*MAY)
    outcome = days_of_may(hand_worked.slots(), first, first, *rest)
    assert buckets(outcome)[:3] == ["repeated id", "repeated id", "counted"]
    assert (outcome.figures["missing_days"], outcome.verdict) == (1, "not_assessable")


def test_s24_days_off_other_months_and_days_to_come_are_outside() -> None:
    cases: list[dict[str, object]] = [
        {"date": D(2022, 5, 7), "next_free": None},
        {"date": D(2022, 5, 13), "next_free": None},
        {"date": D(2022, 4, 29), "next_free": None},
        {"date": D(2022, 6, 1), "next_free": None},
        {"date": None, "next_free": D(2022, 5, 2)},
        {"date": D(2022, 5, 3), "next_free": D(2022, 5, 2)},
    ]
    outcome = days_of_may(hand_worked.slots(), *cases, *offered(*MAY), period="2022-H1")
    assert buckets(outcome)[:6] == [*["outside"] * 4, "start missing", "end before start"]
    # Tuesday 3 May stands twice, and neither row says how it was.
    assert outcome.figures == {"working_days": 20, "missing_days": 1}


def test_s24_up_to_as_of() -> None:
    outcome = days_of_may(hand_worked.slots(), *offered(*MAY), as_of=D(2022, 5, 6))
    assert outcome.figures == {"working_days": 5, "missing_days": 0}
    assert (outcome.rows, outcome.counted, outcome.verdict) == (5, 5, "open")
    outcome = days_of_may(hand_worked.slots(), *offered(*MAY), as_of=D(2022, 4, 30))
    assert outcome.figures == {"working_days": 0, "missing_days": 0}


def test_s24_the_plans_calendar() -> None:
    calendar = {"name": "denmark", "off": ["friday after ascension"], "saturdays": True}
    target = hand_worked.slots(calendar=calendar)
    assert target.calendar == Calendar("denmark", ("friday after ascension",), saturdays=True)
    outcome = days_of_may(target, *offered(*MAY, calendar=target.calendar))
    assert (outcome.figures["working_days"], outcome.verdict) == (23, "met")
    outcome = days_of_may(target, *offered(*MAY))
    # Four Saturdays are missing, and the Friday is outside.
    assert (outcome.figures["missing_days"], outcome.outside) == (4, 1)
    # In the United Kingdom 13 and 26 May are working days, and Monday 2 May is none.
    outcome = days_of_may(hand_worked.slots(calendar="united kingdom"), *offered(*MAY))
    assert outcome.figures == {"working_days": 21, "missing_days": 2}
    assert outcome.outside == 1


def test_s24_without_a_calendar_of_its_own_the_plans_and_limits_in_its_working_days() -> None:
    bridge = {"name": "denmark", "off": ["friday after ascension"]}
    cases = list(offered(*MAY, calendar=Calendar(**bridge)))
    assert days_of_may(hand_worked.slots(), *cases, calendar=bridge).verdict == "met"
    assert days_of_may(hand_worked.slots(), *cases).figures["missing_days"] == 1
    target = hand_worked.slots(
        limit="1 working day", window=Window(since="2022-05-25", through="2022-05-25")
    )
    for free, met in ((D(2022, 5, 30), True), (D(2022, 5, 31), False)):
        wednesday = {"date": D(2022, 5, 25), "next_free": free}
        outcome = days_of_may(target, wednesday, calendar=bridge)
        assert outcome.trail[0] == Row(
            "counted", met=met, days=(free - D(2022, 5, 25)).days, due=D(2022, 5, 30)
        )


def test_s24_month_ends_and_windows_without_a_working_day() -> None:
    target = hand_worked.slots(limit="1 month", month_end="refuse", window="2022-01")
    cases = offered(D(2022, 1, 1), D(2022, 1, 31))
    outcome = days_of_may(target, *cases)
    assert outcome.trail[-1].reason == "refused month end"
    assert outcome.figures == {"working_days": 21, "missing_days": 1}
    weekend = hand_worked.slots(window=Window(since="2022-05-07", through="2022-05-08"))
    outcome = days_of_may(weekend, *offered(*MAY))
    assert outcome.figures == {"working_days": 0, "missing_days": 0}
    assert outcome.verdict == "not_assessable"


def test_s24_a_day_after_the_as_of_date_is_outside_for_that() -> None:
    """Also where the day is no entry that hides its row."""
    table = kpi.Table("slots", key="date", dates=["date", "next_free"])
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[every_working_day()])
    rows = kpi.evaluate(made, slots("2017-01-09", "2017-01-10"), "2017-01-09").audit().collect()
    assert rows["reason"].to_list() == [None, "fails: date through 2017-01-09"]


def numbered_slots(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    made = [
        {"date": d and D.fromisoformat(d), "free": f and D.fromisoformat(f), "n": n}
        for n, (d, f) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema={"date": pl.Date, "free": pl.Date, "n": pl.Int64})


def of_numbered_slots(
    frame: pl.DataFrame, as_of: str | None = None, **more: Any
) -> kpi.TargetResult:
    table = kpi.Table("slots", key="n", entry="date", dates="free")
    given = {"id": "t", "table": "slots", "start": "date", "end": "free", "limit": "1 month"}
    target = kpi.EveryWorkingDay(**given | more)
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    return kpi.evaluate(made, {"slots": frame}, as_of)["t"]


def test_s24_the_month_end_mode_of_every_working_day_is_its_own() -> None:
    """A month from 31 January 2017 is 28 February, or 1 March where it is moved up."""
    frame = numbered_slots(("2017-01-31", "2017-03-01"))
    window = {"since": "2017-01-31", "through": "2017-01-31"}
    assert of_numbered_slots(frame, window=window).verdict == "missed"
    found = of_numbered_slots(frame, window=window, month_end="up")
    assert (found.verdict, found.value, found.unit) == ("met", 1.0, "share")


def test_s24_a_day_whose_month_end_is_refused_is_a_day_without_a_row() -> None:
    window = {"since": "2017-01-30", "through": "2017-01-31"}
    frame = numbered_slots(("2017-01-30", "2017-01-30"), ("2017-01-31", "2017-01-31"))
    found = of_numbered_slots(frame, window=window, month_end="refuse", limit="3 months")
    assert (found.excluded, found.met) == ({"refused month end": 1}, 1)
    assert found.figures == {"working_days": 2, "missing_days": 1}


def test_s24_a_window_without_a_working_day_counts_nothing() -> None:
    frame = numbered_slots(("2017-01-07", "2017-01-07"))  # a Saturday
    found = of_numbered_slots(frame, window={"since": "2017-01-07", "through": "2017-01-08"})
    assert (found.outside, found.counted, found.verdict) == (1, 0, "not_assessable")
    assert found.figures == {"working_days": 0, "missing_days": 0}
    assert (found.value, found.unit) == (None, "share")
