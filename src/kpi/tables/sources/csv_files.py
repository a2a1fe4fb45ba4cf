"""CSV files: encoding, separator, header and whole rows, checked before any value is parsed.

A file that cannot be read for certain is refused with the line: no wrong letters, no lost rows.
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from attrs import evolve, frozen
from polars.exceptions import ComputeError

from kpi.errors import DataError
from kpi.tables.sources.csv_records import header_record, reader_options, records
from kpi.tables.sources.headers import below_others, require_names
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.text_files import TextFile

_SEPARATORS = (",", ";", "\t", "|")
_HALF_QUOTED = "quote whole names and double the quotes in them"
_EXCEL = re.compile(r"sep=.?", re.IGNORECASE)
_PREAMBLE = 50
"""Lines from the top among which the names of the columns are looked for where the first has none."""

LARGE = 1 << 23
"""Bytes from which a file without quotes is read with dictionary-encoded texts."""


@frozen(eq=False, repr=False)
class CsvFile:
    """CSV file whose header has been read; rows are read when they are collected.

    Every column is text, for the kind of a column is declared, never guessed. Blank lines are no
    rows.

    Attributes:
        text: the text of the file.
        key: the columns of the table's key.
        dates: the columns that are declared as dates.
        separator: the separator of fields.
        quote: the sign around quoted fields; the empty text for none.
        names: all names in the header.
        columns: the columns to read.
    """

    text: TextFile
    key: tuple[str, ...]
    dates: frozenset[str]
    separator: str
    quote: str
    names: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, path: Path, layout: Layout, data: bytes | None = None) -> CsvFile:
        """Read encoding and header of the file of a table.

        Args:
            path: the path of the file, or its name in messages.
            layout: what is declared of the file.
            data: the bytes of the file where they are not those of the path itself.

        Raises:
            DataError: where encoding or header are wrong, with the line.
            OSError: where the file cannot be read.
        """
        text = TextFile.of(path, layout, data)
        quote = '"' if layout.quote is None else layout.quote
        separator, names = _header(text, layout, quote)
        dates = frozenset(layout.dates)
        return cls(text, layout.key, dates, separator, quote, tuple(names), tuple(names))

    @property
    def path(self) -> Path:
        """The path of the file, or its name in messages."""
        return self.text.path

    @property
    def decimal_comma(self) -> bool:
        """Whether the separator, a semicolon, leaves the comma to decimals."""
        return self.separator == ";"

    def collect_schema(self) -> pl.Schema:
        """Return the columns to read, as texts: none is dictionary-encoded yet."""
        return pl.Schema(dict.fromkeys(self.columns, pl.String()))

    def select(self, columns: Sequence[str]) -> CsvFile:
        """Return the file with other columns to read."""
        return evolve(self, columns=tuple(columns))

    def collect(self, *, categories: bool = True) -> pl.DataFrame:
        """Read the rows in the columns to read.

        Args:
            categories: whether texts that repeat in a large file may be categories (`pl.Enum`); the
                columns of the key stay texts.

        Raises:
            DataError: where a row is not whole, or bytes are not of the encoding; with the line
                where it is one line's mistake.
            OSError: where the file cannot be read.
        """
        source = self.text.source
        if (source.stat().st_size if isinstance(source, Path) else len(source)) >= LARGE:
            # PyArrow takes longer to load than a small file to be read.
            from kpi.tables.sources.unquoted_csv import read_plain  # noqa: PLC0415

            texts = self.key if categories else self.columns
            frame = read_plain(
                source, self.separator, self.names, self.columns, texts, quote=self.quote
            )
            if frame is not None:
                return frame
        return _read(self)


def _read(file: CsvFile) -> pl.DataFrame:
    """Read the columns of a file with Polars; each record is checked and counted beside it.

    Raises:
        DataError: where a record is not whole, or the reader gives another number of rows.
    """
    text, path = file.text, file.path
    try:
        dates = [place for place, name in enumerate(file.names) if name in file.dates]
        counted = records(text, file.separator, len(file.names), dates, quote=file.quote)
        places = sorted(map(file.names.index, file.columns))
        # By position, not by name: the header is parsed already.
        frame = pl.read_csv(
            text.source,
            separator=file.separator,
            quote_char=file.quote or None,
            infer_schema=False,
            glob=False,
            columns=places,
        )
    except ComputeError as error:
        if re.search("utf-?8", str(error)):
            raise text.not_utf_8() from error
        # The message of Polars may hold values of the rows.
        raise DataError(f"{path}: cannot be read, though each of its rows is whole") from error
    frame.columns = [file.names[place] for place in places]
    rows = counted.rows_of(frame)
    if rows is None:
        raise DataError(
            f"{path}: {frame.height:,} rows were read, and the file has {counted.rows:,}"
        )
    return rows.select(file.columns)


def _header(text: TextFile, layout: Layout, quote: str) -> tuple[str, list[str]]:
    """Return separator and names of the header: the separator that yields the key, else most names.

    Raises:
        DataError: where the first line is no header, or names are missing or stand twice.
    """
    first = text.at(1)
    line = _first_record(text, quote)
    if not line.strip():
        raise DataError(f"{first}: an empty line; a CSV file begins with the names of its columns")
    if _EXCEL.fullmatch(line):
        raise DataError(f"{first}: a line for Excel ({line}); remove it, the header comes first")
    if "\0" in line:
        raise DataError(
            f"{first}: holds null bytes, as UTF-16 does; save the extract as UTF-8, or declare "
            'encoding = "utf-16" for the table in the plan'
        )
    if "\r" in (re.sub(f"{quote}[^{quote}]*{quote}", "", line) if quote else line):
        raise DataError(
            f"{first}: lines that end with a carriage return alone; save the extract with \\n or "
            "\\r\\n at the end of each line"
        )
    separators = _SEPARATORS if layout.separator is None else (layout.separator,)
    by_separator = _fields(line, separators, quote)
    if not by_separator:
        raise DataError(f"{first}: the header cannot be read: {_HALF_QUOTED}")
    with_key = (s for s, names in by_separator.items() if set(layout.key) <= set(names))
    separator = next(with_key, None)
    if separator is None:
        _refuse_preamble(text, layout, separators, quote)
        separator = max(by_separator, key=lambda s: len(by_separator[s]))
    names = by_separator[separator]
    require_names(names, text.path, first, layout)
    return separator, names


def _fields(line: str, separators: Sequence[str], quote: str) -> dict[str, list[str]]:
    """Return the fields of a line by separator, for the separators that can part it."""
    by_separator: dict[str, list[str]] = {}
    for candidate in separators:
        # A quoted name over several lines is one name only under the right separator.
        with contextlib.suppress(csv.Error):
            reader = csv.reader([line], delimiter=candidate, **reader_options(quote))
            by_separator[candidate] = next(reader, [])
    return by_separator


def _refuse_preamble(text: TextFile, layout: Layout, separators: Sequence[str], quote: str) -> None:
    """Check that no line below the first holds the names of the key, which the first does not.

    Raises:
        DataError: where a line does, as below a heading.
    """
    for number, line in enumerate(text.lines(_PREAMBLE), 1):
        fields = _fields(line.rstrip("\r"), separators, quote).values()
        if number > 1 and layout.key and any(set(layout.key) <= set(names) for names in fields):
            raise below_others(text.at(number), text.above + number - 1, layout)


def _first_record(text: TextFile, quote: str) -> str:
    """Return the first line as text, or lines where a quoted name runs over several."""
    try:
        return header_record(text, quote).decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise text.not_utf_8() from None
