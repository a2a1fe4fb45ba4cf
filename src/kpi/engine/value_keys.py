"""Keys of the first rows of distinct values as texts, which say what type they are of (S13, S23)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpi.engine.distinct_values import KEY_PREFIX
from kpi.engine.state import encode_segment
from kpi.errors import DataError

_COLON = ":"


def encode_keys(values: pl.DataFrame, names: Sequence[str]) -> pl.Expr:
    """Return the key of each row as a text; null where there are no columns of a key.

    Args:
        values: the rows.
        names: the columns of the key.
    """
    return encode_segment([_encoded(name, values.schema[name]) for name in names])


def _encoded(name: str, dtype: pl.DataType) -> pl.Expr:
    key = pl.col(name)
    if dtype.is_integer():
        return _marked("number", key)
    if isinstance(dtype, pl.Datetime):
        zone = f" {dtype.time_zone}" if dtype.time_zone else ""
        return _marked(f"{dtype.time_unit}{zone}", key.to_physical())
    if isinstance(dtype, pl.Date):
        return _marked("day", key.to_physical())
    if isinstance(dtype, pl.Boolean):
        return _marked("truth", key.cast(pl.Int64))
    return _marked("text", key)


def _marked(kind: str, key: pl.Expr) -> pl.Expr:
    # A null stays one.
    return pl.lit(f"{kind}{_COLON}") + key.cast(pl.String)


def decode_keys(keys: pl.Series, where: str) -> list[pl.Series]:
    """Return the columns of keys out of the texts of `encode_keys`; none where all are null.

    Args:
        keys: the texts.
        where: the beginning of messages.

    Raises:
        DataError: where a column of the key is of several types, as in batches that disagree.
    """
    if keys.null_count() == keys.len():
        return []
    split = keys.str.split("\x1f")
    width = split.list.len().max()
    assert isinstance(width, int), "lengths are numbers"
    return [_decoded(split.list.get(n, null_on_oob=True), n, where) for n in range(width)]


def _decoded(texts: pl.Series, number: int, where: str) -> pl.Series:
    # An empty text is a null key; a known one is marked, and its signs are escaped.
    known = texts.set(texts == "", None).str.slice(1)
    known = known.str.replace_all("\x1b1", "\x1f", literal=True)
    known = known.str.replace_all("\x1b0", "\x1b", literal=True)
    parts = known.str.splitn(_COLON, 2).struct.unnest()
    kind, value = parts.to_series(0), parts.to_series(1)
    kinds = kind.drop_nulls().unique().sort().to_list()
    if len(kinds) > 1:
        raise DataError(
            f"{where}: the key holds {kinds[0]} in one batch and {kinds[1]} in another, and the first row "
            "of a value is told by the key; give all batches the same"
        )
    return _typed(value, kinds[0] if kinds else "text").alias(f"{KEY_PREFIX}{number}")


def _typed(value: pl.Series, kind: str) -> pl.Series:
    unit, _, zone = kind.partition(" ")
    if unit in ("ms", "us", "ns"):
        return value.cast(pl.Int64).cast(pl.Datetime(unit, zone or None))  # type: ignore[arg-type]  # one of the three
    if kind == "day":
        return value.cast(pl.Int32).cast(pl.Date)
    if kind == "truth":
        return value.cast(pl.Int64).cast(pl.Boolean)
    return value.cast(pl.Int64) if kind == "number" else value
