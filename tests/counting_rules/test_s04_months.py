"""Limits in months and years, and the modes for month ends (S4): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
import random

import pendulum
import pytest

from kpi.definitions.time_options import MONTH_ENDS, MonthEnd
from kpi.definitions.time_units import Span, parse_span
from kpi.testing.oracle import due_date
from kpi.time import due_dates as deadlines
from tests.builders import average, day, due_days, due_in_trail, one, spans, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, run


@pytest.mark.parametrize(
    ("filed", "limit", "mode", "expected"),
    [
        ("2017-08-31", "12 months", "down", "2018-08-31"),
        ("2017-01-30", "1 month", "up", "2017-03-01"),
        ("2017-01-28", "1 month", "up", "2017-02-28"),
        ("2017-01-28", "1 month", "refuse", "2017-02-28"),
        # Months first, one rounding, then the days.
        ("2016-12-31", "2 months and 10 days", "down", "2017-03-10"),
        ("2016-12-31", "2 months and 10 days", "up", "2017-03-11"),
        ("2017-12-31", "1 year and 2 months", "down", "2019-02-28"),
    ],
)
def test_s04_due_dates(filed: str, limit: str, mode: str, expected: str | None) -> None:
    assert due_in_trail(filed, limit, mode) == day(expected)


def test_s04_filed_31_january_with_one_month_is_due_on_the_last_day_of_february() -> None:
    found = one(
        within("1 month"), spans(("2017-01-31", "2017-02-28"), ("2017-01-31", "2017-03-01"))
    )
    assert (found.met, found.counted) == (1, 2)


def test_s04_a_refused_month_end_excludes_the_case() -> None:
    found = one(
        within("1 month", month_end="refuse"),
        spans(("2017-01-31", "2017-02-01"), ("2017-01-28", "2017-02-01")),
    )
    assert found.excluded == {"refused month end": 1}
    assert found.counted == 1


def test_s04_the_target_overrides_the_plans_month_end() -> None:
    frame = spans(("2017-01-31", "2017-03-01"))
    assert one(within("1 month"), frame, month_end="up").met == 1
    assert one(within("1 month", month_end="down"), frame, month_end="up").met == 0


@pytest.mark.parametrize("mode", MONTH_ENDS)
@pytest.mark.parametrize("months", [1, 6, 7, 12, 13])
def test_s04_due_dates_never_decrease_as_start_dates_grow(mode: MonthEnd, months: int) -> None:
    first, last = dt.date(1970, 1, 1).toordinal(), dt.date(2100, 12, 31).toordinal()
    epoch = dt.date(1970, 1, 1).toordinal()
    due = deadlines.due_table(first - epoch, last - epoch, Span(months=months), mode)
    days = due.to_physical().drop_nulls()
    assert days.is_sorted()
    assert (due.null_count() > 0) == (mode == "refuse")


@pytest.mark.parametrize(
    ("months", "percent"), [(1, "1.85"), (6, "1.85"), (5, "0.755"), (7, "0.755"), (12, "0.066")]
)
def test_s04_up_and_down_differ_for_few_start_dates(months: int, percent: str) -> None:
    """Over the 400 years after which the calendar begins anew, by the engine and by the oracle.

    The oracle is asked of all days from the 28th on; of earlier ones, which every month has, of a draw.
    """
    span = Span(months=months)
    epoch = D(1970, 1, 1).toordinal()
    low, high = (D(year, 1, 1).toordinal() - epoch for year in (1801, 2201))
    down, up = (deadlines.due_table(low, high - 1, span, mode) for mode in ("down", "up"))
    starts = [D(2000, 1, 1) + dt.timedelta(n) for n in range(high - low)]
    early = random.Random(months).sample([day for day in starts if day.day < 28], 1_000)  # noqa: S311 - choices, not secrets
    assert all(due_date(day, span, "up") == due_date(day, span, "down") for day in early)
    late = [day for day in starts if day.day >= 28]
    reckoned = sum(due_date(day, span, "up") != due_date(day, span, "down") for day in late)
    places = len(percent.split(".")[1])
    for differ in (int((down != up).sum()), reckoned):
        assert f"{100 * differ / (high - low):.{places}f}" == percent


@pytest.mark.parametrize(
    ("mode", "filed", "due"),
    [
        ("sticky", "2023-02-28", "2023-03-31"),
        ("sticky", "2024-02-29", "2024-03-31"),
        ("sticky", "2024-02-28", "2024-03-28"),
        ("down", "2023-02-28", "2023-03-28"),
        ("down", "2023-01-31", "2023-02-28"),
        ("up", "2023-01-31", "2023-03-01"),
        ("refuse", "2023-01-31", "refused month end"),
        ("down", "2023-09-01", "2023-10-01"),
    ],
)
def test_s04_the_modes(mode: str, filed: str, due: str) -> None:
    assert due_days("1 month", filed, month_end=mode) == [due]


def test_s04_one_step_from_the_start_then_the_days() -> None:
    assert due_days("7 months", "2023-01-31") == ["2023-08-31"]
    assert due_days("2 months and 10 days", "2023-12-31") == ["2024-03-10"]
    assert due_days("1 year", "2024-02-29") == ["2025-02-28"]
    assert due_days("1 year and 1 month", "2024-01-31") == ["2025-02-28"]


@pytest.mark.parametrize(
    ("start", "span", "down", "sticky", "up", "refuse"),
    [
        # The agency's own example: that day is in time.
        (D(2017, 9, 1), "1 month", D(2017, 10, 1), D(2017, 10, 1), D(2017, 10, 1), D(2017, 10, 1)),
        (D(2017, 1, 31), "1 month", D(2017, 2, 28), D(2017, 2, 28), D(2017, 3, 1), None),
        (D(2016, 1, 31), "1 month", D(2016, 2, 29), D(2016, 2, 29), D(2016, 3, 1), None),
        (D(2016, 1, 29), "1 month", D(2016, 2, 29), D(2016, 2, 29), D(2016, 2, 29), D(2016, 2, 29)),
        # One step, never a chain: not by way of 28 February.
        (
            D(2017, 1, 31),
            "7 months",
            D(2017, 8, 31),
            D(2017, 8, 31),
            D(2017, 8, 31),
            D(2017, 8, 31),
        ),
        (D(2017, 2, 28), "1 month", D(2017, 3, 28), D(2017, 3, 31), D(2017, 3, 28), D(2017, 3, 28)),
        (D(2016, 2, 29), "1 month", D(2016, 3, 29), D(2016, 3, 31), D(2016, 3, 29), D(2016, 3, 29)),
        # In a leap year the 28th is not the last day, and nothing sticks.
        (D(2016, 2, 28), "1 month", D(2016, 3, 28), D(2016, 3, 28), D(2016, 3, 28), D(2016, 3, 28)),
        (D(2017, 4, 30), "1 month", D(2017, 5, 30), D(2017, 5, 31), D(2017, 5, 30), D(2017, 5, 30)),
        (D(2016, 2, 29), "1 year", D(2017, 2, 28), D(2017, 2, 28), D(2017, 3, 1), None),
        (D(2016, 2, 29), "4 years", D(2020, 2, 29), D(2020, 2, 29), D(2020, 2, 29), D(2020, 2, 29)),
        (D(2017, 10, 31), "4 months", D(2018, 2, 28), D(2018, 2, 28), D(2018, 3, 1), None),
        (
            D(2017, 12, 31),
            "1 month",
            D(2018, 1, 31),
            D(2018, 1, 31),
            D(2018, 1, 31),
            D(2018, 1, 31),
        ),
        # Years and months in one step, rounded once, and then the days.
        (D(2017, 1, 31), "1 month and 1 day", D(2017, 3, 1), D(2017, 3, 1), D(2017, 3, 2), None),
        (D(2015, 1, 31), "1 year and 1 month", D(2016, 2, 29), D(2016, 2, 29), D(2016, 3, 1), None),
        (D(2017, 1, 30), "1 month and 1 week", D(2017, 3, 7), D(2017, 3, 7), D(2017, 3, 8), None),
        (
            D(2017, 2, 28),
            "1 month and 1 day",
            D(2017, 3, 29),
            D(2017, 4, 1),
            D(2017, 3, 29),
            D(2017, 3, 29),
        ),
        # Days alone are never rounded, and no mode refuses them.
        (D(2017, 1, 31), "28 days", *[D(2017, 2, 28)] * 4),
        (D(2017, 2, 28), "0 days", *[D(2017, 2, 28)] * 4),
    ],
)
def test_s04_month_end_modes(
    start: dt.date,
    span: str,
    down: dt.date,
    sticky: dt.date,
    up: dt.date,
    refuse: dt.date | None,
) -> None:
    due = [down, sticky, up, refuse]
    modes: tuple[MonthEnd, ...] = ("down", "sticky", "up", "refuse")
    assert [due_in_trail(str(start), span, mode) for mode in modes] == due
    assert [due_date(start, parse_span(span), mode) for mode in modes] == due


def test_s04_down_is_what_a_date_library_says() -> None:
    for start in (D(2015, 12, 27) + dt.timedelta(days=n) for n in range(800)):
        for months in (1, 6, 7, 11, 12, 25):
            other = pendulum.date(start.year, start.month, start.day).add(months=months)
            assert due_date(start, Span(months=months), "down") == other


def test_s04_a_refused_month_end_is_excluded() -> None:
    cells = {"filed": D(2017, 1, 31), "decided": D(2017, 2, 20)}
    assert (
        hand_worked.one(hand_worked.within(limit="1 month", month_end="refuse"), **cells).reason
        == "refused month end"
    )
    assert (
        hand_worked.one(average(limit="1 month", month_end="refuse"), **cells).reason
        == "refused month end"
    )
    assert (
        hand_worked.one(hand_worked.within(limit="28 days", month_end="refuse"), **cells).bucket
        == "counted"
    )
    assert (
        hand_worked.one(hand_worked.within(limit="2 months", month_end="refuse"), **cells).bucket
        == "counted"
    )


def test_s04_the_targets_month_end_comes_before_the_plans() -> None:
    cells = {"filed": D(2017, 2, 28), "decided": D(2017, 3, 31)}
    for target, met in (
        (hand_worked.within(limit="1 month"), True),
        (hand_worked.within(limit="1 month", month_end="down"), False),
    ):
        assert run(target, cells, month_end="sticky").trail[0].met is met
