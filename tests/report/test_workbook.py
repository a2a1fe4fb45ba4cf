"""Workbooks, opened again by another library: typed cells, no formulas, nothing lost."""

from __future__ import annotations

import builtins
import datetime as dt
import io
import time
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from kpi.errors import KpiError, OutputError
from kpi.report import workbook as books
from kpi.report.workbook import Sheet, workbook

DAY = dt.date(2017, 12, 31)


def opened(*sheets: Sheet) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(sheets, DAY, "out.xlsx")))


def cells(frame: pl.DataFrame, **shares: pl.Expr) -> list[tuple[Any, str, str]]:
    """The cells below the header of a sheet with one column: value, type and format."""
    sheet = opened(Sheet(name="x", frame=frame, shares=shares))["x"]
    return [
        (row[0].value, row[0].data_type, row[0].number_format) for row in sheet.iter_rows(min_row=2)
    ]


def test_the_header_is_bold_and_stays_and_columns_are_as_wide_as_their_texts() -> None:
    frame = pl.DataFrame({"id": ["1"], "title": ["x" * 30], "long": ["y" * 200], "n": [12345678]})
    sheet = opened(Sheet(name="targets", frame=frame))["targets"]
    assert [(c.value, c.font.bold) for c in sheet[1]] == [
        ("id", True), ("title", True), ("long", True), ("n", True)
    ]  # fmt: skip
    assert sheet.freeze_panes == "A2"
    widths = [round(sheet.column_dimensions[column].width) for column in "ABCD"]
    assert widths == [5, 33, 63, 11]  # openpyxl adds the padding of a cell, about one character


def test_numbers_dates_and_truths_are_typed() -> None:
    assert cells(pl.DataFrame({"n": [3, -4]})) == [
        (3, "n", "General"), (-4, "n", "General")
    ]  # fmt: skip
    assert cells(pl.DataFrame({"d": [dt.date(2017, 2, 28), dt.date(1900, 3, 1)]})) == [
        (dt.datetime(2017, 2, 28), "d", "yyyy-mm-dd"),
        (dt.datetime(1900, 3, 1), "d", "yyyy-mm-dd"),
    ]
    assert cells(pl.DataFrame({"b": [True, False]})) == [
        (True, "b", "General"),
        (False, "b", "General"),
    ]
    assert cells(pl.DataFrame({"x": [1.5]})) == [(1.5, "n", "#,##0.0##")]


def test_only_shares_are_shown_as_per_cent() -> None:
    frame = pl.DataFrame({"value": [0.9, 60.5, None], "unit": ["share", "days", "share"]})
    shown = cells(frame, value=pl.col("unit") == "share")
    assert shown == [(0.9, "n", "0.0%"), (60.5, "n", "#,##0.0##"), (None, "n", "General")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "http://x", "007", "{=1}"])  # fmt: skip
def test_a_text_stays_a_text_whatever_it_begins_with(text: str) -> None:
    assert cells(pl.DataFrame({"t": [text]})) == [(text, "s", "General")]
    sheet = opened(Sheet(name="x", frame=pl.DataFrame({text: [1]})))["x"]
    assert (sheet["A1"].value, sheet["A1"].data_type) == (text, "s")
    assert sheet["A1"].hyperlink is None


def test_what_a_spreadsheet_would_change_is_a_text() -> None:
    # 20 × 400 years of 146,097 days before, that is 2183-09-21.
    beyond = pl.Series("d", [3_000_000], dtype=pl.Int32).cast(pl.Date)
    early = pl.Series("d", [dt.date(1900, 2, 28), dt.date(9999, 12, 31)])
    assert [c[:2] for c in cells(pl.DataFrame({"n": [10**15, 10**15 - 1]}))] == [
        ("1000000000000000", "s"), (999_999_999_999_999, "n")
    ]  # fmt: skip
    assert cells(beyond.to_frame())[0][:2] == ("+10183-09-21", "s")
    assert [c[:2] for c in cells(early.to_frame())] == [
        ("1900-02-28", "s"), (dt.datetime(9999, 12, 31), "d")
    ]  # fmt: skip
    assert [c[:2] for c in cells(pl.DataFrame({"x": [float("inf")]}))] == [("inf", "s")]
    # A control character is no text of a workbook at all.
    assert cells(pl.DataFrame({"t": ["\x1b[31m\u202ex"]}))[0][0] == "\\x1b[31m\\u202ex"


def test_the_same_sheets_give_the_same_bytes() -> None:
    sheet = Sheet(name="x", frame=pl.DataFrame({"d": [DAY], "t": ["a"]}))
    first = workbook([sheet], DAY, "a.xlsx")
    time.sleep(2.1)  # archives have the time to two seconds
    assert workbook([sheet], DAY, "a.xlsx") == first


def test_more_rows_than_a_sheet_holds_are_refused() -> None:
    # The number that Excel documents: 1,048,576 rows, one of them the header.
    assert books.MOST_ROWS == 1_048_575
    many = pl.DataFrame({"n": pl.int_range(1_048_576, eager=True)})
    with pytest.raises(OutputError) as refused:
        workbook([Sheet(name="x", frame=many)], DAY, "out.xlsx")
    assert str(refused.value) == (
        "out.xlsx: 1,048,576 rows, and a sheet of a workbook holds 1,048,575; write .parquet or .csv instead"
    )


def test_a_text_that_no_cell_holds_is_refused() -> None:
    assert len(cells(pl.DataFrame({"t": ["x" * 32_767]}))[0][0]) == 32_767
    with pytest.raises(OutputError) as refused:
        workbook([Sheet(name="x", frame=pl.DataFrame({"t": ["x" * 32_768]}))], DAY, "out.xlsx")
    assert str(refused.value) == (
        "out.xlsx: a text in t has 32,768 characters, and a cell of a workbook holds 32,767; "
        "write .parquet or .csv instead"
    )


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *args: Any, **more: Any) -> Any:
        if name == "xlsxwriter":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(KpiError) as refused:
        workbook([Sheet(name="x", frame=pl.DataFrame({"n": [1]}))], DAY, str(Path("out.xlsx")))
    assert str(refused.value) == "writing .xlsx needs an extra: pip install 'kpi[excel]'"
