"""`kpi compare`: two extracts, from the command line (F40 to F46, F63)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import polars as pl
import pytest

from tests.commands import PLAN, mistakes, run

OLD = """\
case_id,case_type,filed,decided
a1,visa,2017-01-01,2017-01-15
a2,visa,2017-01-01,
"""
NEW = """\
case_id,case_type,filed,decided
a1,visa,2017-01-01,2017-01-15
a2,visa,2017-01-01,2017-05-01
a3,visa,2017-02-01,2017-02-20
a4,visa,2017-08-01,2017-08-10
"""
COMPARED = ("compare", "plan.toml", "old.csv", "new.csv", "--as-of", "2017-06-30")


@pytest.fixture(autouse=True)
def extracts(here: Path) -> Path:
    (here / "plan.toml").write_text(PLAN)
    (here / "old.csv").write_text(OLD)
    (here / "new.csv").write_text(NEW)
    return here


def lines(*options: str, width: int = 80) -> list[str]:
    with mock.patch.dict(os.environ, {"COLUMNS": str(width)}):
        told = run(*COMPARED, *options)
    assert told.exit_code == 0, told.output
    return [line.rstrip() for line in told.stdout.splitlines()]


def test_a_table_says_the_figures_and_what_moved_them() -> None:
    """a2 is decided late after 120 days, a3 came late and was in time, a4 is of August."""
    shown = lines("--to", "2017-09-30")
    (figures,) = [line for line in shown if line.startswith("1 ") and " of " in line]
    assert figures.split() == [
        "1",
        "100.0",
        "%",
        "of",
        "1",
        "66.7",
        "%",
        "of",
        "3",
        "75.0",
        "%",
        "of",
        "4",
        "open",
    ]
    start = shown.index("1, restated")
    assert [line.split() for line in shown[start + 1 : start + 4]] == [
        ["Bucket", "Cases", "Counted", "Met", "Value", "after"],
        ["registered", "late", "1", "+1", "+1", "100.0", "%"],
        ["end", "registered", "late", "1", "+1", "0", "66.7", "%"],
    ]
    assert "Late registration: cases.decided" in shown
    assert max(map(len, shown)) <= 80


def test_a_narrow_window_has_a_line_for_each_figure() -> None:
    shown = lines("--to", "2017-09-30", width=60)
    assert [line.split()[:2] for line in shown if "100.0 % of 1" in line] == [["1", "Then"]]
    assert "As known now" in "\n".join(shown)
    assert max(map(len, shown)) <= 60


def test_a_very_narrow_window_says_what_it_leaves_out() -> None:
    shown = lines("--to", "2017-09-30", width=34)
    assert "not shown in a window this narrow" in " ".join(shown)


def test_a_verdict_that_turned_is_named() -> None:
    (head,) = [line for line in lines("--to", "2017-12-31") if line.startswith("1, news")]
    assert head == '1, news: open → missed, first at "only time passed"'


def test_nothing_moved_is_said(here: Path) -> None:
    (here / "new.csv").write_text(OLD)
    shown = lines("--to", "2017-06-30")
    assert "No figure moved: 1" in shown
    assert "Known then as now, by month: cases.filed, cases.decided" in shown


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "table", "parquet", "xlsx"])
def test_every_format_in_a_file(here: Path, form: str) -> None:
    ending = {"markdown": "md", "table": "txt"}.get(form, form)
    file = here / f"out.{ending}"
    told = run(*COMPARED, "--to", "2017-09-30", "--out", str(file))
    assert told.exit_code == 0, told.output
    if form == "json":
        assert json.loads(file.read_text())["targets"][0]["now"]["counted"] == 4
    elif form in ("csv", "parquet"):
        rows = pl.read_csv(file) if form == "csv" else pl.read_parquet(file)
        late = rows.filter(pl.col("bucket").cast(pl.String) == "registered late")
        assert late.select("target", "cases", "counted", "met").cast(pl.String).row(0) == (
            "1",
            "1",
            "1",
            "1",
        )
        assert rows.height == 18
    elif form == "xlsx":
        assert openpyxl.load_workbook(file).sheetnames == ["figures", "buckets", "late", "notes"]
    else:
        text = file.read_text()
        assert "registered late" in text
        assert ("| Target |" in text) == (form == "markdown")


def test_markdown_says_a_verdict_that_turned_and_what_did_not_move(here: Path) -> None:
    (here / "turned.md").touch()
    run(*COMPARED, "--to", "2017-12-31", "--out", "turned.md")
    assert "open → missed, first at" in (here / "turned.md").read_text()
    (here / "new.csv").write_text(OLD)
    run(*COMPARED, "--to", "2017-06-30", "--out", "turned.md")
    text = (here / "turned.md").read_text()
    assert "No figure moved: 1." in text
    assert "Known then as now, by month: cases.filed, cases.decided." in text


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "xlsx"])
def test_cases_go_to_a_file_beside_what_is_shown(here: Path, ending: str) -> None:
    file = here / f"cases.{ending}"
    shown = lines("--to", "2017-09-30", "--cases", str(file))
    assert "1, restated" in shown
    if ending == "xlsx":
        sheet = openpyxl.load_workbook(file)["cases"]
        listed = [(row[3].value, row[4].value) for row in sheet.iter_rows(min_row=2)]
    else:
        scan: dict[str, Any] = {
            "csv": pl.scan_csv,
            "jsonl": pl.scan_ndjson,
            "parquet": pl.scan_parquet,
        }
        rows = scan[ending](file).collect()
        listed = [(c, str(b)) for c, b in rows.select("case", "bucket").iter_rows()]
    assert listed == [
        ("a3", "registered late"),
        ("a2", "end registered late"),
        ("a4", "entered"),
    ]


def test_a_file_of_cases_and_a_file_of_figures_are_written_together(here: Path) -> None:
    told = run(*COMPARED, "--cases", "cases.csv", "--out", "out.json")
    assert told.exit_code == 0, told.output
    assert told.stdout == ""
    assert (here / "cases.csv").exists()
    assert (here / "out.json").exists()
    told = run(*COMPARED, "--cases", "cases.csv", "--format", "json")
    assert json.loads(told.stdout)["plan"]


def test_another_plan_for_old(here: Path) -> None:
    (here / "former.toml").write_text(PLAN.replace("1 month", "10 days"))
    told = run(*COMPARED, "--old-plan", "former.toml", "--format", "json")
    target = json.loads(told.stdout)["targets"][0]
    assert (target["then"]["met"], target["then_under_plan"]["met"]) == (0, 1)
    shown = lines("--old-plan", "former.toml", width=120)
    assert "Under this plan" in "\n".join(shown)


def test_ids_are_hidden_where_asked() -> None:
    told = run(*COMPARED, "--no-ids")
    assert told.exit_code == 0, told.output
    told = run(*COMPARED, "--no-ids", "--cases", "cases.csv")
    assert told.exit_code == 2
    assert "--no-ids contradicts --cases" in told.stderr


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"--as-of": None}, 2, "Missing option '--as-of'"),
        ({"--as-of": "june"}, 2, "kpi: as_of: found"),
        ({"--to": "2017-03-31"}, 2, "kpi: to: found 2017-03-31, before the as-of date 2017-06-30"),
        ({"--cases": "-"}, 2, "cases are named in a file only"),
        ({"--cases": "out.csv", "--out": "out.csv"}, 2, "name the same file"),
        ({"--cases": "cases.txt"}, 2, "--cases cases.txt: found .txt"),
        ({"--cases": "new.csv"}, 2, "new.csv: is what is read; choose another file for --cases"),
        ({"--out": "old.csv"}, 2, "old.csv: is what is read; choose another file for --out"),
        ({"--old-plan": "none.toml"}, 2, "none.toml"),
        ({"--csv-dialect": "danish"}, 2, "--csv-dialect needs an output as CSV"),
    ],
)
def test_mistakes_in_the_command(
    here: Path, change: dict[str, str | None], code: int, message: str
) -> None:
    options = {"--as-of": "2017-06-30", **change}
    given = [part for name, value in options.items() if value is not None for part in (name, value)]
    before = sorted(here.iterdir())
    told = run("compare", "plan.toml", "old.csv", "new.csv", *given)
    assert told.exit_code == code, told.output
    assert message in " ".join(told.stderr.split())
    assert "Traceback" not in told.output
    assert sorted(here.iterdir()) == before


def test_both_extracts_cannot_be_standard_input() -> None:
    with mock.patch("kpi.cli.options._is_terminal", return_value=False):
        told = run("compare", "plan.toml", "-", "-", "--as-of", "2017-06-30")
    assert told.exit_code == 2
    assert "both standard input" in told.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            NEW,
            OLD,
            "cases: OLD is newer than NEW: its newest date is 2017-08-10, that of NEW is 2017-01-15",
        ),
        (
            OLD,
            NEW.replace("2017-01", "2017-07").replace("2017-02", "2017-07"),
            "cases: NEW has no case that was entered by 2017-06-30",
        ),
        (
            OLD,
            NEW.replace("a", "b")
            .replace("cbse_id,cbse_type,filed,decided", "case_id,case_type,filed,decided")
            .replace("visb", "visa"),
            "cases: OLD and NEW have no case_id in common",
        ),
        (OLD.replace("case_id", "id"), NEW, "OLD: cases: missing column case_id"),
    ],
)
def test_extracts_that_cannot_be_compared(here: Path, old: str, new: str, message: str) -> None:
    (here / "old.csv").write_text(old)
    (here / "new.csv").write_text(new)
    (line,) = mistakes(*COMPARED, "--out", "out.json", code=3)
    assert line.startswith(message)
    assert not (here / "out.json").exists()
