"""Results as CSV: cells that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from tests.commands import GOOD, HEADER, PLAN, run

pytestmark = pytest.mark.usefixtures("here")

RUN = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    ' "=1',
    "'=1",
    "=cmd|' /C calc'!A0",
    "-a",
]


REST = ["-5", "+4.5", "-7,5", "visa", "a=b", "", "x-y", "1+1"]


@pytest.mark.parametrize("text", RUN)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str, here: Path) -> None:
    frame = pl.DataFrame({"case_id": [None], "case_type": [text], "filed": [dt.date(2017, 1, 1)], "decided": [None]})  # fmt: skip
    frame.write_parquet("cases.parquet")
    run("evaluate", "plan.toml", "cases.parquet", "--rejects", "r.csv")
    assert pl.read_csv(here / "r.csv", infer_schema=False)["case_type"].to_list() == ["'" + text]
    one = pl.DataFrame({"case_id": ["a"], "case_type": ["visa"], "filed": [dt.date(2017, 1, 1)], "decided": [dt.date(2017, 2, 1)], "office": [text]})  # fmt: skip
    one.write_parquet("cases.parquet")
    shown = run("evaluate", "plan.toml", "cases.parquet", "--by", "office", "--format", "csv", "--out", "o.csv")  # fmt: skip
    assert shown.exit_code == 0
    assert pl.read_csv(here / "o.csv", infer_schema=False)["office"].to_list() == ["'" + text]


def test_a_carriage_return_is_escaped_and_no_longer_hides_a_formula(here: Path) -> None:
    """A terminal would go back to the start of the line and write over it."""
    row = {"case_id": ["a"], "case_type": ["visa"], "filed": ["2017-01-01"], "decided": ["2017-02-01"], "office": ["\r=1"]}  # fmt: skip
    pl.DataFrame(row).write_parquet("cases.parquet")
    run("evaluate", "plan.toml", "cases.parquet", "--by", "office", "--format", "csv", "--out", "o.csv")  # fmt: skip
    assert pl.read_csv(here / "o.csv", infer_schema=False)["office"].to_list() == ["\\r=1"]


@pytest.mark.parametrize("text", REST)
def test_numbers_and_other_texts_are_not_touched(text: str, here: Path) -> None:
    frame = pl.DataFrame({"case_id": [None], "case_type": [text], "filed": [dt.date(2017, 1, 1)], "decided": [None]})  # fmt: skip
    frame.write_parquet("cases.parquet")
    run("evaluate", "plan.toml", "cases.parquet", "--rejects", "r.csv")
    with (here / "r.csv").open(newline="") as file:
        assert [row["case_type"] for row in csv.DictReader(file)] == [text]


def test_readings_and_names_of_columns_are_neutral_too(here: Path) -> None:
    text = (
        PLAN.replace('id = "1"', 'id = "=1+1"')
        + '\n[[targets.readings]]\nname = "@x"\nlimit = "2 months"\n'
    )
    (here / "plan.toml").write_text(text)
    (here / "cases.csv").write_text(HEADER.replace("case_id", "=id,case_id") + "x," + GOOD)
    shown = run("readings", "plan.toml", "cases.csv", "--format", "csv").stdout.splitlines()
    assert [line.split(",")[:2] for line in shown[1:]] == [["'=1+1", ""], ["'=1+1", "'@x"]]
    by = run("evaluate", "plan.toml", "cases.csv", "--by", "=id", "--format", "csv").stdout
    assert by.splitlines()[0].startswith("id,'=id,")
    assert by.splitlines()[1].startswith("'=1+1,x,")
