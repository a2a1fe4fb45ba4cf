"""Every row in one bucket, with the first reason that fits (S12): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.definitions.limits import DueColumn
from kpi.definitions.target import Target
from kpi.testing.oracle import Row
from tests.builders import average, by_type, cases, one, spans, trail, undated_table, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, buckets, run


def test_s12_the_first_bucket_that_fits() -> None:
    frame = cases(
        {"filed": None, "decided": "2016-05-01"},  # no start, but outside the window first
        {"filed": None, "decided": "2017-05-01"},
        {"filed": "2017-06-01", "decided": "2017-05-01", "due": None},
        {"filed": "2017-04-01", "decided": "2017-05-01", "due": None},
        {"filed": "2017-04-01", "decided": "2017-05-01", "due": "2017-05-01"},
        {"case_id": "9", "filed": "2017-04-01", "decided": "2017-05-01", "due": None},
        {"case_id": "9", "filed": "2017-04-01", "decided": "2017-05-01", "due": "2017-04-30"},
    )
    target = within({"column": "due"})
    rows = [(r["bucket"], r["reason"]) for r in trail(target, frame)]
    assert rows == [
        ("outside", "fails: decided in 2017"),
        ("excluded", "start missing"),
        ("excluded", "limit missing"),
        ("excluded", "limit missing"),
        ("counted", None),
        ("excluded", "limit missing"),
        ("excluded", "repeated id"),
    ]
    found = one(target, frame)
    assert found.excluded == {"start missing": 1, "limit missing": 3, "repeated id": 1}
    assert (found.met, found.counted, found.outside) == (1, 1, 1)


def test_s12_end_before_start_is_of_this_targets_own_interval() -> None:
    frame = cases({"filed": "2017-01-01", "documented": "2017-03-01", "decided": "2017-02-01"})
    assert one(within("1 year"), frame).counted == 1
    assert one(within("1 year", start="documented"), frame).excluded == {"end before start": 1}


def test_s12_a_share_is_also_a_range_over_the_excluded() -> None:
    frame = spans(
        *[("2017-01-01", "2017-01-02")] * 9, ("2017-01-01", "2017-05-01"), (None, "2017-02-01")
    )
    found = one(within("1 month"), frame)
    assert (found.met, found.counted) == (9, 10)
    assert found.range == (Fraction(9, 11), Fraction(10, 11))
    result = kpi.evaluate(
        kpi.Plan(id="p", period="2017", tables=[undated_table()], targets=[within()]), frame
    )
    assert any("hangs on the excluded" in note for note in result.notes)


def test_s12_a_verdict_that_no_excluded_case_can_turn_does_not_hang_on_them() -> None:
    kept = [("2017-01-01", "2017-01-02")]
    frame = spans(*kept * 9, (None, "2017-02-01"))  # 9 of 10 even if the tenth is late
    assert one(within(), frame).range == (Fraction(9, 10), Fraction(1))
    plan = kpi.Plan(id="p", period="2017", tables=[undated_table()], targets=[within()])
    assert not [note for note in kpi.evaluate(plan, frame).notes if "hangs on" in note]
    worse = spans(*kept * 9, (None, "2017-02-01"), (None, "2017-02-01"))
    assert [note for note in kpi.evaluate(plan, worse).notes if "hangs on" in note]


def test_s12_a_limit_for_each_value() -> None:
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-31", "decided": "2017-02-28"},
        {"case_type": "visa", "filed": "2017-01-31", "decided": "2017-03-01"},
        {"case_type": "asylum", "filed": "2017-01-31", "decided": "2017-03-01"},
        {"case_type": "asylum", "filed": "2017-01-31", "decided": "2017-03-02"},
        {"case_type": "passport", "filed": "2017-01-31", "decided": "2017-02-01"},
        {"case_type": None, "filed": "2017-01-31", "decided": "2017-02-01"},
    )
    found = one(within(by_type(visa="1 month", asylum="29 days")), frame)
    assert (found.met, found.counted, found.excluded) == (2, 4, {"limit missing": 2})
    refused = one(within(by_type(visa="1 month", asylum="29 days"), month_end="refuse"), frame)
    assert refused.excluded == {"limit missing": 2, "refused month end": 2}


def test_s12_the_first_reason_is_the_one_that_is_given() -> None:
    """Each row has its own reason, and every one after it."""
    gap = dt.datetime(2017, 3, 26, 2, 30)
    month = hand_worked.within(
        denominator="cohort", on="announced_on", limit="1 month", month_end="refuse"
    )
    hours = evolve(month, limit="1 hour")
    due = hand_worked.within(denominator="cohort", on="announced_on", limit=DueColumn("due"))
    covered = evolve(due, limit="5 working days", calendar={"covers": "2018"})
    base = {"announced_on": D(2017, 1, 1)}
    wrong: Sequence[tuple[Target, dict[str, object], str]] = [
        (hours, {"decided": gap}, "start missing"),
        (due, {"filed": D(2017, 3, 27), "decided": gap}, "limit missing"),
        (month, {"filed": D(2017, 5, 31), "decided": gap}, "end before start"),
        (month, {"filed": D(2017, 1, 31), "decided": gap}, "refused month end"),
        (covered, {"filed": D(2017, 1, 1), "decided": gap}, "outside the calendar"),
        (hours, {"filed": D(2017, 1, 1), "decided": gap}, "no such local time"),
        (month, {"filed": D(2017, 1, 1), "decided": gap}, "repeated id"),
    ]
    for target, cells, reason in wrong:
        outcome = run(target, {"case_id": "x", **base, **cells}, {"case_id": "x"})
        assert buckets(outcome) == [reason, "outside"]


def test_s12_end_before_start_goes_by_dates() -> None:
    cells = {"filed": dt.datetime(2017, 3, 1, 15), "decided": dt.datetime(2017, 3, 1, 9)}
    assert hand_worked.one(average(), **cells) == Row("counted", days=0)
    cells = {"filed": dt.datetime(2017, 3, 2, 0), "decided": dt.datetime(2017, 3, 1, 23)}
    assert hand_worked.one(average(), **cells) == Row("excluded", "end before start")


def test_s12_the_rows_add_up() -> None:
    outcome = run(
        hand_worked.within(),
        {"filed": D(2017, 1, 1), "decided": D(2017, 1, 2)},
        {"filed": D(2017, 1, 1), "decided": D(2017, 12, 31)},
        {"filed": D(2017, 1, 1)},
        {"decided": D(2017, 1, 2)},
        {"filed": D(2017, 1, 3), "decided": D(2017, 1, 2)},
        {"filed": D(2018, 1, 3)},
    )
    assert (outcome.rows, outcome.outside, outcome.counted, outcome.undetermined) == (5, 1, 2, 0)
    assert outcome.excluded == {"start missing": 1, "end before start": 1}
    assert (outcome.met, outcome.total, outcome.value) == (1, None, Fraction(1, 2))


def test_s12_each_case_has_the_limit_of_its_value() -> None:
    target = hand_worked.within(limit=by_type(visa="30 days", asylum="7 months"))
    cells = {"filed": D(2017, 1, 31), "decided": D(2017, 3, 3)}
    assert hand_worked.one(target, case_type="visa", **cells).due == D(2017, 3, 2)
    assert hand_worked.one(target, case_type="visa", **cells).met is False
    assert hand_worked.one(target, case_type="asylum", **cells).due == D(2017, 8, 31)
    assert hand_worked.one(target, case_type="asylum", **cells).met is True


@pytest.mark.parametrize("rule", [hand_worked.within, average])
def test_s12_a_value_without_a_limit_is_limit_missing(rule: Any) -> None:
    target = rule(limit=by_type(visa="1 month"), month_end="refuse")
    ended = {"decided": D(2017, 3, 1)}
    for value in (None, "passport", "Visa", ""):
        # Before an end before the start, and after a missing start.
        assert (
            hand_worked.one(target, case_type=value, filed=D(2017, 4, 1), **ended).reason
            == "limit missing"
        )
        assert hand_worked.one(target, case_type=value, **ended).reason == "start missing"
    assert (
        hand_worked.one(target, case_type="visa", filed=D(2017, 4, 1), **ended).reason
        == "end before start"
    )
    assert (
        hand_worked.one(target, case_type="visa", filed=D(2017, 1, 31), **ended).reason
        == "refused month end"
    )


def test_s12_a_case_whose_value_has_no_limit_by_the_clock() -> None:
    begun, ended = dt.datetime(2017, 1, 2, 9), dt.datetime(2017, 1, 2, 10, 30)
    frame = cases(*({"filed": "2017-01-02", "case_type": kind} for kind in ("a", "b", "c", None)))
    frame = frame.with_columns(filed=pl.lit(begun), decided=pl.lit(ended))
    target = within({"by": "case_type", "limits": {"a": "1 hour", "b": "90 minutes"}})
    found = one(target, frame)
    assert (found.met, found.counted, found.excluded) == (1, 2, {"limit missing": 2})
    rows = {row["case"]: row for row in trail(target, frame)}
    assert [rows[n]["seconds"] for n in "12"] == [5_400] * 2
    assert [rows[n]["met"] for n in "12"] == [False, True]
