"""Strict checks, and the file of rows that no target counts."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.commands import GOOD, HEADER, PLAN, mistakes, outcome, run

pytestmark = pytest.mark.usefixtures("here")

BAD = HEADER + GOOD + (
    "a2,visa,2017-01-01,?\n"
    "b,visa,2017-01-01,2017-01-02\n"
    "b,=1+1,2017-01-01,2017-01-02\n"
    ",-5,2017-01-01,\n"
)  # fmt: skip


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (HEADER + GOOD + "a2,visa,2017-01-01,?\n", ["cases: 1 row rejected: decided is not a date as %Y-%m-%d"]),
        (HEADER + GOOD * 2, ["cases: 2 rows with a repeated id"]),
    ],
)  # fmt: skip
def test_strict_refuses_what_is_else_set_aside(data: str, lines: list[str]) -> None:
    assert outcome(data)
    assert mistakes("evaluate", "plan.toml", "cases.csv", "--strict", code=3) == lines


def test_strict_refuses_a_missing_table(here: Path) -> None:
    text = PLAN.replace("[[targets]]", '[tables.other]\nkey = "id"\n\n[[targets]]')
    text += '\n[[targets]]\nid = "2"\nrule = "share"\ntable = "other"\nhaving = { x = 1 }\nthreshold = 90\n'
    (here / "plan.toml").write_text(text)
    assert outcome(HEADER + GOOD)["targets"][1]["verdict"] == "not_assessable"
    assert mistakes("evaluate", "plan.toml", "cases.csv", "--strict", code=3) == [
        "no table other in the extract"
    ]


def test_the_rows_that_no_target_counts_are_written_with_their_reasons(here: Path) -> None:
    outcome(BAD, "--rejects", "rejects.csv")
    assert (here / "rejects.csv").read_text("utf-8").splitlines() == [
        "table,row,reason,case_id,case_type,filed,decided",
        "cases,2,decided is not a date as %Y-%m-%d,a2,visa,2017-01-01,?",
        "cases,3,repeated id,b,visa,2017-01-01,2017-01-02",
        "cases,4,repeated id,b,'=1+1,2017-01-01,2017-01-02",
        "cases,5,case_id missing,,-5,2017-01-01,",
    ]
    run("evaluate", "plan.toml", "cases.csv", "--rejects", "rejects.parquet")
    frame = pl.read_parquet("rejects.parquet")
    assert frame["row"].to_list() == [2, 3, 4, 5]
    assert frame["case_type"].to_list() == ["visa", "visa", "=1+1", "-5"]  # as they came


def test_rejects_hold_every_column_of_every_table(here: Path) -> None:
    text = PLAN.replace("[[targets]]", '[tables.other]\nkey = "table"\n\n[[targets]]')
    (here / "plan.toml").write_text(text)
    (here / "d").mkdir()
    (here / "d" / "cases.csv").write_text(
        "row,reason," + HEADER + "r,why," + GOOD.replace("a1", "")
    )
    pl.DataFrame({"table": [None, "x"], "n": [1, 2], "list": [[1], [2]]}).write_parquet("d/other.parquet")  # fmt: skip
    run("evaluate", "plan.toml", "d", "--rejects", "out.parquet")
    assert pl.read_parquet("out.parquet").to_dicts() == [
        {"table": "cases", "row": 1, "reason": "case_id missing", "row (as it came)": "r",
         "reason (as it came)": "why", "case_id": None, "case_type": "visa", "filed": "2017-01-01",
         "decided": "2017-02-01", "table (as it came)": None, "n": None, "list": None},
        {"table": "other", "row": 1, "reason": "table missing", "row (as it came)": None,
         "reason (as it came)": None, "case_id": None, "case_type": None, "filed": None,
         "decided": None, "table (as it came)": None, "n": "1", "list": "[1]"},
    ]  # fmt: skip


def test_without_such_rows_the_file_holds_its_header_alone(here: Path) -> None:
    outcome(HEADER + GOOD, "--rejects", "rejects.csv")
    assert (here / "rejects.csv").read_text() == "table,row,reason," + HEADER
    run("evaluate", "plan.toml", "cases.csv", "--rejects", "rejects.parquet")
    assert pl.read_parquet("rejects.parquet").shape == (0, 7)


def test_a_row_that_does_not_exist_yet_repeats_no_id(here: Path) -> None:
    data = HEADER + "a,visa,2017-01-01,2017-02-01\na,visa,2017-06-01,\n"
    for day, rows in (("2017-05-31", 0), ("2017-06-01", 2)):
        found = outcome(data, "--as-of", day, "--rejects", "rejects.csv")
        assert found["targets"][0]["excluded"].get("repeated id", 0) == min(rows, 1)
        assert len((here / "rejects.csv").read_text().splitlines()) == 1 + rows


def test_strict_writes_the_rejects_before_it_refuses(here: Path) -> None:
    (here / "cases.csv").write_text(BAD)
    assert (
        len(
            mistakes("evaluate", "plan.toml", "cases.csv", "--strict", "--rejects", "r.csv", code=3)
        )
        == 3
    )
    assert len((here / "r.csv").read_text().splitlines()) == 5


def test_where_rejects_may_not_be_written(here: Path) -> None:
    (here / "cases.csv").write_text(BAD)
    base = ("evaluate", "plan.toml", "cases.csv")
    assert mistakes(*base, "--rejects", "cases.csv") == [
        "cases.csv: is what is read; choose another file for --rejects"
    ]
    assert mistakes(*base, "--rejects", "no/r.csv", code=4) == [
        "no/r.csv: cannot be written: No such file or directory; make its directory first"
    ]
    for more in (
        ["--rejects", "r.xls"],
        ["--rejects", "r.csv", "--format", "csv", "--out", "r.csv"],
    ):
        found = run(*base, *more)
        assert found.exit_code == 2
        assert found.stderr.splitlines()[-1].startswith("Error: --rejects ")
    assert mistakes(*base, "--rejects", "r.csv", "--as-of", "x")[0].startswith("as_of: found 'x'")
