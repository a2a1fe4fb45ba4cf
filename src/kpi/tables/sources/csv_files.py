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

from kpi.errors import DataError, listed, suggest
from kpi.tables.sources.csv_records import header_record, records
from kpi.tables.sources.layout import Layout

_SEPARATORS = (",", ";", "\t", "|")
_UTF_8 = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_DATA = re.compile(r"\s*[-+]?\d[\d.,:/ TZ+-]*")
_HALF_QUOTED = "quote whole names and double the quotes in them"
_EXCEL = re.compile(r"sep=.?", re.IGNORECASE)


LARGE = 1 << 23
"""Bytes from which a file without quotes is read with dictionary-encoded texts."""


@frozen(eq=False, repr=False)
class CsvFile:
    """CSV file whose header has been read; rows are read when they are collected.

    Every column is text, for the kind of a column is declared, never guessed. Blank lines are no
    rows.

    Attributes:
        path: the path of the file.
        key: the columns of the table's key.
        dates: the columns that are declared as dates.
        source: the path, or the text in UTF-8 where the file is in another encoding.
        separator: the separator of fields.
        names: all names in the header.
        columns: the columns to read.
    """

    path: Path
    key: tuple[str, ...]
    dates: frozenset[str]
    source: Path | bytes
    separator: str
    names: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, path: Path, layout: Layout) -> CsvFile:
        """Read encoding and header of the file of a table.

        Raises:
            DataError: where encoding or header are wrong, with the line.
            OSError: where the file cannot be read.
        """
        source = _as_utf_8(path, layout)
        separator, names = _header(source, path, layout)
        dates = frozenset(layout.dates)
        return cls(path, layout.key, dates, source, separator, tuple(names), tuple(names))

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
        source = self.source
        if (source.stat().st_size if isinstance(source, Path) else len(source)) >= LARGE:
            # PyArrow takes longer to load than a small file to be read.
            from kpi.tables.sources.unquoted_csv import read_plain  # noqa: PLC0415

            texts = self.key if categories else self.columns
            frame = read_plain(source, self.separator, self.names, self.columns, texts)
            if frame is not None:
                return frame
        return _read(self)


def _read(file: CsvFile) -> pl.DataFrame:
    """Read the columns of a file with Polars; each record is checked and counted beside it.

    Raises:
        DataError: where a record is not whole, or the reader gives another number of rows.
    """
    source, path = file.source, file.path
    try:
        dates = [place for place, name in enumerate(file.names) if name in file.dates]
        counted = records(source, path, file.separator, len(file.names), dates)
        places = sorted(map(file.names.index, file.columns))
        # By position, not by name: the header is parsed already.
        frame = pl.read_csv(
            source, separator=file.separator, infer_schema=False, glob=False, columns=places
        )
    except ComputeError as error:
        if re.search("utf-?8", str(error)):
            raise _not_utf_8(path) from error
        # The message of Polars may hold values of the rows.
        raise DataError(f"{path}: cannot be read, though each of its rows is whole") from error
    frame.columns = [file.names[place] for place in places]
    rows = counted.rows_of(frame)
    if rows is None:
        raise DataError(
            f"{path}: {frame.height:,} rows were read, and the file has {counted.rows:,}"
        )
    return rows.select(file.columns)


def _as_utf_8(path: Path, layout: Layout) -> Path | bytes:
    """Return the path of a file in UTF-8, else the text recoded to UTF-8.

    The encoding is that of the byte order mark, else the one that the plan declares.

    Raises:
        DataError: where the file is in another encoding than declared.
    """
    with path.open("rb") as file:
        head = file.read(4)
    declared = layout.encoding or "utf-8"
    if head.startswith(_UTF_32):
        raise DataError(f"{path}: UTF-32; save the extract as UTF-8")
    if head.startswith(_UTF_16):
        return _decoded(path, path.read_bytes(), "utf-16")
    if declared == "utf-8" or head.startswith(_UTF_8):
        return path
    data = path.read_bytes()
    if declared == "utf-16":
        if b"\0" not in head:
            raise DataError(
                f'{path}: not UTF-16, which the plan declares for the table {layout.table} (encoding = "utf-16")'
            )
        return _decoded(path, data, "utf-16-be" if head.startswith(b"\0") else "utf-16-le")
    if not data.isascii() and _is_utf_8(data):
        raise DataError(
            f'{path}: UTF-8, though the plan declares encoding = "{declared}" for the table '
            f"{layout.table}; remove it from the plan"
        )
    text = _decoded(path, data, declared)
    odd = re.search(rb"[\x80-\x9f]", data) if declared == "iso-8859-1" else None
    if odd:
        line = 1 + data.count(b"\n", 0, odd.start())
        raise DataError(f'{path}:{line}: not ISO-8859-1; declare encoding = "windows-1252"')
    return text


def _decoded(path: Path, data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeDecodeError as error:
        line = 1 + data[: error.start].decode(encoding, errors="ignore").count("\n")
        raise DataError(
            f"{path}:{line}: not {encoding.upper()}; save the extract as UTF-8"
        ) from None


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _not_utf_8(path: Path) -> DataError:
    data = path.read_bytes()
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        return DataError(
            f"{path}:{line}: not UTF-8; save the extract as UTF-8, or declare what it is in the "
            'table\'s section of the plan, such as encoding = "windows-1252"'
        )
    return DataError(f"{path}: not UTF-8; save the extract as UTF-8")


def _header(source: Path | bytes, path: Path, layout: Layout) -> tuple[str, list[str]]:
    """Return separator and names of the header: the separator that yields the key, else most names.

    Raises:
        DataError: where the first line is no header, or names are missing or stand twice.
    """
    line = _first_record(source, path)
    if not line.strip():
        raise DataError(f"{path}:1: an empty line; a CSV file begins with the names of its columns")
    if _EXCEL.fullmatch(line):
        raise DataError(f"{path}:1: a line for Excel ({line}); remove it, the header comes first")
    if "\0" in line:
        raise DataError(
            f"{path}:1: holds null bytes, as UTF-16 does; save the extract as UTF-8, or declare "
            'encoding = "utf-16" for the table in the plan'
        )
    if "\r" in re.sub('"[^"]*"', "", line):
        raise DataError(
            f"{path}:1: lines that end with a carriage return alone; save the extract with \\n or "
            "\\r\\n at the end of each line"
        )
    by_separator: dict[str, list[str]] = {}
    for candidate in _SEPARATORS:
        # A quoted name over several lines is one name only under the right separator.
        with contextlib.suppress(csv.Error):
            by_separator[candidate] = next(csv.reader([line], delimiter=candidate), [])
    if not by_separator:
        raise DataError(f"{path}:1: the header cannot be read: {_HALF_QUOTED}")
    with_key = (s for s, names in by_separator.items() if set(layout.key) <= set(names))
    separator = next(with_key, None) or max(by_separator, key=lambda s: len(by_separator[s]))
    names = by_separator[separator]
    expected = list(dict.fromkeys([*layout.key, *layout.dates]))
    if not set(names) & set(expected) and _looks_like_data(names, expected):
        raise DataError(
            f"{path}:1: no header: the first line holds values; put the names of the columns above "
            f"it, among them {listed(expected)}"
        )
    unnamed = names.count("")
    if unnamed > 1:
        raise DataError(f"{path}:1: {unnamed} columns without a name; name or remove them")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path}: the header holds {listed(twice)} twice; keep one")
    return separator, names


def _first_record(source: Path | bytes, path: Path) -> str:
    """Return the first line as text, or lines where a quoted name runs over several."""
    try:
        return header_record(source, path).decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise _not_utf_8(path) from None


def _looks_like_data(names: list[str], expected: list[str]) -> bool:
    values = any(_DATA.fullmatch(name) for name in names)
    return values and not any(suggest(name, expected) for name in names)
