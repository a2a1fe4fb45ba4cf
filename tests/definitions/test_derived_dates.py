"""Derived dates that are refused."""

from __future__ import annotations

from typing import Any

import pytest

import kpi
from tests.builders import derived_table


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            {"made": {"latst": ["filed", "decided"]}},
            "derived.made.latst: unknown key (did you mean 'latest'?); accepted: {",
        ),
        ({"made": {"latest": ["filed"]}}, "derived.made.latest: found ['filed']; accepted: two"),
        (
            {"made": {"latest": [], "before": "decided"}},
            "derived.made.latest: found []; accepted: ",
        ),
        ({"made": {"latest": ["filed", "x"]}}, "derived.made.latest: 'x' is no date of the table"),
        ({"made": {"latest": ["filed", "made"]}}, "'made' is no date of the table that stands"),
        ({"filed": {"latest": ["filed", "due"]}}, "derived.filed: is a column of the table"),
        ({"made": {"date": "filed", "plus": "1 hour"}}, "derived.made.plus: unknown unit 'hour'"),
        ({"made": {"date": "filed", "plus_days": "due"}}, "plus_days: 'due' is a date; accepted"),
        ({"made": {"date": "filed"}}, "derived.made: found { date = 'filed' }; accepted: {"),
        (
            {"made": {"start": "filed", "end": "due", "share": "3/2"}},
            "derived.made.share: found '3/2'; accepted: more than 0 and at most 1",
        ),
        (
            {"made": {"start": "filed", "end": "due", "share": 1, "rounded": "nearest"}},
            "derived.made.rounded: found 'nearest'; accepted: up, down",
        ),
        (
            {"made": {"date": "filed", "plus": "1 month", "end_of": "moth"}},
            "derived.made.end_of: found 'moth'; accepted: week, month, quarter, half-year, year",
        ),
        (
            {"made": {"date": "filed", "plus": "1 day", "calendar": "Denmark"}},
            "derived.made.calendar: unknown calendar 'Denmark'; accepted: ",
        ),
        (
            {"made": {"date": "filed", "minus": "1 day", "at_latest": "decided"}},
            "derived.made.at_latest: found with minus; accepted: with plus, plus_days or plus_mon",
        ),
        (
            {"made": {"date": "filed", "plus": "1 day", "at_latest": "decidd"}},
            "derived.made.at_latest: 'decidd' is no date of the table that stands before it",
        ),
        (
            {"made": {"date": "filed", "plus": {"by": "n", "limits": {"a": "1 hour"}}}},
            "derived.made.plus.limits.a: unknown unit 'hour'",
        ),
        (
            {"made": {"date": "filed", "plus": {"by": "due", "limits": {"a": "1 day"}}}},
            "derived.made.plus: 'due' is a date; accepted: a column of texts",
        ),
        (
            {"made": {"date": "filed", "plus": {"file": "limits.csv", "by": "n"}}},
            "derived.made.plus: found { file = 'limits.csv', by = 'n' }; accepted: a span such as",
        ),
        (
            {"made": {"once_all": ["filed", "due"], "before": "decided"}},
            "derived.made.before: found with once_all; accepted: with latest or earliest",
        ),
        (
            {"made": {"latest": ["filed", "decided"], "before": "decided"}},
            "derived.made.before: found 'decided', one of the dates; accepted: another date col",
        ),
        (
            {"made": {"latest": ["filed", "due"], "before": "decidd"}},
            "derived.made.before: 'decidd' is no date of the table that stands before it",
        ),
        (
            {"made": {"date": "filed", "plus": "0 days", "day_ends": "4 pm"}},
            "derived.made.day_ends: found '4 pm'; accepted: a time of day such as '16:00'",
        ),
        (
            {"made": {"date": "filed", "minus": "1 day", "day_ends": "16:00"}},
            "derived.made.day_ends: found with minus; accepted: with plus, plus_days or plus_mon",
        ),
        (
            {
                "made": {"date": "filed", "plus": "1 day"},
                "late": {"date": "made", "plus": "0 days", "day_ends": "16:00"},
            },
            "derived.late.date: 'made' is derived and has no time, which day_ends takes",
        ),
        ({"made": 7}, "derived.made: found 7; accepted: { latest ="),
    ],
)
def test_what_is_no_derived_date(made: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError) as raised:
        derived_table(**made)
    assert message in str(raised.value)
