"""Frames of several batches with the same types, where a batch has nothing but nulls."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def with_common_dtypes(parts: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return the frames with each column that is null throughout cast to the others' dtype."""
    dtypes: dict[str, pl.DataType] = {}
    for part in parts:
        for name, series in zip(part.columns, part.iter_columns(), strict=True):
            if series.null_count() < part.height:
                dtypes.setdefault(name, series.dtype)
    return [
        part.with_columns(
            pl.lit(None, dtypes[name]).alias(name)
            for name in part.columns
            if name in dtypes and part[name].null_count() == part.height
        )
        for part in parts
    ]
