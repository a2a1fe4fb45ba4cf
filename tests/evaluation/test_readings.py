"""Readings side by side: verdicts that turn, and the command."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from click.testing import CliRunner

import kpi
from kpi.cli import main
from tests.builders import cases, plan, spans, within
from tests.commands import PLAN


def test_a_reading_with_another_value_and_the_same_verdict_turns_nothing() -> None:
    target = within(
        "1 month", threshold=50, weight=90, readings=[{"name": "r", "limit": "10 days"}]
    )
    frame = spans(
        ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-20"), ("2016-01-01", "2016-01-02")
    )
    found = kpi.readings(plan(target), frame)
    assert (found.turning, found.frame["turns"].to_list()) == ((), [False, False])
    assert found.frame.select("value", "counted").rows() == [(1.0, 2), (0.5, 2)]
    (data,) = found.to_dict()["targets"]
    assert [r["requirement"] for r in data["readings"]] == [
        "50 % within 1 month",
        "50 % within 10 days",
    ]
    assert not {"id", "title", "source", "goal", "weight"} & set(data["readings"][0])
    assert "the weights sum to 90, not to 100" in found.notes
    assert kpi.every_reading(plan(target)).leaves()[0].readings == ()


def test_what_another_reading_names_is_no_stranger() -> None:
    target = within("1 month", where={"case_type": "visa"}, readings=[{"name": "r", "where": {"case_type": "asylum"}}])  # fmt: skip
    frame = cases({"case_type": "visa"}, {"case_type": "asylum"}, {"case_type": "passport"})
    notes = [n for n in kpi.evaluate(plan(target), frame).notes if "no target names" in n]
    assert notes == ["cases.case_type: 1 row with a value that no target names: 'passport'"]


def reading(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, **changes}


def test_a_checked_extract_for_every_reading() -> None:
    target = within("1 month", readings=[reading("30 days", limit="30 days")])
    made = plan(target)
    checked = kpi.check(kpi.every_reading(made), spans(("2017-01-01", "2017-02-01")))
    assert kpi.readings(made, checked).turning == ("t",)
    assert [t.id for t in kpi.every_reading(made).targets] == ["t", "t: 30 days"]


FILE = PLAN.replace("threshold = 90", "threshold = 50")
FILE += """
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
