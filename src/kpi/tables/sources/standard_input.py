"""Standard input as a table, whose kind is told by the first bytes."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

from attrs import field, frozen

from kpi.errors import DataError, reason
from kpi.tables.sources.compressed import unpacked
from kpi.tables.sources.files import open_data
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable

DASH = Path("-")
"""The path that stands for standard input."""

NAME = Path("standard input")
"""The name of standard input in messages."""

_KINDS = {
    b"PAR1": ".parquet",
    b"ARROW1": ".arrow",
    b"\xff\xff\xff\xff": ".arrow",
    b"FEA1": ".feather",
    b"\xd0\xcf\x11\xe0": ".xls",
}
"""Kind of file by the first bytes; what begins with none of these is text or packed."""

_PACKINGS = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst", b"PK\x03\x04": ".zip"}
_OF_WORKBOOKS = ("[Content_Types].xml", "mimetype")
"""Names that stand in the archive that a workbook is."""


@frozen(eq=False)
class StandardInput:
    """Table in standard input, which has been read to its end, as it can be once only.

    Attributes:
        kind: the kind of file that the bytes are.
        data: the bytes, unpacked.
    """

    kind: str
    data: bytes = field(repr=False)

    @classmethod
    def read(cls) -> StandardInput:
        """Read standard input to its end.

        Raises:
            DataError: where standard input is a terminal or empty, or cannot be unpacked.
        """
        return cls(*read_standard_input())

    def source(self, layout: Layout) -> SourceTable:
        """Return the source of a table.

        Raises:
            DataError: where the bytes cannot be read as the kind of file that they are.
        """
        return open_data(self.kind, NAME, layout, self.data)


def read_standard_input() -> tuple[str, bytes]:
    """Return the kind and the unpacked bytes of standard input, which is read to its end.

    Raises:
        DataError: where standard input is a terminal or empty, or cannot be unpacked.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise DataError(
            f"{NAME}: a terminal, not a table; give a file, or hand one over, such as "
            "`... - < cases.csv`"
        )
    try:
        data = sys.stdin.buffer.read()
        if not data:
            raise DataError(f"{NAME}: empty, or read already")
        packing = _packing(data)
        if packing:
            data = unpacked(NAME, packing, data)
    except OSError as error:
        raise DataError(f"{NAME}: cannot be read: {reason(error)}") from error
    return _text_kind(data) if packing else _kind(data), data


def _packing(data: bytes) -> str | None:
    """Return how bytes are compressed; None where they are not, or are a workbook."""
    packing = next((kind for start, kind in _PACKINGS.items() if data.startswith(start)), None)
    return None if packing == ".zip" and _is_workbook(data) else packing


def _is_workbook(data: bytes) -> bool:
    """Return whether bytes are the zip archive that a newer workbook is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(name in _OF_WORKBOOKS for name in archive.namelist())
    except zipfile.BadZipFile:
        # The reader of archives says what is wrong.
        return False


def _kind(data: bytes) -> str:
    """Return the kind of bytes that are not compressed text."""
    if data.startswith(b"PK\x03\x04"):
        return ".xlsx"
    kinds = (kind for start, kind in _KINDS.items() if data.startswith(start))
    return next(kinds, None) or _text_kind(data)


def _text_kind(data: bytes) -> str:
    """Return whether a text is JSON lines, by its first sign, or else CSV."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    start = data[:1024].decode("utf-16" if wide else "utf-8", errors="ignore")
    return ".jsonl" if start.lstrip("\ufeff \t\r\n").startswith("{") else ".csv"
