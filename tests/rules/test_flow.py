"""The figures of a flow."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.definitions.calendars import Calendar
from kpi.definitions.sums import Sums
from kpi.errors import InternalError
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.builders import SPAN, one, plan, spans
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T, buckets, run, verdicts


def flow(frame: pl.DataFrame, as_of: str | None = None, **more: Any) -> kpi.TargetResult:
    given = {"id": "t", "start": "filed", "end": "decided", **more}
    return one(kpi.Flow(**given), frame, as_of)


FLOW = spans(
    ("2015-01-01", "2016-12-31"),  # gone before the window
    ("2016-12-31", "2017-01-01"),  # open at the start, out
    ("2016-06-01", None),  # open at the start and at the end
    ("2017-01-01", "2017-12-31"),  # in and out
    ("2017-12-31", None),  # in, and open at the end
    ("2017-10-02", None),  # in, open, 90 days old
    ("2018-01-01", None),  # after the window
)


def test_the_figures_of_a_flow() -> None:
    found = flow(FLOW, limit="6 months")
    assert (found.counted, found.outside, found.verdict) == (5, 1, "indicator")
    ages = [(dt.date(2017, 12, 31) - dt.date(2016, 6, 1)).days, 0, 90]
    assert found.figures == {
        "intake": 3,
        "output": 2,
        "open_start": 2,
        "open_end": 3,
        "clearance_rate": 2 / 3,
        "disposition_time": 3 / 2 * 365,
        "mean_age": sum(ages) / 3,
        "median_age": 90,
        "p90_age": max(ages),
        "backlog": 1,
    }
    assert (found.value, found.unit) == (2 / 3, "share")


def test_a_flow_up_to_the_as_of_date() -> None:
    found = flow(FLOW, "2017-10-31", indicator="open_end", requires={"at_most": 5})
    assert (found.value, found.verdict) == (3, "open")
    assert (found.figures["intake"], found.figures["output"]) == (2, 1)


@pytest.mark.parametrize(
    ("indicator", "requires", "verdict"),
    [
        ("clearance_rate", {"at_least": 66.6}, "met"),
        ("clearance_rate", {"at_least": 66.7}, "missed"),
        ("disposition_time", {"at_most": 547.5}, "met"),
        ("disposition_time", {"less_than": 547.5}, "missed"),
        ("intake", {"at_most": 3}, "met"),
        ("backlog", {"at_most": 0}, "missed"),
        ("p90_age", {"at_most": 578}, "met"),
    ],
)
def test_a_flow_may_be_asked_for(indicator: str, requires: Any, verdict: str) -> None:
    found = flow(FLOW, limit="6 months", indicator=indicator, requires=requires)
    assert found.verdict == verdict


def test_s22_the_backlog_is_what_was_due_before_the_last_day() -> None:
    frame = spans(("2017-06-30", None), ("2017-07-01", None))
    assert (
        flow(frame, limit="184 days").figures["backlog"] == 0
    )  # due on the last day, and after it
    assert flow(frame, limit="183 days").figures["backlog"] == 1
    assert flow(frame, limit="182 days").figures["backlog"] == 2
    assert flow(frame).figures["backlog"] is None


def test_a_flow_of_nothing() -> None:
    found = flow(spans(), requires={"at_least": 100})
    assert (found.value, found.verdict) == (None, "not_assessable")
    assert found.figures["open_end"] == 0
    assert found.figures["mean_age"] is None
    assert flow(spans(), indicator="intake", requires={"at_least": 0}).verdict == "met"


def test_a_half_year_has_its_own_days() -> None:
    frame = spans(("2017-07-01", "2017-07-02"), ("2017-07-01", None))
    found = flow(frame, window="2017-H2")
    assert found.figures["disposition_time"] == 184
    # As of a day within it, the pace is that of the days so far.
    assert flow(frame, "2017-07-31", window="2017-H2").figures["disposition_time"] == 31
    leap = spans(("2016-07-01", "2016-07-02"), ("2016-07-01", None))
    assert flow(leap, "2016-12-31", window="2016").figures["disposition_time"] == 365


def test_a_backlog_needs_a_limit() -> None:
    with pytest.raises(kpi.PlanError, match="limit: missing; the backlog"):
        flow(FLOW, indicator="backlog")


def test_flow_by_hand() -> None:
    outcome = run(hand_worked.flow(limit="244 days"), *hand_worked.FLOW)
    assert buckets(outcome) == [*["counted"] * 5, "outside"]
    assert outcome.figures == {
        "intake": 3,
        "output": 2,
        "open_start": 2,
        "open_end": 3,
        "clearance_rate": Fraction(2, 3),
        "disposition_time": Fraction(3, 2) * 365,
        "mean_age": Fraction(244 + 365 + 0, 3),
        "median_age": 244,
        "p90_age": 365,
        "backlog": 1,
    }
    assert (outcome.value, outcome.verdict) == (Fraction(2, 3), "indicator")
    assert (outcome.met, outcome.total) == (None, None)
    assert outcome.trail[1] == Row("counted", days=22, due=D(2017, 9, 11))
    assert outcome.trail[2] == Row("counted", due=D(2017, 12, 31))
    without = run(hand_worked.flow(), *hand_worked.FLOW)
    assert without.figures == {**outcome.figures, "backlog": None}
    assert without.trail[1] == Row("counted", days=22)


def test_flow_up_to_as_of() -> None:
    outcome = run(hand_worked.flow(), *hand_worked.FLOW, as_of=D(2017, 2, 28))
    assert buckets(outcome) == [*["counted"] * 3, "outside"]
    shown = ("intake", "output", "open_start", "open_end", "median_age")
    assert [outcome.figures[name] for name in shown] == [1, 1, 2, 2, 59]
    assert outcome.figures["mean_age"] == Fraction(272 + 59, 2)
    # What is asked of a whole window is open until its end.
    target = hand_worked.flow(requires={"at_least": 100})
    assert run(target, *hand_worked.FLOW, as_of=D(2017, 12, 30)).verdict == "open"
    # After the window, what happened later is no part of it.
    later = [{"filed": D(2017, 5, 1), "decided": D(2018, 1, 1)}, {"filed": D(2018, 1, 1)}]
    outcome = run(hand_worked.flow(), *later, as_of=D(2018, 6, 1))
    assert buckets(outcome) == ["counted", "outside"]
    assert (outcome.figures["open_end"], outcome.figures["output"]) == (1, 0)
    assert outcome.figures["mean_age"] == 244


@pytest.mark.parametrize(
    ("words", "value", "verdict"),
    [
        ({"requires": {"at_least": 66}}, Fraction(2, 3), "met"),
        ({"requires": {"at_least": 67}}, Fraction(2, 3), "missed"),
        ({"indicator": "open_end", "requires": {"at_most": 3}}, Fraction(3), "met"),
        ({"indicator": "open_end", "requires": {"less_than": 3}}, Fraction(3), "missed"),
        ({"indicator": "median_age", "requires": {"at_most": 244}}, Fraction(244), "met"),
        (
            {"indicator": "disposition_time", "requires": {"at_most": 547}},
            Fraction(1095, 2),
            "missed",
        ),
        # 31 December 2016 and a year is the last day of the window: not older than the limit (S22).
        (
            {"indicator": "backlog", "limit": "1 year", "requires": {"at_most": 0}},
            Fraction(0),
            "met",
        ),
        (
            {"indicator": "backlog", "limit": "364 days", "requires": {"at_most": 0}},
            Fraction(1),
            "missed",
        ),
        ({"indicator": "mean_age"}, Fraction(203), "indicator"),
    ],
)
def test_flow_is_judged_where_that_is_asked(
    words: dict[str, Any], value: Fraction, verdict: str
) -> None:
    outcome = run(hand_worked.flow(**words), *hand_worked.FLOW)
    assert (outcome.value, outcome.verdict) == (value, verdict)


def test_flow_of_nothing() -> None:
    outcome = run(hand_worked.flow(requires={"at_least": 100}))
    assert outcome.figures["intake"] == 0
    for name in ("clearance_rate", "disposition_time", "mean_age", "median_age", "p90_age"):
        assert outcome.figures[name] is None
    assert (outcome.value, outcome.verdict) == (None, "not_assessable")
    assert run(hand_worked.flow(indicator="intake", requires={"at_most": 0})).verdict == "met"
    assert run(hand_worked.flow()).verdict == "indicator"
    assert (
        oracle.evaluate(hand_worked.plan(hand_worked.flow()), {})["1"].verdict == "not_assessable"
    )


@pytest.mark.parametrize(
    ("window", "days"),
    [("2017", 365), ("2020", 365), ("2017-Q1", 90), ("2017-02", 28), ("2020-02", 29)],
)
def test_flow_disposition_time_by_the_days_of_the_window(window: str, days: int) -> None:
    day = D(int(window[:4]), 2, 1)
    cases = [{"filed": day, "decided": day}, {"filed": day}]
    outcome = run(hand_worked.flow(window=window), *cases, period=window)
    assert outcome.figures["disposition_time"] == days


def test_flow_leaves_out_what_cannot_be_placed() -> None:
    cases: list[dict[str, object]] = [
        {"decided": D(2017, 5, 1)},
        {"decided": D(2016, 5, 1)},
        {"filed": D(2017, 5, 2), "decided": D(2017, 5, 1)},
        {"filed": D(2017, 1, 31)},
        {"filed": T(2017, 3, 26, 2, 30)},
    ]
    target = hand_worked.flow(limit="1 month", month_end="refuse")
    assert buckets(run(target, *cases)) == [
        "start missing",
        "outside",
        "end before start",
        "refused month end",
        "counted",
    ]
    found = buckets(run(hand_worked.flow(), *cases))
    assert found[3:] == ["counted", "counted"]


def test_flow_of_each_value() -> None:
    cases = [
        {**case, "case_type": "visa" if n < 2 else None} for n, case in enumerate(hand_worked.FLOW)
    ]
    outcome = run(hand_worked.flow(each="case_type", requires={"at_least": 100}), *cases)
    assert verdicts(outcome) == {("visa",): "met", (None,): "missed"}
    assert outcome.each["visa",].figures["clearance_rate"] == 2
    assert outcome.verdict == "missed"
    outcome = run(hand_worked.flow(each="case_type"), *cases)
    assert outcome.verdict == "indicator"
    assert set(verdicts(outcome).values()) == {"indicator"}


def test_what_a_flow_asks_for_has_its_unit() -> None:

    def flow(**more: Any) -> kpi.Flow:
        return kpi.Flow(id="t", start="filed", end="decided", **more)

    assert flow(requires={"at_least": 100}).requirement == "clearance rate at least 100 %"
    for indicator in ("disposition_time", "mean_age", "median_age", "p90_age"):
        target = flow(indicator=indicator, requires={"at_most": 90})
        assert target.requirement == f"{indicator.replace('_', ' ')} at most 90 days"
        assert one(target, spans(("2017-12-01", None))).unit == "days"
    assert flow(indicator="intake", requires={"at_most": 9}).requirement == "intake at most 9"


DENMARK = Calendar("denmark")


def of_backlog(frame: pl.DataFrame, **more: Any) -> kpi.TargetResult:
    return one(kpi.Flow(**SPAN, limit="1 month", **more), frame)


def test_the_month_end_mode_of_a_backlog() -> None:
    """A month from 30 November is 30 December, and 31 December where month ends stick."""
    frame = spans(("2017-11-30", None), ("2017-10-31", None))
    assert of_backlog(frame).figures["backlog"] == 2
    later = spans(("2017-11-30", "2018-01-01"), ("2017-10-31", None))
    found = kpi.evaluate(plan(kpi.Flow(**SPAN, limit="1 month")), later, "2017-12-31")["t"]
    assert found.figures["backlog"] == 2
    sticky = kpi.Flow(**SPAN, limit="1 month", month_end="sticky")
    assert kpi.evaluate(plan(sticky), later, "2017-12-31")["t"].figures["backlog"] == 1
    refused = of_backlog(frame, month_end="refuse")  # there is no 31 November
    assert refused.excluded == {"refused month end": 1}
    assert refused.figures["backlog"] == 1


def test_a_flow_that_does_not_add_up_is_an_error() -> None:
    numbers = {"counted": 3, "intake": 2, "output": 1, "open_start": 1, "open_end": 3}
    sums = Sums(
        numbers=numbers,
        bins={},
        part=(),
        first=D(2017, 1, 1),
        last=D(2017, 12, 31),
        as_of=D(2017, 12, 31),
        calendar=DENMARK,
    )
    with pytest.raises(InternalError) as caught:
        kpi.Flow(**SPAN).measure(sums)
    assert str(caught.value) == "t: 1 open + 2 in - 1 out is not 3"


def test_the_trail_of_a_flow() -> None:
    frame = spans(("2017-01-01", "2017-01-11"), ("2017-01-01", None))
    for more, due in (({}, None), ({"limit": "1 month"}, D(2017, 2, 1))):
        rows = kpi.evaluate(plan(kpi.Flow(**SPAN, **more)), frame).audit().collect()
        assert rows.schema["due"] == pl.Date
        assert rows.select("days", "due").rows() == [(10, due), (None, due)]


def test_the_ages_of_ten_open_cases() -> None:
    """Filed on 22 to 31 December, so 9 to 0 days old at the end of the year."""
    frame = spans(*((f"2017-12-{day}", None) for day in range(22, 32)))
    figures = one(kpi.Flow(**SPAN), frame).figures
    assert (figures["mean_age"], figures["median_age"], figures["p90_age"]) == (4.5, 4, 8)
