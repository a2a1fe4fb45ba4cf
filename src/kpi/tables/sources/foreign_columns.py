"""Columns of foreign types: reading the other columns of a table that Polars cannot read whole.

Types that Polars lacks stop it, even in columns that nobody reads, and some of them with a panic,
which is no `Exception`. Here the other columns are read, and the unreadable ones are named.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from attrs import field, frozen
from polars.exceptions import PanicException, PolarsError

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


def names_foreign_zone(path: Path) -> bool:
    """Return whether a Parquet or Arrow file seems to name a time zone as Windows or offsets do.

    Polars would stop at such a zone with a panic, and print that. A zone that is not noticed here
    ends in the panic.

    Raises:
        PolarsError: where the file is no Parquet file.
        OSError: where the file cannot be read.
    """
    if path.suffix.lower() == ".parquet":
        schema = pl.read_parquet_metadata(path).get(_ARROW_SCHEMA, "")
        return bool(_FOREIGN_ZONE.search(base64.b64decode(schema)))
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _FOOTER, 0))
        return bool(_FOREIGN_ZONE.search(file.read()))


def from_file(path: Path) -> Readable:
    """Read the columns of a Parquet or Arrow file that Polars has a type for.

    Raises:
        Exception: whatever PyArrow raises where the file is neither.
    """
    import pyarrow as pa  # noqa: PLC0415 - only for files that Polars does not take

    if path.suffix.lower() == ".parquet":
        from pyarrow import parquet  # noqa: PLC0415 - as above

        return from_arrow(parquet.read_table(path, partitioning=None))
    with pa.memory_map(str(path)) as source:
        return from_arrow(pa.ipc.open_file(source).read_all())


def from_arrow(table: Any) -> Readable:
    """Take the columns of a PyArrow table or record batch that Polars has a type for."""
    return _each((str(name), table.column(n)) for n, name in enumerate(table.schema.names))


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
