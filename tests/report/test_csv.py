"""Results as CSV: cells that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import polars as pl
import pytest

from kpi.report.csv import Dialect, csv_text, sink_csv
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


DANISH = pl.DataFrame(
    {
        "case_type": ["a;b", "a,b", "=1+1", "-7,5", None],
        "value": [0.5, -1234.25, None, 1e15, 0.1],
        "due": [dt.date(2017, 3, 31), None, None, None, None],
        "n": [1_000_000, 2, 3, 4, 5],
    }
)


def test_the_danish_dialect_is_what_a_danish_excel_opens() -> None:
    text = csv_text(DANISH, "danish")
    assert text.encode().startswith(b"\xef\xbb\xbfcase_type;")
    assert text.removeprefix("\ufeff").split("\r\n") == [
        "case_type;value;due;n",
        '"a;b";0,5;2017-03-31;1000000',
        "a,b;-1234,25;;2",
        "'=1+1;;;3",
        "-7,5;1000000000000000,0;;4",
        ";0,1;;5",
        "",
    ]
    assert csv_text(DANISH).split("\n")[:3] == [
        "case_type,value,due,n",
        "a;b,0.5,2017-03-31,1000000",
        '"a,b",-1234.25,,2',
    ]


@pytest.mark.parametrize("dialect", ["standard", "danish"])
def test_rows_in_batches_are_the_same_csv(dialect: Dialect) -> None:
    texts = [*RUN, *REST, "\x1b[31m", None, "\r=1"]
    frame = pl.DataFrame(
        {"=t": texts * 50, "n": range(50 * len(texts)), "x": [0.5] * (50 * len(texts))}
    )
    frame = frame.with_columns(c=pl.col("=t").cast(pl.Categorical))
    file = io.BytesIO()
    sink_csv(frame.lazy(), file, dialect)
    assert file.getvalue().decode() == csv_text(frame, dialect)


@pytest.mark.parametrize("text", RUN)
def test_no_formula_runs_in_the_danish_dialect_either(text: str, here: Path) -> None:
    one = {"case_id": "a", "case_type": "visa", "filed": dt.date(2017, 1, 1), "decided": dt.date(2017, 2, 1), "office": text}  # fmt: skip
    pl.DataFrame([one]).write_parquet("cases.parquet")
    shown = run("evaluate", "plan.toml", "cases.parquet", "--by", "office", "--csv-dialect", "danish", "--out", "o.csv")  # fmt: skip
    assert shown.exit_code == 0, shown.output
    with (here / "o.csv").open(newline="", encoding="utf-8-sig") as file:
        assert [row["office"] for row in csv.DictReader(file, delimiter=";")] == ["'" + text]
