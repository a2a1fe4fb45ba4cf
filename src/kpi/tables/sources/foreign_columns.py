"""Columns of foreign types: reading the other columns of a table that Polars cannot read whole.

Types that Polars lacks stop it, even in columns that nobody reads, and some of them with a panic,
which is no `Exception`. Here the other columns are read, and the unreadable ones are named.
"""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from attrs import field, frozen
from polars.exceptions import PanicException, PolarsError

from kpi.errors import listed
from kpi.tables.sources.columnar_format import ColumnarFormat
from kpi.tables.sources.uuids import UUID, uuid_text

_FOREIGN_ZONE = re.compile(rb"(?:Standard|Daylight) Time\0|(?:UTC|GMT)[+-]\d")
_FOOTER = 1 << 20
_ARROW_SCHEMA = "ARROW:schema"
_ZONES = "convert it to UTC or to a zone such as 'Europe/Copenhagen'"
_OTHERS = "convert it to text, numbers, dates or times"


@frozen(eq=False)
class Readable:
    """Readable columns of a table.

    Attributes:
        frame: the columns that Polars has a type for.
        unreadable: the type of each other column by name, in the words of the source.
    """

    frame: pl.DataFrame
    unreadable: Mapping[str, str] = field(factory=dict)


def advice(kind: str) -> str:
    """Return what to do about a column of a type that cannot be read."""
    return _ZONES if "tz=" in kind else _OTHERS


def names_foreign_zone(source: Path | bytes, form: ColumnarFormat) -> bool:
    """Return whether a Parquet or Arrow file seems to name a time zone as Windows or offsets do.

    Polars would stop at such a zone with a panic, and print that. A zone that is not noticed here
    ends in the panic.

    Args:
        source: the file, or its bytes.
        form: the format of the file.

    Raises:
        PolarsError: where the file is no Parquet file.
        OSError: where the file cannot be read.
    """
    if form == "parquet":
        file = source if isinstance(source, Path) else io.BytesIO(source)
        metadata = pl.read_parquet_metadata(file)
        return bool(_FOREIGN_ZONE.search(base64.b64decode(metadata.get(_ARROW_SCHEMA, ""))))
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as opened:
        # The schema is at the head of a stream, and at the foot of a file.
        if form == "file":
            opened.seek(max(opened.seek(0, os.SEEK_END) - _FOOTER, 0))
        return bool(_FOREIGN_ZONE.search(opened.read(_FOOTER)))


def from_file(source: Path | bytes, form: ColumnarFormat) -> Readable:
    """Read the columns of a Parquet or Arrow file that Polars has a type for.

    Args:
        source: the file, or its bytes.
        form: the format of the file.

    Raises:
        Exception: whatever PyArrow raises where the file is neither.
    """
    import pyarrow as pa  # noqa: PLC0415 - only for files that Polars does not take

    on_disk = isinstance(source, Path)
    with pa.memory_map(str(source)) if on_disk else pa.BufferReader(source) as file:
        if form == "parquet":
            from pyarrow import parquet  # noqa: PLC0415 - as above

            return from_arrow(parquet.read_table(file, partitioning=None))
        opened = pa.ipc.open_file(file) if form == "file" else pa.ipc.open_stream(file)
        return from_arrow(opened.read_all())


def from_arrow(table: Any) -> Readable:
    """Take the columns of a PyArrow table or record batch that Polars has a type for.

    Raises:
        ValueError: where two columns have one name, of which a frame would keep the last.
    """
    names = list(map(str, table.schema.names))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"it has the column {listed(twice)} more than once; keep one")
    return _each((name, table.column(n)) for n, name in enumerate(names))


def from_pandas(frame: Any) -> Readable:
    """Take the columns of a pandas frame that can be converted, each by itself."""
    import pyarrow as pa  # noqa: PLC0415 - pandas hands its columns over by it

    columns: list[tuple[str, Any]] = []
    for name in frame.columns:
        try:
            columns.append((str(name), pa.Array.from_pandas(frame[name])))
        except (pa.ArrowException, TypeError, ValueError, OverflowError, NotImplementedError):
            kinds = sorted({type(value).__name__ for value in frame[name].head(10_000).dropna()})
            columns.append((str(name), f"{frame[name].dtype} ({', '.join(kinds)})"))
    return _each(columns)


def _each(columns: Iterable[tuple[str, Any]]) -> Readable:
    """Take each column that Polars has a type for.

    Args:
        columns: names with an Arrow column, or with the name of a type that cannot be converted.
    """
    taken: dict[str, pl.Series] = {}
    unreadable: dict[str, str] = {}
    for name, column in columns:
        if isinstance(column, str) or has_wide_decimals(column.type):
            unreadable[name] = column if isinstance(column, str) else str(column.type)
            continue
        try:
            taken[name] = _series(name, column)
        except (
            PolarsError,
            PanicException,
            TypeError,
            ValueError,
            OverflowError,
            NotImplementedError,
        ):
            unreadable[name] = str(column.type)
    return Readable(pl.DataFrame(list(taken.values())), unreadable)


def _series(name: str, column: Any) -> pl.Series:
    """Return an Arrow column as a series: UUIDs, and other kinds of text such as JSON, as texts.

    Raises:
        BaseException: where Polars has no type for it: PolarsError, PanicException, ValueError.
    """
    extension = getattr(column.type, "extension_name", "")
    if extension and str(column.type.storage_type) in ("string", "large_string", "string_view"):
        column = column.cast(column.type.storage_type)
    series = pl.Series(name, column)
    return series.to_frame().select(uuid_text(name))[name] if extension == UUID else series


def has_wide_decimals(kind: Any) -> bool:
    """Return whether a type holds decimals of 256 bits, at which Polars panics aloud."""
    inside = (kind.field(n).type for n in range(kind.num_fields))
    return str(kind).startswith("decimal256") or any(map(has_wide_decimals, inside))


def collect_readable(frame: pl.LazyFrame, error: BaseException) -> Readable:
    """Collect the readable columns, each by itself, of a frame that cannot be collected whole.

    Args:
        frame: the frame.
        error: the error of collecting the frame whole.

    Raises:
        BaseException: `error`, where no column can be collected.
    """
    schema = frame.collect_schema()
    taken: list[pl.DataFrame] = []
    unreadable: dict[str, str] = {}
    for name, kind in schema.items():
        try:
            taken.append(frame.select(name).collect())
        except (PolarsError, PanicException):
            unreadable[name] = str(kind)
    if not taken:
        raise error
    return Readable(pl.concat(taken, how="horizontal"), unreadable)
