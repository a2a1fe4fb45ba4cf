"""The test runs forwards, but for limits that are written backwards (S6): cases worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

import kpi
from kpi.definitions.limits import Before
from kpi.definitions.time_units import Span, parse_span
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.builders import both_trails, cases, day, one, plan, spans, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, before, run


def test_s06_the_test_runs_forwards() -> None:
    case = {"filed": D(2000, 2, 29), "decided": D(2000, 3, 30)}
    found = run(hand_worked.within(limit="1 month"), case, period="2000")
    assert found.trail == (Row("counted", met=False, days=30, due=D(2000, 3, 29)),)


@pytest.mark.parametrize(
    ("limit", "half_served", "last"),
    [
        ("1 month before", "2022-05-15", "2022-04-15"),
        ("1 month before", "2022-03-31", "2022-02-28"),
        ("1 month before", "2024-03-31", "2024-02-29"),
        ("1 month before", "2022-03-28", "2022-02-28"),
        ("1 month before", "2022-01-01", "2021-12-01"),
        ("10 days before", "2022-01-05", "2021-12-26"),
        ("2 weeks before", "2022-01-05", "2021-12-22"),
        ("1 year before", "2024-02-29", "2023-02-28"),
        ("1 month and 3 days before", "2022-03-31", "2022-02-25"),
    ],
)
def test_s06_a_limit_backwards(limit: str, half_served: str, last: str) -> None:
    day = dt.date.fromisoformat(last)
    frame = cases(
        {"due": half_served, "decided": last},
        {"due": half_served, "decided": str(day + dt.timedelta(1))},
        {"due": half_served, "decided": None},
    )
    target = within(limit, start="due", denominator="due", window={"since": last, "through": last})
    found = kpi.evaluate(plan(target), frame, "2024-12-31")
    trail = found.audit().collect()
    assert trail["met"].to_list() == [True, False, False]
    assert set(trail["due"]) == {day}


@pytest.mark.parametrize(
    ("mode", "due"),
    [("down", "2022-02-28"), ("up", "2022-03-01"), ("sticky", "2022-02-28"), ("refuse", None)],
)
def test_s06_month_ends_backwards(mode: str, due: str | None) -> None:
    frame = cases({"due": "2022-03-30", "decided": "2022-02-28"})
    target = within("1 month before", start="due", month_end=mode, window="2022")
    (row,) = kpi.evaluate(plan(target), frame, "2022-12-31").audit().collect().to_dicts()
    assert row["due"] == (due and dt.date.fromisoformat(due))
    assert row["reason"] == (None if due else "refused month end")


def test_s06_sticky_backwards_goes_from_month_end_to_month_end() -> None:
    frame = cases({"due": "2022-02-28", "decided": "2022-01-31"})
    target = within("1 month before", start="due", month_end="sticky", window="2022")
    (row,) = kpi.evaluate(plan(target), frame, "2022-12-31").audit().collect().to_dicts()
    assert row["due"] == dt.date(2022, 1, 31)


def test_s06_backwards_knows_no_end_before_the_start_and_no_clock() -> None:
    assert one(within("1 month before", start="due"), cases()).verdict == "not_assessable"
    frame = cases(
        {"due": "2017-06-30", "decided": "2017-01-01"}, {"due": None, "decided": "2017-01-01"}
    )
    found = one(within("1 month before", start="due"), frame)
    assert (found.met, found.excluded) == (1, {"start missing": 1})
    with pytest.raises(kpi.PlanError):
        within("12 minutes before")


def test_s06_working_days_backwards() -> None:
    """Before Easter Monday 2024 the third working day back is Friday 22 March... counted from it."""
    target = within("3 working days before", window={"through": "2200-01-01"})
    rows = both_trails(
        plan(target),
        spans(("2024-04-02", "2024-03-25"), ("2024-04-02", "2024-03-26")),
        "2200-01-01",
    )
    # 27, 26 and 25 March: Maundy Thursday to Easter Monday are no working days.
    assert [(row["due"], row["met"]) for row in rows] == [
        (day("2024-03-25"), True),
        (day("2024-03-25"), False),
    ]


@pytest.mark.parametrize(
    ("start", "span", "down", "sticky", "up", "refuse"),
    [
        (D(2017, 3, 31), "1 month", D(2017, 2, 28), D(2017, 2, 28), D(2017, 3, 1), None),
        (D(2016, 3, 31), "1 month", D(2016, 2, 29), D(2016, 2, 29), D(2016, 3, 1), None),
        (D(2017, 3, 29), "1 month", D(2017, 2, 28), D(2017, 2, 28), D(2017, 3, 1), None),
        (D(2017, 2, 28), "1 month", D(2017, 1, 28), D(2017, 1, 31), *[D(2017, 1, 28)] * 2),
        (D(2017, 1, 31), "1 month", *[D(2016, 12, 31)] * 4),
        (D(2017, 1, 15), "1 month", *[D(2016, 12, 15)] * 4),
        (D(2017, 1, 15), "13 months", *[D(2015, 12, 15)] * 4),
        # One step: not by way of February.
        (D(2017, 3, 31), "2 months", *[D(2017, 1, 31)] * 4),
        (D(2016, 2, 29), "1 year", D(2015, 2, 28), D(2015, 2, 28), D(2015, 3, 1), None),
        # Months first, rounded once, and then the days.
        (
            D(2017, 3, 31),
            "1 month and 2 days",
            D(2017, 2, 26),
            D(2017, 2, 26),
            D(2017, 2, 27),
            None,
        ),
        (D(2017, 3, 1), "1 week", *[D(2017, 2, 22)] * 4),
        (D(2017, 3, 1), "0 days", *[D(2017, 3, 1)] * 4),
    ],
)
def test_s06_backwards(
    start: dt.date,
    span: str,
    down: dt.date,
    sticky: dt.date,
    up: dt.date,
    refuse: dt.date | None,
) -> None:
    modes = ("down", "sticky", "up", "refuse")
    found = [oracle.due_date_before(start, parse_span(span), mode) for mode in modes]
    assert found == [down, sticky, up, refuse]


def test_s06_at_the_latest_a_month_before() -> None:
    assert before().limit == Before(Span(months=1))
    day = {"due": D(2017, 3, 31)}
    row = hand_worked.one(before(), documented=D(2017, 2, 28), **day)
    assert row == Row("counted", met=True, days=-31, due=D(2017, 2, 28))
    assert hand_worked.one(before(), documented=D(2017, 3, 1), **day).met is False
    assert hand_worked.one(before(month_end="up"), documented=D(2017, 3, 1), **day).met is True
    assert hand_worked.one(before(month_end="refuse"), **day).reason == "refused month end"
    assert hand_worked.one(before(), **day) == Row("counted", met=False, due=D(2017, 2, 28))
    # It is the due date, not the day itself, that must lie in the window.
    assert hand_worked.one(before(), due=D(2018, 1, 31)).bucket == "counted"
    assert hand_worked.one(before(), due=D(2017, 1, 31)).bucket == "outside"


def test_s06_an_end_on_either_side_of_the_start_is_no_mistake_backwards() -> None:
    assert hand_worked.one(before(), due=D(2017, 3, 31), documented=D(2017, 4, 1)).met is False
    assert hand_worked.one(before(), documented=D(2017, 4, 1)).reason == "start missing"
