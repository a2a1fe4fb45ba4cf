"""Standard output: UTF-8 for machines on every terminal, and exit codes where it takes nothing."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from kpi.cli import main
from kpi.errors import OutputError
from kpi.report import standard_output
from tests.report.processes import kpi_process

FORMS = """
import sys
from kpi.cli import main

run = ["evaluate", "plan.toml", "cases.csv", "--by", "city", "--format"]
for form in sys.argv[1:]:
    try:
        main([*run, form], prog_name="kpi")
    except SystemExit as exit:
        assert not exit.code
    if form != sys.argv[-1]:
        print(end="\\f", flush=True)
"""
"""The command in each format, in one process: a form feed is between two of them."""


@pytest.mark.usefixtures("small_extract")
@pytest.mark.parametrize("page", [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])  # fmt: skip
def test_formats_for_machines_are_utf_8_whatever_the_terminal_is(page: dict[str, str]) -> None:
    command = [sys.executable, "-c", FORMS, "json", "csv", "markdown", "table"]
    found = subprocess.run(command, env={**os.environ, **page}, capture_output=True, check=False)
    assert found.returncode == 0, found.stderr
    *machines, table = found.stdout.split(b"\f")
    assert len(machines) == 3
    for shown in machines:
        assert "Łódź" in shown.decode("utf-8")
        assert "Århus" in shown.decode("utf-8")
    assert b"?\xf3d?" in table or b"??d?" in table


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
    # The one command writes by itself, the other what its function prints.
    for args in (
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
    for form in ("parquet", "csv"):
        assert CliRunner().invoke(main, [*run, form, "--out", f"a.{form}"]).exit_code == 0
    frame = pl.read_parquet(small_extract / "a.parquet")
    assert frame.columns == pl.read_csv(small_extract / "a.csv").columns
    assert frame["title"].to_list() == ["Visas – Łódź"]


def says(write: Callable[[], object]) -> str:
    with pytest.raises(OutputError) as caught:
        write()
    return str(caught.value)


WAYS: dict[str, Callable[[], object]] = {
    "UTF-8": lambda: standard_output.write_utf8("æ\n"),
    "bytes": lambda: standard_output.write_bytes(lambda file: file.write(b"PAR1")),
    "a line": lambda: standard_output.say("a line"),
    "a table": lambda: standard_output.show("a table"),
}


@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
def test_a_full_standard_output_is_told_once_and_forgotten(
    monkeypatch: pytest.MonkeyPatch, write: Callable[[], object]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert says(write) == (
            "standard output: cannot be written: No space left on device; "
            "make room, or choose a place on another disk"
        )
        # What is still in the buffer goes nowhere, and its end is no second failure.
        full.write("more")
        standard_output.flush()


@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
def test_a_pipe_that_nobody_reads_stays_a_broken_pipe(
    monkeypatch: pytest.MonkeyPatch, write: Callable[[], object]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        with pytest.raises(BrokenPipeError):
            write()
        standard_output.flush()


@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
def test_a_closed_standard_output_is_told(
    monkeypatch: pytest.MonkeyPatch, write: Callable[[], object]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert says(write) == (
        "standard output: cannot be written: it is closed; open it, or give --out FILE"
    )
    standard_output.flush()  # where nothing was to be written, nothing is lost


def test_a_terminal_without_a_character_shows_a_question_mark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="iso-8859-1"))
    monkeypatch.setattr(sys, "stderr", io.StringIO())  # which takes every character
    standard_output.prepare()
    standard_output.say("Łódź")
    standard_output.write_utf8("Łódź\n")
    assert raw.getvalue() == b"?\xf3d?\n" + "Łódź\n".encode()
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdout", text)
    standard_output.write_utf8("Łódź\n")
    assert text.getvalue() == "Łódź\n"
