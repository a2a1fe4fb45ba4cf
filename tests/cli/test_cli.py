"""The command line as its user meets it: output, files, exit codes, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from kpi.cli import main
from kpi.exit_codes import BAD_EXTRACT, CANNOT_WRITE, EVALUATED, MISTAKE

PLAN = """\
id = "p"
title = "A plan [with brackets]"
period = "2017"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
title = "Visas [fast]"
rule = "within"
where = { case_type = "visa" }
start = "filed"
end = "decided"
limit = "1 month"
threshold = 90

[[targets]]
id = "2"
rule = "average"
start = "filed"
end = "decided"
limit = "60 days"
"""
CASES = """\
case_id,case_type,office,filed,decided
a1,visa,north,2017-01-01,2017-02-01
a2,visa,south,2017-01-01,2017-02-02
a3,visa,north,,2017-02-02
a4,asylum,north,2017-05-01,2017-12-30
a5,visa,south,2017-05-01,?
a6,visa,south,2018-05-01,
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "cases.csv").write_text(CASES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def run(*args: str, code: int = EVALUATED) -> Result:
    found = CliRunner().invoke(main, args, catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found


@pytest.mark.usefixtures("here")
def test_evaluate_prints_a_table() -> None:
    lines = run("evaluate", "plan.toml", "cases.csv").stdout.splitlines()
    assert lines[:2] == ["A plan [with brackets]", "p, as of 2017-12-31"]
    words = [line.split() for line in lines]
    assert ["1", "50.0", "%", "90", "%", "within", "1", "month", "2", "1", "missed"] in words
    assert any(line[:3] == ["2", "102.0", "days"] and line[-1] == "missed" for line in words)
    notes = "\n".join(lines)
    assert "• cases: 1 of 6 rows rejected: decided is not a date as %Y-%m-%d" in notes
    assert "• cases: 1 row entered after the as-of date, left out" in notes


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_table_fits_every_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    output = run("evaluate", "plan.toml", "cases.csv", "--by", "office").stdout
    assert max(map(len, output.splitlines())) <= width
    assert "…" not in output  # nothing is cut
    assert "Visas [fast]" in output


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("code", "args", "message"),
    [
        (MISTAKE, ["evaluate", "none.toml", "cases.csv"], "kpi: none.toml: no such file"),
        (BAD_EXTRACT, ["evaluate", "plan.toml", "none.csv"], "kpi: none.csv: no such file"),
        (BAD_EXTRACT, ["evaluate", "plan.toml", "cases.csv", "--by", "ofice"], "kpi: cases: missing column ofice (did you mean 'office'?)"),
        (MISTAKE, ["evaluate", "plan.toml", "cases.csv", "--as-of", "31.12.2017"], "kpi: as_of: found '31.12.2017'; accepted: a date that exists"),
        (CANNOT_WRITE, ["evaluate", "plan.toml", "cases.csv", "--out", "no/such/file", "--format", "json"], "kpi: no/such/file: cannot be written: No such file or directory"),
        (MISTAKE, ["check", "."], "kpi: .: is a directory"),
        (BAD_EXTRACT, ["explain", "plan.toml", "cases.csv", "zz"], "kpi: no case zz in cases, or entered after 2017-12-31"),
        (BAD_EXTRACT, ["explain", "plan.toml", "cases.csv", "a5"], "kpi: cases: case a5 (row 5) was rejected: decided is not a date as %Y-%m-%d"),
        (CANNOT_WRITE, ["sample", "plan.toml", "--out", "plan.toml/x"], "kpi: plan.toml/x: cannot be written"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_on_standard_error(code: int, args: list[str], message: str) -> None:
    found = run(*args, code=code)
    assert found.stdout == ""
    assert found.stderr.startswith(message)
    assert len(found.stderr.splitlines()) == 1


def test_every_mistake_of_a_plan_is_a_line(here: Path) -> None:
    (here / "plan.toml").write_text(PLAN.replace("1 month", "1 mont").replace("60 days", "60"))
    lines = run("check", "plan.toml", code=MISTAKE).stderr.splitlines()
    assert [line[: len("kpi: plan.toml:16")] for line in lines] == [
        "kpi: plan.toml:17",
        "kpi: plan.toml:25",
    ]


def test_formats_and_files(here: Path) -> None:
    data = json.loads(run("evaluate", "plan.toml", "cases.csv", "--format", "json").stdout)
    assert [t["verdict"] for t in data["targets"]] == ["missed", "missed"]
    table = run("evaluate", "plan.toml", "cases.csv", "--format", "csv").stdout
    assert table.splitlines()[0].startswith("id,title,rule,rows,outside,counted,excluded,reasons")
    assert len(table.splitlines()) == 3
    text = run(
        "evaluate", "plan.toml", "cases.csv", "--format", "markdown", "--by", "office"
    ).stdout
    assert (
        "| 1 | Visas \\[fast\\] | 50.0 % | 90 % within 1 month | 2 | start missing 1 | 33.3–66.7 % | missed |"
        in text
    )
    assert "## 1 Visas \\[fast\\]" in text
    for form in ("table", "json", "csv", "markdown", "parquet"):
        out = here / f"out.{form}"
        assert (
            run("evaluate", "plan.toml", "cases.csv", "--format", form, "--out", str(out)).stdout
            == ""
        )
        assert out.stat().st_size > 100
    assert "\x1b" not in (here / "out.table").read_text("utf-8")
    assert pl.read_parquet(here / "out.parquet")["verdict"].to_list() == ["missed", "missed"]
    by_month = [
        "evaluate",
        "plan.toml",
        "cases.csv",
        "--every",
        "month",
        "--format",
        "parquet",
        "--out",
        "m.parquet",
    ]
    run(*by_month)
    assert pl.read_parquet("m.parquet")["period"].drop_nulls().unique().sort().to_list() == [
        "2017-02",
        "2017-12",
    ]


@pytest.mark.usefixtures("here")
def test_check_says_what_it_read() -> None:
    assert run("check", "plan.toml").stdout == "plan.toml: no mistakes; 2 targets over cases\n"


@pytest.mark.usefixtures("here")
def test_explain_says_what_became_of_a_case() -> None:
    output = run("explain", "plan.toml", "cases.csv", "a2").stdout
    lines = [line.split() for line in output.splitlines()]
    assert lines[0] == ["a2", "under", "p,", "as", "of", "2017-12-31"]
    assert ["1", "yes:", "90", "%", "within", "1", "month", "2017-02-01", "32", "late"] in lines
    assert ["2", "yes:", "at", "most", "60", "days", "32"] in lines
    other = run("explain", "plan.toml", "cases.csv", "a4").stdout
    assert "outside, fails: case_type is visa" in other
    assert "excluded, start missing" in run("explain", "plan.toml", "cases.csv", "a3").stdout


def test_sample_makes_an_extract_that_evaluates(here: Path) -> None:
    first = run("sample", "plan.toml", "--rows", "500", "--seed", "1", "--out", "x").stdout
    assert first == f"{Path('x') / 'cases.parquet'}: 500 rows\n"
    run("sample", "plan.toml", "--rows", "500", "--seed", "1", "--out", "y")
    run("sample", "plan.toml", "--rows", "500", "--seed", "2", "--out", "z")
    x, y, z = (pl.read_parquet(here / d / "cases.parquet") for d in "xyz")
    assert x.equals(y)
    assert not x.equals(z)
    run("evaluate", "plan.toml", "x")
    run("sample", "plan.toml", "--rows", "0", "--out", "empty")
    run("evaluate", "plan.toml", "empty")


def test_demo_works_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """With few cases: the page on the command line shows what comes out with all."""
    monkeypatch.setattr(sys.modules["kpi.cli.demo"], "DEMO_ROWS", 500)
    output = run("demo").stdout
    assert "no real figures" in output
    for target in ("1.1a", "1.2i", "1.3"):
        assert f"\n{target} " in output


def test_help_and_version() -> None:
    for command in ("evaluate", "check", "explain", "sample", "demo"):
        assert command in run("--help").stdout
        assert "Usage:" in run(command, "--help").stdout
    assert "0.1.0" in run("--version").stdout


def test_out_never_overwrites_what_is_read(here: Path) -> None:
    for out in ("cases.csv", "plan.toml", "../" + here.name + "/cases.csv"):
        before = (here / out).read_bytes()
        found = run("evaluate", "plan.toml", "cases.csv", "--out", out, code=MISTAKE)
        assert "is what is read; choose another file for --out" in found.stderr
        assert (here / out).read_bytes() == before


@pytest.mark.usefixtures("here")
def test_explain_does_not_call_an_open_case_late(here: Path) -> None:
    plan = PLAN.replace('rule = "within"', 'rule = "within"\ndenominator = "cohort"')
    (here / "plan.toml").write_text(plan)
    output = run("explain", "plan.toml", "cases.csv", "a2", "--as-of", "2017-01-15").stdout
    assert "not ended" in output
    assert "late" not in output


def test_a_terminal_without_the_signs_gets_question_marks(here: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import kpi.cli; kpi.cli.main()",
        "evaluate",
        "plan.toml",
        "cases.csv",
    ]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    found = subprocess.run(
        command, cwd=here, env=environment, capture_output=True, text=True, check=True
    )
    assert "? cases: 1 of 6 rows rejected" in found.stdout
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            command, cwd=here, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert "Traceback" not in found.stderr
    assert found.returncode != 0


def test_a_missing_table_is_said_once_and_with_strict_is_a_mistake(here: Path) -> None:
    plan = str(Path(__file__).parents[2] / "examples" / "plans" / "us-2017.toml")
    run("sample", plan, "--rows", "300", "--out", "extract")
    (here / "extract" / "contacts.parquet").unlink()
    shown = run("evaluate", plan, "extract", "--format", "markdown").output
    assert shown.count("no table contacts") == 1
    assert "- no table contacts in the extract: not assessable: 1.4a, 1.4b\n" in shown
    refused = run("evaluate", plan, "extract", "--strict", code=BAD_EXTRACT)
    assert refused.stderr == "kpi: no table contacts in the extract\n"
