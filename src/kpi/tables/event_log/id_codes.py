"""Whole numbers in place of short ids: they group and sort in a fraction of the time of texts."""

from __future__ import annotations

import polars as pl

_BYTES = 8
_MOST = 2
"""The most numbers of eight bytes in place of an id."""


def id_codes(ids: pl.Series) -> pl.DataFrame:
    """Return columns that are equal and in order exactly as ids are: numbers where that is possible.

    A text of ASCII signs is a number by its bytes, eight at a time; longer texts and others stay.

    Args:
        ids: the ids, none of them null.
    """
    if not isinstance(ids.dtype, pl.String) or not ids.len():
        return ids.alias("code").to_frame()
    longest = ids.str.len_bytes().max()
    assert isinstance(longest, int), "there are ids, and none is null"
    numbers = -(-longest // _BYTES)
    # The sign that fills up must not be one of an id, nor a sign be of several bytes.
    if (
        not 1 <= numbers <= _MOST
        or longest != ids.str.len_chars().max()
        or not (ids.str.len_bytes() == ids.str.len_chars()).all()
        or ids.str.contains("\0", literal=True).any()
    ):
        return ids.alias("code").to_frame()
    full = ids.str.pad_end(numbers * _BYTES, "\0").cast(pl.Binary)
    parts = [full] if numbers == 1 else [full.bin.slice(n * _BYTES, _BYTES) for n in range(numbers)]
    return pl.DataFrame(
        [
            part.bin.reinterpret(dtype=pl.UInt64, endianness="big").alias(f"code{n}")
            for n, part in enumerate(parts)
        ]
    )
