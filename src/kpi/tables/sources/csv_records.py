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
from typing import Any

import polars as pl
from attrs import frozen

from kpi.errors import DataError
from kpi.tables.sources.text_files import TextFile

_WIDEST = 400
"""The most fields that the regular expression itself counts; its size is limited."""

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
    text: TextFile, separator: str, width: int, dates: Sequence[int] = (), *, quote: str = '"'
) -> Records:
    """Check and count the records of a file.

    Args:
        text: the text of the file.
        separator: the separator of fields.
        width: the number of fields in the header.
        dates: the positions of the fields that hold dates, from 0.
        quote: the sign around quoted fields; the empty text for none.

    Raises:
        DataError: naming the line of the first record that is not whole (another number of fields,
            a quote out of place, a carriage return that ends no line), or the line of a row within
            a quoted value, as where two quotes are missing in two rows.
        ComputeError: where the file is not UTF-8.
    """
    form = _Form(separator, quote, width)
    lines, line = pl.scan_lines(text.source, name="line", glob=False), pl.col("line")
    whole, empty = form.is_whole(line), line.str.len_bytes() == 0
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
        return _over_lines(lines.collect()["line"], text, form, dates)
    empties = lines.select(empty).collect().to_series()[1:] if blank else None
    return Records(many - 1 - blank, empties)


@frozen
class _Form:
    """Form of the records of a file.

    Attributes:
        separator: the separator of fields.
        quote: the sign around quoted fields; the empty text for none.
        width: the number of fields in the header.
    """

    separator: str
    quote: str
    width: int

    @property
    def quoted(self) -> str:
        """The pattern of a quoted field; one that never matches where there are no quotes."""
        sign = re.escape(self.quote)
        return f"{sign}(?:[^{sign}]|{sign}{sign})*{sign}" if sign else r"\b\B"

    def quotes(self, line: pl.Series) -> pl.Series:
        """Count the quotes of each line."""
        counts = line.str.count_matches(self.quote, literal=True) if self.quote else line.is_null()
        return counts.cast(pl.Int64)

    def is_whole(self, line: pl.Expr) -> pl.Expr:
        """Return the predicate that a record has all fields, each plain or quoted whole."""
        sign = re.escape(self.separator)
        value = rf"(?:[^{re.escape(self.quote)}{sign}\r\n]*|{self.quoted})"
        if self.width <= _WIDEST:
            return line.str.contains(f"^{value}(?:{sign}{value}){{{self.width - 1}}}$")
        bare = line.str.replace_all(self.quoted, "")
        fields = bare.str.count_matches(self.separator, literal=True) + 1
        return line.str.contains(f"^{value}(?:{sign}{value})*$") & (fields == self.width)

    def is_row(self, line: pl.Expr, dates: Sequence[int]) -> pl.Expr:
        """Return the predicate that a line within a quoted value looks like a row, dates in place.

        A line with a quote before its last sign is none: there the value ends, and the fields
        behind it belong to the same record.

        Args:
            line: the lines.
            dates: the positions of the fields that hold dates, from 0.
        """
        if not dates or not self.quote:
            return pl.lit(value=False)
        many = line.str.count_matches(self.separator, literal=True) == self.width - 1
        fields = line.str.split(self.separator)
        around = f" {self.quote}\r"
        cells = [
            fields.list.get(place, null_on_oob=True).str.strip_chars(around) for place in dates
        ]
        dated = [cell.str.contains(_DATE) for cell in cells]
        fits = [date | (cell == "") for date, cell in zip(dated, cells, strict=True)]
        open_still = ~line.str.contains(f"{re.escape(self.quote)}.")
        is_row = many & open_still & pl.any_horizontal(dated) & pl.all_horizontal(fits)
        return is_row.fill_null(value=False)

    def problem(self, record: str) -> str:
        """Return why a record is not whole, and what to do."""
        outside = re.sub(self.quoted, "", record)
        if outside.endswith("\r"):
            return (
                r"the line ends with \r\r\n, as in a file that was written as text twice; save it "
                r"with \n or \r\n at the end of each line"
            )
        if "\r" in outside:
            return (
                r"a carriage return that ends no line; save the file with \n or \r\n at the end of "
                "each line"
            )
        try:
            rows = list(
                csv.reader(
                    io.StringIO(record, newline=""),
                    delimiter=self.separator,
                    strict=True,
                    **reader_options(self.quote),
                )
            )
        except csv.Error:
            return _LONE_QUOTE
        fields = len(rows[0]) if len(rows) == 1 else self.width
        if fields < self.width:
            return f"a row of {fields} fields, where the header has {self.width}"
        if fields > self.width:
            return f"a row has more fields than the header; quote values that hold a {self.separator!r}"
        return (
            "a quote within a value that is not quoted: quote the value and double the quotes in it"
        )


def reader_options(quote: str) -> dict[str, Any]:
    """Return the options of `csv.reader` for a quote; for none where it is the empty text."""
    if quote:
        return {"quotechar": quote}
    return {"quotechar": None, "quoting": csv.QUOTE_NONE}


def _over_lines(lines: pl.Series, text: TextFile, form: _Form, dates: Sequence[int]) -> Records:
    """Check and count records that may run over several lines: while a quote is open.

    Args:
        lines: the lines of the text.
        text: the text of the file.
        form: the form of its records.
        dates: the positions of the fields that hold dates, from 0.

    Raises:
        DataError: as `records`.
    """
    lines = lines.scatter(0, lines[0].removeprefix(_MARK)) if lines.len() else lines
    quotes = form.quotes(lines)
    inside = (quotes.cum_sum() - quotes) % 2 == 1
    frame = pl.DataFrame(
        {
            "number": pl.int_range(1, lines.len() + 1, eager=True),
            "record": (~inside).cum_sum(),
            "line": lines,
            "several": inside | (quotes % 2 == 1),
        }
    )
    line = pl.col("line")
    whole = form.is_whole(line)
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
        raise DataError(f"{text.at(number)}: {form.problem(record)}")
    swallowed = frame.filter(inside & form.is_row(line, dates))
    if swallowed.height:
        number, begun = swallowed.select("number", "record").row(0)
        first = text.above + frame.filter(pl.col("record") == begun)["number"][0]
        raise DataError(
            f"{text.at(number)}: a row within a value whose quote opens at line {first}; double the "
            "quotes within values, or write the value without line ends"
        )
    blank = (frame["line"] == "").filter(~inside)[1:]
    return Records(blank.len() - int(blank.sum()), blank)


def header_record(text: TextFile, quote: str) -> bytes:
    """Return the first line of a file, or lines where a quoted name runs over several.

    Raises:
        DataError: where a quote in the header is never closed.
        OSError: where the file cannot be read.
    """
    lines: list[bytes] = []
    open_quote, sign = 0, quote.encode()
    with text.open() as file:
        while line := file.readline():
            lines.append(line)
            open_quote = (open_quote + (line.count(sign) if sign else 0)) % 2
            if not open_quote:
                break
    if open_quote:
        raise DataError(f"{text.at(1)}: {_LONE_QUOTE}")
    return b"".join(lines)
