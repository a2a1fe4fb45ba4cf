"""The series of `kpi follow`: a file of them, the JSON, earlier follow-ups (F50 to F54, F63)."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.commands import run
from tests.evaluation.follow_up.small_plan import AS_OF, CASES, PLAN

FOLLOW = ("follow", "plan.toml", "cases.csv", "--no-estimate", "--as-of")


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    (here / "plan.toml").write_text(PLAN)
    (here / "cases.csv").write_text(CASES)
    return here


def test_a_file_of_the_series_beside_the_table(here: Path) -> None:
    found = run(*FOLLOW, AS_OF, "--series", "series.parquet")
    assert found.exit_code == 0
    assert "small, follow-up as of 2022-12-20" in found.stdout
    series = pl.read_parquet(here / "series.parquet")
    assert series.columns[:5] == ["series", "target", "period", "kind", "value"]
    assert series.columns[-4:] == ["plan_id", "plan_period", "as_of", "kpi_version"]
    late = series.filter(series="flow", target="1", kind="open and late")
    # e was due on 13 December.
    assert late["value"].to_list() == [1]
    for name in ("series.csv", "series.jsonl", "series.xlsx"):
        assert run(*FOLLOW, AS_OF, "--series", name, "--out", "o.csv").exit_code == 0
    assert pl.read_csv(here / "series.csv", infer_schema_length=None).height == series.height
    assert len((here / "series.jsonl").read_text().splitlines()) == series.height
    assert pl.read_csv(here / "o.csv").height == 5


def test_the_json_has_the_series_unless_they_are_left_out() -> None:
    data = json.loads(run(*FOLLOW, AS_OF, "--format", "json").stdout)
    assert [point["kind"] for point in data["series"]["to_date"]][:2] == ["status", "met"]
    bare = json.loads(run(*FOLLOW, AS_OF, "--format", "json", "--no-series").stdout)
    assert bare == {**data, "series": None}


def test_a_break_down_has_the_series_of_its_groups(here: Path) -> None:
    found = run(*FOLLOW, AS_OF, "--by", "office", "--series", "series.csv", "--out", "o.csv")
    assert found.exit_code == 0
    flow = pl.read_csv(here / "series.csv", infer_schema_length=None).filter(
        series="flow", target=1, kind="open"
    )
    # North has ended all of its cases.
    assert flow.select("office", "value").rows() == [("north", 0), ("south", 2)]


def test_an_earlier_follow_up_stands_as_it_was_reported() -> None:
    assert run(*FOLLOW, "2022-12-10", "--out", "then.json", "--no-series").exit_code == 0
    found = run(*FOLLOW, AS_OF, "--then", "then.json", "--format", "json")
    points = json.loads(found.stdout)["series"]["to_date"]
    reported = [p for p in points if p["kind"] == "reported status" and p["target"] == "1"]
    # On 10 December a and b were in time, and c was open.
    assert reported == [
        {
            "target": "1",
            "period": "2022-12-01 to 2022-12-10",
            "kind": "reported status",
            "value": 1.0,
            "low": None,
            "high": None,
            "n": 2,
            "mark": "open",
        }
    ]


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--series", "-"), 2, "--series - : the series go to a file; give the name of one"),
        (("--series", "o.csv", "--out", "o.csv"), 2, "--series and --out name the same file"),
        (("--series", "series.md"), 2, "--series series.md: found .md; accepted: .csv, .parquet"),
        (
            ("--series", "cases.csv"),
            2,
            "cases.csv: is what is read; choose another file for --series",
        ),
        (("--then", "cases.csv"), 2, "--then needs the series: --series FILE, or --format json"),
        (
            ("--then", "cases.csv", "--format", "json", "--no-series"),
            2,
            "--then needs the series: --series FILE, or --format json",
        ),
        (
            ("--then", "cases.csv", "--format", "json"),
            3,
            "cases.csv: is no JSON; accepted: what kpi",
        ),
        (("--then", "none.json", "--format", "json"), 2, "none.json: cannot be read: "),
        (("--then", "o.json", "--out", "o.json"), 2, "o.json: is what is read"),
    ],
)
def test_h19_what_cannot_be_done_is_one_line(
    here: Path, options: tuple[str, ...], code: int, says: str
) -> None:
    before = sorted(path.name for path in here.iterdir())
    found = run(*FOLLOW, AS_OF, *options)
    assert (found.exit_code, found.stdout) == (code, "")
    assert says in found.stderr.splitlines()[-1]
    assert sorted(path.name for path in here.iterdir()) == before
