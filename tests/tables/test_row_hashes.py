"""The hashes of rows are those that the module specifies, worked out again in plain Python."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from kpi.tables.row_hashes import Cell, _text_codes, _texts, sum_of_hashes

MODULUS = 2**64
M = 0x9E3779B97F4A7C15


def code(value: Any) -> int:
    """The code of a value, as step 1 of the module says."""
    if isinstance(value, str):
        return text_code(value.encode())
    if isinstance(value, dt.datetime):
        return int((value - dt.datetime(1970, 1, 1)) / dt.timedelta(microseconds=1)) % MODULUS
    if isinstance(value, dt.date):
        return (value - dt.date(1970, 1, 1)).days % MODULUS
    if isinstance(value, float | Decimal):
        return round(value * 1_000_000) % MODULUS
    return int(value) % MODULUS


def text_code(data: bytes) -> int:
    if len(data) > 64:
        return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
    whole = len(data) // 8 * 8
    words = [data[at : at + 8] for at in range(0, whole, 8)]
    if whole < len(data):
        words.append(data[-8:] if whole else data.ljust(8, b"\0"))
    total = len(data) * M % MODULUS
    for word in words:
        total = (total ^ int.from_bytes(word, "little")) * M % MODULUS
        total ^= total >> 32
    return total


def sums(rows: list[dict[str, Any]]) -> tuple[int, int]:
    """The sums of both hashes of some rows, as steps 2 and 3 say."""
    totals = [0, 0]
    for row in rows:
        for number in (0, 1):
            mixed = 0
            for name, value in row.items():
                first = hashlib.sha256(f"{number}:{name}".encode()).digest()[:8]
                factor = int.from_bytes(first, "little") | 1
                mixed += 0 if value is None else (code(value) ^ M) * factor
            mixed %= MODULUS
            for multiplier in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
                mixed ^= mixed >> 33
                mixed = mixed * multiplier % MODULUS
            totals[number] += mixed ^ mixed >> 33
    return totals[0] % MODULUS, totals[1] % MODULUS


def hashed(frame: pl.DataFrame, *texts: str) -> tuple[int, int]:
    return sum_of_hashes(
        frame.lazy(), [Cell(name, pl.col(name), name in texts) for name in frame.columns]
    )


TEXTS = [
    *(("æø" * 40)[:n] for n in range(40)),
    *(("0123456789" * 8)[:n] for n in range(80)),
    "a\0",
    "a",
    "",
    None,
]


def test_texts_of_every_length_and_none() -> None:
    assert hashed(pl.DataFrame({"a": TEXTS}), "a") == sums([{"a": text} for text in TEXTS])


def test_the_code_of_each_text() -> None:
    """Called here and not by the engine, whose threads measure no coverage."""
    expected = [None if text is None else code(text) for text in TEXTS]
    assert _text_codes(pl.Series(TEXTS)).to_list() == expected
    assert _text_codes(pl.Series(["a" * 8])).to_list() == [code("a" * 8)]
    days = [dt.date(2017, 3, 1), None]
    assert _texts(pl.Series([1.0, 1.5, None])).to_list() == ["1", "1.5", None]
    assert _texts(pl.Series(days)).to_list() == ["2017-03-01", None]
    assert _texts(pl.Series([b"x"])).to_list() == ["b'x'"]


@pytest.mark.parametrize("texts", [["", None], [], [None], ["abc", "abcdefgh"]], ids=str)
def test_few_texts(texts: list[str | None]) -> None:
    frame = pl.DataFrame({"a": texts}, schema={"a": pl.String})
    assert hashed(frame, "a") == sums([{"a": text} for text in texts])


@pytest.mark.parametrize("size", [*range(1, 9), 15, 16, 17, 63, 64, 65], ids=lambda n: f"{n} bytes")
def test_a_byte_anywhere_in_a_text_changes_the_hash(size: int) -> None:
    """A byte less, with a smaller letter before it, gave the hash of the whole text at first."""
    plain = "x" * size
    others = {plain[:at] + "y" + plain[at + 1 :] for at in range(size)} | {plain + "x", plain[1:]}
    found = {hashed(pl.DataFrame({"a": [one]}), "a") for one in (plain, *others)}
    assert len(found) == size + 3


NUMBERS: list[tuple[pl.DataType, list[Any]]] = [
    (pl.Int64(), [0, 1, -1, 2**63 - 1, -(2**63), None]),
    (pl.Int8(), [0, 1, -1, 127, None]),
    (pl.UInt64(), [0, 1, 2**64 - 1]),
    (pl.Boolean(), [True, False, None]),
    (pl.Float64(), [0.0, 1.5, -0.000001, 12345.678901, 1e12, None]),
    (pl.Decimal(20, 6), [Decimal("1.5"), Decimal("-0.000001")]),
    (pl.Date(), [dt.date(1, 1, 1), dt.date(1970, 1, 1), dt.date(9999, 12, 31), None]),
    (pl.Datetime("ms"), [dt.datetime(1969, 12, 31, 23, 59, 59), dt.datetime(2017, 1, 1, 9, 30)]),
]


@pytest.mark.parametrize(("dtype", "values"), NUMBERS, ids=str)
def test_values_that_are_no_texts(dtype: pl.DataType, values: list[Any]) -> None:
    frame = pl.DataFrame({"a": values}, schema={"a": dtype})
    assert hashed(frame) == sums([{"a": value} for value in values])


AS_TEXT: list[tuple[pl.DataType, list[Any], list[str | None]]] = [
    (pl.Int32(), [12, -3, None], ["12", "-3", None]),
    (pl.Float64(), [12.0, 1.5, float("inf"), None], ["12", "1.5", "inf", None]),
    (pl.Decimal(10, 2), [Decimal("12.00"), Decimal("1.50")], ["12", "1.5"]),
    (pl.Boolean(), [True, False], ["true", "false"]),
    (pl.Date(), [dt.date(2017, 3, 1), None], ["2017-03-01", None]),
    (pl.Datetime("us"), [dt.datetime(2017, 3, 1, 9, 30)], ["2017-03-01T09:30:00"]),
    (pl.Categorical(), ["visa", None, "visa"], ["visa", None, "visa"]),
    (pl.Enum(["asylum", "visa"]), ["visa", None, "asylum"], ["visa", None, "asylum"]),
    (pl.Null(), [None], [None]),
    (pl.Binary(), [b"x"], ["b'x'"]),
]


@pytest.mark.parametrize(("dtype", "values", "texts"), AS_TEXT, ids=str)
def test_a_value_of_any_type_as_text(
    dtype: pl.DataType, values: list[Any], texts: list[str | None]
) -> None:
    frame = pl.DataFrame({"a": values}, schema={"a": dtype})
    assert hashed(frame, "a") == sums([{"a": text} for text in texts])


def test_values_belong_to_their_row_and_column() -> None:
    def of(*rows: tuple[int, int]) -> tuple[int, int]:
        return hashed(pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.Int64}, orient="row"))

    assert of((1, 2), (3, 4)) == of((3, 4), (1, 2))
    assert of((1, 2), (3, 4)) == sums([{"a": 1, "b": 2}, {"a": 3, "b": 4}])
    others = [of((1, 4), (3, 2)), of((2, 1), (4, 3)), of((1, 2)), of((1, 2), (3, 4), (3, 4))]
    assert len({of((1, 2), (3, 4)), *others}) == 5


def test_a_column_that_is_null_adds_nothing() -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    none = frame.with_columns(b=pl.lit(None, pl.String))
    assert hashed(frame) == hashed(none, "b")


def test_both_hashes_take_every_bit_of_64() -> None:
    """Sums of thousands of rows go round 2^64 many times, as the oracle's do."""
    rows = [{"a": n, "b": f"case {n}"} for n in range(5_000)]
    found = hashed(pl.DataFrame(rows), "b")
    assert found == sums(rows)
    assert found[0] != found[1]
