"""Values of a source under the plan's words: words for no value, and values that are renamed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

_TEXTS = pl.String | pl.Categorical | pl.Enum


def without_nulls(frame: pl.DataFrame, words: Collection[str]) -> pl.DataFrame:
    """Set texts that stand for no value to null, in every column of texts.

    Args:
        frame: the rows.
        words: the texts; they are compared exactly.
    """
    if not words:
        return frame
    meant = dict.fromkeys(words)
    texts = [name for name, kind in frame.schema.items() if isinstance(kind, _TEXTS)]
    return frame.with_columns(_replaced(frame[name], meant) for name in texts)


def with_renamed_values(
    frame: pl.DataFrame, values: Mapping[str, Mapping[str, str]]
) -> tuple[pl.DataFrame, frozenset[tuple[str, str]]]:
    """Rename values of columns; values that are not declared stay.

    Args:
        frame: the rows.
        values: for each column, the plan's value for a value of the source. Columns that the frame
            does not have are ignored.

    Returns:
        the rows, in which renamed columns are texts; and the pairs (column, value) that are
        declared and that no row holds.
    """
    if not values:
        return frame, frozenset()
    absent: set[tuple[str, str]] = set()
    renamed: list[pl.Series] = []
    for name, meant in values.items():
        if name not in frame.columns:
            continue
        series = frame[name]
        if not isinstance(series.dtype, _TEXTS):
            series = number_texts(series)
        present = _present(series)
        absent |= {(name, word) for word in meant if word not in present}
        renamed.append(_replaced(series, meant))
    return frame.with_columns(renamed), frozenset(absent)


def number_texts(series: pl.Series) -> pl.Series:
    """Return values as texts, whole floats without a fraction: 1.0 as 1, true as true."""
    if series.dtype.is_float():
        whole = series.cast(pl.Int64, strict=False)
        is_whole = (whole == series).fill_null(value=False)
        return series.cast(pl.String).zip_with(~is_whole, whole.cast(pl.String))
    return series.cast(pl.String, strict=False)


def _present(texts: pl.Series) -> set[str]:
    if isinstance(texts.dtype, pl.Enum):
        return set(texts.dtype.categories.gather(texts.to_physical().unique().drop_nulls()))
    return set(texts.cast(pl.String).unique().drop_nulls())


def _replaced(texts: pl.Series, meant: Mapping[str, str | None]) -> pl.Series:
    """Replace texts; of a dictionary-encoded column each distinct text once."""
    old, new = list(meant), pl.Series(list(meant.values()), dtype=pl.String)
    if not isinstance(texts.dtype, pl.Enum):
        return texts.cast(pl.String).replace(old, new)
    words = texts.dtype.categories.cast(pl.String).replace(old, new)
    kind = pl.Enum(words.drop_nulls().unique(maintain_order=True))
    return words.cast(kind).gather(texts.to_physical()).alias(texts.name)
