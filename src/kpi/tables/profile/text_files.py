"""Samples of text files: the rows of a small file, the first and spread ones of a large one."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import polars as pl
from attrs import frozen

from kpi.errors import DataError, listed
from kpi.tables.profile.encodings import FoundEncoding, find_encoding
from kpi.tables.profile.text_layout import TextLayout, find_layout, lines_of, trailing

WHOLE = 1 << 24
"""Bytes up to which a file is read whole."""
HEAD = 3 << 22
"""Bytes read from the beginning of a larger file."""
PIECES, PIECE = 16, 1 << 18
"""Number and bytes of the pieces of a larger file that are read further on, the last at the end."""
_FIRST_LINES = 500


@frozen(eq=False)
class TextSample:
    """Sample of a text file, parsed by the layout that was found.

    Attributes:
        encoding: the encoding.
        layout: separator, quote and lines above the header.
        footer_lines: number of lines below the rows.
        frame: the rows that were read, every column as texts; empty fields are null.
        whole: whether the whole file was read.
        remarks: what a reader of the file should know, a sentence each.
    """

    encoding: FoundEncoding
    layout: TextLayout
    footer_lines: int
    frame: pl.DataFrame
    whole: bool
    remarks: tuple[str, ...]


def sample_text(data: bytes | Path, known: Collection[str] = ()) -> TextSample:
    """Read a sample of a text file, and find the layout.

    Args:
        data: the path of the file, or its bytes.
        known: names of columns that the table may well have.

    Raises:
        DataError: where the text is empty.
        OSError: where the file cannot be read.
    """
    pieces, whole = _pieces(data)
    encoding = find_encoding(b"".join(pieces))
    head, *others = (piece.decode(encoding.codec, "replace") for piece in pieces)
    # The mark is that of the first piece; the others begin within the text.
    head = head.removeprefix("\ufeff")
    remarks = list(_remarks_on_bytes(pieces[0], encoding))
    lines = lines_of(head)
    if not any(line.strip() for line in lines):
        raise DataError("the file holds no text")
    layout = find_layout(lines[:_FIRST_LINES], known)
    rows, footer, ragged = _rows(head, others, layout)
    remarks += ragged
    if not layout.has_header:
        remarks.append(
            "no line names the columns: put their names above the rows; they are numbered here"
        )
    twice = sorted({name for name in layout.names if layout.names.count(name) > 1})
    if twice:
        remarks.append(f"the header names {listed(twice)} twice: `kpi` refuses that; rename one")
    names = apart(layout.names)
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    frame = pl.DataFrame(
        [pl.Series(n, c, dtype=pl.String) for n, c in zip(names, columns, strict=True)]
    ).with_columns(pl.all().replace("", None))
    return TextSample(encoding, layout, footer, frame, whole, tuple(remarks))


def _pieces(data: bytes | Path) -> tuple[list[bytes], bool]:
    """Return the pieces of a file that are read, whole lines each, and whether they are all."""
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        # Lines of UTF-16 cannot be told apart by single bytes.
        if size <= WHOLE or b"\0" in start or start.startswith((b"\xff\xfe", b"\xfe\xff")):
            return [file.read()], True
        head = file.read(HEAD)
        pieces = [head[: head.rfind(b"\n") + 1]]
        step = (size - HEAD - PIECE) // (PIECES - 1)
        for n in range(PIECES):
            file.seek(HEAD + n * step)
            piece = file.read(PIECE)
            end = len(piece) if n == PIECES - 1 else piece.rfind(b"\n") + 1
            pieces.append(piece[piece.find(b"\n") + 1 : end])
    return pieces, False


def _remarks_on_bytes(head: bytes, encoding: FoundEncoding) -> Iterator[str]:
    if encoding.name == "utf-32":
        yield "UTF-32 cannot be read: save the extract as UTF-8"
    if encoding.name != "utf-16" and b"\r" in head and b"\n" not in head:
        yield "lines end with a carriage return alone: save the extract with \\n or \\r\\n"


def _rows(
    head: str, others: Sequence[str], layout: TextLayout
) -> tuple[list[list[str]], int, list[str]]:
    """Return the rows of a text, the number of lines in the footer, and remarks on other lines."""
    width, separator = len(layout.names), layout.separator
    above = layout.skip_lines
    body = head.split("\n", above)[-1] if above and "\n" in head else head
    if above and "\n" not in head:
        body = "\r".join(head.split("\r")[above:])
    records, remarks = _records(body, layout)
    records = records[1:] if layout.has_header else records
    footer = 0
    if others:
        for part in others:
            further, _ = _records(part, layout)
            records += [(0, record) for _, record in further]
    below = trailing(records, width, separator)
    if below:
        last = others[-1] if others else head
        footer = _lines_below(last, below)
        records = records[:-below]
    bad = [(line, record) for line, record in records if len(record) != width]
    if bad:
        line, record = bad[0]
        where = f"; the first is line {line + above}" if line else ""
        many = "row has" if len(bad) == 1 else "rows have"
        remarks.append(
            f"{len(bad):,} {many} another number of fields than the header, which has {width}"
            f"{where} with {len(record)}; `kpi` refuses such rows"
        )
    return [record for _, record in records if len(record) == width], footer, remarks


def _records(text: str, layout: TextLayout) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Return the records of a text with their last lines, and a remark where they break off."""
    stream = io.StringIO(text, newline="")
    reader = csv.reader(stream, delimiter=layout.separator, quotechar=layout.quote)
    records: list[tuple[int, list[str]]] = []
    try:
        records.extend((reader.line_num, record) for record in reader if record)
    except csv.Error:
        line = reader.line_num + layout.skip_lines
        return records, [f"the rows from line {line} on cannot be parted: a quote is not closed"]
    return records, []


def _lines_below(text: str, records: int) -> int:
    """Return how many lines a footer has, empty ones within it too.

    Args:
        text: the text that ends with the footer.
        records: the number of records in it.
    """
    lines = lines_of(text)
    # Empty lines at the end belong to nothing, and so do those between the rows and the footer.
    while lines and not lines[-1]:
        lines.pop()
    count = seen = 0
    for line in reversed(lines):
        count += 1
        seen += bool(line)
        if seen == records:
            break
    return count


def apart(names: Sequence[str]) -> list[str]:
    """Return names of columns, each once and none empty, as a frame takes them."""
    apart: list[str] = []
    for n, name in enumerate(names, start=1):
        other = name or f"column {n}"
        while other in apart:
            other = f"{other} (column {n})"
        apart.append(other)
    return apart
