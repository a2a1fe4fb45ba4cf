"""Sheets of workbooks: each cell with its type, none lost, and what is wrong in one line."""

from __future__ import annotations

import datetime as dt
import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.tables.sources.files import open_file
from kpi.tables.sources.layout import Layout
from tests.tables.four_cases import EXPECTED, PLAN, figures
from tests.tables.sources.sheets import Error, write_sheets

FIXTURES = Path(__file__).parent / "workbooks"
DAY = dt.date(2017, 3, 1)
HEADER = ("case_id", "filed", "note")


def layout(**declared: Any) -> Layout:
    return Layout(table="cases", key=("case_id",), dates=("filed",), **declared)


def sheet(path: Path, *rows: Sequence[Any], below: str = "Sager", **declared: Any) -> pl.DataFrame:
    write_sheets(path / "cases.xlsx", {below: rows})
    return open_file(path / "cases.xlsx", layout(**declared)).frame.collect()


def refused(path: Path, **declared: Any) -> str:
    with pytest.raises(kpi.DataError) as error:
        open_file(path, layout(**declared))
    message = str(error.value)
    assert "\n" not in message
    return message.removeprefix(f"{path}")


# Types of cells.


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        ([1, 2, None], pl.Int64, [1, 2, None]),
        ([2017010112345, 2**53, -3], pl.Int64, [2017010112345, 2**53, -3]),
        ([1.5, 2, 1 / 3], pl.Float64, [1.5, 2.0, 1 / 3]),
        ([1e-12, 1e20], pl.Float64, [1e-12, 1e20]),
        ([5, 0.1000000000001], pl.Float64, [5.0, 0.1000000000001]),
        ([DAY, None, dt.date(1900, 3, 1)], pl.Date, [DAY, None, dt.date(1900, 3, 1)]),
        (
            [DAY, dt.datetime(2017, 3, 1, 14, 5)],
            pl.Datetime("ms"),
            [dt.datetime(2017, 3, 1), dt.datetime(2017, 3, 1, 14, 5)],
        ),
        ([True, None, False], pl.Boolean, [True, None, False]),
        (["007", "1.0", "2017-01-01"], pl.String, ["007", "1.0", "2017-01-01"]),
        (["true", "x"], pl.String, ["true", "x"]),
        ([None, "", None], pl.Null, [None, None, None]),
    ],
    ids=str,
)
def test_a_column_of_one_type_has_that_type(
    cells: list[Any], dtype: pl.DataType, values: list[Any], tmp_path: Path
) -> None:
    rows = [(str(n), DAY, cell) for n, cell in enumerate(cells)]
    found = sheet(tmp_path, HEADER, *rows)["note"]
    assert (found.dtype, found.to_list()) == (dtype, values)


def test_in_a_mixed_column_every_cell_is_its_text_and_none_is_null(tmp_path: Path) -> None:
    cells = {
        "A1": "A1",
        5: "5",
        1 / 3: "0.3333333333333333",
        1e-12: "1e-12",
        2.5: "2.5",
        DAY: "2017-03-01",
        dt.datetime(2017, 3, 1, 14, 5): "2017-03-01T14:05:00",
        dt.time(12, 30): "12:30:00",
        Error("#N/A"): "#N/A",
        Error("#DIV/0!"): "#DIV/0!",
        Error("#VALUE!"): "#VALUE!",
    }
    rows = [(str(n), DAY, cell) for n, cell in enumerate([*cells, True, None, ""])]
    found = sheet(tmp_path, HEADER, *rows)["note"].to_list()
    assert found == [*cells.values(), "true", None, None]


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([dt.time(12, 30), dt.time(0, 0, 1)], ["12:30:00", "00:00:01"]),
        ([DAY, dt.time(12, 30)], ["2017-03-01", "12:30:00"]),
    ],
)
def test_a_time_of_day_alone_is_no_date_of_1899(
    cells: list[Any], texts: list[str], tmp_path: Path
) -> None:
    rows = [(str(n), DAY, cell) for n, cell in enumerate(cells)]
    assert sheet(tmp_path, HEADER, *rows)["note"].to_list() == texts


def test_numbers_dates_and_truth_values_beside_an_error_stay_what_they_are_as_texts(
    tmp_path: Path,
) -> None:
    rows = [(1, DAY, True), (Error("#N/A"), Error("#REF!"), Error("#NAME?")), (3, None, False)]
    found = sheet(tmp_path, HEADER, *rows)
    assert found.rows() == [("1", "2017-03-01", "true"), ("#N/A", "#REF!", "#NAME?"), ("3", None, "false")]  # fmt: skip


def test_truth_values_among_numbers_are_texts(tmp_path: Path) -> None:
    found = sheet(tmp_path, HEADER, ("a", DAY, True), ("b", DAY, 1))
    assert found["note"].to_list() == ["true", "1"]


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("%d-%m-%Y", "01-03-2017"),
        ({"filed": "%d-%m-%Y"}, "01-03-2017"),
        ({"decided": "%d-%m-%Y"}, "2017-03-01"),
        ("%d-%m-%Y %H:%M", "01-03-2017 00:00"),
        ("%Y", "2017-03-01"),  # which would lose month and day
        ("%Q", "2017-03-01"),
        (None, "2017-03-01"),
    ],
)
def test_a_date_among_texts_is_written_as_the_declared_format_has_it(
    declared: Any, text: str, tmp_path: Path
) -> None:
    found = sheet(tmp_path, HEADER, ("a", DAY, 1), ("b", "02-03-2017", 1), date_format=declared)
    assert found["filed"].to_list() == [text, "02-03-2017"]


def test_a_format_that_would_lose_the_time_of_day_is_not_used(tmp_path: Path) -> None:
    cells = (dt.datetime(2017, 3, 1, 14, 5), dt.date(1917, 3, 1), "x")
    rows = [(str(n), cell, 1) for n, cell in enumerate(cells)]
    found = sheet(tmp_path, HEADER, *rows, date_format="%d-%m-%y")
    assert found["filed"].to_list() == ["2017-03-01T14:05:00", "1917-03-01", "x"]


def test_dates_as_cells_and_as_texts_in_one_column_are_evaluated_alike(tmp_path: Path) -> None:
    """Case 1 in dates, 2 in texts: the numbers of the four cases that are all in dates."""
    day = "%d-%m-%Y"
    rows = [
        ("1", "visa", dt.date(2017, 1, 1), None, dt.date(2017, 2, 1), None, 5, True),
        ("2", "visa", "01-01-2017", None, "01-03-2017", None, 5, True),
        ("3", None, dt.date(2017, 1, 1), None, None, None, None, None),
        ("4", "asylum", dt.date(2017, 5, 1), None, dt.date(2017, 5, 2), None, 8, False),
    ]
    header = ("case_id", "case_type", "filed", "documented", "decided", "due", "months", "flag")
    write_sheets(tmp_path / "cases.xlsx", {"Sager": [header, *rows]})
    plan = evolve(PLAN, tables=[evolve(PLAN.table("cases"), date_format=day)])
    found = kpi.evaluate(plan, tmp_path / "cases.xlsx").targets
    assert [(t.rows, t.counted, dict(t.excluded), t.value) for t in found] == EXPECTED


# Rows and header.


def test_rows_without_a_value_are_no_rows(tmp_path: Path) -> None:
    empty = (None, None, None)
    rows = [("a", DAY, 1), empty, ("b", DAY, 2), *[empty] * 30, ("", None, None)]
    found = sheet(tmp_path, empty, HEADER, *rows)
    assert found.rows() == [("a", DAY, 1), ("b", DAY, 2)]


def test_columns_that_hold_nothing_at_all_are_no_columns(tmp_path: Path) -> None:
    found = sheet(tmp_path, (*HEADER, None, None), ("a", DAY, 1, None, None))
    assert found.columns == list(HEADER)
    between = sheet(tmp_path, ("case_id", None, None, "filed"), ("a", None, None, DAY))
    assert between.rows() == [("a", DAY)]
    one = sheet(tmp_path, (*HEADER, None), ("a", DAY, 1, "x"))
    assert one.columns == [*HEADER, ""]


def test_a_table_that_begins_in_another_column_is_read_whole(tmp_path: Path) -> None:
    found = sheet(tmp_path, (), (), (None, None, *HEADER), (None, None, "a", Error("#N/A"), 1))
    assert found.rows() == [("a", "#N/A", 1)]


HEADING = [("Sager, udtræk",), (None,), HEADER, ("a", DAY, 1), ("b", DAY, 2), ("I alt", None, 2)]


def test_rows_above_and_below_are_left_out_where_that_is_declared(tmp_path: Path) -> None:
    found = sheet(tmp_path, *HEADING, skip_lines=2, footer_lines=1)
    assert found.rows() == [("a", DAY, 1), ("b", DAY, 2)]
    # An empty row above the header is no header.
    assert sheet(tmp_path, *HEADING, skip_lines=1, footer_lines=1).equals(found)


def test_a_heading_above_the_table_is_named_with_what_to_declare(tmp_path: Path) -> None:
    path = write_sheets(tmp_path / "cases.xlsx", {"Sager": HEADING})
    assert refused(path) == (
        ", sheet Sager, row 3: the names of the columns stand here, below other lines; remove those, "
        "or declare skip_lines = 2 for the table cases in an extract file"
    )
    assert refused(path, skip_lines=9) == (
        ", sheet Sager: 6 rows, and none is left of them; the table cases declares skip_lines = 9"
    )


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (("case_id", "filed", "filed"), ": the header holds filed twice; keep one"),
        (("case_id", None, None), ", sheet Sager, row 1: 2 columns without a name; name or remove them"),
        (("17", "2017-01-01", "x"), ", sheet Sager, row 1: no header: the first line holds values; put the names of the columns above it, among them case_id, filed"),
    ],
)  # fmt: skip
def test_a_header_that_names_no_columns_is_refused(
    header: Sequence[Any], line: str, tmp_path: Path
) -> None:
    path = write_sheets(tmp_path / "cases.xlsx", {"Sager": [header, ("a", DAY, 1)]})
    assert refused(path) == line


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert sheet(tmp_path, HEADER).shape == (0, 3)


# Sheets.


SHEETS = {"Forside": (), "Sager": [HEADER, ("a", DAY, 1)], "Tom": [(None,)]}
TWO = {**SHEETS, "Ældre": [HEADER, ("b", DAY, 2), ("c", DAY, 3)]}


def test_the_only_sheet_with_rows_is_the_table(tmp_path: Path) -> None:
    path = write_sheets(tmp_path / "cases.xlsx", SHEETS)
    assert open_file(path, layout()).frame.collect().rows() == [("a", DAY, 1)]


@pytest.mark.parametrize(("declared", "rows"), [("Sager", 1), ("Ældre", 2), (2, 1), (4, 2)])
def test_the_declared_sheet_is_the_table(declared: str | int, rows: int, tmp_path: Path) -> None:
    path = write_sheets(tmp_path / "cases.xlsx", TWO)
    assert open_file(path, layout(sheet=declared)).frame.collect().height == rows


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        (None, ': 2 sheets hold rows (Sager, Ældre); declare which is the table cases in an extract file, such as sheet = "Sager"'),
        ("sager", ": no sheet 'sager'; it has Forside, Sager, Tom, Ældre (did you mean 'Sager'?)"),
        (5, ": no sheet 5; it has 4: Forside, Sager, Tom, Ældre"),
        (0, ": no sheet 0; it has 4: Forside, Sager, Tom, Ældre"),
        ("Tom", ", sheet Tom: holds no rows; the names of the columns stand above the rows"),
    ],
)  # fmt: skip
def test_a_sheet_that_is_not_certain_is_refused_with_those_there_are(
    declared: str | int | None, line: str, tmp_path: Path
) -> None:
    path = write_sheets(tmp_path / "cases.xlsx", TWO)
    assert refused(path, sheet=declared) == line


def test_a_workbook_without_rows_is_refused(tmp_path: Path) -> None:
    path = write_sheets(tmp_path / "cases.xlsx", {"Forside": (), "Tom": ()})
    assert refused(path) == ": no sheet holds rows; it has Forside, Tom"


# Files that are none.


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"<html><table>", ": no workbook, whatever its name says, but a page of HTML; open it in Excel and save it as .xlsx, or rename it after what it is, such as .csv"),
        (b"case_id;filed\n", ": no workbook, whatever its name says, but perhaps a file of texts; open it in Excel and save it as .xlsx, or rename it after what it is, such as .csv"),
        (b"PK\x03\x04" + b"x" * 200, ": cannot be read as a workbook: calamine error: Cannot detect file format; open it in Excel and save it again"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), ": is protected by a password; save it without one"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [".xlsx", ".xls"])
def test_what_is_no_workbook_is_one_line(
    content: bytes, line: str, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / f"cases{kind}"
    path.write_bytes(content)
    assert refused(path) == line


@pytest.mark.parametrize("kind", [".xls", ".xlsb", ".ods"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_workbook_that_was_cut_short_is_one_line(kind: str, part: float, tmp_path: Path) -> None:
    whole = (FIXTURES / f"four_cases{kind}").read_bytes()
    path = tmp_path / f"cases{kind}"
    path.write_bytes(whole[: int(len(whole) * part)])
    assert re.match(
        ": cannot be read as a workbook: .*; open it in Excel and save it", refused(path)
    )


def test_a_workbook_under_another_ending_is_read_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "extract.xlsx"
    path.write_bytes((FIXTURES / "four_cases.xls").read_bytes())
    assert figures(path) == EXPECTED


def patched_ods(path: Path, cell: bytes) -> Path:
    """Copy the four cases with another cell in the place of the number 8."""
    number = b'office:value-type="float" office:value="8" calcext:value-type="float"'
    with zipfile.ZipFile(FIXTURES / "four_cases.ods") as whole, zipfile.ZipFile(path, "w") as made:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "content.xml":
                assert content.count(number) == 1
                content = content.replace(number, cell)
            made.writestr(name, content)
    return path


NOTHING = b'office:value-type="string" office:string-value="" calcext:value-type='


def test_an_error_in_an_ods_file_is_not_taken_for_an_empty_cell(tmp_path: Path) -> None:
    assert refused(patched_ods(tmp_path / "cases.ods", NOTHING + b'"error"')) == (
        ", sheet Sager: a cell holds an error such as #DIV/0!, which an .ods file does not tell from "
        "an empty cell; correct it, or save the file as .xlsx"
    )


def test_an_empty_text_is_no_value(tmp_path: Path) -> None:
    path = patched_ods(tmp_path / "cases.ods", NOTHING + b'"string"')
    found = open_file(path, layout()).frame.collect()
    assert found["months"].to_list() == [5, 5, None, None]


def test_a_duration_of_an_ods_file_is_the_text_that_it_shows(tmp_path: Path) -> None:
    cell = b'office:value-type="time" office:time-value="PT36H05M00S" calcext:value-type="time"'
    found = open_file(patched_ods(tmp_path / "cases.ods", cell), layout()).frame.collect()
    assert found["months"].to_list() == ["5", "5", None, "36:05:00"]


def test_without_the_extra_the_line_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_sheets(tmp_path / "cases.xlsx", SHEETS)
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    assert refused(path) == ": reading a workbook needs an extra: pip install 'kpi[excel]'"


def test_a_panic_of_the_reader_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A panic of a library in Rust is no `Exception`."""

    class PanicException(BaseException):
        pass

    def panic(_: object) -> Any:
        raise PanicException("range end index 61 out of range for slice of length 4")

    path = write_sheets(tmp_path / "cases.xlsx", SHEETS)
    monkeypatch.setattr(fastexcel, "read_excel", panic)
    assert refused(path) == (
        ": cannot be read as a workbook: range end index 61 out of range for slice of length 4; open "
        "it in Excel and save it again"
    )

    def interrupt(_: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(fastexcel, "read_excel", interrupt)
    with pytest.raises(KeyboardInterrupt):
        open_file(path, layout())


def test_sheets_are_counted_cell_by_cell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cell that were lost on the way to its column is a fault of ours, and no null."""
    path = write_sheets(tmp_path / "cases.xlsx", {"Sager": [HEADER, ("a", DAY, 1), ("b", DAY, 2)]})
    monkeypatch.setattr("kpi.tables.sources.sheet_columns._plain", lambda *_: pl.Series([1, None]))
    with pytest.raises(kpi.errors.InternalError, match="column note: a cell of the sheet was lost"):
        open_file(path, layout())
