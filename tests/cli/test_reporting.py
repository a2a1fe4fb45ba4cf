"""What a command says on standard error while it runs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

import kpi
from kpi.cli import reporting
from kpi.events import Stage, heard_by, stage
from kpi.exit_codes import Invocation
from kpi.tables import large_files
from tests.commands import GOOD, HEADER, run

EVALUATE = ("evaluate", "plan.toml", "cases.csv")


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    (here / "cases.csv").write_text(HEADER + GOOD)
    return here


@pytest.mark.parametrize("options", [(), ("--quiet",)])
def test_a_run_that_is_no_terminal_says_nothing(options: tuple[str, ...]) -> None:
    found = run(*EVALUATE, "--out", "o.json", *options)
    assert (found.exit_code, found.stdout, found.stderr) == (0, "", "")


def test_verbose_says_what_is_read_with_rows_and_seconds() -> None:
    found = run(*EVALUATE, "--out", "o.json", "--verbose")
    assert found.stdout == ""
    assert re.sub(r"\d+\.\d\d s", "… s", found.stderr).splitlines() == [
        "kpi: read cases from cases.csv: 1 row, … s",
        "kpi: checked cases: 1 row, … s",
        "kpi: evaluated cases: 1 row, … s",
        "kpi: wrote o.json: … s",
    ]


def test_the_log_is_an_object_a_line() -> None:
    found = run(*EVALUATE, "--out", "o.json", "--log-format", "json")
    lines = [json.loads(line) for line in found.stderr.splitlines()]
    assert all(isinstance(line.pop("seconds"), float) for line in lines)
    assert lines == [
        {"event": "read", "table": "cases", "source": "cases.csv", "rows": 1},
        {"event": "check", "table": "cases", "rows": 1},
        {"event": "evaluate", "table": "cases", "rows": 1},
        {"event": "write", "source": "o.json"},
    ]
    assert run(*EVALUATE, "--out", "o.json", "--log-format", "json", "--quiet").stderr == ""


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["evaluate", "none.toml", "cases.csv"], 2, "none.toml: no such file"),
        (["evaluate", "plan.toml", "none.csv"], 3, "none.csv: no such file"),
        ([*EVALUATE, "--out", "no/o.json"], 4, "no/o.json: cannot be written: No such file or directory; make its directory first"),
        ([*EVALUATE, "--out", "o.json", "--format", "csv"], 2, "--format csv contradicts the ending of --out o.json; leave out --format, or choose a file that ends in .csv"),
    ],
)  # fmt: skip
def test_a_mistake_is_an_object_too(args: list[str], code: int, message: str) -> None:
    found = run(*args, "--log-format", "json", "--quiet")
    assert (found.exit_code, found.stdout) == (code, "")
    assert json.loads(found.stderr) == {"event": "error", "message": message, "exit_code": code}


def test_an_internal_error_is_an_object_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("\x1b[31m")

    monkeypatch.setattr(kpi, "evaluate", fail)
    said = json.loads(run(*EVALUATE, "--log-format", "json").stderr.splitlines()[-1])
    assert (said["event"], said["exit_code"]) == ("error", 70)
    assert said["message"].startswith("internal error: ValueError: ")


def test_quiet_and_verbose_contradict_one_another() -> None:
    found = run(*EVALUATE, "--quiet", "--verbose")
    assert found.exit_code == 2
    assert found.stderr.splitlines()[-1] == "Error: --quiet and --verbose contradict one another"


class Noted:
    """A listener that notes the rows that are done at each step."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int | None]] = []

    def begun(self, stage: Stage) -> None:
        self.steps.append((f"begin {stage.event}", stage.done, stage.rows))

    def advanced(self, stage: Stage) -> None:
        self.steps.append((stage.event, stage.done, stage.rows))

    def ended(self, stage: Stage) -> None:
        assert stage.seconds is not None
        self.steps.append((f"end {stage.event}", stage.done, stage.rows))


def test_a_file_that_is_checked_in_chunks_says_how_far_it_is() -> None:
    cases = pl.read_csv("cases.csv", try_parse_dates=True)
    pl.concat([cases] * 8).with_columns(case_id=pl.format("a{}", pl.int_range(8))).write_parquet("cases.parquet")  # fmt: skip
    noted = Noted()
    with (
        heard_by(noted),
        mock.patch("kpi.tables.check.LARGE", 1),
        mock.patch.object(large_files, "AT_ONCE", 3),
    ):
        kpi.check(kpi.load_plan("plan.toml"), "cases.parquet")
    assert noted.steps == [
        ("begin check", 0, 8), ("check", 3, 8), ("check", 6, 8), ("check", 8, 8), ("end check", 8, 8)
    ]  # fmt: skip


def test_a_stage_that_fails_has_no_end() -> None:
    noted = Noted()
    with heard_by(noted), pytest.raises(ValueError, match="x"), stage("read", "cases"):
        raise ValueError("x")
    assert noted.steps == [("begin read", 0, None)]


SLOW = """
import sys, time
import kpi
from kpi.cli import main, reporting
from kpi.events import stage
real = kpi.evaluate
def slow(*args, **more):
    with stage("check", "cases", rows=4_000_000) as current:
        for _ in range(4):
            time.sleep(float(sys.argv[1]))
            current.advance(1_000_000)
    return real(*args, **more)
kpi.evaluate = slow
reporting.PATIENCE = float(sys.argv[2])
main(sys.argv[3:])
"""


def on_a_terminal(seconds: float, patience: float, *args: str) -> tuple[str, str]:
    """Standard output, which is a file, and what a terminal of 80 columns got as standard error."""
    terminal, end = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(seconds), str(patience), *args], stdout=subprocess.PIPE, stderr=end, env=environment
    ) as process:  # fmt: skip
        os.close(end)
        told = b""
        # A terminal whose other end is closed is an error on Linux.
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            told += piece
        assert process.stdout is not None
        stdout = process.stdout.read().decode()
    os.close(terminal)
    assert process.returncode == 0, told
    return stdout, told.decode()


def test_progress_is_shown_on_a_terminal_with_rows_and_time_left_once_a_run_takes_long() -> None:
    stdout, told = on_a_terminal(0.4, 0.2, *EVALUATE, "--format", "csv")
    assert stdout.startswith("id,title")
    shown = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", told)
    assert "Checking cases" in shown
    assert "1,000,000 of 4,000,000 rows" in shown
    assert re.search(r"3,000,000 of 4,000,000 rows 0:0\d left", shown)
    # In the end nothing of it stays: the line is cleared.
    assert told.rstrip("\r\n").endswith("\x1b[2K")


@pytest.mark.parametrize("args", [("--quiet",), ()])
def test_no_progress_is_shown_where_it_is_not_wanted_or_soon_over(args: tuple[str, ...]) -> None:
    _, told = on_a_terminal(0.2, 0.1 if args else 60, *EVALUATE, "--format", "csv", *args)
    assert told == ""


def test_a_listener_costs_nothing_where_nobody_listens() -> None:
    assert reporting.PATIENCE == 2
    with stage("read", "cases") as current:
        current.advance(3)
    assert (current.done, current.seconds) == (3, None)


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    found = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "70")
    return found


def test_stages_follow_one_another_with_the_rows_that_are_done(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "PATIENCE", 0.01)
    with contextlib.redirect_stderr(terminal), reporting.reported(Invocation()):
        with stage("check", "cases", rows=100) as current:
            # The time left is that of the rows since the chunk before.
            for _ in range(2):
                time.sleep(0.3)
                current.advance(20)
            time.sleep(0.3)
        with stage("evaluate", "cases", rows=1):
            time.sleep(0.3)
        with stage("read", source="\x1b[31mcases.csv"):
            time.sleep(0.3)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    for words in (
        "Checking cases",
        "100 rows",
        "40 of 100 rows",
        "left",
        "Evaluating cases",
        "1 row",
    ):
        assert words in shown
    # Text of the data commands no terminal.
    assert "Reading " in shown
    assert "\x1b[31mcases.csv" not in terminal.getvalue()


def test_a_run_that_is_over_before_the_patience_shows_nothing(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "PATIENCE", 60.0)
    with (
        contextlib.redirect_stderr(terminal),
        reporting.reported(Invocation()),
        stage("check", "cases", rows=100) as current,
    ):
        current.advance(40)
    assert terminal.getvalue() == ""
