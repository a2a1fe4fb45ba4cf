"""Text files as UTF-8: the encoding, and the lines above the header and below the rows.

Numbers of lines in messages are those of the file, whatever is left out above.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from kpi.errors import DataError
from kpi.tables.sources.layout import Layout

_UTF_8 = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")


@frozen(eq=False, repr=False)
class TextFile:
    """Text of a file from the header, or from the first row, on.

    Attributes:
        path: the path of the file, or its name in messages.
        source: the path where the file is UTF-8 and wholly read; else the text in UTF-8.
        above: number of lines of the file above the text.
    """

    path: Path
    source: Path | bytes
    above: int = 0

    @classmethod
    def of(cls, path: Path, layout: Layout, data: bytes | None = None) -> TextFile:
        """Return the text of a file, by its byte order mark or by the encoding that is declared.

        Args:
            path: the path of the file, or its name in messages.
            layout: the declared encoding, and the lines to leave out above and below.
            data: the bytes of the file where they are not those of the path itself.

        Raises:
            DataError: where the file is in another encoding than declared, or has fewer lines than
                are to be left out.
            OSError: where the file cannot be read.
        """
        text = _as_utf_8(path if data is None else data, path, layout)
        if layout.skip_lines or layout.footer_lines:
            text = _without_lines(text, path, layout)
        return cls(path, text, layout.skip_lines)

    def at(self, line: int) -> str:
        """Return the place of a line of the text, counted from 1, in the file."""
        return f"{self.path}:{self.above + line}"

    def open(self) -> BinaryIO:
        """Open the text.

        Raises:
            OSError: where the file cannot be read.
        """
        source = self.source
        return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")

    def data(self) -> bytes:
        """Return the text in UTF-8; bytes that are not UTF-8 where the file holds such.

        Raises:
            OSError: where the file cannot be read.
        """
        return self.source.read_bytes() if isinstance(self.source, Path) else self.source

    def lines(self, most: int) -> list[str]:
        """Return the first lines of the text, without their line feeds; of wrong bytes signs.

        Raises:
            OSError: where the file cannot be read.
        """
        with self.open() as file:
            # Enough for the lines that a person writes; a file of one endless line is not read whole.
            head = file.read(1 << 16)
        lines = head.removeprefix(_UTF_8).decode(errors="replace").split("\n", most)
        return lines[:most]

    def not_utf_8(self) -> DataError:
        """Return the error of a text that is not UTF-8, with the line of the first wrong byte."""
        data = self.data()
        try:
            data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = 1 + data.count(b"\n", 0, error.start)
            return DataError(
                f"{self.at(line)}: not UTF-8; save the extract as UTF-8, or declare what it is in "
                'the table\'s section of the plan, such as encoding = "windows-1252"'
            )
        return DataError(f"{self.path}: not UTF-8; save the extract as UTF-8")


def _as_utf_8(source: Path | bytes, path: Path, layout: Layout) -> Path | bytes:
    """Return a source that is in UTF-8 as it is, else the text recoded to UTF-8.

    The encoding is that of the byte order mark, else the one that is declared.

    Raises:
        DataError: where the file is in another encoding than declared.
    """
    head = _head(source)
    declared = layout.encoding or "utf-8"
    if head.startswith(_UTF_32):
        raise DataError(f"{path}: UTF-32; save the extract as UTF-8")
    if head.startswith(_UTF_16):
        return _decoded(path, _bytes(source), "utf-16")
    if declared == "utf-8" or head.startswith(_UTF_8):
        return source
    data = _bytes(source)
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


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:4]
    with source.open("rb") as file:
        return file.read(4)


def _bytes(source: Path | bytes) -> bytes:
    return source.read_bytes() if isinstance(source, Path) else source


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


def _without_lines(source: Path | bytes, path: Path, layout: Layout) -> bytes:
    """Return the text without the lines that are declared to stand above and below.

    Blank lines at the end are neither rows nor lines of a footer.

    Raises:
        DataError: where no line is left.
    """
    data = _bytes(source)
    start = 0
    for _ in range(layout.skip_lines):
        feed = data.find(b"\n", start)
        start = len(data) if feed < 0 else feed + 1
    end = len(data)
    if layout.footer_lines:
        end = len(data.rstrip(b"\r\n"))
        for _ in range(layout.footer_lines):
            end = data.rfind(b"\n", start, max(end - 1, start)) + 1 or start
    if start >= end:
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        declared = f"skip_lines = {layout.skip_lines}, footer_lines = {layout.footer_lines}"
        raise DataError(
            f"{path}: {lines} lines, and none is left of them; the table {layout.table} declares "
            f"{declared}"
        )
    return data[start:end]
