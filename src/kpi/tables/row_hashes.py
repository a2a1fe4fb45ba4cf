"""Hashes of rows: the same for the same values in every file format, version and machine.

A row has two hashes of 64 bits. They are specified here, in arithmetic modulo 2^64, because the hashes
that Polars offers may change from version to version:

1. A value has a code. Dates are days since 1970-01-01, instants microseconds since then, whole numbers
   and booleans (0 and 1) themselves, other numbers millionths, rounded. Texts of up to 64 bytes in
   UTF-8 are cut into words of eight bytes, little-endian. Where bytes are left over, the last word is
   that of the last eight bytes; a text of fewer than eight is filled up with zeros. The code begins as
   the number of bytes times M, and for each word becomes `f((code xor word) * M)`, with
   `f(x) = x xor (x >> 32)` and M = 0x9E3779B97F4A7C15. The code of longer texts is their BLAKE2b of eight bytes, little-endian.
2. A value of a column adds `(code xor M) * a`, where a, made odd, is the first word of the SHA-256 of
   the number of the hash (0, 1), ":" and the name of the column. A null adds nothing.
3. The sum over the columns goes through the finaliser of MurmurHash3, which binds the values of a row
   together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import polars as pl
from attrs import frozen

_M = 0x9E3779B97F4A7C15
_WORD, _LONGEST = 8, 64
"""Bytes of a word, and of the longest text that is cut into words."""
_MILLION = 1_000_000
_MURMUR = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
HASHES = ("kpi:hash 0", "kpi:hash 1")
"""The columns of both hashes of a row (UInt64)."""


@frozen
class Cell:
    """Values of a column, or of what is known of a column beside them, for the hash of a row.

    Attributes:
        name: the name that enters the hash.
        values: expression of the values: Date, instants, numbers or Booleans, or the values that
            `as_text` turns to texts.
        as_text: whether the values are compared as texts.
    """

    name: str
    values: pl.Expr
    as_text: bool = False


def sum_of_hashes(rows: pl.LazyFrame, cells: Iterable[Cell]) -> tuple[int, int]:
    """Return the sums modulo 2^64 of both hashes of all rows: equal in any order of rows.

    Args:
        rows: the rows.
        cells: what of them is hashed.
    """
    sums = hashes(rows, cells).select(pl.col(name).sum() for name in HASHES)
    first, second = sums.collect(engine="streaming").row(0)
    return first, second


def hashes(rows: pl.LazyFrame, cells: Iterable[Cell]) -> pl.LazyFrame:
    """Return both hashes of each row, under the names of `HASHES`.

    Args:
        rows: the rows.
        cells: what of them is hashed.
    """
    cells = list(cells)
    values = rows.select(cell.values.alias(cell.name) for cell in cells)
    schema = values.collect_schema()
    codes = (
        _text_code(pl.col(cell.name), schema[cell.name])
        if cell.as_text
        else _code(pl.col(cell.name), schema[cell.name])
        for cell in cells
    )
    return values.select(
        (code ^ _word(_M)).fill_null(_word(0)).alias(cell.name)
        for cell, code in zip(cells, codes, strict=True)
    ).select(_row(n, [cell.name for cell in cells]).alias(HASHES[n]) for n in (0, 1))


def _row(number: int, names: Iterable[str]) -> pl.Expr:
    """Return the hash of a row out of the codes of the columns, which stand under their names."""
    total = pl.lit(0, pl.UInt64)
    for name in names:
        words = hashlib.sha256(f"{number}:{name}".encode()).digest()
        total += pl.col(name) * _word(int.from_bytes(words[:_WORD], "little") | 1)
    for factor in _MURMUR:
        total = _folded(total, 33) * _word(factor)
    return _folded(total, 33)


def _word(number: int) -> pl.Expr:
    return pl.lit(number, pl.UInt64)


def _folded(word: pl.Expr, bits: int) -> pl.Expr:
    return word ^ (word // _word(2**bits))


def _code(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return the code of values that are no texts."""
    if dtype.is_float() or isinstance(dtype, pl.Decimal):
        values = (values.cast(pl.Float64) * _MILLION).round()
    elif isinstance(dtype, pl.Datetime):
        values = values.dt.cast_time_unit("us").to_physical()
    elif isinstance(dtype, pl.Date):
        values = values.to_physical()
    if dtype == pl.UInt64:
        return values
    return values.cast(pl.Int64).reinterpret(signed=False)


def _text_code(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return the code of values as texts: a number is the same text in every type of number."""
    if isinstance(dtype, pl.Enum):
        # Each category once.
        codes = _text_codes(dtype.categories)
        return values.to_physical().map_batches(
            codes.gather, return_dtype=pl.UInt64, is_elementwise=True
        )
    if isinstance(dtype, pl.Date):
        values = values.dt.strftime("%Y-%m-%d")
    elif isinstance(dtype, pl.Categorical | pl.Boolean | pl.Null) or dtype.is_integer():
        values = values.cast(pl.String)
    elif dtype != pl.String:
        values = values.map_batches(_texts, return_dtype=pl.String, is_elementwise=True)
    return values.map_batches(_text_codes, return_dtype=pl.UInt64, is_elementwise=True)


def _texts(values: pl.Series) -> pl.Series:
    return pl.Series(values.name, list(map(_text, values.to_list())), pl.String)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float | Decimal):
        number = float(value)
        return str(int(value)) if number.is_integer() else repr(number)
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


def _text_codes(texts: pl.Series) -> pl.Series:
    """Return the code of each text; null for null."""
    size, data = texts.str.len_bytes(), texts.cast(pl.Binary)
    # Beside a bare number of bytes, another letter could make up for another length.
    codes = size.cast(pl.UInt64) * _M
    longest = size.max() or 0
    assert isinstance(longest, int), "lengths are numbers"
    short = (size > 0) & (size < _WORD)
    if short.any():
        # Elsewhere than in texts this short nothing needs to be copied.
        padded = (texts.filter(short) + "\0" * (_WORD - 1)).cast(pl.Binary).bin.slice(0, _WORD)
        codes = codes.scatter(short.arg_true(), _mixed(codes.filter(short), padded))
    for end in range(_WORD, min(longest, _LONGEST) + 1, _WORD):
        whole = data.bin.slice(end - _WORD, _WORD)
        codes = _mixed(codes, whole).zip_with(size >= end, codes)
    if longest > _WORD:
        left_over = (size > _WORD) & (size % _WORD != 0)
        codes = _mixed(codes, data.bin.slice(-_WORD, _WORD)).zip_with(left_over, codes)
    if longest > _LONGEST:
        long = size > _LONGEST
        digests = [_blake(text.encode()) for text in texts.filter(long).to_list()]
        codes = codes.scatter(long.arg_true(), pl.Series(digests, dtype=pl.UInt64))
    return codes


def _mixed(codes: pl.Series, data: pl.Series) -> pl.Series:
    """Return codes with the next eight bytes of each text; null where there are fewer."""
    mixed = (codes ^ data.bin.reinterpret(dtype=pl.UInt64, endianness="little")) * _M
    return mixed ^ (mixed // 2**32)


def _blake(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=_WORD).digest(), "little")
