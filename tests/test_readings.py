"""Other readings of a sentence, side by side (S26)."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

import kpi
from kpi.cli import main
from tables import average, cases, clearance, plan, spans, within


def reading(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, **changes}


def turned(target: kpi.Target, frame: pl.DataFrame, as_of: str | None = None) -> dict[Any, str]:
    (found,) = kpi.readings(plan(target), frame, as_of).targets
    return {name: record.verdict for name, record in found.records()}


def test_a_reading_changes_one_key_and_keeps_the_others() -> None:
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
def test_what_a_reading_may_change(
    target: kpi.Target, rows: list[tuple[str, str | None]], verdicts: tuple[str, str]
) -> None:
    assert tuple(turned(target, spans(*rows)).values()) == verdicts


def test_a_rule_s_own_keys_are_dropped_with_it() -> None:
    target = average("30 days", fastest=95, rounding="down")
    other = target.under(kpi.Reading("share", {"rule": "within", "threshold": 95}))
    assert isinstance(other, kpi.Within)
    assert [other.id, other.limit, other.threshold] == ["t: share", target.limit, 95]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"limt": "1 day"}, r"targets\.0\.readings\.0\.limt: unknown key; .*did you mean 'limit'"),
        ({"limit": "1 dya"}, r"targets\.0\.readings\.0\.limit: unknown unit 'dya'"),
        ({"rule": "wthin"}, r"targets\.0\.readings\.0\.rule: unknown rule 'wthin'.*did you mean 'within'"),
        ({"rule": "stock"}, r"targets\.0\.readings\.0\.at: missing; the rule stock needs it"),
        ({"start": "recieved"}, r"targets\.0\.readings\.0\.start: 'recieved' is not a declared date"),
        ({"id": "u"}, r"targets\.0\.readings\.0\.id: unknown key"),
        ({"without": ["open"]}, r"targets\.0\.readings\.0\.without: found 'open'; accepted: keys that"),
        ({"without": ["limit"]}, r"targets\.0\.readings\.0\.limit: missing; the rule within needs it"),
        ({"without": 3}, r"targets\.0\.readings\.0\.without: found 3"),
        ({}, r"readings\.0: changes nothing"),
    ],
)  # fmt: skip
def test_readings_that_are_none(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        plan(within("1 month", readings=[reading("other", **changes)]))


def test_names_of_readings() -> None:
    with pytest.raises(kpi.PlanError, match="found a name twice"):
        within("1 month", readings=[reading("a", limit="1 day"), reading("a", limit="2 days")])
    with pytest.raises(kpi.PlanError, match=r"readings\.0\.name: found None; accepted: a text"):
        within("1 month", readings=[{"limit": "1 day"}])
    with pytest.raises(kpi.PlanError, match="accepted: readings, each a name"):
        within("1 month", readings="closed")


def test_an_evaluation_takes_no_notice_of_other_readings() -> None:
    """A column that another reading alone asks for may be missing."""
    target = within("1 month", readings=[reading("open", where={"office": "N"})])
    frame = spans(("2017-01-01", "2017-01-02"))
    assert kpi.evaluate(plan(target), frame)["t"].verdict == "met"
    with pytest.raises(kpi.DataError, match="missing column office"):
        kpi.readings(plan(target), frame)


def test_a_checked_extract_for_every_reading() -> None:
    target = within("1 month", readings=[reading("30 days", limit="30 days")])
    made = plan(target)
    checked = kpi.check(kpi.every_reading(made), spans(("2017-01-01", "2017-02-01")))
    assert kpi.readings(made, checked).turning == ("t",)
    assert [t.id for t in kpi.every_reading(made).targets] == ["t", "t: 30 days"]


def test_a_fact_is_read_for_all_readings_alike() -> None:
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


FILE = """\
id = "p"
title = "A plan"
period = "2017"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]

[[targets]]
id = "1"
rule = "within"
start = "filed"
end = "decided"
limit = "1 month"
threshold = 50

[[targets.readings]]
name = "30 days"
limit = "30 days"

[[targets]]
id = "2"
rule = "average"
start = "filed"
end = "decided"
limit = "60 days"
"""


def test_the_command(tmp_path: Any) -> None:
    (tmp_path / "plan.toml").write_text(FILE, encoding="utf-8")
    spans(("2017-01-01", "2017-02-01"), ("2017-01-01", "2017-03-01")).write_parquet(
        tmp_path / "cases.parquet"
    )
    paths = [str(tmp_path / "plan.toml"), str(tmp_path / "cases.parquet")]

    def run(*more: str) -> str:
        done = CliRunner().invoke(main, ["readings", *paths, *more], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    table = run()
    assert "Targets whose verdict depends on the reading: 1\n" in table
    lines = [line.split() for line in table.splitlines()]
    assert [
        "1",
        "default",
        "50.0",
        "%",
        "50",
        "%",
        "within",
        "1",
        "month",
        "2",
        "met",
        "◀",
        "turns",
    ] in lines
    assert ["30", "days", "0.0", "%", "50", "%", "within", "30", "days", "2", "missed"] in lines
    data = json.loads(run("--format", "json"))
    assert [(t["id"], t["turns"]) for t in data["targets"]] == [("1", True), ("2", False)]
    assert [r["verdict"] for r in data["targets"][0]["readings"]] == ["met", "missed"]
    assert run("--format", "csv").splitlines()[2].startswith("1,30 days,0.0,share,50 % within 30")
    assert "| 1 | 30 days | 0.0 % | 50 % within 30 days | 2 | missed |  |" in run(
        "--format", "markdown"
    )
    run("--format", "parquet", "--out", str(tmp_path / "out.parquet"))
    assert pl.read_parquet(tmp_path / "out.parquet").height == 3


def test_readings_survive_reading_and_writing() -> None:
    made = kpi.parse_plan(FILE)
    assert made.leaves()[0].readings == (kpi.Reading("30 days", {"limit": "30 days"}),)
    assert kpi.dump_plan(made) == FILE


def test_cases_without_dates_of_a_reading() -> None:
    """Each reading leaves out its own cases, with its own reasons."""
    target = within("1 month", readings=[reading("from documented", start="documented")])
    frame = cases({"filed": "2017-01-01", "documented": None, "decided": "2017-01-05"})
    (found,) = kpi.readings(plan(target), frame).targets
    assert [record.excluded for _, record in found.records()] == [{}, {"start missing": 1}]
