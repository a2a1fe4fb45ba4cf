"""Calendars of other countries, of several regions, and with days of a plan's own (S7): by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from holidays import registry

import kpi
from kpi.definitions.calendars import Calendar, parse_calendar
from kpi.definitions.days_off import LAWS, STATUTORY
from kpi.errors import PlanError
from kpi.testing import oracle
from tests.builders import due_days
from tests.counting_rules.hand_worked import D


def working(calendar: Any, first: dt.date, last: dt.date) -> list[str]:
    """The working days of a few weeks, by the engine, by the oracle and after a plan file."""
    parsed = parse_calendar(calendar)
    days = parsed.working_days(first, last)
    assert oracle.working_days(first, last, parsed) == [*days]
    assert parse_calendar(parsed.data()) == parsed
    return [f"{day:%m-%d}" for day in days]


@pytest.mark.parametrize(
    ("calendar", "first", "last", "days"),
    [
        # 14 July 2023, a Friday.
        ("france", D(2023, 7, 13), D(2023, 7, 17), ["07-13", "07-17"]),
        # Thanksgiving, the fourth Thursday of November.
        ("united states", D(2023, 11, 22), D(2023, 11, 24), ["11-22", "11-24"]),
        # Chuseok from Thursday to Saturday, 2 October between a Sunday and the National Foundation Day.
        ("south korea", D(2023, 9, 27), D(2023, 10, 4), ["09-27", "10-04"]),
        # Golden Week: the Saturday and Sunday after it are worked in place of 5 and 6 October.
        ("china", D(2023, 9, 28), D(2023, 10, 9), ["09-28", "10-07", "10-08", "10-09"]),
        # Saudi Arabia rested on Thursday and Friday, and from 29 June 2013 on Friday and Saturday.
        ("saudi arabia", D(2013, 6, 19), D(2013, 6, 23), ["06-19", "06-22", "06-23"]),
        ("saudi arabia", D(2013, 7, 3), D(2013, 7, 7), ["07-03", "07-04", "07-07"]),
        ({"name": "saudi arabia", "saturdays": True}, D(2013, 7, 4), D(2013, 7, 6), ["07-04", "07-06"]),
        # The exchange is closed on Good Friday, which is no federal holiday.
        ("new york stock exchange", D(2024, 3, 28), D(2024, 4, 1), ["03-28", "04-01"]),
        ("united states", D(2024, 3, 28), D(2024, 4, 1), ["03-28", "03-29", "04-01"]),
    ],
)  # fmt: skip
def test_s07_other_countries_have_their_holidays_and_their_weekends(
    calendar: Any, first: dt.date, last: dt.date, days: list[str]
) -> None:
    assert working(calendar, first, last) == days


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("FR", "france"),
        ("FRA", "france"),
        ("GB", "united kingdom"),
        ("UK", "united kingdom"),
        ("KR", "south korea"),
        ("HK", "hong kong"),
        ("CD", "dr congo"),
        ("ECB", "european central bank"),
        ("XNYS", "new york stock exchange"),
        ("DK", "denmark"),
    ],
)
def test_s07_a_code_is_the_country(code: str, name: str) -> None:
    assert Calendar(code) == Calendar(name)
    assert parse_calendar(code).data() == name


def test_s07_the_parts_of_a_country_at_once_are_off_on_the_days_of_any() -> None:
    """Twenty working days of a request of 1 July 2024: 12 July is off in Northern Ireland."""
    whole = {"name": "united kingdom", "region": ["ENG", "WLS", "SCT", "NIR"]}
    assert due_days("20 working days", "2024-07-01", calendar=whole) == ["2024-07-30"]
    england = {"name": "united kingdom", "region": ["ENG"]}
    assert due_days("20 working days", "2024-07-01", calendar=england) == ["2024-07-29"]
    # The first Monday of August in Scotland, the last in the others.
    assert "08-05" not in working(whole, D(2024, 8, 1), D(2024, 8, 31))
    assert "08-26" not in working(whole, D(2024, 8, 1), D(2024, 8, 31))
    assert len(working(whole, D(2024, 8, 1), D(2024, 8, 31))) == 20


def test_s07_the_days_of_a_law_on_time_limits_are_off_where_they_are_named() -> None:
    # Liberation Day 2023, a Friday; 2020 it was a public holiday.
    dutch = {"name": "netherlands", "off": [STATUTORY]}
    assert working("netherlands", D(2023, 5, 4), D(2023, 5, 6)) == ["05-04", "05-05"]
    assert working(dutch, D(2023, 5, 4), D(2023, 5, 6)) == ["05-04"]
    assert working("netherlands", D(2020, 5, 4), D(2020, 5, 6)) == ["05-04", "05-06"]
    # Midsummer Eve 2024 is Friday 21 June; Christmas Eve and New Year's Eve are Tuesdays.
    swedish = {"name": "sweden", "off": [STATUTORY]}
    assert working(swedish, D(2024, 6, 20), D(2024, 6, 24)) == ["06-20", "06-24"]
    assert working(swedish, D(2024, 12, 23), D(2025, 1, 2)) == ["12-23", "12-27", "12-30", "01-02"]
    named = {"name": "sweden", "off": ["midsummer eve"]}
    assert working(named, D(2024, 6, 20), D(2024, 6, 24)) == ["06-20", "06-24"]
    assert working(named, D(2024, 12, 23), D(2024, 12, 27)) == ["12-23", "12-24", "12-27"]
    for country in LAWS:
        calendar = Calendar(country, [STATUTORY], weekend=[])
        working(calendar, D(2001, 1, 1), D(2020, 12, 31))


def test_s07_days_of_every_year_and_periods_are_off() -> None:
    calendar = {"name": "denmark", "off": ["12-24", {"since": "12-30", "through": "01-02"}]}
    assert working(calendar, D(2023, 12, 22), D(2024, 1, 3)) == ["12-22", "12-27", "12-28", "12-29", "01-03"]  # fmt: skip
    assert working(calendar, D(2024, 12, 23), D(2025, 1, 3)) == ["12-23", "12-27", "01-03"]
    july = {"name": "denmark", "off": {"since": "07-02", "through": "07-30"}}
    assert working(july, D(2024, 7, 1), D(2024, 7, 31)) == ["07-01", "07-31"]
    assert len(working({"name": "denmark", "off": ["2024-07"]}, D(2023, 7, 1), D(2024, 8, 1))) == (
        # The working days of a year, and 1 August, and none of July 2024.
        len(working("denmark", D(2023, 7, 1), D(2024, 6, 30))) + 1
    )
    leap = {"off": ["02-29", {"since": "2024-03-01", "through": "2024-03-04"}], "covers": "2024"}
    assert working(leap, D(2024, 2, 28), D(2024, 3, 5)) == ["02-28", "03-05"]
    wrapped = {"off": [{"since": "11-01", "through": "02-29"}], "covers": "2024"}
    assert working(wrapped, D(2024, 2, 28), D(2024, 3, 1)) == ["03-01"]
    assert due_days("1 working day", "2024-06-28", calendar=july) == ["2024-07-01"]
    assert due_days("2 working days", "2024-06-28", calendar=july) == ["2024-07-31"]


def test_s07_days_that_are_worked_count_although_they_would_be_off() -> None:
    # Saturday 3 August 2024, Constitution Day by agreement, and a day of a closed month.
    calendar = {
        "name": "denmark",
        "off": ["constitution day", "2024-07"],
        "worked": ["2024-08-03", "2024-06-05", "2024-07-15"],
    }
    assert working(calendar, D(2024, 8, 2), D(2024, 8, 5)) == ["08-02", "08-03", "08-05"]
    assert working(calendar, D(2024, 6, 5), D(2024, 6, 5)) == ["06-05"]
    assert working(calendar, D(2023, 6, 5), D(2023, 6, 5)) == []
    assert working(calendar, D(2024, 7, 1), D(2024, 7, 31)) == ["07-15"]
    # A day moved onto a weekend in China is off where the plan says so.
    closed = {"name": "china", "off": ["2023-10-07"]}
    assert working(closed, D(2023, 10, 7), D(2023, 10, 8)) == ["10-08"]
    own = {"off": ["2024-01-01"], "worked": ["2024-01-06"], "covers": "2024"}
    assert working(own, D(2024, 1, 5), D(2024, 1, 8)) == ["01-05", "01-06", "01-08"]


@pytest.mark.parametrize(
    ("weekend", "days"),
    [
        (["friday", "saturday"], [1, 2, 3, 4, 7]),
        ([], [1, 2, 3, 4, 5, 6, 7]),
        (None, [1, 2, 3, 4, 5]),
    ],
)
def test_s07_the_days_of_a_weekend_are_no_working_days(weekend: object, days: list[int]) -> None:
    own = {"covers": "2024", "weekend": weekend}
    for calendar in (own, {"name": "denmark", "weekend": weekend}):
        found = working(calendar, D(2024, 7, 1), D(2024, 7, 7))
        assert found == [f"07-{day:02}" for day in days]
    # Easter Sunday stays off where Sundays are worked.
    easter = working({"name": "denmark", "weekend": []}, D(2024, 3, 27), D(2024, 4, 2))
    assert easter == ["03-27", "03-30", "04-02"]


def test_s07_the_days_of_the_week_that_are_always_off_are_known() -> None:
    assert Calendar("denmark").weekdays_off == {5, 6}
    assert Calendar("denmark", saturdays=True).weekdays_off == {6}
    assert Calendar("denmark", weekend=["friday"]).weekdays_off == {4}
    assert Calendar(covers="2024").weekdays_off == {5, 6}
    assert Calendar("israel").weekdays_off == {4, 5}
    # Hungary works some Saturdays; Saudi Arabia worked on Saturdays until 2013.
    assert Calendar("hungary").weekdays_off == Calendar("saudi arabia").weekdays_off == set()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"weekend": ["fridy"]}, "unknown day 'fridy'"),
        ({"weekend": "friday"}, "found 'friday'"),
        ({"weekend": ["friday", "friday"]}, "found a day twice"),
        ({"weekend": ["friday"], "saturdays": True}, "found true beside weekend"),
    ],
)
def test_s07_another_weekend_is_refused(more: dict[str, object], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        parse_calendar({"name": "denmark", **more})


def test_s07_an_unknown_country_is_told_its_nearest_name() -> None:
    for wrong, near in (("France", "france"), ("swedn", "sweden"), ("uk", "UK"), ("xnys", "XNYS")):
        with pytest.raises(kpi.PlanError, match=rf"did you mean '{near}'") as error:
            Calendar(wrong)
        assert len(str(error.value)) < 300


def test_s07_no_country_disagrees_with_the_library_asked_day_by_day() -> None:
    """The engine takes years from the library; the oracle asks it of each day of a spring."""
    first, last = D(2024, 3, 15), D(2024, 5, 15)
    for words in (*registry.COUNTRIES.values(), *registry.FINANCIAL.values()):
        calendar = Calendar(words[1])
        since, through = calendar.coverage
        if since <= first and last <= through:
            assert oracle.working_days(first, last, calendar) == [
                *calendar.working_days(first, last)
            ], calendar
