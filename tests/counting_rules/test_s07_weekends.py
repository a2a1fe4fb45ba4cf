"""Weekends other than Saturday and Sunday (S7)."""

import datetime as dt

import pytest

from kpi.definitions.calendars import Calendar, parse_calendar
from kpi.errors import PlanError
from kpi.testing import oracle

_FIRST, _LAST = dt.date(2024, 7, 1), dt.date(2024, 7, 7)
"""A Monday and the Sunday after it."""


@pytest.mark.parametrize(
    ("weekend", "working"),
    [
        (["friday", "saturday"], [1, 2, 3, 4, 7]),
        ([], [1, 2, 3, 4, 5, 6, 7]),
        (None, [1, 2, 3, 4, 5]),
    ],
)
def test_the_days_of_a_weekend_are_no_working_days(weekend: object, working: list[int]) -> None:
    calendar = Calendar(None, (), covers="2024", weekend=weekend)
    days = [dt.date(2024, 7, day) for day in working]
    assert list(calendar.working_days(_FIRST, _LAST)) == days
    assert oracle.working_days(_FIRST, _LAST, calendar) == days
    assert parse_calendar(calendar.data()) == calendar


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"weekend": ["fridy"]}, "unknown day 'fridy'"),
        ({"weekend": "friday"}, "found 'friday'"),
        ({"weekend": ["friday", "friday"]}, "found a day twice"),
        ({"weekend": ["friday"], "saturdays": True}, "found true beside weekend"),
    ],
)
def test_another_weekend_is_refused(more: dict[str, object], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        parse_calendar({"name": "denmark", **more})
