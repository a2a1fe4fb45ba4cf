"""Parquet and Arrow files: scanned where they lie, or read from bytes in memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException

from kpi.errors import DataError
from kpi.tables.sources.columnar_format import ColumnarFormat
from kpi.tables.sources.fingerprint import FileFingerprint
from kpi.tables.sources.foreign_columns import (
    from_file,
    names_foreign_zone,
)
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.uuids import as_texts

_FEATHER_1 = b"FEA1"
_STREAM = b"\xff\xff\xff\xff"
"""Sign before each message of an Arrow stream; a file begins with `ARROW1`."""

_END = _STREAM + bytes(4)
"""End of an Arrow stream: without it, batches may be missing."""


def parquet(path: Path, _: Layout, data: bytes | None = None) -> SourceTable:
    """Open a Parquet file.

    Args:
        path: the path of the file, or its name in messages.
        data: the bytes of the file where they are not those of the path itself.

    Raises:
        PolarsError: where the file is no Parquet file.
        OSError: where the file cannot be read.
    """
    return _scanned(path, data, pl.scan_parquet, "parquet")


def arrow(path: Path, _: Layout, data: bytes | None = None) -> SourceTable:
    """Open an Arrow file, or read an Arrow stream, by the first bytes.

    Args:
        path: the path of the file, or its name in messages.
        data: the bytes of the file where they are not those of the path itself.

    Raises:
        DataError: where the file is of Feather's first version, or a stream that was cut short.
        PolarsError: where the file is neither.
        OSError: where the file cannot be read.
    """
    with path.open("rb") if data is None else io.BytesIO(data) as file:
        head = file.read(4)
        if head == _FEATHER_1:
            raise DataError(
                f"{path}: Feather version 1, which is no longer read; write it as version 2 (Arrow) "
                "or as Parquet"
            )
        if head != _STREAM:
            return _scanned(path, data, pl.scan_ipc, "file")
        rest = file.read()
    return _of_stream(path, head + rest)


def _of_stream(path: Path, stream: bytes) -> SourceTable:
    """Read an Arrow stream.

    Raises:
        DataError: where the stream does not end as one.
    """
    if not stream.endswith(_END):
        raise DataError(f"{path}: the Arrow stream was cut short; write or fetch it again")
    if not names_foreign_zone(stream, "stream"):
        try:
            frame = pl.read_ipc_stream(io.BytesIO(stream)).lazy()
            return SourceTable(as_texts(frame, stream, "stream"))
        except PanicException:
            pass
    return SourceTable.of(from_file(stream, "stream"))


def _scanned(
    path: Path, data: bytes | None, scan: Callable[..., pl.LazyFrame], form: ColumnarFormat
) -> SourceTable:
    fingerprint = FileFingerprint.of(path) if data is None else None
    source = path if data is None else data
    if names_foreign_zone(source, form):
        return SourceTable.of(from_file(source, form), fingerprint)
    # A name may hold signs that would be a pattern.
    frame = scan(path, glob=False) if data is None else scan(io.BytesIO(data))
    try:
        rows = frame.select(pl.len()).collect().item()
    except PanicException:
        return SourceTable.of(from_file(source, form), fingerprint)
    frame = as_texts(frame, source, form)
    # What is in memory already need not be read in parts.
    return SourceTable(frame, rows=rows if data is None else 0, fingerprint=fingerprint)
