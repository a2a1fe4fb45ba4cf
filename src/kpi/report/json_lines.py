"""JSON lines: an object per row, with nothing in it that a terminal would run."""

from __future__ import annotations

import codecs
import io
from typing import IO, Any, BinaryIO, cast

import polars as pl

from kpi.foreign_text import json_text


def sink_json_lines(rows: pl.LazyFrame, file: BinaryIO) -> None:
    """Write a line of JSON for each row, in batches: all rows need not fit into memory.

    Dates are texts. Characters that do not print are escaped; the values stay the same.
    """
    rows.sink_ndjson(cast("IO[bytes]", _Escaping(file)))


class _Escaping(io.RawIOBase):
    """File that escapes, in the JSON written to it, every character that does not print.

    Attributes:
        file: the file that is written to.
        decoder: a decoder of UTF-8; a character may begin in one piece and end in the next.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def writable(self) -> bool:
        """Return that the file can be written to."""
        return True

    def write(self, content: Any, /) -> int:
        """Write a piece of JSON in UTF-8."""
        self.file.write(json_text(self.decoder.decode(bytes(content))).encode())
        return len(content)
