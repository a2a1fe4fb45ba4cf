"""The command line over an extract file."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpi
from tests.commands import run
from tests.tables.sources.extracts import CASES, PLAN, extract

LOG = """\
case_id,event,time
A,submitted,2022-01-01
A,decided,2022-01-11
A,decided,2022-03-01
,decided,2022-03-01
"""
FROM_LOG = """
path = "log.csv"
from_events.dates = { filed = "submitted", decided = { last = "decided" } }
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.toml").write_text(kpi.dump_plan(PLAN))
    CASES.write_parquet("cases.parquet")
    (tmp_path / "log.csv").write_text(LOG)
    return tmp_path


AVERAGE = (
    '[[targets]]\nid = "1"\nrule = "average"\nstart = "filed"\nend = "decided"\nlimit = "20 days"\n'
)


@pytest.fixture
def plain(here: Path) -> str:
    """A plan whose target reads no column that the log lacks."""
    text = kpi.dump_plan(PLAN).split("[[targets]]", maxsplit=1)[0]
    (here / "plain.toml").write_text(text + AVERAGE)
    return "plain.toml"


def test_what_an_extract_file_names_is_not_written_over(here: Path) -> None:
    extract(here, 'path = "cases.parquet"\n[tables.waiting]\nfiles = "wait*.csv"')
    (here / "waiting.csv").touch()
    for read in ("cases.parquet", "waiting.csv", "extract.toml"):
        found = run("evaluate", "plan.toml", "extract.toml", "--format", "json", "--out", read)
        assert found.exit_code == 2
        assert found.stderr == f"kpi: {read}: is what is read; choose another file for --out\n"


def test_each_command_cuts_a_log_at_its_as_of_date(here: Path, plain: str) -> None:
    """By hand: ten days on 1 February, 59 on 31 December."""
    extract(here, FROM_LOG)
    for more, value in (("--as-of=2022-02-01", "10.0 days"), ("--as-of=2022-12-31", "59.0 days")):
        for command in (["evaluate"], ["readings"], ["check"], ["explain"]):
            last = ["A"] if command == ["explain"] else []
            found = run(*command, plain, "extract.toml", *last, more)
            assert found.exit_code == 0, found.output
            shown = {"check": "cases: 1 row", "explain": f"20 days {value[:2]}"}.get(
                command[0], value
            )
            assert shown in " ".join(found.stdout.split())


def test_rejected_rows_of_a_log_are_written_and_refused(here: Path, plain: str) -> None:
    extract(here, FROM_LOG)
    found = run("evaluate", plain, "extract.toml", "--rejects", "rejects.csv", "--strict")
    assert (here / "rejects.csv").read_text().splitlines() == [
        "table,row,reason,case_id,filed,decided,event,time",
        "cases (log),4,case_id missing,,,,decided,2022-03-01",
    ]
    assert found.exit_code == 3
    assert "kpi: cases: 1 row of the event log rejected: case_id missing" in found.stderr


def test_a_mistake_in_the_extract_file_is_one_of_the_extract(here: Path) -> None:
    extract(here, 'pth = "cases.parquet"')
    found = run("evaluate", "plan.toml", "extract.toml")
    assert found.exit_code == 3
    assert "kpi: extract.toml:2: table cases, pth: unknown key" in found.stderr
    found = run("check", "extract.toml")
    assert found.exit_code == 2
    (here / "log.xes").write_text("<log/>")
    found = run("evaluate", "plan.toml", "log.xes")
    assert found.exit_code == 3
    assert found.stderr.count("\n") == 1
    assert "[tables.cases.from_events]" in found.stderr
