"""Workbooks (.xlsx): sheets with typed cells, in which no text is a formula.

The same sheets give the same bytes: nothing is taken from the clock.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import polars as pl
from attrs import field, frozen

from kpi.errors import KpiError, OutputError
from kpi.report.csv import escaped

MOST_ROWS = (1 << 20) - 1
"""Rows that a sheet holds below its header."""

LONGEST_TEXT = 32_767
"""Characters that a cell holds."""
FIRST_DAY = dt.date(1900, 3, 1)
"""The first day that has one number in every spreadsheet; Excel counts a 29 February 1900."""
_EPOCH = dt.date(1899, 12, 30)
_EXACT = 10**15
"""Whole numbers below it keep all of their digits in a spreadsheet."""
_WIDEST, _BEYOND = 60, 2
"""The greatest width of a column in characters, and what a cell takes beside its text."""

Format: TypeAlias = Any
Worksheet: TypeAlias = Any
"""What xlsxwriter has under these names, which has no types."""

_INTEGERS = (
    pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64,
)  # fmt: skip


@frozen(kw_only=True, eq=False, repr=False)
class Sheet:
    """Sheet of a workbook.

    Attributes:
        name: the name of the sheet.
        frame: the rows.
        shares: masks of the rows in which a column is a fraction, shown as per cent, by column.
    """

    name: str
    frame: pl.DataFrame
    shares: Mapping[str, pl.Expr] = field(factory=dict)


def require_writer() -> Any:
    """Return the library that writes workbooks.

    Raises:
        KpiError: where the library is not installed; names the extra.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra
    except ImportError:
        raise KpiError("writing .xlsx needs an extra: pip install 'kpi[excel]'") from None
    return xlsxwriter


def workbook(sheets: Sequence[Sheet], day: dt.date | None, name: str) -> bytes:
    """Return the bytes of a workbook.

    Numbers, dates and booleans are typed cells, everything else is text; the header is bold and
    stays while the rows are scrolled. A number with more than 15 digits, and a date before March
    1900 or after 9999, are texts, since a spreadsheet would change them. Control characters are
    escaped as in CSV.

    Args:
        sheets: the sheets; without rows a sheet has its header only.
        day: the day that the properties of the file name as the day of creation; None for the first
            of January 1980, where the dates of archives begin.
        name: the name of the file, for messages.

    Raises:
        KpiError: where the library that writes workbooks is not installed.
        OutputError: where a sheet has too many rows, or a text too many characters.
    """
    for sheet in sheets:
        _require_room(sheet, name)
    buffer = io.BytesIO()
    # In constant memory rows are written one by one, never kept as objects.
    book = require_writer().Workbook(buffer, {"constant_memory": True})
    created = dt.datetime.combine(day or dt.date(1980, 1, 1), dt.time())
    book.set_properties({"created": created})
    forms = {
        "header": book.add_format({"bold": True, "bottom": 1}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "number": book.add_format({"num_format": "#,##0.0##"}),
    }
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, forms)
    book.close()
    return buffer.getvalue()


def _require_room(sheet: Sheet, name: str) -> None:
    """Check that the rows fit on a sheet and the texts in cells.

    Raises:
        OutputError: naming the file, what does not fit, and what to do.
    """
    instead = "write .parquet or .csv instead"
    if sheet.frame.height > MOST_ROWS:
        raise OutputError(too_many_rows(name, sheet.frame.height))
    for column in _texts(sheet.frame):
        longest = escaped(sheet.frame[column].cast(pl.String)).str.len_chars().max()
        if isinstance(longest, int) and longest > LONGEST_TEXT:
            raise OutputError(
                f"{name}: a text in {column} has {longest:,} characters, and a cell of a workbook "
                f"holds {LONGEST_TEXT:,}; {instead}"
            )


def too_many_rows(name: str, rows: int) -> str:
    """Return the message about a workbook with more rows than a sheet holds."""
    return (
        f"{name}: {rows:,} rows, and a sheet of a workbook holds {MOST_ROWS:,}; "
        "write .parquet or .csv instead"
    )


def _texts(frame: pl.DataFrame) -> list[str]:
    typed = (*_INTEGERS, pl.Float32, pl.Float64, pl.Date, pl.Boolean)
    return [name for name, kind in frame.schema.items() if kind not in typed]


def _write(target: Worksheet, sheet: Sheet, forms: Mapping[str, Format]) -> None:
    frame = sheet.frame
    target.freeze_panes(1, 0)
    writers: list[tuple[Callable[..., object], list[Any], list[Any]]] = []
    for place, name in enumerate(frame.columns):
        values, formats = _cells(frame, name, sheet.shares.get(name), forms)
        target.set_column(place, place, _width(frame, name))
        is_boolean = frame.schema[name] == pl.Boolean
        write = target.write_boolean if is_boolean else target.write_number
        writers.append((write, values, formats))
    for place, name in enumerate(escaped(pl.Series(frame.columns, dtype=pl.String))):
        target.write_string(0, place, name, forms["header"])
    for row in range(frame.height):
        for place, (write, values, formats) in enumerate(writers):
            value = values[row]
            if value is None:
                continue
            if isinstance(value, str):
                # Never `write`, which would take a text that begins with = for a formula.
                target.write_string(row + 1, place, value)
            else:
                write(row + 1, place, value, formats[row])


def _cells(
    frame: pl.DataFrame, name: str, shares: pl.Expr | None, forms: Mapping[str, Format]
) -> tuple[list[Any], list[Any]]:
    """Return the value and the format of each cell of a column: a number, a text, or None."""
    series = frame[name]
    kind = series.dtype
    if kind in _INTEGERS:
        exact = series.is_between(-_EXACT, _EXACT, closed="none")
        return _unless(exact, series.to_list(), series), [None] * len(series)
    if kind in (pl.Float32, pl.Float64):
        formats = [forms["number"]] * len(series)
        if shares is not None:
            is_share = frame.select(name, share=shares)["share"]
            formats = [forms["share"] if share else forms["number"] for share in is_share]
        return _unless(series.is_finite(), series.to_list(), series), formats
    if kind == pl.Date:
        days = (series.to_physical() - (_EPOCH - dt.date(1970, 1, 1)).days).to_list()
        # As numbers of days, for a due date may lie beyond the years that Python has.
        certain = series.is_between(FIRST_DAY, dt.date(9999, 12, 31))
        return _unless(certain, days, series), [forms["date"]] * len(series)
    if kind == pl.Boolean:
        return series.to_list(), [None] * len(series)
    return escaped(series.cast(pl.String)).to_list(), [None] * len(series)


def _unless(fits: pl.Series, values: list[Any], series: pl.Series) -> list[Any]:
    """Return the values, and as texts those that a cell of their type would change."""
    if fits.all():
        return values
    texts = series.cast(pl.String).to_list()
    marks = fits.fill_null(value=True)
    return [value if mark else text for value, text, mark in zip(values, texts, marks, strict=True)]


def _width(frame: pl.DataFrame, name: str) -> int:
    longest = frame[name].cast(pl.String).str.len_chars().max() if frame.height else None
    return min(max(len(name), longest if isinstance(longest, int) else 0), _WIDEST) + _BEYOND
