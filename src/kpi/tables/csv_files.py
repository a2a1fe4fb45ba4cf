"""CSV files: encoding, separator, header and whole rows, settled before a value is looked at.

What cannot be read for certain is refused with its line: no wrong letters, no lost rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl
from attrs import evolve, frozen
from polars.exceptions import ComputeError

from kpi.definitions.table import Table
from kpi.errors import DataError, listed, suggest

_SEPARATORS = (",", ";", "\t", "|")
_UTF_8 = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_DATA = re.compile(r"\s*[-+]?\d[\d.,:/ TZ+-]*")
_EXCEL = re.compile(r"sep=.?", re.IGNORECASE)


LARGE = 1 << 23
"""A file of so many bytes is worth reading by codes of its texts, where it is plain enough."""


@frozen(eq=False, repr=False)
class CsvFile:
    """A CSV file whose header has been read; its rows are read when they are collected.

    Every column is text, for what it should hold is declared, never guessed. Lines without a sign
    are no rows.

    Attributes:
        path: where it is.
        key: the columns of its table's key.
        source: the file, or its text in UTF-8 where it is in another encoding.
        separator: what parts its fields.
        names: the names in its header.
        columns: those of them that are asked for.
    """

    path: Path
    key: tuple[str, ...]
    source: Path | bytes
    separator: str
    names: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, path: Path, table: Table) -> CsvFile:
        """A file of a table.

        Raises:
            DataError: where encoding or header are not whole.
            OSError: where the file cannot be read.
        """
        source = _as_utf_8(path, table)
        separator, names = _header(source, path, table)
        return cls(path, table.key, source, separator, tuple(names), tuple(names))

    @property
    def decimal_comma(self) -> bool:
        """Whether its separator leaves the comma to decimals."""
        return self.separator == ";"

    def collect_schema(self) -> pl.Schema:
        """Its columns, as they are before any text becomes a code."""
        return pl.Schema(dict.fromkeys(self.columns, pl.String()))

    def select(self, columns: Sequence[str]) -> CsvFile:
        """The same, of which only some columns are asked for."""
        return evolve(self, columns=tuple(columns))

    def collect(self, *, codes: bool = True) -> pl.DataFrame:
        """Its rows.

        Args:
            codes: whether texts that repeat in a large file may be codes (`pl.Enum`); those of the
                key are texts.

        Raises:
            DataError: where a row is not whole, or a sign is none; with the line, if it is one line's.
            OSError: where the file cannot be read.
        """
        source = self.source
        if (source.stat().st_size if isinstance(source, Path) else len(source)) >= LARGE:
            # PyArrow takes longer to load than a small file to be read.
            from kpi.tables.unquoted_csv import read_plain  # noqa: PLC0415

            texts = self.key if codes else self.columns
            found = read_plain(source, self.separator, self.names, self.columns, texts)
            if found is not None:
                return found
        return _read(self.source, self.path, self.separator, len(self.names)).select(self.columns)


def _read(source: Path | bytes, path: Path, separator: str, width: int) -> pl.DataFrame:
    """All columns, needed or not: only then is a row noticed that has more fields than the header."""
    try:
        blank, quoted = _blank_lines(source, path, separator, width)
        frame = pl.read_csv(source, separator=separator, infer_schema=False, glob=False)
    except ComputeError as error:
        raise DataError(_why(error, source, path, separator)) from error
    if blank:
        frame = _without_blank(frame, source, separator, None if quoted else blank)
    return frame


def _as_utf_8(path: Path, table: Table) -> Path | bytes:
    """The file, or its text in UTF-8 where it is in another encoding: as its mark says, or the plan."""
    with path.open("rb") as file:
        head = file.read(4)
    declared = table.encoding or "utf-8"
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
                f'{path}: not UTF-16, which the plan declares for the table {table.name} (encoding = "utf-16")'
            )
        return _decoded(path, data, "utf-16-be" if head.startswith(b"\0") else "utf-16-le")
    if not data.isascii() and _is_utf_8(data):
        raise DataError(
            f'{path}: UTF-8, though the plan declares encoding = "{declared}" for the table '
            f"{table.name}; remove it from the plan"
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


def _open(source: Path | bytes) -> io.TextIOWrapper:
    """The text for `csv` to read; signs that are none cannot change where a row ends."""
    binary = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    return io.TextIOWrapper(binary, encoding="utf-8-sig", errors="replace", newline="")


def _header(source: Path | bytes, path: Path, table: Table) -> tuple[str, list[str]]:
    """The separator under which the header holds the table's key, else most names; the names."""
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
    try:
        found = {s: next(csv.reader([line], delimiter=s), []) for s in _SEPARATORS}
    except csv.Error as error:
        raise DataError(f"{path}: the header cannot be read: {error}") from None
    holding = (s for s, names in found.items() if set(table.key) <= set(names))
    separator = next(holding, None) or max(_SEPARATORS, key=lambda s: len(found[s]))
    names = found[separator]
    expected = [*table.key, *table.date_columns]
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
    """The first line, or lines where a quoted name runs over several."""
    with io.BytesIO(source) if isinstance(source, bytes) else path.open("rb") as file:
        line = file.readline()
        while line.count(b'"') % 2 and (more := file.readline()):
            line += more
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise _not_utf_8(path) from None


def _looks_like_data(names: list[str], expected: list[str]) -> bool:
    values = any(_DATA.fullmatch(name) for name in names)
    return values and not any(suggest(name, expected) for name in names)


def _blank_lines(source: Path | bytes, path: Path, separator: str, width: int) -> tuple[int, bool]:
    """How many lines have no sign at all, those within quoted values too; whether there are quotes.

    Raises:
        DataError: where a row has fewer fields than the header, which Polars fills with nulls
            silently.
        ComputeError: where it is not UTF-8.
    """
    lines, text = pl.scan_lines(source, name="line", glob=False), pl.col("line")
    short = (text.str.count_matches(separator, literal=True) < width - 1) & (text != "")
    any_short, blank, quoted = (
        lines.select(
            short.any().fill_null(value=False).alias("short"),
            (text.is_null() | (text == "")).sum().alias("blank"),
            text.str.contains('"', literal=True).any().fill_null(value=False).alias("quoted"),
        )
        .collect()
        .row(0)
    )
    # A quoted value may run over several lines: only now is it worth reading as CSV, row by row.
    if any_short and width > 1:
        for number, row in _rows(source, path, separator):
            if 0 < len(row) < width:
                raise DataError(
                    f"{path}:{number}: a row of {len(row)} fields, where the header has {width}"
                )
    return blank, quoted


def _rows(source: Path | bytes, path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its last line, the header first.

    Raises:
        DataError: where quotes do not close.
    """
    with _open(source) as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        start = 1
        try:
            for row in reader:
                yield reader.line_num, row
                start = reader.line_num + 1
        except csv.Error:
            raise DataError(
                f"{path}:{start}: a quote that stands alone: quote the whole value and double the "
                "quotes in it; or the file was cut short"
            ) from None


def _without_blank(
    frame: pl.DataFrame, source: Path | bytes, separator: str, blank: int | None
) -> pl.DataFrame:
    """The rows without those that are lines without a sign; a row of separators alone stays.

    Args:
        frame: the rows.
        source: the file or its text.
        separator: its separator.
        blank: how many such lines there are, where none of them can stand within a value.
    """
    empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not empty.any() or empty.sum() == blank:
        return frame.filter(~empty)
    with _open(source) as file:
        next(rows := csv.reader(file, delimiter=separator))
        signs = pl.Series([bool(row) for row in rows], dtype=pl.Boolean)
    return frame.filter(signs | ~empty) if signs.len() == frame.height else frame


def _why(error: ComputeError, source: Path | bytes, path: Path, separator: str) -> str:
    """What is wrong with the rows of a file that Polars does not read, with the line."""
    if re.search("utf-?8", str(error)) and isinstance(source, Path):
        return str(_not_utf_8(source))
    rows = _rows(source, path, separator)
    try:
        width = len(next(rows)[1])
        for number, row in rows:
            if len(row) > width:
                return (
                    f"{path}:{number}: a row has more fields than the header; quote values that "
                    f"hold a {separator!r}"
                )
    except DataError as found:
        return str(found)
    # What Polars says may hold values of the rows.
    line = _lone_quote(source, separator)
    where = f"{path}:{line}" if line else str(path)
    return f"{where}: a quote within a value that is not quoted: quote the value and double the quotes in it"


def _lone_quote(source: Path | bytes, separator: str) -> int | None:
    """The line of the first row whose value holds a quote that is not doubled."""
    read: list[str] = []

    def lines(file: Iterable[str]) -> Iterator[str]:
        for line in file:
            read.append(line)
            yield line

    with _open(source) as file:
        rows = csv.reader(lines(file), delimiter=separator)
        for row in rows:
            if any('"' in value for value in row) and '""' not in "".join(read):
                return rows.line_num
            read.clear()
    return None
