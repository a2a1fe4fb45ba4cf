"""UUIDs as texts: Polars reads the type that Arrow and Parquet have for them as bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from kpi.tables.sources.columnar_format import ColumnarFormat

_GROUPS = ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
UUID = "arrow.uuid"
"""The name of the type in Arrow."""


def uuid_text(name: str) -> pl.Expr:
    """Return the text of a column of UUIDs of 16 bytes, in small letters, as RFC 9562 writes it."""
    digits = pl.col(name).bin.encode("hex")
    parts = [digits.str.slice(first, length) for first, length in _GROUPS]
    return pl.concat_str(parts, separator="-").alias(name)


def is_uuid(field: Any) -> bool:
    """Return whether the field of an Arrow schema is declared to hold UUIDs."""
    # PyArrow keeps the name of an extension that it does not know in the metadata.
    named = (field.metadata or {}).get(b"ARROW:extension:name", b"").decode()
    return UUID in (named, getattr(field.type, "extension_name", ""))


def uuids_of_schema(schema: Any) -> list[str]:
    """Return the columns of an Arrow schema that are declared to hold UUIDs."""
    return [field.name for field in schema if is_uuid(field)]


def uuids_of_file(source: Path | bytes, form: ColumnarFormat) -> list[str]:
    """Return the columns of a Parquet or Arrow file that are declared to hold UUIDs.

    Args:
        source: the path of the file, or the bytes of one.
        form: the format of the file.

    Raises:
        ArrowException: where PyArrow cannot read the schema.
        OSError: where the file cannot be read.
    """
    # It is asked only about columns of bytes.
    import pyarrow as pa  # noqa: PLC0415

    opened = pa.memory_map(str(source)) if isinstance(source, Path) else pa.BufferReader(source)
    with opened as file:
        if form == "parquet":
            from pyarrow import parquet  # noqa: PLC0415 - as above

            schema = parquet.ParquetFile(file).schema
            columns = (schema.column(n) for n in range(len(schema)))
            return [c.path for c in columns if c.logical_type.type == "UUID"]
        read = pa.ipc.open_file if form == "file" else pa.ipc.open_stream
        return uuids_of_schema(read(file).schema)


def as_texts(frame: pl.LazyFrame, source: Path | bytes, form: ColumnarFormat) -> pl.LazyFrame:
    """Return the frame of a file with the texts of UUIDs in place of their bytes.

    Args:
        frame: the frame.
        source: the path of the file, or the bytes of one.
        form: the format of the file.
    """
    of_bytes = byte_columns(frame.collect_schema())
    if not of_bytes:
        return frame
    uuids = uuids_of_file(source, form)
    return with_uuid_texts(frame, (name for name in of_bytes if name in uuids))


def with_uuid_texts(frame: pl.LazyFrame, names: Iterable[str]) -> pl.LazyFrame:
    """Return a frame with the texts of UUIDs in place of the bytes of some columns."""
    return frame.with_columns(uuid_text(name) for name in names)


def byte_columns(schema: pl.Schema) -> list[str]:
    """Return the columns of bytes, among which those of UUIDs are."""
    return [name for name, kind in schema.items() if kind == pl.Binary]
