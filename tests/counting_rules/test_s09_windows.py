"""Windows and their bounds (S9): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kpi.definitions.periods import Every, period_end, period_name
from kpi.definitions.population import OpenAt
from kpi.definitions.windows import Window, parse_window
from kpi.testing import oracle
from tests.builders import average, one, spans, trail
from tests.counting_rules.hand_worked import D


def test_s09_h2_begins_on_1_july() -> None:
    frame = spans(
        ("2017-06-01", "2017-06-30"), ("2017-06-01", "2017-07-01"), ("2017-06-01", "2018-01-01")
    )
    assert one(average(window="2017-H2"), frame).counted == 1


def test_s09_filed_after_1_january_leaves_out_that_day() -> None:
    frame = spans(("2016-01-01", "2017-01-05"), ("2016-01-02", "2017-01-05"))
    assert one(average(where={"filed": {"after": "2016-01-01"}}), frame).counted == 1
    assert one(average(where={"filed": {"since": "2016-01-01"}}), frame).counted == 2


@pytest.mark.parametrize(
    ("word", "inside"), [("since", "34"), ("after", "4"), ("before", "12"), ("through", "123")]
)
def test_s09_the_four_words_of_a_bound(word: str, inside: str) -> None:
    frame = spans(*((f"2017-05-0{n}", "2017-06-01") for n in (1, 2, 3, 4)))
    target = average(where={"filed": {word: "2017-05-03"}})
    counted = [row["case"] for row in trail(target, frame) if row["bucket"] == "counted"]
    assert "".join(counted) == inside


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        ("2022", "2022-H2", True),
        ("2022", "2022", True),
        ("2022-H2", "2022", False),
        ("2022-H1", {"since": "2022-01-01", "through": "2022-06-30"}, True),
        ("2022-H1", {"after": "2021-12-30", "through": "2022-06-30"}, False),
        ("2022-H1", {"since": "2022-01-01", "through": "2022-07-01"}, False),
        ({"since": "2022-01-01"}, "2022", True),
        ({"before": "2023-01-01"}, "2022", True),
        ({"before": "2023-01-01"}, {"through": "2022-12-31"}, True),
        ({"since": "2022-01-01"}, {"before": "2023-01-01"}, False),
        ("2022", {"since": "2022-01-01"}, False),
        ("2022", {"before": "2023-01-01"}, False),
    ],
)
def test_s09_a_window_covers_another_if_all_of_its_days_lie_in_it(
    wide: Any, narrow: Any, *, covers: bool
) -> None:
    assert parse_window(wide).covers(parse_window(narrow)) is covers


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        (Window("2022"), D(2022, 1, 1), D(2022, 12, 31)),
        (Window("2022-H1"), D(2022, 1, 1), D(2022, 6, 30)),
        (Window("2022-H2"), D(2022, 7, 1), D(2022, 12, 31)),
        (Window("2022-Q1"), D(2022, 1, 1), D(2022, 3, 31)),
        (Window("2022-W05"), D(2022, 1, 31), D(2022, 2, 6)),
        (Window("2019-W01"), D(2018, 12, 31), D(2019, 1, 6)),
        (Window("2020-W53"), D(2020, 12, 28), D(2021, 1, 3)),
        (Window("2022-Q3"), D(2022, 7, 1), D(2022, 9, 30)),
        (Window("2022-Q4"), D(2022, 10, 1), D(2022, 12, 31)),
        (Window("2022-02"), D(2022, 2, 1), D(2022, 2, 28)),
        (Window("2024-02"), D(2024, 2, 1), D(2024, 2, 29)),
        (Window("2022-12"), D(2022, 12, 1), D(2022, 12, 31)),
        (Window(since="2022-03-01", before="2022-04-01"), D(2022, 3, 1), D(2022, 3, 31)),
        (Window(after="2022-03-01", through="2022-04-01"), D(2022, 3, 2), D(2022, 4, 1)),
    ],
)
def test_s09_bounds(window: Window, first: dt.date, last: dt.date) -> None:
    inside = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    assert [d for d in _days(first, last) if d in window] == inside
    assert [d for d in _days(first, last) if oracle.in_window(window, d)] == inside
    assert (window.first, window.last, oracle.last_day(window)) == (first, last, last)
    if window.name is not None:
        assert oracle.opening_day(OpenAt(window.name)) == first


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    """The days of a window, and 400 either side."""
    before = first - dt.timedelta(days=400)
    return [before + dt.timedelta(days=n) for n in range((last - first).days + 801)]


@pytest.mark.parametrize(
    ("window", "inside"),
    [
        (Window(since="2022-03-01"), [False, True, True]),
        (Window(after="2022-03-01"), [False, False, True]),
        (Window(before="2022-03-01"), [True, False, False]),
        (Window(through="2022-03-01"), [True, True, False]),
    ],
)
def test_s09_the_words_of_a_bound(window: Window, inside: list[bool]) -> None:
    days = [D(2022, 2, 28), D(2022, 3, 1), D(2022, 3, 2)]
    assert [d in window for d in days] == inside
    assert [oracle.in_window(window, d) for d in days] == inside


@pytest.mark.parametrize(
    ("first", "every", "name", "last"),
    [
        (D(2017, 2, 1), "month", "2017-02", D(2017, 2, 28)),
        (D(2017, 12, 1), "month", "2017-12", D(2017, 12, 31)),
        (D(987, 10, 1), "quarter", "0987-Q4", D(987, 12, 31)),
        (D(2017, 4, 1), "quarter", "2017-Q2", D(2017, 6, 30)),
        (D(2016, 1, 1), "half-year", "2016-H1", D(2016, 6, 30)),
        (D(2018, 12, 31), "week", "2019-W01", D(2019, 1, 6)),
        (D(2020, 12, 28), "week", "2020-W53", D(2021, 1, 3)),
        (D(2016, 1, 1), "year", "2016", D(2016, 12, 31)),
        (D(2016, 7, 1), "half-year", "2016-H2", D(2016, 12, 31)),
    ],
)
def test_s09_a_period_of_a_series(first: dt.date, every: Every, name: str, last: dt.date) -> None:
    assert period_name(first, every) == name
    assert period_end(first, every) == last
