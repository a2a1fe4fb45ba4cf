"""Arrow objects as sources: tables and streams of PyArrow, pandas, DuckDB and others, datasets."""

from __future__ import annotations

import contextlib
import sys
import uuid
from typing import Any

import polars as pl
from polars.exceptions import PanicException

from kpi.errors import DataError
from kpi.tables.sources.foreign_columns import from_arrow, from_pandas, has_wide_decimals
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.uuids import byte_columns, uuids_of_schema, with_uuid_texts


def from_arrow_object(source: Any, layout: Layout) -> SourceTable:
    """Return the source of an Arrow object; of PyArrow and pandas the columns that can be read.

    Raises:
        DataError: where the key of the table is the index of a pandas frame.
        Exception: whatever the library of the object raises.
    """
    # The library that a table belongs to has been imported.
    arrow, pandas = sys.modules.get("pyarrow"), sys.modules.get("pandas")
    of_pandas = pandas is not None and isinstance(source, pandas.DataFrame)
    of_arrow = arrow is not None and isinstance(source, arrow.Table | arrow.RecordBatch)
    if of_pandas:
        _require_key(source, layout)
    if of_arrow and any(has_wide_decimals(kind) for kind in source.schema.types):
        return SourceTable.of(from_arrow(source))
    schema = getattr(source, "schema", None)
    try:
        frame = pl.DataFrame(source)
    except (PanicException, Exception):
        if of_arrow:
            return SourceTable.of(from_arrow(source))
        # Any other source may be a stream, whose rows are gone by now.
        if not of_pandas or not source.columns.is_unique:
            raise
        return SourceTable.of(from_pandas(source))
    names = byte_columns(frame.schema)
    if not names:
        return SourceTable(frame.lazy())
    if of_pandas:
        frame = _with_uuid_objects(frame, source, names)
    uuids = [name for name in _uuids(source, schema) if frame.schema[name] == pl.Binary]
    return SourceTable(with_uuid_texts(frame.lazy(), uuids))


def _require_key(frame: Any, layout: Layout) -> None:
    """Check that a column of the key is not the index of a pandas frame.

    Raises:
        DataError: naming it; an index is never taken for a column in silence.
    """
    indexed = [name for name in layout.key if name in frame.index.names]
    missing = [name for name in indexed if name not in frame.columns]
    if missing:
        raise DataError(
            f"{layout.table}: {missing[0]} is the index of the frame: pass frame.reset_index()"
        )


def _with_uuid_objects(frame: pl.DataFrame, source: Any, names: list[str]) -> pl.DataFrame:
    """Return a frame with the texts of Python's UUIDs in columns of pandas, which came as bytes."""
    texts = []
    for name in names:
        values = source[name]
        present = values.dropna()
        if len(present) and all(isinstance(value, uuid.UUID) for value in present):
            texts.append(
                pl.Series(name, [str(v) if isinstance(v, uuid.UUID) else None for v in values])
            )
    return frame.with_columns(texts)


def _uuids(source: Any, schema: Any) -> list[str]:
    """Return the columns that an Arrow object declares to hold UUIDs, among columns of bytes.

    Args:
        source: the object.
        schema: its attribute `schema`, taken before its rows were read; None without.
    """
    import pyarrow as pa  # noqa: PLC0415 - only about columns of bytes

    if isinstance(schema, pa.Schema):
        return uuids_of_schema(schema)
    # A stream may be read once only; its bytes are then refused by name.
    with contextlib.suppress(Exception):
        return uuids_of_schema(pa.RecordBatchReader.from_stream(source).schema)
    return []


def from_dataset(source: Any) -> SourceTable:
    """Return the source of a PyArrow dataset, read when it is collected; of a scanner, read now.

    Raises:
        Exception: whatever PyArrow raises where files cannot be read.
    """
    # The object is of it.
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import dataset  # noqa: PLC0415

    if isinstance(source, dataset.Scanner):
        return SourceTable.of(from_arrow(source.to_table()))
    schema = source.schema
    # Polars stops at a type that it lacks, even in a column that nobody reads.
    unreadable = from_arrow(schema.empty_table()).unreadable
    if unreadable:
        source = source.replace_schema(
            pa.schema([field for field in schema if field.name not in unreadable])
        )
    frame = with_uuid_texts(pl.scan_pyarrow_dataset(source), uuids_of_schema(source.schema))
    return SourceTable(frame, unreadable=unreadable)
