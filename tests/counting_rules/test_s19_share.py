"""Shares, compared exactly (S19): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
import decimal
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.definitions.table import Table
from kpi.rules.share import Share
from kpi.testing.oracle import Row
from tests.builders import one, spans, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T, buckets, of, run, that_took


def test_s19_89_96_percent_is_not_90() -> None:
    late, kept = ("2017-01-01", "2017-03-01"), ("2017-01-01", "2017-01-05")
    frame = spans(*[kept] * 2249, *[late] * 251)
    found = one(within("1 month"), frame)
    assert (found.met, found.counted, found.verdict) == (2249, 2500, "missed")
    frame = spans(*[kept] * 2250, *[late] * 250)
    assert one(within("1 month"), frame).verdict == "met"


def test_s19_a_threshold_is_an_exact_decimal() -> None:
    late, kept = ("2017-01-01", "2017-03-01"), ("2017-01-01", "2017-01-05")
    frame = spans(*[kept] * 971, *[late] * 29)
    assert one(within("1 month", threshold=97.1), frame).verdict == "met"
    assert one(within("1 month", threshold=Decimal("97.1000001")), frame).verdict == "missed"
    assert one(within("1 month", threshold=100), frame).verdict == "missed"


def test_s19_a_share_of_a_condition() -> None:
    table = kpi.Table("sample", key="case_id", entry="checked")
    target = kpi.Share(id="t", table="sample", having={"passed": True}, threshold=75)
    made = kpi.Plan(id="p", period="2018", tables=[table], targets=[target])
    day = dt.date(2018, 5, 1)
    frame = pl.DataFrame(
        {
            "case_id": ["1", "2", "3", "4", "5"],
            "checked": [day, day, day, day, dt.date(2017, 12, 31)],
            "passed": [True, True, True, None, True],
        }
    )
    found = kpi.evaluate(made, frame)["t"]
    assert (found.met, found.counted, found.verdict) == (3, 4, "met")
    worse = frame.with_columns(passed=pl.Series([True, True, False, None, True]))
    assert kpi.evaluate(made, worse)["t"].verdict == "missed"
    assert kpi.evaluate(made, frame.clear())["t"].verdict == "not_assessable"


@pytest.mark.parametrize(
    ("threshold", "verdict"), [("90", "missed"), ("89.97", "missed"), ("89.96", "met")]
)
def test_s19_a_share_is_compared_exactly(threshold: str, verdict: str) -> None:
    """89.96 % printed as 90.0 % is not met."""
    outcome = run(hand_worked.within(threshold=threshold), *that_took(*[1] * 2249, *[31] * 251))
    assert outcome.value == Fraction(8996, 10_000)
    assert outcome.verdict == verdict


def test_s19_a_third_is_less_than_33_34_percent() -> None:
    cases = that_took(1, 31, 31)
    assert run(hand_worked.within(threshold="33.33"), *cases).verdict == "met"
    assert run(hand_worked.within(threshold="33.34"), *cases).verdict == "missed"


SAMPLE = Table("sample", key="case_id", entry="checked", events="sent")


def test_s19_the_share_that_fulfils_a_condition() -> None:
    target = Share(id="1", table="sample", having={"passed": True, "pages": 2}, threshold=50)
    days = (D(2016, 12, 31), *[D(2017, 5, 1)] * 4, None)
    passed = (True, True, True, False, None, True)
    pages = (2, 2, None, 2, 2, 2)
    cases = [
        {"checked": d, "passed": p, "pages": n} for d, p, n in zip(days, passed, pages, strict=True)
    ]
    outcome = of(target, SAMPLE, *cases)
    assert [row.met for row in outcome.trail] == [None, True, False, False, False, None]
    assert outcome.trail[1] == Row("counted", met=True)
    assert (outcome.met, outcome.counted, outcome.value) == (1, 4, Fraction(1, 4))
    assert outcome.verdict == "missed"
    assert of(evolve(target, threshold=25), SAMPLE, *cases).verdict == "met"
    assert of(target, SAMPLE).verdict == "not_assessable"
    cases = [{**case, "sent": D(2017, 6, 1)} for case in cases]
    assert of(evolve(target, on="sent"), SAMPLE, *cases).counted == 6


def test_s19_a_share_leaves_out_what_cannot_be_placed() -> None:
    target = Share(id="1", table="sample", having={"passed": True}, threshold=50)
    cases = [
        {"checked": T(2017, 3, 26, 2, 30), "passed": True, "case_id": "a"},
        {"checked": T(2017, 3, 26, 1, 30), "passed": True, "case_id": "a"},
    ]
    found = buckets(of(target, SAMPLE, *cases))
    assert found == ["repeated id", "repeated id"]
    assert buckets(of(target, SAMPLE, cases[0])) == ["counted"]


def test_s19_a_threshold_is_compared_outside_any_decimal_context() -> None:
    third = ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-05-01"), ("2017-01-01", "2017-05-01")
    just_over = "33." + "3" * 28 + "4"
    assert one(within(threshold=just_over), spans(*third)).verdict == "missed"
    with decimal.localcontext(decimal.Context(prec=2, rounding=decimal.ROUND_DOWN)):
        assert one(within(threshold="33.4"), spans(*third)).verdict == "missed"
