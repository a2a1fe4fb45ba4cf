"""`kpi reproduce`: equal ends in 0, what differs in 5, what is no result in 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpi.exit_codes import DIFFERS
from tests.commands import GOOD, HEADER, mistakes, run

LATE = "a2,visa,2017-01-01,2017-06-01\n"


@pytest.fixture(autouse=True)
def result(here: Path) -> Path:
    """The plan, two cases of which one is late, and the result that was kept."""
    (here / "cases.csv").write_text(HEADER + GOOD + LATE)
    evaluate = ("evaluate", "plan.toml", "cases.csv", "--as-of", "2017-12-31")
    assert run(*evaluate, "--fingerprint", "--out", "r.json").exit_code == 0
    return here


def reproduced(*args: str) -> tuple[int, list[str]]:
    found = run("reproduce", "r.json", "plan.toml", "cases.csv", *args)
    assert found.stderr == ""
    return found.exit_code, found.stdout.splitlines()


def test_the_rows_in_another_order_are_equal(result: Path) -> None:
    (result / "cases.csv").write_text(HEADER + LATE + GOOD)
    assert reproduced() == (0, ["r.json: equal (plan, tables and figures)"])


def test_a_comment_in_the_plan_changes_nothing(result: Path) -> None:
    plan = result / "plan.toml"
    plan.write_text(f"# said anew\n{plan.read_text()}")
    assert reproduced()[0] == 0


def test_a_late_case_that_is_gone_differs(result: Path) -> None:
    (result / "cases.csv").write_text(HEADER + GOOD)
    code, (summary, rows, content, *figures) = reproduced("--no-ids")
    assert code == DIFFERS == 5
    assert summary == "r.json: differs: the table cases, 4 figures"
    assert rows == "table cases: rows: 2 then, 1 now"
    assert content.startswith("table cases: content: ")
    assert figures == [
        "figure 1: rows: 2 then, 1 now",
        "figure 1: counted: 2 then, 1 now",
        "figure 1: value: 0.5 then, 1.0 now",
        "figure 1: verdict: missed then, met now",
    ]


def test_another_plan_differs(result: Path) -> None:
    plan = result / "plan.toml"
    plan.write_text(plan.read_text().replace("threshold = 90", "threshold = 50"))
    assert reproduced() == (
        5,
        [
            "r.json: differs: the plan, 1 figure",
            "plan targets.1 differs",
            "figure 1: verdict: missed then, met now",
        ],
    )


def test_without_the_hashes_of_the_rows_it_says_so(result: Path) -> None:
    kept = result / "r.json"
    data = json.loads(kept.read_text())
    data["fingerprint"]["tables"] = None
    kept.write_text(json.dumps(data))
    assert reproduced() == (
        0,
        ["r.json: equal (plan, rows and figures; the contents of the tables were not kept)"],
    )


def test_another_version_is_said_and_equal(result: Path) -> None:
    kept = result / "r.json"
    kept.write_text(kept.read_text().replace('"kpi": "', '"kpi": "0.0.'))
    code, (summary, version) = reproduced()
    assert (code, summary) == (0, "r.json: equal (plan, tables and figures)")
    assert version.startswith("version kpi: 0.0.")


def test_a_mistake_is_one_line(result: Path) -> None:
    (result / "none.json").write_text("{}")
    assert mistakes("reproduce", "none.json", "plan.toml", "cases.csv") == [
        "none.json: is no result of kpi; accepted: what kpi evaluate --format json writes"
    ]
    assert mistakes("reproduce", "r.json", "plan.toml", "gone.csv", code=3) == [
        "gone.csv: no such file"
    ]


@pytest.mark.parametrize("options", [[], ["--format", "csv"], ["--out", "r.md"]], ids=str)
def test_a_fingerprint_of_tables_goes_into_json(options: list[str]) -> None:
    found = run("evaluate", "plan.toml", "cases.csv", "--fingerprint", *options)
    assert found.exit_code == 2
    assert (
        "--fingerprint needs an output as JSON: --format json, or --out FILE.json" in found.stderr
    )
