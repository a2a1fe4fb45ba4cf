"""Tables in memory: Polars frames and Arrow objects, as sources."""

from __future__ import annotations

import sys
from typing import Any

import polars as pl
from polars.exceptions import PanicException

from kpi.errors import DataError, first_line
from kpi.tables.sources.foreign_columns import from_arrow, from_pandas, has_wide_decimals
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable


def open_object(source: Any, layout: Layout) -> SourceTable:
    """Return the source of a table that an object of Python holds.

    Raises:
        DataError: where the object is no table, or cannot be read as one.
    """
    if isinstance(source, pl.LazyFrame):
        return SourceTable(source)
    if isinstance(source, pl.DataFrame):
        return SourceTable(source.lazy())
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__"):
        try:
            return _of_arrow(source)
        except (PanicException, Exception) as error:
            # The rows may come from any library, which may raise anything.
            raise DataError(
                f"{layout.table}: cannot be read as a table: {first_line(error)}"
            ) from error
    raise DataError(
        f"{layout.table}: found {type(source).__name__}; accepted: a Polars frame, anything with "
        "__arrow_c_stream__ (PyArrow, pandas, DuckDB), or a path"
    )


def _of_arrow(source: Any) -> SourceTable:
    """Return the source of an Arrow object; of PyArrow and pandas the columns that can be read."""
    # The library that a table belongs to has been imported.
    arrow, pandas = sys.modules.get("pyarrow"), sys.modules.get("pandas")
    of_arrow = arrow is not None and isinstance(source, arrow.Table | arrow.RecordBatch)
    if of_arrow and any(has_wide_decimals(kind) for kind in source.schema.types):
        return SourceTable.of(from_arrow(source))
    try:
        return SourceTable(pl.DataFrame(source).lazy())
    except (PanicException, Exception):
        if of_arrow:
            return SourceTable.of(from_arrow(source))
        # Any other source may be a stream, whose rows are gone by now.
        if pandas is None or not isinstance(source, pandas.DataFrame):
            raise
        if not source.columns.is_unique:
            raise
        return SourceTable.of(from_pandas(source))
