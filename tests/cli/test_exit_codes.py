"""How a command ends: a code that says whose mistake it was, one line each, never a traceback."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import kpi
from kpi.cli import main
from kpi.errors import InternalError
from tests.commands import GOOD, HEADER, PLAN

LATE = "a2,visa,2017-01-01,2017-06-01\n"


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    """The plan, and a case in time."""
    (here / "cases.csv").write_text(HEADER + GOOD)
    return here


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args, catch_exceptions=False)


def ended(*args: str) -> tuple[int, str, str]:
    found = run(*args)
    return found.exit_code, found.stdout, found.stderr


EVALUATE = ("evaluate", "plan.toml", "cases.csv")


@pytest.mark.parametrize(
    ("cases", "as_of", "options", "code"),
    [
        (GOOD, "2017-12-31", ["--fail-on", "missed"], 0),
        (GOOD + LATE, "2017-12-31", [], 0),
        (GOOD + LATE, "2017-12-31", ["--fail-on", "missed"], 1),
        (GOOD + LATE, "2017-12-31", ["--fail-on-missed"], 1),
        (GOOD + LATE, "2017-12-31", ["--fail-on", "open,not-assessable"], 0),
        (GOOD, "2017-06-30", ["--fail-on", "missed"], 0),
        (GOOD, "2017-06-30", ["--fail-on", "open"], 1),
        (GOOD, "2017-06-30", ["--fail-on", "missed", "--fail-on", "open"], 1),
        (GOOD, "2017-06-30", ["--fail-on", "missed, open"], 1),
        ("", "2017-12-31", ["--fail-on", "missed,open"], 0),
        ("", "2017-12-31", ["--fail-on", "not-assessable"], 1),
        ("", "2017-12-31", ["--fail-on-missed", "--fail-on", "not-assessable"], 1),
    ],
)
def test_what_fail_on_names_ends_in_1(
    extract: Path, cases: str, as_of: str, options: list[str], code: int
) -> None:
    (extract / "cases.csv").write_text(HEADER + cases)
    found = run(*EVALUATE, "--as-of", as_of, "--format", "json", *options)
    assert found.exit_code == code, found.output
    assert found.stdout.startswith("{")
    assert found.stderr == ""


@pytest.mark.parametrize(
    ("args", "code", "line"),
    [
        (("evaluate", "plan.toml"), 2, "Error: Missing argument 'EXTRACT'."),
        ((*EVALUATE, "--fail-on", "mised"), 2, "Error: Invalid value for '--fail-on': found 'mised'; accepted: missed, lost, not-assessable, open (did you mean 'missed'?)"),
        (("evalate",), 2, "Error: No such command 'evalate'."),
        (("evaluate", "none.toml", "cases.csv"), 2, "kpi: none.toml: no such file"),
        (("evaluate", "plan.toml", "none.csv"), 3, "kpi: none.csv: no such file"),
        ((*EVALUATE, "--out", "none/x"), 4, "kpi: none/x: cannot be written: No such file or directory; make its directory first"),
        ((*EVALUATE, "--rejects", "none/x.csv"), 4, "kpi: none/x.csv: cannot be written: No such file or directory; make its directory first"),
        (("sample", "plan.toml", "--out", "cases.csv/x"), 4, "kpi: cases.csv/x: cannot be written: Not a directory"),
    ],
)  # fmt: skip
def test_each_mistake_has_the_code_of_whose_it_is(
    args: tuple[str, ...], code: int, line: str
) -> None:
    found, out, err = ended(*args)
    assert (found, out) == (code, "")
    assert err.splitlines()[-1].startswith(line)


def test_an_empty_extract_under_strict_is_a_mistake(extract: Path) -> None:
    (extract / "cases.csv").write_text(HEADER)
    assert ended(*EVALUATE, "--strict") == (3, "", "kpi: cases: the table has no rows\n")
    assert run(*EVALUATE).exit_code == 0
    (extract / "cases.csv").write_text(HEADER + GOOD)
    assert run(*EVALUATE, "--strict").exit_code == 0


class Panic(BaseException):
    """As Polars' PanicException is: no Exception."""


@pytest.mark.parametrize(
    "error", [InternalError("1 is not 2"), ZeroDivisionError("1 is not 2"), Panic("1 is not 2"), AssertionError("1 is not 2")]
)  # fmt: skip
@pytest.mark.parametrize("command", ["evaluate", "readings", "explain"])
def test_an_unexpected_error_ends_in_70_with_one_line(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, command: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(kpi, command if command == "readings" else "evaluate", fail)
    args = [command, "plan.toml", "cases.csv", *(["a1"] if command == "explain" else [])]
    described = f"kpi: internal error: {type(error).__name__}: 1 is not 2"
    assert ended(*args) == (70, "", f"{described}; run again with --debug for the traceback\n")
    code, out, err = ended(*args, "--debug")
    assert (code, out) == (70, "")
    assert err.startswith("Traceback (most recent call last):\n")
    assert err.splitlines()[-1] == described


def test_an_internal_error_quotes_no_data_where_ids_are_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Hansen, 010203-1234")

    monkeypatch.setattr(kpi, "evaluate", fail)
    code, _, err = ended(*EVALUATE, "--no-ids")
    assert (code, err) == (
        70, "kpi: internal error: ValueError; run again with --debug for the traceback\n"
    )  # fmt: skip


def test_an_internal_error_is_no_kpi_error() -> None:
    assert not issubclass(InternalError, kpi.KpiError)


def test_a_broken_invariant_of_a_rule_ends_in_70(
    extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = 'id = "1"\nrule = "flow"\nstart = "filed"\nend = "decided"\n'
    (extract / "plan.toml").write_text(PLAN.partition('id = "1"')[0] + flow)
    assert run(*EVALUATE).exit_code == 0
    measure = kpi.Flow.measure

    def lost(self: kpi.Flow, sums: kpi.Sums) -> kpi.Measure:
        sums.numbers["open_end"] = sums.numbers.get("open_end", 0) + 1  # type: ignore[index]  # the slip
        return measure(self, sums)

    monkeypatch.setattr(kpi.Flow, "measure", lost)
    code, _, err = ended(*EVALUATE)
    assert code == 70
    assert err.startswith("kpi: internal error: InternalError: 1: 0 open + 1 in - 1 out is not 1")


def test_an_interruption_ends_in_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(kpi, "evaluate", interrupted)
    code, out, err = ended(*EVALUATE)
    # Click ends the line on which ^C stands.
    assert (code, out, err.lstrip("\n")) == (130, "", "kpi: interrupted\n")


def test_the_codes_stand_in_the_help() -> None:
    shown = run("--help").stdout
    for code in (0, 1, 2, 3, 4, 70, 130, 141):
        assert f"\n    {code} " in shown


def test_the_process_itself_ends_in_the_code() -> None:
    for args, code in ((["evaluate", "no.toml", "x"], 2), ([*EVALUATE[:2], "no.csv"], 3)):
        found = subprocess.run(
            [sys.executable, "-m", "kpi", *args], capture_output=True, text=True, check=False
        )
        assert found.returncode == code
        assert len(found.stderr.splitlines()) == 1


class Unread(io.TextIOWrapper):
    """Standard output that nobody reads any more."""

    def __init__(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        super().__init__(os.fdopen(writer, "wb"), encoding="utf-8", write_through=True)


@pytest.mark.parametrize("args", [["--help"], ["evaluate", "--help"], [*EVALUATE], [*EVALUATE, "--format", "json"]])  # fmt: skip
def test_an_output_that_nobody_reads_ends_in_141(
    monkeypatch: pytest.MonkeyPatch, args: list[str]
) -> None:
    with Unread() as unread:
        monkeypatch.setattr(sys, "stdout", unread)
        with pytest.raises(SystemExit) as caught:
            main(args, "kpi")
        assert caught.value.code == 141


def test_python_is_given_the_code_and_no_exit_where_all_is_well() -> None:
    assert main([*EVALUATE], "kpi", standalone_mode=False) is None
    with pytest.raises(SystemExit) as caught:
        main(["evaluate", "no.toml", "x"], "kpi", standalone_mode=False)
    assert caught.value.code == 2
