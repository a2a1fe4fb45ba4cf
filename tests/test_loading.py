"""What is loaded, and what is not: heavy libraries only by what uses them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.sample import sample
from kpi.tables.sources.csv_files import LARGE

PLAN = Path(__file__).parents[1] / "examples" / "plans" / "us-2017.toml"


def loaded(code: str, *arguments: str | Path) -> set[str]:
    """Return the names of the top-level modules that a fresh interpreter has loaded after code."""
    code += "\nimport sys; print('loaded:', *{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.rpartition("loaded:")[2].split())


COMMANDS = """
import shlex, sys
from kpi.cli import main
for line in sys.argv[1:]:
    try:
        main(shlex.split(line), prog_name="kpi", standalone_mode=False)
    except SystemExit as exit:
        assert not exit.code
"""
EVALUATE = """
import sys, kpi, polars as pl
plan, file = kpi.load_plan(sys.argv[1]), sys.argv[2]
for tables in (file, pl.read_parquet(file), pl.scan_parquet(file), {"cases": pl.read_parquet(file)}):
    kpi.evaluate(plan, tables).audit().collect()
"""
EVALUATE_FILES = """
import sys, kpi
plan = kpi.load_plan(sys.argv[1])
for file in sys.argv[2:]:
    kpi.evaluate(plan, file)
"""


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("extract") / "cases.parquet"
    sample(kpi.load_plan(PLAN), 200)["cases"].write_parquet(file)
    return file


def test_help_loads_click_and_no_more() -> None:
    found = loaded(COMMANDS, "--help", "--version", "evaluate --help", "check --help")
    assert {"click", "kpi"} <= found
    assert not found & {"holidays", "polars", "pyarrow", "rich", "tomlkit"}


HEAVY = {
    "duckdb",
    "fastexcel",
    "holidays",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "rich",
    "tomlkit",
}
"""What takes time to import: none of it is for reading a plan."""

LOAD = "import sys, kpi; kpi.load_plan(sys.argv[1])"
PLANS = sorted((PLAN.parent).glob("*[0-9].toml"))


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.stem)
def test_a_plan_is_loaded_without_an_engine(plan: Path) -> None:
    found = loaded(LOAD, plan)
    assert {"attrs", "kpi"} <= found
    assert not found & (HEAVY | {"click"})


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.stem)
def test_a_plan_is_checked_without_an_engine(plan: Path, tmp_path: Path) -> None:
    # Expected cases beside it would be run through the engine.
    for file in (plan, *plan.parent.glob("*.csv")):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    copy = tmp_path / plan.name
    found = loaded(COMMANDS, f"check {shlex.quote(str(copy))}")
    assert {"click", "kpi"} <= found
    # Whether a country's regions have days off of their own, its library of holidays says.
    assert not found & (HEAVY - {"holidays"})


def test_the_modules_that_are_not_loaded_are_found_where_they_are(extract: Path) -> None:
    assert {"polars", "holidays", "rich"} <= loaded("import polars, holidays, rich")
    assert "polars" in loaded(EVALUATE_FILES, PLAN, extract)


def seconds(*command: str | Path, below: float = 0.0) -> float:
    """Return the least processor time, in seconds, that a command takes in a process of its own.

    The least of three, and of up to twelve more while it is not below a bar: tests beside it take the
    caches of the processor away for longer than three starts.
    """
    times: list[float] = []
    while len(times) < 3 or (len(times) < 15 and min(times) >= below > 0):
        before = os.times()
        subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True)
        after = os.times()
        times.append(
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )
    return min(times)


def test_help_and_check_take_no_longer_than_the_import_of_polars_alone(tmp_path: Path) -> None:
    """All are measured in the same run: a machine that takes over 0.3 s for help is slow at both."""
    copy = tmp_path / PLAN.name
    copy.write_bytes(PLAN.read_bytes())
    polars = seconds("-c", "import polars")
    for_help, for_check = max(0.3, polars), max(0.6, 2 * polars)
    assert seconds("-m", "kpi", "--help", below=for_help) < for_help
    assert seconds("-m", "kpi", "check", copy, below=for_check) < for_check


def test_frames_and_parquet_files_are_evaluated_without_pyarrow(extract: Path) -> None:
    found = loaded(EVALUATE, PLAN, extract)
    assert "polars" in found
    assert "pyarrow" not in found


def test_the_command_line_evaluates_parquet_files_without_pyarrow(extract: Path) -> None:
    line = shlex.join(["evaluate", str(PLAN), str(extract), "--format"])
    found = loaded(COMMANDS, *(f"{line} {form}" for form in ("table", "json", "csv", "markdown")))
    assert "rich" in found
    assert "pyarrow" not in found


def test_the_reader_of_workbooks_is_loaded_for_them_alone(extract: Path, tmp_path: Path) -> None:
    cases = pl.read_parquet(extract)
    cases.write_excel(tmp_path / "cases.xlsx")
    cases.write_csv(tmp_path / "cases.csv")
    cases.cast(pl.String).write_ndjson(tmp_path / "cases.jsonl")
    assert "fastexcel" in loaded(EVALUATE_FILES, PLAN, tmp_path / "cases.xlsx")
    others = (extract, tmp_path / "cases.csv", tmp_path / "cases.jsonl")
    assert not loaded(EVALUATE_FILES, PLAN, *others) & {"fastexcel", "pyarrow"}


def test_pyarrow_is_loaded_for_large_csv_files_and_not_for_small_ones(tmp_path: Path) -> None:
    cases = sample(kpi.load_plan(PLAN), 200)["cases"]
    large, small = tmp_path / "large.csv", tmp_path / "small.csv"
    cases.write_csv(small)
    times = 2 * LARGE // small.stat().st_size
    ids = pl.Series("case_id", [f"case-{n:08}" for n in range(times * cases.height)])
    pl.concat([cases] * times).with_columns(ids).write_csv(large)
    assert "pyarrow" in loaded(EVALUATE_FILES, PLAN, large)
    assert "pyarrow" not in loaded(EVALUATE_FILES, PLAN, small)


def test_a_report_loads_its_templates_and_nothing_else_does(extract: Path, tmp_path: Path) -> None:
    plan, cases = shlex.quote(str(PLAN)), shlex.quote(str(extract))
    evaluated = loaded(
        COMMANDS, f"evaluate {plan} {cases}", f"report {plan} {cases} --format markdown"
    )
    assert "jinja2" not in evaluated
    out = shlex.quote(str(tmp_path / "r.html"))
    assert "jinja2" in loaded(COMMANDS, f"report {plan} {cases} --out {out}")
    assert "jinja2" not in loaded("import kpi; kpi.load_plan; kpi.Result")
