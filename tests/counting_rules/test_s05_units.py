"""Units never convert (S5): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

import kpi
from tests.builders import average, by_type, cases, one, plan, spans, within
from tests.counting_rules.hand_worked import D, run


def test_s05_seven_months_is_never_210_days() -> None:
    frame = spans(("2017-03-01", "2017-10-01"))  # 214 days, and the same day number
    assert one(within("7 months"), frame).met == 1
    assert one(within("210 days"), frame).met == 0


def test_s05_an_average_in_months_is_each_cases_own_days() -> None:
    # 1 month is 31 days from 1 March and 28 from 1 February: 59 days together.
    kept = spans(("2017-03-01", "2017-04-02"), ("2017-02-01", "2017-02-28"))  # 32 + 27
    missed = spans(("2017-03-01", "2017-04-02"), ("2017-02-01", "2017-03-01"))  # 32 + 28
    assert one(average("1 month"), kept).verdict == "met"
    assert one(average("1 month"), missed).verdict == "missed"
    assert one(average("30 days"), missed).verdict == "met"  # 60 days over 2 cases


def test_s05_an_average_against_each_case_s_own_limit() -> None:
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-31", "decided": "2017-03-01"},  # 29 of 28 days
        {"case_type": "asylum", "filed": "2017-01-31", "decided": "2017-03-01"},  # 29 of 30
    )
    assert one(average(by_type(visa="1 month", asylum="30 days")), frame).verdict == "met"
    assert one(average(by_type(visa="1 month", asylum="29 days")), frame).verdict == "missed"
    found = one(average(by_type(visa="1 month", asylum="30 days")), frame)
    assert (found.total, found.figures) == (58, {"allowed": 28 + 30})
    asked = plan(average(by_type(visa="1 month", asylum="30 days")))
    due = kpi.evaluate(asked, frame).audit().collect()["due"].to_list()
    assert due == [dt.date(2017, 2, 28), dt.date(2017, 3, 2)]


@pytest.mark.parametrize(("second", "verdict"), [(214, "met"), (215, "missed")])
def test_s05_an_average_in_months_is_held_to_each_cases_own_months(
    second: int, verdict: str
) -> None:
    """1 February and 31 January + 7 months are 212 days each: 424 together, never 420."""
    cases = [
        {"filed": D(2017, 2, 1), "decided": D(2017, 2, 1) + dt.timedelta(days=210)},
        {"filed": D(2017, 1, 31), "decided": D(2017, 1, 31) + dt.timedelta(days=second)},
    ]
    outcome = run(average(limit="7 months"), *cases)
    assert (outcome.total, outcome.verdict) == (210 + second, verdict)
    assert run(average(limit="210 days"), *cases).verdict == "missed"


def test_s05_an_average_is_held_to_the_limits_of_its_cases() -> None:
    cases = [
        {"case_type": "visa", "filed": D(2017, 1, 1), "decided": D(2017, 1, 31)},
        {"case_type": "asylum", "filed": D(2017, 1, 1), "decided": D(2017, 2, 2)},
    ]
    # 30 and 32 days, of 31 (January) and 31 or 30.
    for limit, verdict in (("31 days", "met"), ("30 days", "missed")):
        target = average(limit=by_type(visa="1 month", asylum=limit))
        outcome = run(target, *cases)
        assert (outcome.total, outcome.value, outcome.verdict) == (62, Fraction(31), verdict)
