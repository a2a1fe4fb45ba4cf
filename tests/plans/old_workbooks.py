"""Writer of workbooks of Excel 97 (.xls): texts alone, in one sheet (MS-XLS, MS-CFB)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

_SECTOR = 512
_END, _OF_TABLE, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_WORKBOOK, _SHEET = 0x0005, 0x0010


def workbook(rows: Iterable[Sequence[str | None]], name: str = "Sager") -> bytes:
    """Return a workbook with texts in its cells; None is no cell."""
    title = name.encode("utf-16-le")
    sheet_at = len(_begin(_WORKBOOK)) + 4 + 8 + len(title) + 4
    bound = struct.pack("<IBBBB", sheet_at, 0, 0, len(name), 1) + title
    cells = b"".join(
        _record(
            0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le")
        )
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
        if text is not None
    )
    end = _record(0x000A, b"")
    return _compound(
        _begin(_WORKBOOK) + _record(0x0085, bound) + end + _begin(_SHEET) + cells + end
    )


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 6))


def _compound(stream: bytes) -> bytes:
    """Return a compound file whose only stream is the workbook."""
    count = -(-max(len(stream), 4096) // _SECTOR)
    tables = 1
    while tables * (_SECTOR // 4) < count + 1 + tables:
        tables += 1
    assert tables <= 109, "more would need another table"
    chain = [*range(1, count), _END, _END, *[_OF_TABLE] * tables]
    chain += [_FREE] * (tables * _SECTOR // 4 - len(chain))
    at = list(range(count + 1, count + 1 + tables))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"), b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, tables, count, 0, 4096, _END, 0, _END, 0, at[0],
    )  # fmt: skip
    header += struct.pack(f"<{108}I", *at[1:], *[_FREE] * (109 - tables))
    directory = (
        _entry("Root Entry", 5, 1, _END, 0)
        + _entry("Workbook", 2, _FREE, 0, count * _SECTOR)
        + bytes(2 * 128)
    )
    table = struct.pack(f"<{len(chain)}I", *chain)
    return header + stream.ljust(count * _SECTOR, b"\0") + directory + table


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        text,
        len(text),
        kind,
        1,
        _FREE,
        _FREE,
        child,
        b"",
        0,
        0,
        0,
        start,
        size,
    )
