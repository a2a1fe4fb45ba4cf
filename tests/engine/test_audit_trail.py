"""The audit trail adds up to the result."""

from __future__ import annotations

import polars as pl
import pytest

import kpi
from tests.builders import average, one, plan, spans, trail
from tests.sampled import US_2017, sampled


def test_the_trail_of_the_fastest_leaves_out_what_is_excluded_anyhow() -> None:
    frame = spans(
        ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-03"),
        ("2017-01-05", "2017-01-01"), ("2017-01-06", "2017-01-01"), ("2017-01-01", "2016-01-01"),
    )  # fmt: skip
    rows = {row["case"]: row["reason"] for row in trail(average("10 days", fastest=50), frame)}
    assert rows == {
        "1": None,
        "2": "beyond the fastest 50 %",
        "3": "end before start",
        "4": "end before start",
        "5": "fails: decided in 2017",
    }


@pytest.mark.parametrize(("rounding", "counted"), [("up", "12"), ("down", "1"), ("nearest", "12")])
def test_the_trail_of_the_fastest_rounds_as_the_target_does(rounding: str, counted: str) -> None:
    frame = spans(*(("2017-01-01", f"2017-01-0{day}") for day in (2, 3, 4)))
    target = average(fastest=50, rounding=rounding)  # 1.5 of three
    rows = {row["case"]: row["bucket"] for row in trail(target, frame)}
    assert "".join(case for case in "123" if rows[case] == "counted") == counted
    assert one(target, frame).counted == len(counted)


def test_the_audit_trail_adds_up_to_the_result() -> None:
    result = kpi.evaluate(US_2017, sampled())
    trail = result.audit().collect()
    assert trail.height == 12 * result.targets[0].rows
    for target in result.targets:
        rows = trail.filter(pl.col("target") == target.id)
        counted = rows.filter(pl.col("bucket") == "counted")
        assert counted.height == target.counted
        assert rows.filter(pl.col("bucket") == "outside").height == target.outside
        reasons = rows.filter(pl.col("bucket") == "excluded")["reason"].value_counts()
        assert dict(reasons.iter_rows()) == target.excluded
        if target.met is not None:
            assert counted["met"].sum() == target.met
        else:
            assert counted["days"].sum() == target.total
    of_one = result.audit(result.targets[0].id).collect()
    assert of_one.equals(trail.filter(target=result.targets[0].id))
    with pytest.raises(KeyError, match="no such"):
        result.audit("no such")
    inside = result.audit(outside=False).collect()
    assert inside.equals(trail.filter(pl.col("bucket") != "outside"))


def test_a_finished_state_has_no_audit_trail() -> None:
    result = kpi.finish(kpi.partial(plan(average()), spans(("2017-01-01", "2017-01-02"))))
    with pytest.raises(kpi.KpiError, match="no audit trail"):
        result.audit()


def test_an_extract_without_the_plans_table_has_an_empty_trail() -> None:
    result = kpi.evaluate(plan(average()), {})
    assert result.targets[0].verdict == "not_assessable"
    assert result.audit().collect().height == 0
