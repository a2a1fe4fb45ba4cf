"""CSV files without a quote, read in one go: texts that repeat become categories as they are read.

In such a file a line is a row and a separator parts two fields, so nothing can be read in two ways.
All other files are for `kpi.tables.sources.csv_files`, which also says where a file is wrong, and how.
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

from kpi.tables.sources.csv_records import count_lines

_PIECE = 1 << 20
_FEED = ord("\n")
_BLOCK = 1 << 22
_HEAD = 1 << 20
_REPEATS = 4
"""Rows per distinct text, on average, from which a column is dictionary-encoded."""


def read_plain(
    source: Path | bytes,
    separator: str,
    names: Sequence[str],
    columns: Sequence[str],
    texts: Collection[str],
    quote: str = '"',
) -> pl.DataFrame | None:
    """Read columns of a file without quotes, as texts or categories (`pl.Enum`); else return None.

    Args:
        source: the file, or its bytes in UTF-8.
        separator: the separator of fields.
        names: all names in the header of the file.
        columns: the columns to read.
        texts: the columns that stay texts, however often a text repeats.
        quote: the sign around quoted fields; the empty text for none.

    Raises:
        OSError: where the file cannot be read.
    """
    # In a file of one column a blank line may be a row, or none.
    if len(names) == 1 or not _is_plain(source, quote):
        return None
    try:
        repeating = _repeating(source, separator, names).difference(texts)
        table = _read(source, separator, names, columns, repeating)
    except pa.ArrowInvalid:
        # Rows with too few or too many fields.
        return None
    if not _has_all_lines(source, table.num_rows):
        return None
    return pl.DataFrame(
        [
            _dictionary_encoded(n, table[n]) if n in repeating else pl.Series(n, table[n])
            for n in columns
        ]
    )


def _is_plain(source: Path | bytes, quote: str = '"') -> bool:
    """Return whether a file is UTF-8, without quotes, carriage returns only before line feeds."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    returned, sign = False, quote.encode()
    with _open(source) as file:
        while piece := file.read(_PIECE):
            if sign and sign in piece:
                return False
            if returned or b"\r" in piece:
                feeds = piece.count(b"\r\n") + (returned and piece.startswith(b"\n"))
                returns = piece.count(b"\r") + returned
                returned = piece.endswith(b"\r")
                if feeds != returns - returned:
                    return False
            # A letter may begin in one piece and end in the next.
            if not piece.isascii() or decoder.getstate()[0]:
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    return False
    return not returned and not decoder.getstate()[0]


def _has_all_lines(source: Path | bytes, rows: int) -> bool:
    """Return whether there are as many rows as lines below the header, blank ones not counted."""
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
    """Return the columns whose texts repeat often, by the first rows of a file."""
    with _open(source) as file:
        head = file.read(_HEAD)
    whole = head[: head.rfind(b"\n") + 1]
    sample = pl.DataFrame(_read(whole, separator, names, names, ()))
    return {s.name for s in sample.iter_columns() if s.n_unique() * _REPEATS <= s.len()}


def _read(
    source: Path | bytes,
    separator: str,
    names: Sequence[str],
    columns: Sequence[str],
    repeating: Collection[str],
) -> Any:
    """Read columns of a file as an Arrow table, `repeating` ones encoded with one dictionary each.

    Raises:
        ArrowInvalid: where a row has too few or too many fields.
    """
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


def _dictionary_encoded(name: str, column: Any) -> pl.Series:
    """Convert a dictionary-encoded Arrow column to `pl.Enum`, or to texts where few repeat."""
    words = pl.Series(column.chunk(0).dictionary, dtype=pl.String)
    kind = pl.Enum(words)
    width = pl.Series([], dtype=kind).to_physical().to_arrow().type
    categories = pa.chunked_array([piece.indices.cast(width) for piece in column.chunks])
    encoded = pl.Series(name, categories).rechunk().cat.to(kind)
    return encoded if words.len() * _REPEATS <= encoded.len() else encoded.cast(pl.String)
