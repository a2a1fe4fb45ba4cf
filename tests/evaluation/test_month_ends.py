"""Which cases and verdicts depend on the month-end mode (S4, S26)."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

import kpi
from kpi.cli import main
from tests.builders import average, plan, spans, within


def test_month_ends_as_json_and_on_their_day() -> None:
    target = within("1 month", denominator="overdue", title="Afgørelser på en måned", threshold=50)
    frame = spans(("2017-01-31", None), ("2017-01-31", "2017-03-01"))
    frame = frame.with_columns(case_id="sag nr. æ" + pl.col("case_id"))
    found = kpi.month_ends(plan(target), frame, "2017-02-27")
    # No month is over; seen from the end of the year the first is late by any.
    assert found.cases.rows() == []
    found = kpi.month_ends(plan(target), frame)
    assert found.cases["case"].to_list() == ["sag nr. æ2"]
    assert "sag nr. æ2" in found.to_json()
    data = found.to_dict()
    assert found.to_json() == json.dumps(data, ensure_ascii=False, indent=2)
    assert data["cases"] == [
        {
            "target": "t",
            "case": "sag nr. æ2",
            "down_due": "2017-02-28",
            "down": "late",
            "sticky_due": "2017-02-28",
            "sticky": "late",
            "up_due": "2017-03-01",
            "up": "in time",
        }
    ]


def test_month_ends_without_the_table() -> None:
    found = kpi.month_ends(plan(within("1 month")), {})
    assert found.cases.schema == {
        "target": pl.String,
        "case": pl.String,
        "down_due": pl.Date,
        "down": pl.String,
        "sticky_due": pl.Date,
        "sticky": pl.String,
        "up_due": pl.Date,
        "up": pl.String,
    }


def test_month_ends_of_a_plan_with_goals_and_weights() -> None:
    goals = [kpi.Goal(id="g", weight=50), kpi.Goal(id="h")]
    targets = [
        within("1 month", id="a", goal="g"),
        within("30 days", id="b", goal="g"),
        within("2 months", id="c", goal="h", weight=50),
    ]
    made = plan(*targets, goals=goals, weights="stated")
    found = kpi.month_ends(made, spans(("2017-01-31", "2017-03-01")))
    assert [target.id for target in found.readings.targets] == ["a", "c"]


CASES = spans(
    ("2017-01-31", "2017-03-01"),  # due 28 February, or 1 March: late, or in time
    ("2017-02-28", "2017-03-30"),  # due 28 March, or 31 March where month ends stick
    ("2017-01-31", "2017-02-28"),  # in time by any
    ("2017-01-15", "2017-02-16"),  # late by any
)


def test_the_cases_whose_outcome_depends_on_the_mode() -> None:
    found = kpi.month_ends(plan(within("1 month", threshold=50), average(id="days")), CASES)
    assert found.cases.select("target", "case", "down", "sticky", "up").rows() == [
        ("t", "1", "late", "late", "in time"),
        ("t", "2", "late", "in time", "late"),
    ]
    assert [str(day) for day in found.cases["up_due"]] == ["2017-03-01", "2017-03-28"]
    (target,) = found.readings.targets
    assert [(name, r.met, r.counted, r.verdict) for name, r in target.others] == [
        ("month ends: down", 1, 4, "missed"),
        ("month ends: sticky", 2, 4, "met"),
        ("month ends: up", 2, 4, "met"),
        ("month ends: refuse", 0, 2, "missed"),
    ]
    assert found.readings.turning == ("t",)


def test_a_case_may_fall_out_of_the_window() -> None:
    target = within("1 month", denominator="due", window={"through": "2017-02-28"})
    found = kpi.month_ends(plan(target), spans(("2017-01-31", None)))
    assert found.cases.select("down", "sticky", "up").rows() == [("late", "late", "outside")]


def test_an_average_depends_by_its_due_dates() -> None:
    found = kpi.month_ends(plan(average("1 month")), CASES)
    assert found.cases["case"].to_list() == ["1", "2", "3"]
    assert found.cases["up"].to_list()[0] == "due 2017-03-01"


def test_a_plan_in_days_has_no_month_ends() -> None:
    with pytest.raises(kpi.PlanError, match="p: no target has a limit in months or years"):
        kpi.month_ends(plan(within("30 days")), CASES)


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(kpi.dump_plan(plan(within("1 month"))), "utf-8")
    CASES.write_parquet(tmp_path / "cases.parquet")
    paths = [str(tmp_path / "plan.toml"), str(tmp_path / "cases.parquet"), "--month-ends"]

    def run(*more: str) -> str:
        done = CliRunner().invoke(main, ["readings", *paths, *more], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    shown = run()
    assert "Cases whose outcome depends on the month-end mode: 2\n" in shown
    assert ["t", "1", "2017-02-28", "late", "2017-02-28", "late", "2017-03-01", "in", "time"] in [
        line.split() for line in shown.splitlines()
    ]
    assert [case["case"] for case in json.loads(run("--format", "json"))["cases"]] == ["1", "2"]
    assert run("--format", "csv").splitlines()[0] == (
        "target,case,down_due,down,sticky_due,sticky,up_due,up,plan_id,plan_period,as_of,kpi_version"
    )
    assert "## Cases whose outcome depends on the month-end mode" in run("--format", "markdown")
    run("--format", "parquet", "--out", str(tmp_path / "cases_out.parquet"))
    assert pl.read_parquet(tmp_path / "cases_out.parquet").height == 2
