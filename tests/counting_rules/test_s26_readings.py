"""Other readings of a target (S26): cases worked out by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import kpi
from tests.builders import average, cases, clearance, plan, spans, within


def reading(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, **changes}


def turned(target: kpi.Target, frame: pl.DataFrame, as_of: str | None = None) -> dict[Any, str]:
    (found,) = kpi.readings(plan(target), frame, as_of).targets
    return {name: record.verdict for name, record in found.records()}


def test_s26_a_reading_changes_one_key_and_keeps_the_others() -> None:
    target = within("1 month", threshold=50, readings=[reading("30 days", limit="30 days")])
    frame = spans(("2017-01-01", "2017-02-01"), ("2017-01-01", "2017-03-01"))
    found = kpi.readings(plan(target), frame)
    assert turned(target, frame) == {None: "met", "30 days": "missed"}
    assert found.turning == ("t",)
    assert found.targets[0].others[0][1].requirement == "50 % within 30 days"
    early = spans(("2017-01-01", "2017-01-02"))
    assert kpi.readings(plan(target), early).turning == ()


@pytest.mark.parametrize(
    ("target", "rows", "verdicts"),
    [
        # the window
        (within("1 month", readings=[reading("first half", window="2017-H1")]),
         [("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-07-02")], ("missed", "met")),
        # the denominator
        (within("1 month", readings=[reading("filed in 2017", denominator="cohort")]),
         [("2017-01-01", "2017-01-02"), ("2017-01-01", None)], ("met", "missed")),
        # the month-end mode
        (within("1 month", readings=[reading("up", month_end="up")]),
         [("2017-01-31", "2017-03-01")], ("missed", "met")),
        # a bound
        (clearance({"before": "2017-07-01"}, readings=[reading("through", deadline={"through": "2017-07-01"})]),
         [("2017-01-01", "2017-07-01")], ("missed", "met")),
        # who is counted
        (within("1 month", readings=[reading("filed in 2016", where={"filed": {"in": "2016"}})]),
         [("2017-01-01", "2017-01-02"), ("2016-12-01", "2017-12-02")], ("missed", "missed")),
        # without a key
        (clearance({"before": "2017-07-01"}, open_at={"start_of": "2017"}, threshold=50, readings=[reading("all", without=["open_at"])]),
         [("2016-01-01", "2016-02-01"), ("2016-01-01", None)], ("missed", "met")),
        # another rule altogether
        (average("30 days", readings=[reading("95 % within", rule="within", threshold=95)]),
         [("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-02-15")], ("met", "missed")),
    ],
)  # fmt: skip
def test_s26_what_a_reading_may_change(
    target: kpi.Target, rows: list[tuple[str, str | None]], verdicts: tuple[str, str]
) -> None:
    assert tuple(turned(target, spans(*rows)).values()) == verdicts


def test_s26_a_rule_s_own_keys_are_dropped_with_it() -> None:
    target = average("30 days", fastest=95, rounding="down")
    other = target.with_reading(kpi.Reading("share", {"rule": "within", "threshold": 95}))
    assert isinstance(other, kpi.Within)
    assert [other.id, other.limit, other.threshold] == ["t: share", target.limit, 95]


def test_s26_an_evaluation_takes_no_notice_of_other_readings() -> None:
    """A column that another reading alone asks for may be missing."""
    target = within("1 month", readings=[reading("open", where={"office": "N"})])
    frame = spans(("2017-01-01", "2017-01-02"))
    assert kpi.evaluate(plan(target), frame)["t"].verdict == "met"
    with pytest.raises(kpi.DataError, match="missing column office"):
        kpi.readings(plan(target), frame)


def test_s26_a_fact_is_read_for_all_readings_alike() -> None:
    table = kpi.Table("reported", key="target", events="done")
    target = kpi.Milestone(
        id="t",
        deadline="2017-H2",
        on_condition={"that": "it came about"},
        readings=[reading("also earlier", deadline={"through": "2017-12-31"})],
    )
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    frame = pl.DataFrame({"target": ["t"], "done": ["2017-05-01"], "condition": [True]})
    (found,) = kpi.readings(made, {"reported": frame}).targets
    assert [record.verdict for _, record in found.records()] == ["missed", "met"]


def test_s26_cases_without_dates_of_a_reading() -> None:
    """Each reading leaves out its own cases, with its own reasons."""
    target = within("1 month", readings=[reading("from documented", start="documented")])
    frame = cases({"filed": "2017-01-01", "documented": None, "decided": "2017-01-05"})
    (found,) = kpi.readings(plan(target), frame).targets
    assert [record.excluded for _, record in found.records()] == [{}, {"start missing": 1}]
