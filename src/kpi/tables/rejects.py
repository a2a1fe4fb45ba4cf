"""Rows that no target counts, of all tables in one frame, for a file (S12, S13)."""

from __future__ import annotations

import datetime as dt

import polars as pl

from kpi.tables.check import Extract, log_name
from kpi.tables.checked_table import original_name, rejected_rows

_OWN = ("table", "row", "reason")


def rejects(extract: Extract, as_of: dt.date) -> pl.DataFrame:
    """Return the rejected rows of every table, and the rows excluded for a repeated id.

    Rejected rows of an event log that a table is made of are among them.

    Args:
        extract: the checked tables.
        as_of: the as-of date; a row that does not exist yet repeats no id (S15).

    Returns:
        `table`, `row` (counted from 1 in the data), `reason`, and the columns of all tables as they
        came, as text; no rows where none was rejected or excluded.
    """
    frames = [
        _as_texts(rejected_rows(checked, as_of)).select(
            pl.lit(name).alias("table"),
            pl.col("row").cast(pl.Int64),
            "reason",
            *(pl.col(c).alias(original_name(c, "table")) for c in checked.rejected.columns[2:]),
        )
        for name, checked in extract.tables.items()
    ]
    frames += [
        _as_texts(checked.log.rejected).select(
            pl.lit(log_name(name)).alias("table"),
            pl.col("row").cast(pl.Int64),
            "reason",
            *(pl.col(c).alias(original_name(c, "table")) for c in checked.log.rejected.columns[2:]),
        )
        for name, checked in extract.tables.items()
        if checked.log is not None
    ]
    none = pl.DataFrame(schema=dict(zip(_OWN, (pl.String, pl.Int64, pl.String), strict=True)))
    return pl.concat([none, *frames], how="diagonal")


def _as_texts(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(_as_text(series) for series in frame)


def _as_text(series: pl.Series) -> pl.Series:
    if series.dtype.is_nested() or isinstance(series.dtype, pl.Binary | pl.Object):
        texts = [None if value is None else str(value) for value in series.to_list()]
        return pl.Series(series.name, texts, dtype=pl.String)
    return series.cast(pl.String)
