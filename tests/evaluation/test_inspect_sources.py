"""Whatever can be an extract can be looked at, and what is proposed evaluates as it stands."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import sys
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter

import kpi
from kpi.tables.profile.text_files import sample_text

PLAN = kpi.parse_plan(
    """
id = "permits"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
rule = "within"
where = { kind = "visa", complaint = false }
start = "filed"
end = "decided"
limit = "30 days"
threshold = 90
"""
)
DAY = dt.date(2022, 3, 13)
CASES = pl.DataFrame(
    {
        "case_id": [f"A{n}" for n in range(20)],
        "kind": ["visa" if n % 4 else "ægteskab" for n in range(20)],
        "filed": [DAY + dt.timedelta(n) for n in range(20)],
        "decided": [DAY + dt.timedelta(3 * n) if n % 5 else None for n in range(20)],
        "complaint": [n % 7 == 0 for n in range(20)],
    }
)
NAMES = {
    "case_id": "Sagsnr",
    "kind": "Art",
    "filed": "Modtaget",
    "decided": "Afgjort",
    "complaint": "Klage",
}


def outcome(extract: Any) -> tuple[int, int | None, int]:
    """What is counted, met and outside of the only target."""
    target = kpi.evaluate(PLAN, extract)["1"]
    return target.counted, target.met, target.outside


def written(null: str = "NULL") -> pl.DataFrame:
    """The cases as a system writes them: other names, two formats, words for null and booleans."""
    return CASES.select(
        pl.col("case_id"),
        pl.col("kind"),
        pl.col("filed").dt.strftime("%d-%m-%Y"),
        pl.col("decided").dt.strftime("%Y-%m-%d").fill_null(null),
        pl.when("complaint").then(pl.lit("Ja")).otherwise(pl.lit("Nej")).alias("complaint"),
    ).rename(NAMES)


def workbook(path: Path, sheets: dict[str, list[tuple[Any, ...]]]) -> None:
    """Write a workbook, dates as dates."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd-mm-yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)


def proposed(source: Any, directory: Path) -> Path:
    """The extract file that is proposed for a source, in a directory."""
    file = directory / "extract.toml"
    file.write_text(kpi.inspect(source, PLAN).toml(directory), encoding="utf-8")
    return file


def test_the_cases_come_out_by_hand_as_by_a_frame() -> None:
    # 15 visas; without the complaints 0, 7 and 14 (0 is no visa) 13; three of them undecided
    # (5, 10, 15). Decided in 2n days: 2n <= 30 for n <= 15: 1, 2, 3, 6, 9, 11, 13.
    assert outcome(CASES) == (10, 7, 10)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "cp850", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_csv_with_a_preamble_two_formats_and_nulls_evaluates_by_its_proposal(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    text = "Udtræk\nKørt: 01-02-2022; af Åse\n\n" + written().write_csv(separator=separator)
    (tmp_path / "sager.csv").write_bytes(text.encode(encoding))
    file = proposed(tmp_path / "sager.csv", tmp_path)
    assert outcome(file) == outcome(CASES)


def test_a_mix_of_formats_is_said_and_its_other_dates_are_set_aside(tmp_path: Path) -> None:
    mixed = written().with_columns(
        pl.when(pl.int_range(pl.len()) % 2 == 0)
        .then("Afgjort")
        .otherwise(CASES["decided"].dt.strftime("%d/%m/%Y").fill_null("NULL"))
        .alias("Afgjort")
    )
    mixed.write_csv(tmp_path / "sager.csv")
    file = proposed(tmp_path / "sager.csv", tmp_path)
    text = file.read_text("utf-8")
    assert tomllib.loads(text)["tables"]["cases"]["date_format"] == {"filed": "%d-%m-%Y"}
    assert "# decided: a mix: of 16 values 8 are ISO 8601, 8 are %d/%m/%Y; none is declared" in text
    (checked,) = kpi.check(PLAN, file).tables.values()
    assert checked.facts.rejected == {"decided is not a date as %Y-%m-%d": 8}


def test_a_footer_is_left_out_by_its_proposal(tmp_path: Path) -> None:
    text = written().write_csv(separator=";") + "\nI alt 20 sager\n\n"
    (tmp_path / "sager.csv").write_text(text, encoding="utf-8")
    assert outcome(proposed(tmp_path / "sager.csv", tmp_path)) == outcome(CASES)


def test_compressed_text_is_unpacked_to_be_looked_at(tmp_path: Path) -> None:
    text = "Udtræk\n" + written().write_csv(separator=";")
    (tmp_path / "sager.csv.gz").write_bytes(gzip.compress(text.encode("windows-1252")))
    assert outcome(proposed(tmp_path / "sager.csv.gz", tmp_path)) == outcome(CASES)


@pytest.mark.parametrize("ending", ["parquet", "arrow", "jsonl"])
def test_a_file_with_types_evaluates_by_its_proposal(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"sager.{ending}"
    frame = written()
    match ending:
        case "parquet":
            frame.write_parquet(path)
        case "arrow":
            frame.write_ipc(path)
        case _:
            frame.write_ndjson(path)
    assert outcome(proposed(path, tmp_path)) == outcome(CASES)


def test_standard_input_is_looked_at_and_has_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written().write_csv(separator=";").encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    text = kpi.inspect("-", PLAN).toml()
    assert "# path: write the table to a file, and name that here" in text
    assert tomllib.loads(text)["tables"]["cases"]["columns"]["filed"] == "Modtaget"


def test_a_workbook_with_a_heading_and_another_sheet_evaluates_by_its_proposal(
    tmp_path: Path,
) -> None:
    rows = [("Alle sager",), (), tuple(NAMES.values()), *CASES.rows()]
    workbook(tmp_path / "sager.xlsx", {"Forside": [("Udtræk", "fra sagssystemet")], "Sager": rows})
    file = proposed(tmp_path / "sager.xlsx", tmp_path)
    table = tomllib.loads(file.read_text("utf-8"))["tables"]["cases"]
    assert (table["sheet"], table["skip_lines"]) == ("Sager", 2)
    assert outcome(file) == outcome(CASES)


def test_a_workbook_that_an_evaluation_refuses_is_looked_at_and_named(tmp_path: Path) -> None:
    rows = [("Sagsnr", "Dato", "Dato"), ("A1", "2022-01-13", "2022-01-14")]
    workbook(tmp_path / "sager.xlsx", {"Ark1": rows})
    profile = kpi.inspect(tmp_path / "sager.xlsx").tables[0].profile
    assert [column.name for column in profile.columns] == ["Sagsnr", "Dato", "Dato (column 3)"]
    assert "the header holds Dato twice; keep one" in profile.remarks[0]


def test_a_table_of_an_extract_file_is_looked_at_anew(tmp_path: Path) -> None:
    written().write_csv(tmp_path / "sager.csv", separator=";")
    (tmp_path / "old.toml").write_text('[tables.cases]\npath = "sager.csv"\nskip_lines = 7\n')
    assert outcome(proposed(tmp_path / "old.toml", tmp_path)) == outcome(CASES)


def test_an_event_log_is_looked_at_as_its_events(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_text(
        '<log><trace><string key="concept:name" value="A1"/>'
        '<event><string key="concept:name" value="filed"/>'
        '<date key="time:timestamp" value="2022-01-01T10:00:00Z"/></event>'
        '<event><string key="concept:name" value="decided"/>'
        '<date key="time:timestamp" value="2022-02-01T10:00:00Z"/></event></trace></log>'
    )
    (table,) = kpi.inspect(path).tables
    assert table.profile.form.is_log
    assert [(c.name, c.holds) for c in table.profile.columns] == [
        ("case_id", "text"),
        ("event", "text"),
        ("time", "time"),
        ("lifecycle:transition", "nothing"),
    ]


def test_columns_of_foreign_types_are_named() -> None:
    table = pa.table({"a": ["x"], "b": pa.array([1], pa.decimal256(60, 2))})
    (found,) = kpi.inspect(table).tables
    assert found.profile.unreadable == (("b", "decimal256(60, 2)"),)
    assert [column.name for column in found.profile.columns] == ["a"]


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)),
        b"\x00" * 100,
        b'"' * 1000,
        b";;;\n;;;\n",
        b"\xff\xfe\x00\x00a\x00\x00\x00",
        b"a;b\n" + b"\xff\n" * 10,
        "\ud83d\ude00;x\n1;2\n".encode("utf-8", "surrogatepass"),
        b",".join([b"x"] * 2000),
    ],
)
def test_bytes_of_any_kind_end_in_a_look_or_in_a_line(data: bytes) -> None:
    said = ""
    try:
        sample_text(data)
    except kpi.DataError as error:
        said = str(error)
    assert "\n" not in said
