"""Where an output goes, and in which format: the ending, --format, -, and what contradicts."""

from __future__ import annotations

import io
import json
from pathlib import Path

import fastexcel
import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

import kpi
from kpi.cli import main
from tests.commands import run
from tests.report.processes import kpi_process

CASES = """\
case_id,case_type,filed,decided
a1,visa,2017-01-01,2017-02-01
a2,visa,2017-01-01,2017-02-02
a3,visa,,2017-02-02
"""
PROVENANCE = ["plan_id", "plan_period", "as_of", "kpi_version"]
EVALUATE = ("evaluate", "plan.toml", "cases.csv")


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    (here / "cases.csv").write_text(CASES)
    return here


def refused(*args: str) -> str:
    """The last line of a refusal, joined from the lines of a terminal."""
    found = run(*args)
    assert (found.exit_code, found.stdout) == (2, ""), found.output
    return found.stderr.strip().splitlines()[-1]


def test_the_ending_of_the_file_says_the_format(extract: Path) -> None:
    for ending in ("txt", "json", "csv", "md", "parquet", "xlsx", "CSV"):
        assert run(*EVALUATE, "--out", f"o.{ending}").exit_code == 0
    assert (extract / "o.txt").read_text("utf-8").startswith("p, as of 2017-12-31\n")
    assert json.loads((extract / "o.json").read_text("utf-8"))["plan"] == "p"
    assert (extract / "o.csv").read_text("utf-8").startswith("id,title,rule,")
    assert (extract / "o.CSV").read_bytes() == (extract / "o.csv").read_bytes()
    assert (extract / "o.md").read_text("utf-8").startswith("# p\n")
    assert pl.read_parquet(extract / "o.parquet")["id"].to_list() == ["1"]
    assert openpyxl.load_workbook(extract / "o.xlsx").sheetnames == ["targets", "notes"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([*EVALUATE, "--out", "o.json", "--format", "csv"], "--format csv contradicts the ending of --out o.json; leave out --format, or choose a file that ends in .csv"),
        ([*EVALUATE, "--out", "o.cvs"], "--out o.cvs: the ending .cvs is of no format; accepted: .txt, .json, .csv, .md, .parquet, .xlsx, or name one with --format (did you mean '.csv'?)"),
        ([*EVALUATE, "--out", "o.jsonl"], "--out o.jsonl: found .jsonl; accepted: .txt, .json, .csv, .md, .parquet, .xlsx"),
        (["readings", "plan.toml", "cases.csv", "--out", "o.csv", "--format", "xlsx"], "--format xlsx contradicts the ending of --out o.csv; leave out --format, or choose a file that ends in .xlsx"),
        (["trail", "plan.toml", "cases.csv", "--out", "o.json"], "--out o.json: found .json; accepted: .csv, .parquet, .xlsx, .jsonl, .ndjson"),
        (["trail", "plan.toml", "cases.csv", "--out", "o"], "--out o: has no ending; name a format with --format"),
        (["trail", "plan.toml", "cases.csv", "--out", "o.csv", "--format", "table"], "--format table goes to standard output; accepted with --out: csv, jsonl, parquet, xlsx"),
        ([*EVALUATE, "--rejects", "r.txt"], "--rejects r.txt: found .txt; accepted: .csv, .parquet, .xlsx, .jsonl, .ndjson"),
        ([*EVALUATE, "--rejects", "-"], "--rejects - needs --out FILE: both would go to standard output"),
        ([*EVALUATE, "--format", "xlsx"], "--format xlsx needs --out FILE"),
        ([*EVALUATE, "--csv-dialect", "danish"], "--csv-dialect needs an output as CSV: --format csv, or --out FILE.csv"),
        ([*EVALUATE, "--csv-dialect", "danish", "--out", "o.json"], "--csv-dialect needs an output as CSV: --format csv, or --out FILE.csv"),
    ],
)  # fmt: skip
def test_what_contradicts_is_refused_before_anything_is_read(args: list[str], message: str) -> None:
    Path("cases.csv").write_text("no extract")
    assert refused(*args) == f"Error: {message}"
    assert not [path for path in Path().iterdir() if path.name.startswith(("o", "r"))]


def test_a_name_whose_ending_is_no_format_takes_the_format_that_is_named(extract: Path) -> None:
    assert run(*EVALUATE, "--out", "o.table", "--format", "csv").exit_code == 0
    assert (extract / "o.table").read_text("utf-8").startswith("id,title")


def test_a_hyphen_is_standard_output(extract: Path) -> None:
    for form in ("table", "json", "csv", "markdown"):
        told = run(*EVALUATE, "--format", form, "--out", "-").stdout
        assert told == run(*EVALUATE, "--format", form).stdout != ""
    frame = pl.read_parquet(run(*EVALUATE, "--format", "parquet", "--out", "-").stdout_bytes)
    assert frame["verdict"].to_list() == ["missed"]
    book = run(*EVALUATE, "--format", "xlsx", "--out", "-").stdout_bytes
    assert openpyxl.load_workbook(io.BytesIO(book)).sheetnames == ["targets", "notes"]
    lines = run("trail", "plan.toml", "cases.csv", "--format", "jsonl", "--out", "-").stdout
    assert [json.loads(line)["case"] for line in lines.splitlines()] == ["a1", "a2", "a3"]
    rejects = run(*EVALUATE, "--rejects", "-", "--out", "o.json").stdout
    assert rejects == "table,row,reason,case_id,case_type,filed,decided\n"
    assert not (extract / "-").exists()


def test_rows_for_a_reader_that_has_gone_end_quietly(extract: Path) -> None:
    many = "".join(f"b{n},visa,2017-01-01,2017-02-01\n" for n in range(50_000))
    (extract / "cases.csv").write_text(CASES + many)
    for form in ("csv", "jsonl"):
        found = kpi_process(
            "trail", "plan.toml", "cases.csv", "--format", form, "--out", "-",
            through='("$@"; echo $? > code) | head -c 100 > /dev/null; exit $(cat code)',
        )  # fmt: skip
        assert (found.returncode, found.stderr) == (141, b""), form


def test_every_file_for_machines_says_what_it_was_computed_for(extract: Path) -> None:
    said = ["p", "2017", "2017-06-30", kpi.__version__]
    as_of = ("--as-of", "2017-06-30")
    for command in (EVALUATE, ("readings", *EVALUATE[1:]), ("trail", *EVALUATE[1:])):
        for ending in ("csv", "parquet", "xlsx"):
            assert run(*command, *as_of, "--out", f"o.{ending}").exit_code == 0
        lines = (extract / "o.csv").read_text("utf-8").splitlines()
        assert [line.split(",")[-4:] for line in lines] == [PROVENANCE] + [said] * (len(lines) - 1)
        frame = pl.read_parquet(extract / "o.parquet")
        assert frame.columns[-4:] == PROVENANCE
        assert frame.schema["as_of"] == pl.Date
        assert [str(value) for value in frame.row(0)[-4:]] == said
        metadata = pl.read_parquet_metadata(extract / "o.parquet")
        assert {k: v for k, v in metadata.items() if k.startswith("kpi.")} == {
            "kpi.plan": "p",
            "kpi.period": "2017",
            "kpi.as_of": "2017-06-30",
            "kpi.version": kpi.__version__,
        }
        for sheet in openpyxl.load_workbook(extract / "o.xlsx"):
            assert [cell.value for cell in sheet[1]][-4:] == PROVENANCE
    for command in (EVALUATE, ("readings", *EVALUATE[1:])):
        data = json.loads(run(*command, *as_of, "--format", "json").stdout)
        assert [data[key] for key in ("plan", "period", "as_of", "kpi")] == said
        assert data["schema"] == 2


def test_a_workbook_of_a_result_has_targets_groups_and_notes(extract: Path) -> None:
    assert (
        run(*EVALUATE, "--by", "case_type", "--every", "quarter", "--out", "o.xlsx").exit_code == 0
    )
    book = fastexcel.read_excel(extract / "o.xlsx")
    assert book.sheet_names == ["targets", "groups", "notes"]
    targets = book.load_sheet("targets").to_polars()
    # a1 is decided within a month, a2 a day later; a3 has no start.
    assert targets.select("id", "counted", "excluded", "met", "value", "verdict").rows() == [
        ("1", 2.0, 1.0, 1.0, 0.5, "missed")
    ]
    groups = book.load_sheet("groups").to_polars()
    assert groups.select("case_type", "period", "counted", "value").rows() == [
        ("visa", "2017-Q1", 2.0, 0.5)
    ]
    notes = book.load_sheet("notes").to_polars()
    assert notes["code"].to_list()[0] == "default-as-of"
    sheet = openpyxl.load_workbook(extract / "o.xlsx")["targets"]
    shown = {head.value: cell.number_format for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert [shown[name] for name in ("value", "low", "high", "counted")] == ["0.0%"] * 3 + [
        "General"
    ]


def test_a_workbook_of_readings_has_their_cases(extract: Path) -> None:
    assert run("readings", *EVALUATE[1:], "--month-ends", "--out", "o.xlsx").exit_code == 0
    assert openpyxl.load_workbook(extract / "o.xlsx").sheetnames == ["readings", "cases", "notes"]


def test_rejected_rows_go_to_every_format_of_rows(extract: Path) -> None:
    (extract / "cases.csv").write_text(CASES + "a4,visa,2017-01-01,=x\n")
    for ending in ("csv", "jsonl", "parquet", "xlsx"):
        assert run(*EVALUATE, "--rejects", f"r.{ending}").exit_code == 0
    reason = "decided is not a date as %Y-%m-%d"
    row = {"table": "cases", "row": 4, "reason": reason, "case_id": "a4", "case_type": "visa", "filed": "2017-01-01", "decided": "=x"}  # fmt: skip
    assert pl.read_parquet(extract / "r.parquet").to_dicts() == [row]
    assert json.loads((extract / "r.jsonl").read_text("utf-8")) == row
    sheet = openpyxl.load_workbook(extract / "r.xlsx")["rejected rows"]
    assert [cell.value for cell in sheet[2]] == list(row.values())
    assert sheet["G2"].data_type == "s"


def test_the_danish_dialect_goes_to_every_csv(extract: Path) -> None:
    danish = ("--csv-dialect", "danish")
    (extract / "cases.csv").write_text(CASES + "a4,visa,2017-01-01,x\n")
    assert run(*EVALUATE, *danish, "--out", "o.csv", "--rejects", "r.csv").exit_code == 0
    text = (extract / "o.csv").read_bytes().decode("utf-8-sig")
    head, first = (line.split(";") for line in text.split("\r\n")[:2])
    row = dict(zip(head, first, strict=True))
    assert (row["value"], row["low"], row["high"]) == ("0,5", "0,3333333333333333", "0,6666666666666666")  # fmt: skip
    assert (extract / "r.csv").read_bytes().startswith(b"\xef\xbb\xbftable;row;reason")
    assert run("trail", *EVALUATE[1:], *danish, "--out", "t.csv").exit_code == 0
    assert (extract / "t.csv").read_bytes().startswith(b"\xef\xbb\xbftarget;table;case")
    shown = CliRunner().invoke(main, ["readings", *EVALUATE[1:], *danish, "--format", "csv"])
    assert shown.stdout_bytes.startswith(b"\xef\xbb\xbfid;reading;value")


def test_no_file_that_an_extract_file_names_is_overwritten(extract: Path) -> None:
    plan = (extract / "plan.toml").read_text("utf-8")
    (extract / "other.toml").write_text(plan)
    for origin, named in (
        ('path = "cases.csv"', "cases.csv"),
        ('files = ["part_*.csv"]', "part_1.csv"),
        ('database = "sqlite:///cases.db"\ntable = "cases"', "cases.db"),
    ):
        (extract / "extract.toml").write_text(f"[tables.cases]\n{origin}\n")
        (extract / named).touch()
        before = (extract / named).read_bytes()
        message = refused(
            "evaluate", "plan.toml", "extract.toml", "--format", "csv", "--out", named
        )
        assert message == f"kpi: {named}: is what is read; choose another file for --out"
        assert (extract / named).read_bytes() == before


def test_a_plan_in_the_place_of_the_extract_names_no_files(extract: Path) -> None:
    found = run("evaluate", "plan.toml", "plan.toml", "--format", "csv", "--out", "o.csv")
    assert found.exit_code != 0
    assert not (extract / "o.csv").exists()
