"""Standard output: UTF-8 for machines on every terminal, and exit codes where it takes nothing."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.report.processes import kpi_process


@pytest.mark.usefixtures("small_extract")
@pytest.mark.parametrize("page", [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])  # fmt: skip
def test_formats_for_machines_are_utf_8_whatever_the_terminal_is(page: dict[str, str]) -> None:
    run = ["evaluate", "plan.toml", "cases.csv", "--by", "city", "--format"]
    for form in ("json", "csv", "markdown"):
        found = kpi_process(*run, form, **page)
        assert found.returncode == 0, found.stderr
        shown = found.stdout.decode("utf-8")
        assert "Łódź" in shown
        assert "Århus" in shown
    table = kpi_process(*run, "table", **page)
    assert table.returncode == 0
    assert b"?\xf3d?" in table.stdout or b"??d?" in table.stdout


@pytest.mark.usefixtures("small_extract")
@pytest.mark.parametrize(
    ("through", "code", "stderr"),
    [
        ('"$@" > /dev/full', 4, b"kpi: standard output: cannot be written: No space left on device; make room, or choose a place on another disk\n"),
        ('"$@" >&-', 4, b"kpi: standard output: cannot be written: it is closed; open it, or give --out FILE\n"),
        ('("$@"; echo $? > code) | true; exit $(cat code)', 141, b""),
    ],
)  # fmt: skip
def test_a_standard_output_that_takes_nothing(through: str, code: int, stderr: bytes) -> None:
    for args in (
        ["evaluate", "plan.toml", "cases.csv"],
        ["evaluate", "plan.toml", "cases.csv", "--format", "json", "--fail-on", "missed"],
        ["sample", "plan.toml", "--rows", "0", "--out", "made"],
    ):
        found = kpi_process(*args, through=through)
        assert (found.returncode, found.stderr) == (code, stderr), args


@pytest.mark.usefixtures("small_extract")
def test_a_standard_error_that_takes_nothing_changes_no_exit_code() -> None:
    for through in ('"$@" 2> /dev/full', '"$@" 2>&-'):
        assert kpi_process("evaluate", "none.toml", "cases.csv", through=through).returncode == 2


def test_parquet_is_what_was_asked_for(small_extract: Path) -> None:
    run = ["evaluate", "plan.toml", "cases.csv", "--format"]
    assert kpi_process(*run, "parquet", "--out", "a.parquet").returncode == 0
    assert kpi_process(*run, "csv", "--out", "a.csv").returncode == 0
    frame = pl.read_parquet(small_extract / "a.parquet")
    assert frame.columns == pl.read_csv(small_extract / "a.csv").columns
    assert frame["title"].to_list() == ["Visas – Łódź"]
