"""CSV files without a quote, read at one go: texts that repeat become codes as they are read.

In such a file a line is a row and a separator parts two fields, so nothing can be read in two ways.
Any other is for `kpi.tables.csv_files`, which also says what is wrong with a file, and where.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa
from pyarrow import csv

from kpi.tables.csv_records import count_lines

_PIECE = 1 << 20
_FEED = ord("\n")
_BLOCK = 1 << 22
_HEAD = 1 << 20
_REPEATS = 4
"""Texts become codes where each of them stands in so many rows, on average."""


def read_plain(
    source: Path | bytes,
    separator: str,
    names: Sequence[str],
    columns: Sequence[str],
    texts: Collection[str],
) -> pl.DataFrame | None:
    """Columns of a plain file, each of texts or of their codes (`pl.Enum`); None of any other file.

    Args:
        source: the file, or its bytes.
        separator: what parts its fields.
        names: the names in its header, all of them.
        columns: the columns that are asked for.
        texts: those of them that stay texts, however often one stands there.

    Raises:
        OSError: where the file cannot be read.
    """
    # In a file of one column a line without a sign may be a row, or none.
    if len(names) == 1 or not _is_plain(source):
        return None
    try:
        repeating = _repeating(source, separator, names).difference(texts)
        found = _read(source, separator, names, columns, repeating)
    except pa.ArrowInvalid:
        # Rows that are not whole.
        return None
    if not _has_all_lines(source, found.num_rows):
        return None
    return pl.DataFrame(
        [
            _dictionary_encoded(n, found[n]) if n in repeating else pl.Series(n, found[n])
            for n in columns
        ]
    )


def _is_plain(source: Path | bytes) -> bool:
    """Whether a file is UTF-8, holds no quote, and no carriage return but before a line feed."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    returned = False
    with _open(source) as file:
        while piece := file.read(_PIECE):
            if b'"' in piece:
                return False
            if returned or b"\r" in piece:
                feeds = piece.count(b"\r\n") + (returned and piece.startswith(b"\n"))
                returns = piece.count(b"\r") + returned
                returned = piece.endswith(b"\r")
                if feeds != returns - returned:
                    return False
            # A letter may stand in two pieces.
            if not piece.isascii() or decoder.getstate()[0]:
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    return False
    return not returned and not decoder.getstate()[0]


def _has_all_lines(source: Path | bytes, rows: int) -> bool:
    """Return whether so many rows are all lines below the header but the blank ones."""
    if rows == _lines(source) - 1:
        return True
    many, blank = count_lines(source)
    return rows == many - 1 - blank


def _lines(source: Path | bytes) -> int:
    """Count the lines of a file, blank ones too; a last line may have no end.

    Bytes are compared with the line feed, many at once: a tenth of the time of parting lines.
    """
    lines, last = 0, b""
    with _open(source) as file:
        while piece := file.read(_PIECE):
            signs = pa.Array.from_buffers(pa.uint8(), len(piece), [None, pa.py_buffer(piece)])
            lines += int((pl.Series(signs) == _FEED).sum())
            last = piece
    return lines + (last[-1:] not in (b"", b"\n"))


def _open(source: Path | bytes) -> BinaryIO:
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _repeating(source: Path | bytes, separator: str, names: Sequence[str]) -> set[str]:
    """The columns whose texts repeat, by the first rows of a file."""
    with _open(source) as file:
        head = file.read(_HEAD)
    whole = head[: head.rfind(b"\n") + 1]
    found = pl.DataFrame(_read(whole, separator, names, names, ()))
    return {s.name for s in found.iter_columns() if s.n_unique() * _REPEATS <= s.len()}


def _read(
    source: Path | bytes,
    separator: str,
    names: Sequence[str],
    columns: Sequence[str],
    repeating: Collection[str],
) -> Any:
    """Columns of a file as an Arrow table, each of texts or of the codes of one dictionary."""
    categories = pa.dictionary(pa.int32(), pa.string())
    options = (
        csv.ReadOptions(block_size=_BLOCK, column_names=list(names), skip_rows=1),
        csv.ParseOptions(delimiter=separator, quote_char=False),
        csv.ConvertOptions(
            include_columns=list(columns),
            column_types={n: categories if n in repeating else pa.string() for n in columns},
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    file = source if isinstance(source, Path) else pa.BufferReader(source)
    return csv.read_csv(file, *options).unify_dictionaries()


def _dictionary_encoded(name: str, found: Any) -> pl.Series:
    """A column of texts out of codes of one dictionary; as texts where few of them repeat after all."""
    words = pl.Series(found.chunk(0).dictionary, dtype=pl.String)
    kind = pl.Enum(words)
    width = pl.Series([], dtype=kind).to_physical().to_arrow().type
    categories = pa.chunked_array([piece.indices.cast(width) for piece in found.chunks])
    coded = pl.Series(name, categories).rechunk().cat.to(kind)
    return coded if words.len() * _REPEATS <= coded.len() else coded.cast(pl.String)
