"""Working days and their calendars (S7): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import kpi
from kpi.definitions.calendars import Calendar
from kpi.definitions.days_off import NAMED
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.builders import both_trails, day, due_days, plan, spans, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import DENMARK, EASTER_DUE, MARCH, D, before, one, run


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (D(2022, 4, 13), True),
        (D(2022, 4, 14), False),
        (D(2022, 4, 15), False),
        (D(2022, 4, 18), False),
        (D(2022, 4, 19), True),
        # Store Bededag, the fourth Friday after Easter, until 2023.
        (D(2022, 5, 13), False),
        (D(2023, 5, 5), False),
        (D(2024, 4, 26), True),
        (D(2022, 5, 26), False),
        (D(2022, 5, 27), True),  # the Friday after Ascension: an option
        (D(2022, 6, 5), False),  # a Sunday
        (D(2022, 6, 6), False),
        (D(2017, 6, 5), False),
        (D(2018, 6, 5), True),  # Grundlovsdag: an option
        (D(2023, 6, 5), True),
        (D(2022, 12, 23), True),
        (D(2021, 12, 24), True),  # an option
        (D(2022, 12, 24), False),  # a Saturday
        (D(2022, 12, 26), False),
        (D(2024, 12, 25), False),
        (D(2021, 12, 31), True),  # an option
        (D(2021, 1, 1), False),
        (D(2022, 5, 7), False),
        (D(2022, 5, 8), False),
        (D(2024, 5, 1), True),
    ],
)
def test_s07_danish_working_days(day: dt.date, works: bool) -> None:
    assert (day in DENMARK.working_days(day, day)) is works
    assert oracle.is_working_day(day, DENMARK) is works


@pytest.mark.parametrize(
    ("off", "day"),
    [
        ("constitution day", D(2018, 6, 5)),
        ("constitution day", D(2023, 6, 5)),
        ("christmas eve", D(2021, 12, 24)),
        ("new year's eve", D(2021, 12, 31)),
        ("friday after ascension", D(2022, 5, 27)),
        ("workers' day", D(2023, 5, 1)),
        ("workers' day", D(2024, 5, 1)),
    ],
)
def test_s07_the_days_that_may_be_off(off: str, day: dt.date) -> None:
    named = Calendar("denmark", (off,))
    assert (DENMARK.working_days(day, day), named.working_days(day, day)) == ((day,), ())
    assert oracle.is_working_day(day, DENMARK)
    assert not oracle.is_working_day(day, named)


def test_s07_years_whose_holidays_nobody_knows_are_refused() -> None:
    with pytest.raises(
        kpi.PlanError,
        match="denmark: 2500-01-01 to 2500-01-02 does not lie within the days whose holidays",
    ):
        kpi.Calendar("denmark").working_days(dt.date(2500, 1, 1), dt.date(2500, 1, 2))


@pytest.mark.parametrize(
    ("limit", "filed", "due"),
    [
        # Store Bededag: 5 May 2023 was a holiday; the fourth Friday after Easter 2024 was not.
        ("1 working day", "2023-05-04", "2023-05-08"),
        ("1 working day", "2024-04-25", "2024-04-26"),
        ("0 working days", "2024-03-30", "2024-03-30"),
        ("1 working day", "2024-03-22", "2024-03-25"),
        # Maundy Thursday to Easter Monday, 28 March to 1 April 2024.
        ("1 working day", "2024-03-27", "2024-04-02"),
        ("1 working day", "2024-03-30", "2024-04-02"),
        ("5 working days", "2024-03-22", "2024-04-03"),
        # 24 and 31 December and 5 June are working days unless named.
        ("1 working day", "2024-12-23", "2024-12-24"),
        ("2 working days", "2024-12-23", "2024-12-27"),
        ("1 working day", "2024-06-04", "2024-06-05"),
        ("10 working days", "2024-12-20", "2025-01-08"),
    ],
)
def test_s07_working_days(limit: str, filed: str, due: str) -> None:
    assert due_days(limit, filed) == [due]


def test_s07_ending_on_the_due_day_is_in_time() -> None:
    frame = spans(("2017-04-12", "2017-04-18"), ("2017-04-12", "2017-04-19"))
    # Easter 2017: 13 to 17 April are off.
    rows = both_trails(plan(within("1 working day")), frame)
    assert [(row["met"], row["due"], row["days"]) for row in rows] == [
        (True, day("2017-04-18"), 6),
        (False, day("2017-04-18"), 7),
    ]


def test_s07_days_off_by_name_and_by_date() -> None:
    calendar = {"name": "denmark", "off": ["christmas eve", "2024-12-27"]}
    assert due_days("1 working day", "2024-12-23", calendar=calendar) == ["2024-12-30"]
    saturdays = {"name": "denmark", "saturdays": True}
    assert due_days("1 working day", "2024-03-22", calendar=saturdays) == ["2024-03-23"]


@pytest.mark.parametrize(
    ("calendar", "filed", "due"),
    [
        ("netherlands", "2023-04-26", "2023-04-28"),  # King's Day on a Thursday
        ("germany", "2023-10-02", "2023-10-04"),  # Unity Day on a Tuesday
        ("sweden", "2023-06-05", "2023-06-07"),  # the National Day on a Tuesday
        ("united kingdom", "2023-05-05", "2023-05-09"),  # a coronation
        ("european central bank", "2024-04-30", "2024-05-02"),  # TARGET is closed on 1 May
        ({"name": "germany", "region": "BE"}, "2024-03-07", "2024-03-11"),  # Berlin: 8 March
        ({"name": "germany", "region": "BY"}, "2024-03-07", "2024-03-08"),
        ({"name": "united kingdom", "region": "SCT"}, "2024-11-29", "2024-12-03"),  # St Andrew
    ],
)
def test_s07_other_countries(calendar: Any, filed: str, due: str) -> None:
    assert due_days("1 working day", filed, calendar=calendar) == [due]


def test_s07_the_plans_calendar_holds_where_the_target_has_none() -> None:
    target = within("1 working day", id="own", calendar="denmark")
    other = within("1 working day", id="plans")
    made = plan(target, other, period="2023", calendar="netherlands")
    rows = both_trails(made, spans(("2023-04-26", "2023-04-26")))
    assert [row["due"] for row in rows] == [day("2023-04-27"), day("2023-04-28")]


OWN = {"off": ["2024-01-01", "2024-12-24", "2024-12-25"], "covers": "2024"}


@pytest.mark.parametrize(
    ("limit", "filed", "due"),
    [
        ("1 working day", "2023-12-31", "2024-01-02"),
        ("1 working day", "2023-12-30", "outside the calendar"),
        ("1 working day", "2024-12-30", "2024-12-31"),
        ("2 working days", "2024-12-30", "outside the calendar"),
        ("1 working day", "2024-12-31", "outside the calendar"),
        ("2 working days", "2024-12-23", "2024-12-27"),
        ("1 working day", "0001-01-01", "outside the calendar"),
        ("1 working day", "9999-12-30", "outside the calendar"),
    ],
)
def test_s07_days_that_a_calendar_does_not_know_give_no_due_date(
    limit: str, filed: str, due: str
) -> None:
    assert due_days(limit, filed, calendar=OWN) == [due]


def test_s07_a_look_up_is_never_wrapped_round() -> None:
    """Sentinels either side of the library's years; the cases between are dated rightly."""
    filed = ("0001-01-01", "1770-12-30", "1770-12-31", "2024-03-27", "2100-12-30", "9999-12-30")
    assert due_days("1 working day", *filed) == [
        "outside the calendar",
        "outside the calendar",
        "1771-01-02",
        "2024-04-02",
        "2100-12-31",
        "outside the calendar",
    ]
    assert due_days("2 working days", *filed[4:]) == ["outside the calendar"] * 2


SATURDAYS = Calendar("denmark", saturdays=True)


@pytest.mark.parametrize(
    "sunday",
    [
        D(1818, 3, 22),
        D(1943, 4, 25),
        D(1954, 4, 18),
        D(1981, 4, 19),
        D(2000, 4, 23),
        D(2008, 3, 23),
        D(2017, 4, 16),
        D(2022, 4, 17),
        D(2023, 4, 9),
        D(2024, 3, 31),
        D(2038, 4, 25),
        D(2049, 4, 18),
        D(2285, 3, 22),
    ],
)
def test_s07_easter(sunday: dt.date) -> None:
    assert oracle.easter_sunday(sunday.year) == sunday


def test_s07_saturdays_and_the_working_days_of_a_year() -> None:
    first, last = D(2022, 5, 1), D(2022, 5, 31)
    assert len(oracle.working_days(first, last, DENMARK)) == 20
    assert (
        len(oracle.working_days(first, last, Calendar("denmark", ("friday after ascension",))))
        == 19
    )
    assert len(oracle.working_days(first, last, SATURDAYS)) == 24
    assert len(oracle.working_days(D(2022, 1, 1), D(2022, 12, 31), DENMARK)) == 253
    # A holiday on a Saturday is one.
    assert not oracle.is_working_day(D(2022, 1, 1), SATURDAYS)
    assert oracle.working_days(last, first, DENMARK) == []


@pytest.mark.parametrize(
    ("filed", "limit", "due"),
    [
        # Monday to Wednesday, and after Easter Tuesday and Wednesday.
        (D(2017, 4, 7), "5 working days", EASTER_DUE),
        (D(2017, 1, 2), "1 working day", D(2017, 1, 3)),
        (D(2017, 1, 7), "1 working day", D(2017, 1, 9)),
        (D(2017, 1, 6), "10 working days", D(2017, 1, 20)),
        # None of them is the start itself, a Saturday or not.
        (D(2017, 1, 7), "0 working days", D(2017, 1, 7)),
    ],
)
def test_s07_the_due_date_is_the_nth_working_day_after_the_start(
    filed: dt.date, limit: str, due: dt.date
) -> None:
    assert one(hand_worked.within(limit=limit), filed=filed, decided=due) == Row("counted", None, True, (due - filed).days, due)  # fmt: skip
    late = due + dt.timedelta(days=1)
    assert one(hand_worked.within(limit=limit), filed=filed, decided=late).met is False


def test_s07_working_days_before() -> None:
    target = before(limit="5 working days before")
    # Tuesday after Easter, and before it Wednesday to Monday and the Friday.
    row = one(target, due=EASTER_DUE, documented=D(2017, 4, 7))
    assert (row.met, row.due) == (True, D(2017, 4, 7))
    assert one(target, due=EASTER_DUE, documented=D(2017, 4, 8)).met is False
    # From a Sunday, the first working day before it is the Friday.
    target = before(limit="1 working day before")
    assert one(target, due=D(2017, 1, 8), documented=D(2017, 1, 1)).due == D(2017, 1, 6)


def test_s07_the_targets_calendar_comes_before_the_plans() -> None:
    cells = {"filed": D(2017, 5, 24), "decided": D(2017, 5, 26)}
    bridge = {"name": "denmark", "off": ["friday after ascension"]}
    target = hand_worked.within(limit="1 working day")
    assert run(target, cells).trail[0].due == D(2017, 5, 26)
    assert run(target, cells, calendar=bridge).trail[0].due == D(2017, 5, 29)
    target = hand_worked.within(limit="1 working day", calendar="denmark")
    assert run(target, cells, calendar=bridge).trail[0].due == D(2017, 5, 26)
    target = hand_worked.within(limit="1 working day", calendar={**bridge, "saturdays": True})
    assert run(target, cells).trail[0].due == D(2017, 5, 27)
    target = hand_worked.within(
        limit="1 working day", calendar={"name": "denmark", "off": [D(2017, 5, 26)]}
    )
    assert run(target, cells).trail[0].due == D(2017, 5, 29)


@pytest.mark.parametrize(
    ("filed", "limit", "due"),
    [
        # The start is not looked at, and the due date is.
        (D(2017, 2, 28), "1 working day", D(2017, 3, 2)),
        (D(2017, 2, 27), "1 working day", None),
        (D(2017, 3, 30), "1 working day", D(2017, 3, 31)),
        (D(2017, 3, 30), "2 working days", None),
        (D(2017, 4, 30), "0 working days", D(2017, 4, 30)),
    ],
)
def test_s07_days_that_the_calendar_does_not_cover(
    filed: dt.date, limit: str, due: dt.date | None
) -> None:
    row = one(hand_worked.within(limit=limit, calendar=MARCH), filed=filed, decided=D(2017, 12, 1))
    assert row.due == due
    assert row.reason == (None if due else "outside the calendar")


def test_s07_days_backwards_that_the_calendar_does_not_cover() -> None:
    for due, limit, last in (
        (D(2017, 4, 1), "1 working day before", D(2017, 3, 31)),
        (D(2017, 4, 2), "1 working day before", None),
        (D(2017, 3, 3), "1 working day before", D(2017, 3, 2)),
        (D(2017, 3, 3), "2 working days before", None),
    ):
        row = one(
            before(limit=limit, calendar=MARCH),
            due=due,
            documented=D(2017, 1, 1),
        )
        assert row.due == last
        assert row.reason == (None if last else "outside the calendar")


def test_s07_a_case_outside_the_calendar_enters_where_its_due_date_is_asked_for() -> None:
    for denominator in ("due", "settled", "cohort", "overdue"):
        target = hand_worked.within(limit="5 working days", calendar=MARCH, denominator=denominator)
        assert one(target, filed=D(2017, 6, 1)).reason == "outside the calendar"


@pytest.mark.parametrize(
    ("country", "off", "works"),
    [
        ("netherlands", [D(2017, 4, 27), D(2025, 4, 26), D(2013, 4, 30), D(2020, 5, 5)], [D(2025, 4, 28), D(2017, 5, 5), D(2017, 4, 13)]),
        ("sweden", [D(2017, 1, 6), D(2017, 6, 6), D(2004, 5, 31)], [D(2017, 6, 5), D(2017, 6, 23), D(2017, 12, 26) - dt.timedelta(days=4)]),
        ("germany", [D(2017, 10, 3), D(2017, 10, 31), D(2017, 5, 1)], [D(2018, 10, 31), D(2017, 4, 13)]),
        ("european central bank", [D(2017, 4, 14), D(2017, 5, 1), D(2001, 12, 31)], [D(2017, 5, 25), D(2017, 6, 5)]),
    ],
)  # fmt: skip
def test_s07_days_off_in_other_countries(
    country: str, off: list[dt.date], works: list[dt.date]
) -> None:
    every_day = Calendar(country, saturdays=True)
    assert not any(oracle.is_working_day(day, every_day) for day in off)
    assert all(oracle.is_working_day(day, every_day) for day in works)


@pytest.mark.parametrize("weekend", [None, []])
@pytest.mark.parametrize(
    "country", ["denmark", "germany", "netherlands", "sweden", "european central bank"]
)
def test_s07_no_calendar_disagrees_with_the_library(country: str, weekend: object) -> None:
    """A century, reckoned from Easter here and looked up there."""
    calendar = Calendar(country, weekend=weekend)
    first, last = D(2000, 1, 1), D(2100, 12, 31)
    assert oracle.working_days(first, last, calendar) == [*calendar.working_days(first, last)]


def test_s07_no_day_off_by_name_disagrees_with_the_library() -> None:
    calendar = Calendar("denmark", [*NAMED["denmark"]], saturdays=True)
    first, last = D(1970, 1, 1), D(2100, 12, 31)
    assert oracle.working_days(first, last, calendar) == [*calendar.working_days(first, last)]


def test_s07_a_holiday_on_a_weekend_is_kept_on_the_days_after() -> None:
    """Christmas 2021 fell on a weekend."""
    uk = kpi.Calendar("united kingdom")
    assert uk.working_days(day("2021-12-24"), day("2021-12-29")) == (
        day("2021-12-24"),
        day("2021-12-29"),
    )


def test_s07_working_days_over_the_new_year() -> None:
    days = kpi.Calendar("denmark").working_days(day("2017-12-29"), day("2018-01-02"))
    assert days == (day("2017-12-29"), day("2018-01-02"))
