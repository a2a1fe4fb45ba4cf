"""Conditions of a population, and nulls (S10): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import kpi
from kpi.definitions.target import Target
from kpi.testing.oracle import Row
from tests.builders import SPAN, average, cases, clearance, one, spans, trail, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D


def test_s10_a_comparison_with_null_is_false_for_is_and_for_is_not() -> None:
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": "asylum", "filed": "2017-01-01", "decided": "2017-01-03"},
        {"case_type": None, "filed": "2017-01-01", "decided": "2017-01-05"},
    )
    assert one(average(where={"case_type": "visa"}), frame).total == 1
    assert one(average(where={"case_type": {"not": "visa"}}), frame).total == 2
    assert one(average(where={"case_type": {"not": ["visa", "asylum"]}}), frame).counted == 0
    # "not P" negates the finished test, so it holds where the column is null.
    assert one(average(unless={"case_type": "visa"}), frame).total == 2 + 4


def test_s10_not_announced_holds_where_nothing_was_announced() -> None:
    frame = cases(
        {"filed": "2017-01-01", "decided": "2017-01-02", "documented": "2017-02-28"},
        {"filed": "2017-01-01", "decided": "2017-01-03", "documented": "2017-03-01"},
        {"filed": "2017-01-01", "decided": "2017-01-05", "documented": None},
    )
    found = one(average(unless={"documented": {"through": "2017-02-28"}}), frame)
    assert found.total == 2 + 4


def test_s10_unless_leaves_out_only_where_all_of_it_holds() -> None:
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": "visa", "filed": "2017-02-01", "decided": "2017-02-03"},
        {"case_type": "asylum", "filed": "2017-01-01", "decided": "2017-01-05"},
    )
    target = average(unless={"case_type": "visa", "filed": {"in": "2017-01"}})
    assert one(target, frame).total == 2 + 4


def test_s10_a_null_start_that_alone_fails_a_window_is_excluded_not_outside() -> None:
    frame = cases(
        {"filed": None, "decided": "2017-05-01"},
        {"filed": None, "decided": "2018-05-01"},  # outside all the same: its decision
        {"filed": None, "decided": "2017-05-01", "case_type": "asylum"},  # and its type
        {"filed": "2015-01-01", "decided": "2017-05-01"},
    )
    target = average(where={"case_type": "visa", "filed": {"since": "2016-01-01"}})
    found = one(target, frame)
    assert (found.excluded, found.outside, found.counted) == ({"start missing": 1}, 3, 0)


def test_s10_a_window_on_another_column_fails_where_it_is_null() -> None:
    frame = cases({"filed": "2017-01-01", "decided": "2017-05-01", "documented": None})
    assert one(average(where={"documented": {"since": "2016-01-01"}}), frame).outside == 1


@pytest.mark.parametrize(
    ("where", "cells", "inside"),
    [
        ({"case_type": "visa"}, {"case_type": "visa"}, True),
        ({"case_type": "visa"}, {"case_type": None}, False),
        ({"case_type": {"not": "visa"}}, {"case_type": "asylum"}, True),
        ({"case_type": {"not": "visa"}}, {"case_type": "visa"}, False),
        ({"case_type": {"not": "visa"}}, {"case_type": None}, False),
        ({"case_type": ["visa", "asylum"]}, {"case_type": "asylum"}, True),
        ({"case_type": {"not": ["visa", "asylum"]}}, {"case_type": "asylum"}, False),
        ({"flag": False}, {"flag": False}, True),
        ({"flag": False}, {"flag": None}, False),
        ({"flag": {"not": True}}, {"flag": None}, False),
        ({"months": 7}, {"months": 7}, True),
        ({"months": {"at_least": 7}}, {"months": 7}, True),
        ({"months": {"more_than": 7}}, {"months": 7}, False),
        ({"months": {"at_most": 7}}, {"months": 7}, True),
        ({"months": {"less_than": 7}}, {"months": 7}, False),
        ({"months": {"at_least": 6, "less_than": 8}}, {"months": 7}, True),
        ({"months": {"at_least": 0}}, {"months": None}, False),
        ({"announced_on": {"through": "2017-06-30"}}, {"announced_on": None}, False),
        # Filed and decided in the window.
        ({"filed": {"in": "2017"}}, {"filed": D(2016, 12, 31)}, False),
        ({"filed": {"in": "2017"}}, {"filed": D(2017, 1, 1)}, True),
        # Every condition must hold.
        ({"case_type": "visa", "flag": True}, {"case_type": "visa", "flag": False}, False),
    ],
)
def test_s10_conditions_and_null(
    where: dict[str, object], cells: dict[str, object], inside: bool
) -> None:
    row = hand_worked.one(
        hand_worked.within(where=where),
        **{"filed": D(2017, 1, 1), "decided": D(2017, 1, 2), **cells},
    )
    assert row.bucket == ("counted" if inside else "outside")


@pytest.mark.parametrize(
    ("announced", "inside"), [(D(2017, 6, 30), False), (D(2017, 7, 1), True), (None, True)]
)
def test_s10_unless_negates_the_finished_test(announced: dt.date | None, inside: bool) -> None:
    """ "Not announced through X" holds where nothing was announced."""
    target = hand_worked.within(unless={"announced_on": {"through": "2017-06-30"}})
    cells = {"filed": D(2017, 1, 1), "decided": D(2017, 1, 2), "announced_on": announced}
    assert hand_worked.one(target, **cells).bucket == ("counted" if inside else "outside")


def test_s10_unless_leaves_out_only_what_fulfils_all_of_it() -> None:
    target = hand_worked.within(unless={"case_type": "visa", "flag": True})
    for case_type, flag, inside in (
        ("visa", True, False),
        ("visa", False, True),
        ("visa", None, True),
        ("asylum", True, True),
    ):
        row = hand_worked.one(
            target, filed=D(2017, 1, 1), decided=D(2017, 1, 2), case_type=case_type, flag=flag
        )
        assert row.bucket == ("counted" if inside else "outside")


def test_s10_a_null_start_that_fails_only_its_own_windows_is_start_missing() -> None:
    where = {"documented": {"since": "2017-01-01"}, "case_type": "visa"}
    target = hand_worked.within(start="documented", where=where)
    ended = {"filed": D(2017, 1, 1), "decided": D(2017, 2, 1)}
    assert hand_worked.one(target, case_type="visa", **ended) == Row("excluded", "start missing")
    # Anything else that fails puts it outside as ever.
    assert hand_worked.one(target, case_type="asylum", **ended) == Row("outside")
    assert hand_worked.one(target, case_type="visa", filed=D(2017, 1, 1)) == Row("outside")
    # A start that is known and outside the window is outside.
    assert hand_worked.one(target, case_type="visa", documented=D(2016, 12, 31), **ended) == Row(
        "outside"
    )


def test_s10_the_exception_holds_for_the_targets_own_window_and_for_open_at() -> None:
    assert (
        hand_worked.one(hand_worked.within(denominator="cohort"), decided=D(2017, 1, 2)).reason
        == "start missing"
    )
    assert (
        hand_worked.one(
            hand_worked.within(denominator="cohort", on="documented", start="documented")
        ).reason
        == "start missing"
    )
    assert hand_worked.one(hand_worked.clearance()).reason == "start missing"
    # But only on the target's own start column.
    assert (
        hand_worked.one(
            hand_worked.within(denominator="cohort", on="documented"), filed=D(2017, 1, 1)
        ).bucket
        == "outside"
    )
    assert hand_worked.one(hand_worked.clearance(start="documented")).bucket == "outside"
    # Nor does it bring in a case that had ended.
    assert hand_worked.one(hand_worked.clearance(), decided=D(2016, 12, 31)).bucket == "outside"


def test_s10_a_window_on_the_start_in_unless_is_a_test_like_any_other() -> None:
    target = hand_worked.within(start="documented", unless={"documented": {"in": "2017"}})
    assert (
        hand_worked.one(target, filed=D(2017, 1, 1), decided=D(2017, 2, 1)).reason
        == "start missing"
    )


OPEN: dict[str, Any] = {"open_at": {"start_of": "2017"}}


@pytest.mark.parametrize(
    "target",
    [
        average(**OPEN),
        average("1 month", **OPEN),
        kpi.Percentile(**SPAN, **OPEN, percentile=50, limit="9 days"),
        within(**OPEN),
        clearance({"through": "2017-11-30"}, **OPEN),
        kpi.Stock(**SPAN, **OPEN, at={"end_of": "2017-01-31"}, level={"at_most": 9}),
        kpi.Flow(**SPAN, **OPEN),
    ],
    ids=lambda target: target.rule,
)
def test_s10_only_cases_open_at_a_day(target: Target) -> None:
    frame = spans(
        ("2016-01-01", "2017-02-01"),  # open
        ("2017-01-01", "2017-02-01"),  # not filed before the day
        ("2016-01-01", "2016-12-31"),  # ended before it
    )
    rows = {row["case"]: row for row in trail(target, frame)}
    assert rows["1"]["bucket"] == "counted"
    assert rows["2"]["reason"] == "fails: filed before 2017-01-01"
    assert rows["3"]["reason"] == "left out: decided before 2017-01-01"
