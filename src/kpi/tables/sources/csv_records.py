"""Records of a CSV file, counted and checked apart from the reader of their values.

Strict RFC 4180: a quote opens at the beginning of a field, closes at its end, and is doubled
within. Readers take much else for a row and join or lose rows silently; here it is refused with its
line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from attrs import frozen

from kpi.errors import DataError

_WIDEST = 400
"""The most fields that the regular expression itself counts; its size is limited."""

_QUOTED = r'"(?:[^"]|"")*"'
_QUOTE = '"'
_DATE = r"^(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{8})(?:\D.*)?$"
"""Pattern of a date in any format, with or without a time of day."""
_MARK = "\ufeff"
_LONE_QUOTE = (
    "a quote that stands alone: quote the whole value and double the quotes in it; or the file was "
    "cut short"
)


@frozen(eq=False)
class Records:
    """Records of a file below its header.

    Attributes:
        rows: number of records that are rows.
        blank: Boolean mask, whether each record is a blank line, which is no row; None without any.
    """

    rows: int
    blank: pl.Series | None

    def rows_of(self, frame: pl.DataFrame) -> pl.DataFrame | None:
        """Return the rows among the records that a reader gives; None where the number differs."""
        if self.blank is not None and frame.height == self.blank.len():
            frame = frame.filter(~self.blank)
        return frame if frame.height == self.rows else None


def count_lines(source: Path | bytes) -> tuple[int, int]:
    """Count the lines of a file, and the blank ones among them.

    Raises:
        ComputeError: where the file is not UTF-8.
    """
    lines = pl.scan_lines(source, name="line", glob=False)
    empty = pl.col("line").str.len_bytes() == 0
    many, blank = lines.select(pl.len(), empty.sum()).collect(engine="streaming").row(0)
    return many, blank


def records(
    source: Path | bytes, path: Path, separator: str, width: int, dates: Sequence[int] = ()
) -> Records:
    """Check and count the records of a file.

    Args:
        source: the file, or its text in UTF-8.
        path: the name of the file in messages.
        separator: the separator of fields.
        width: the number of fields in the header.
        dates: the positions of the fields that hold dates, from 0.

    Raises:
        DataError: naming the line of the first record that is not whole (another number of fields,
            a quote out of place, a carriage return that ends no line), or the line of a row within
            a quoted value, as where two quotes are missing in two rows.
        ComputeError: where the file is not UTF-8.
    """
    lines, line = pl.scan_lines(source, name="line", glob=False), pl.col("line")
    whole, empty = _is_whole(line, separator, width), line.str.len_bytes() == 0
    many, good, blank = (
        lines.select(pl.len(), (whole | empty).sum().alias("good"), empty.sum().alias("blank"))
        .collect(engine="streaming")
        .row(0)
    )
    first = lines.head(1).collect()
    if first.height and first.item().startswith(_MARK):
        unmarked = first.select(line.str.strip_prefix(_MARK))
        good += unmarked.select(whole).item() - first.select(whole).item()
    if good < many:
        # Quotes that run over several lines, or out of place.
        return _over_lines(lines.collect()["line"], path, separator, width, dates)
    empties = lines.select(empty).collect().to_series()[1:] if blank else None
    return Records(many - 1 - blank, empties)


def _over_lines(
    text: pl.Series, path: Path, separator: str, width: int, dates: Sequence[int]
) -> Records:
    """Check and count records that may run over several lines: while a quote is open.

    Args:
        text: the lines of the file.
        path: the name of the file in messages.
        separator: the separator of fields.
        width: the number of fields in the header.
        dates: the positions of the fields that hold dates, from 0.

    Raises:
        DataError: as `records`.
    """
    text = text.scatter(0, text[0].removeprefix(_MARK)) if text.len() else text
    quotes = text.str.count_matches(_QUOTE, literal=True).cast(pl.Int64)
    inside = (quotes.cum_sum() - quotes) % 2 == 1
    frame = pl.DataFrame(
        {
            "number": pl.int_range(1, text.len() + 1, eager=True),
            "record": (~inside).cum_sum(),
            "line": text,
            "several": inside | (quotes % 2 == 1),
        }
    )
    line = pl.col("line")
    whole = _is_whole(line, separator, width)
    alone = frame.filter(~pl.col("several")).filter(~whole, line != "")
    joined = (
        frame.filter("several")
        .group_by("record", maintain_order=True)
        .agg(pl.col("number").first(), line.str.join("\n"))
        .filter(~whole)
    )
    broken = pl.concat([part.select("number", "line").head(1) for part in (alone, joined)])
    if broken.height:
        number, record = broken.sort("number").row(0)
        raise DataError(f"{path}:{number}: {_problem(record, separator, width)}")
    swallowed = frame.filter(inside & _is_row(line, separator, width, dates))
    if swallowed.height:
        number, begun = swallowed.select("number", "record").row(0)
        first = frame.filter(pl.col("record") == begun)["number"][0]
        raise DataError(
            f"{path}:{number}: a row within a value whose quote opens at line {first}; double the "
            "quotes within values, or write the value without line ends"
        )
    blank = (frame["line"] == "").filter(~inside)[1:]
    return Records(blank.len() - int(blank.sum()), blank)


def _is_whole(line: pl.Expr, separator: str, width: int) -> pl.Expr:
    """Return the predicate that a record has all fields, each plain or quoted from end to end."""
    sign = re.escape(separator)
    value = rf'(?:[^"{sign}\r\n]*|{_QUOTED})'
    if width <= _WIDEST:
        return line.str.contains(f"^{value}(?:{sign}{value}){{{width - 1}}}$")
    bare = line.str.replace_all(_QUOTED, "")
    fields = bare.str.count_matches(separator, literal=True) + 1
    return line.str.contains(f"^{value}(?:{sign}{value})*$") & (fields == width)


def _is_row(line: pl.Expr, separator: str, width: int, dates: Sequence[int]) -> pl.Expr:
    """Return the predicate that a line within a quoted value looks like a row, dates in place.

    A line with a quote before its last sign is none: there the value ends, and the fields behind it
    belong to the same record.
    """
    if not dates:
        return pl.lit(value=False)
    many = line.str.count_matches(separator, literal=True) == width - 1
    fields = line.str.split(separator)
    cells = [fields.list.get(place, null_on_oob=True).str.strip_chars(' "\r') for place in dates]
    dated = [cell.str.contains(_DATE) for cell in cells]
    fits = [date | (cell == "") for date, cell in zip(dated, cells, strict=True)]
    is_row = many & ~line.str.contains('".') & pl.any_horizontal(dated) & pl.all_horizontal(fits)
    return is_row.fill_null(value=False)


def _problem(record: str, separator: str, width: int) -> str:
    """Return why a record is not whole, and what to do."""
    outside = re.sub(_QUOTED, "", record)
    if outside.endswith("\r"):
        return (
            r"the line ends with \r\r\n, as in a file that was written as text twice; save it with "
            r"\n or \r\n at the end of each line"
        )
    if "\r" in outside:
        return r"a carriage return that ends no line; save the file with \n or \r\n at the end of each line"
    try:
        rows = list(csv.reader(io.StringIO(record, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return _LONE_QUOTE
    fields = len(rows[0]) if len(rows) == 1 else width
    if fields < width:
        return f"a row of {fields} fields, where the header has {width}"
    if fields > width:
        return f"a row has more fields than the header; quote values that hold a {separator!r}"
    return "a quote within a value that is not quoted: quote the value and double the quotes in it"


def header_record(source: Path | bytes, path: Path) -> bytes:
    """Return the first line of a file, or lines where a quoted name runs over several.

    Raises:
        DataError: where a quote in the header is never closed.
        OSError: where the file cannot be read.
    """
    lines: list[bytes] = []
    open_quote = 0
    with io.BytesIO(source) if isinstance(source, bytes) else path.open("rb") as file:
        while line := file.readline():
            lines.append(line)
            open_quote = (open_quote + line.count(b'"')) % 2
            if not open_quote:
                break
    if open_quote:
        raise DataError(f"{path}:1: {_LONE_QUOTE}")
    return b"".join(lines)
