"""UUIDs as texts: Polars reads the type that Arrow and Parquet have for them as bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

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


def uuids_of_file(path: Path) -> list[str]:
    """Return the columns of a Parquet or Arrow file that are declared to hold UUIDs.

    Raises:
        ArrowException: where PyArrow cannot read the schema.
        OSError: where the file cannot be read.
    """
    # It is asked only about columns of bytes.
    import pyarrow as pa  # noqa: PLC0415

    if path.suffix.lower() == ".parquet":
        from pyarrow import parquet  # noqa: PLC0415 - as above

        schema = parquet.ParquetFile(path).schema
        columns = (schema.column(n) for n in range(len(schema)))
        return [c.path for c in columns if c.logical_type.type == "UUID"]
    with pa.memory_map(str(path)) as source:
        return uuids_of_schema(pa.ipc.open_file(source).schema)


def with_uuid_texts(frame: pl.LazyFrame, names: Iterable[str]) -> pl.LazyFrame:
    """Return a frame with the texts of UUIDs in place of the bytes of some columns."""
    return frame.with_columns(uuid_text(name) for name in names)


def byte_columns(schema: pl.Schema) -> list[str]:
    """Return the columns of bytes, among which those of UUIDs are."""
    return [name for name, kind in schema.items() if kind == pl.Binary]
