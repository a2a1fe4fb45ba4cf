"""Counts of rows and of distinct values (S23): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.builders import ACTION_SCHEMA, ACTIONS, cases, day, fact, of_fact, one, trail
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T, buckets, count, of, plan

CHECKS = kpi.Table("actions", key="action_id", entry="done")


def checks(*rows: tuple[str | None, str, str | None]) -> pl.DataFrame:
    made = [
        {"action_id": str(n), "done": done and dt.date.fromisoformat(done), "kind": k, "person": p}
        for n, (done, k, p) in enumerate(rows)
    ]
    kinds = {"action_id": pl.String, "done": pl.Date, "kind": pl.String, "person": pl.String}
    return pl.DataFrame(made, schema=kinds)


def counted_checks(frame: pl.DataFrame, as_of: str | None = None, **more: Any) -> kpi.TargetResult:
    given = {"requires": {"at_least": 2}, **more}
    target = kpi.Count(id="t", table="actions", where={"kind": "check"}, **given)
    made = kpi.Plan(id="p", period="2017", tables=[CHECKS], targets=[target])
    return kpi.evaluate(made, frame, as_of)["t"]


def test_s23_a_count_is_of_rows_in_the_window() -> None:
    frame = checks(
        ("2016-12-31", "check", None),
        ("2017-01-01", "check", None),
        ("2017-12-31", "check", None),
        ("2018-01-01", "check", None),
        ("2017-06-01", "other", None),
        (None, "check", None),
    )
    found = counted_checks(frame)
    assert (found.value, found.unit, found.counted, found.verdict) == (2, "count", 2, "met")
    assert counted_checks(frame, requires={"more_than": 2}).verdict == "missed"
    assert counted_checks(frame, requires={"less_than": 2}).verdict == "missed"
    assert counted_checks(frame, requires={"at_most": 2}).verdict == "met"
    assert counted_checks(frame, "2017-06-30").verdict == "open"


def test_s23_a_count_of_zero_is_a_value() -> None:
    frame = checks(("2017-06-01", "other", None))
    assert (counted_checks(frame).value, counted_checks(frame).verdict) == (0, "missed")
    assert counted_checks(frame, requires={"at_most": 0}).verdict == "met"


def test_s23_a_person_counts_once() -> None:
    frame = checks(
        ("2016-05-01", "check", "A"),  # before the window, and so not A's first in it
        ("2017-05-01", "check", "A"),
        ("2017-06-01", "check", "A"),
        ("2017-06-01", "check", "B"),
        ("2017-07-01", "check", None),
    )
    found = counted_checks(frame, distinct="person", requires={"at_least": 3})
    assert (found.counted, found.verdict) == (2, "missed")
    assert found.excluded == {"counted already": 1, "person missing": 1}
    assert counted_checks(frame, requires={"at_least": 3}).counted == 4


def test_s23_a_count_needs_a_date() -> None:
    table = kpi.Table("actions", key="action_id", dates="done")
    target = kpi.Count(id="t", table="actions", requires={"at_least": 1})
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    with pytest.raises(kpi.DataError, match="actions: the table declares no entry; say with 'on'"):
        kpi.evaluate(made, checks())
    named = kpi.Count(id="t", table="actions", on="done", requires={"at_least": 1})
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[named])
    assert kpi.evaluate(made, checks(("2017-01-01", "check", None)))["t"].verdict == "met"


def test_s23_the_rows_whose_date_lies_in_the_window() -> None:
    days = (D(2016, 12, 31), D(2017, 1, 1), D(2017, 12, 31), None)
    outcome = of(count(), hand_worked.ACTIONS, *hand_worked.done(*days, D(2018, 1, 1)))
    assert buckets(outcome) == ["outside", "counted", "counted", "outside"]
    assert (outcome.value, outcome.met, outcome.total) == (Fraction(2), None, None)
    assert outcome.verdict == "met"
    assert outcome.trail[1] == Row("counted")
    assert (
        of(count(requires={"at_least": 3}), hand_worked.ACTIONS, *hand_worked.done(*days)).verdict
        == "missed"
    )
    outcome = of(
        count(window="2017-H1", where={"kind": "x"}),
        hand_worked.ACTIONS,
        *hand_worked.done(*days, kind="x"),
    )
    assert buckets(outcome) == ["outside", "counted", "outside", "outside"]


def test_s23_another_date_than_the_entry() -> None:
    cases = [{"done": D(2017, 1, 1), "planned": D(2018, 1, 1)}, {"planned": D(2017, 1, 1)}]
    assert buckets(of(count(on="planned"), hand_worked.ACTIONS, *cases)) == ["outside", "counted"]


@pytest.mark.parametrize(
    ("requires", "verdict"),
    [
        ({"at_least": 1}, "missed"),
        ({"at_most": 0}, "met"),
        ({"less_than": 1}, "met"),
        ({"less_than": 0}, "missed"),
        ({"more_than": 0}, "missed"),
        ({"at_least": 0, "at_most": 3}, "met"),
    ],
)
def test_s23_zero_is_a_value(requires: dict[str, int], verdict: str) -> None:
    outcome = of(count(requires=requires), hand_worked.ACTIONS)
    assert (outcome.value, outcome.verdict) == (Fraction(0), verdict)
    early = of(count(requires=requires), hand_worked.ACTIONS, as_of=D(2017, 12, 30))
    assert early.verdict == "open"
    # But a table that is lacking says nothing.
    assert oracle.evaluate(plan(count(), hand_worked.ACTIONS), {})["1"].verdict == "not_assessable"


def test_s23_distinct_values_are_counted_once_the_first_by_the_key() -> None:
    day = {"done": D(2017, 5, 1)}
    cases: list[dict[str, object]] = [
        {"action_id": "c", "person": "x", **day},
        {"action_id": "a", "person": "x", **day},
        {"action_id": "b", "person": "y", **day},
        {"action_id": "d", "person": None, **day},
        {"action_id": "0", "person": "x", "done": D(2016, 1, 1)},
        {"action_id": "e", "person": "z", **day},
        {"action_id": "e", "person": "z", **day},
    ]
    outcome = of(count(distinct="person"), hand_worked.ACTIONS, *cases)
    assert buckets(outcome) == [
        "counted already",
        "counted",
        "counted",
        "person missing",
        "outside",
        "repeated id",
        "repeated id",
    ]
    assert (outcome.value, outcome.verdict) == (Fraction(2), "met")
    assert of(count(), hand_worked.ACTIONS, *cases).value == 4


def test_s23_reasons_in_their_order() -> None:
    gap = T(2017, 3, 26, 2, 30)
    cases: list[dict[str, object]] = [
        {"action_id": "a", "done": gap, "person": None},
        {"action_id": "a", "done": gap, "person": "x"},
        {"action_id": "a", "done": T(2017, 3, 26), "person": "x"},
    ]
    found = buckets(of(count(distinct="person"), hand_worked.ACTIONS, *cases))
    assert found == ["person missing", "repeated id", "repeated id"]


def test_s23_distinct_values_within_each_value() -> None:
    day = {"done": D(2017, 5, 1), "person": "x"}
    cases = [{"office": "n", **day}, {"office": "s", **day}, {"office": "s", **day}]
    target = count(distinct="person", each="office", requires={"at_least": 1})
    outcome = of(target, hand_worked.ACTIONS, *cases)
    assert buckets(outcome) == ["counted", "counted", "counted already"]
    assert {part: found.value for part, found in outcome.each.items()} == {("n",): 1, ("s",): 1}
    assert (outcome.value, outcome.verdict) == (Fraction(2), "met")
    outcome = of(evolve(target, requires={"at_least": 2}), hand_worked.ACTIONS, *cases)
    assert outcome.verdict == "missed"


def counted(frame: pl.DataFrame, **more: Any) -> kpi.TargetResult:
    given: dict[str, Any] = {"requires": {"at_least": 1}, "distinct": "person", **more}
    target = kpi.Count(id="t", table="actions", **given)
    made = kpi.Plan(id="p", period="2017", tables=[ACTIONS], targets=[target])
    return kpi.evaluate(made, frame)["t"]


def persons(*rows: tuple[str | None, str | None, str]) -> pl.DataFrame:
    made = [
        {"action_id": str(n), "done": done and day(done), "kind": kind, "person": person}
        for n, (done, kind, person) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=ACTION_SCHEMA)


def test_s23_a_person_counts_once_for_each_value() -> None:
    """Where every value must reach it, a person counts for each of them."""
    frame = persons(("2017-01-01", "a", "A"), ("2017-01-02", "b", "A"), ("2017-01-03", "b", "A"))
    found = counted(frame, each="kind")
    assert {e.group["kind"]: (e.value, e.excluded) for e in found.each} == {
        "a": (1, {}),
        "b": (1, {"counted already": 1}),
    }
    assert (found.counted, found.verdict) == (2, "met")
    assert counted(frame).counted == 1


def test_s23_what_is_not_counted_is_not_a_person_s_first() -> None:
    """A row of an unknown kind, or without a date, comes first and does not count."""
    frame = persons(
        ("2017-01-01", None, "A"),
        ("2017-01-01", "b", "A"),
        (None, "a", "A"),
        ("2017-01-02", "a", "A"),
    )
    found = counted(frame, where={"kind": "a"})
    assert (found.counted, found.outside, found.excluded) == (1, 3, {})


def test_s23_among_equals_the_keys_decide_who_is_counted() -> None:
    frame = cases(
        {"case_id": "3", "case_type": "a", "filed": "2017-01-01"},
        {"case_id": "1", "case_type": "a", "filed": "2017-01-03"},
        {"case_id": "2", "case_type": "a", "filed": "2017-01-02"},
        {"case_id": "4", "case_type": "b", "filed": "2017-01-01"},
    )
    target = kpi.Count(id="t", distinct="case_type", requires={"at_least": 1})
    for rows in (frame, frame.reverse()):
        reasons = {row["case"]: row["reason"] for row in trail(target, rows)}
        assert reasons == {"1": None, "2": "counted already", "3": "counted already", "4": None}


def test_s23_who_is_outside_or_excluded_is_nobodys_first() -> None:
    frame = cases(
        {"case_type": None, "filed": "2017-01-01"},  # of no kind
        {"case_type": "other", "filed": "2017-01-01"},
        {"case_type": "visa", "filed": None},  # on no day
        {"case_type": "visa", "filed": "2016-12-31"},
        {"case_type": "visa", "filed": "2017-01-01"},
        {"case_type": "visa", "filed": "2017-01-01"},
    ).with_columns(person=pl.lit("A"))
    target = kpi.Count(
        id="t", distinct="person", where={"case_type": "visa"}, requires={"at_least": 1}
    )
    for rows in (frame, frame.reverse()):
        found = {row["case"]: row["bucket"] for row in trail(target, rows)}
        assert [found[n] for n in "123456"] == [*["outside"] * 4, "counted", "excluded"]


def test_s23_a_count_leaves_out_what_it_does_not_want() -> None:
    frame = cases({"filed": "2017-01-01"}, {"filed": "2017-01-01", "case_type": "other"})
    target = kpi.Count(id="t", unless={"case_type": "other"}, requires={"at_least": 1})
    assert one(target, frame).value == 1
    share = kpi.Share(
        id="t", unless={"case_type": "other"}, having={"case_type": "visa"}, threshold=90
    )
    assert (one(share, frame).met, one(share, frame).counted) == (1, 1)


def test_s23_a_time_that_the_clocks_skipped_is_a_day_to_count() -> None:
    """2017-03-26 02:30 was skipped in Denmark; its date is counted."""
    frame = cases({"filed": "2017-03-26"}, {"filed": "2017-03-26"}).with_columns(
        filed=pl.Series([dt.datetime(2017, 3, 26, 2, 30), dt.datetime(2017, 3, 26, 3)])
    )
    for target in (
        kpi.Count(id="t", requires={"at_least": 1}),
        kpi.Share(id="t", having={"case_type": "visa"}, threshold=90),
    ):
        found = one(target, frame)
        assert (found.excluded, found.counted) == ({}, 2)
    done = kpi.Milestone(id="t", fact="t", deadline="2017")
    frame = fact(done=D(2017, 1, 1)).with_columns(done=pl.lit(dt.datetime(2017, 3, 26, 2, 30)))
    assert (of_fact(done, frame).excluded, of_fact(done, frame).met) == ({}, 1)
