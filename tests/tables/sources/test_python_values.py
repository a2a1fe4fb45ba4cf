"""Columns of Python values: typed where all have one type in common, else named; nothing is lost."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from kpi.tables.sources.python_values import typed

NAN = float("nan")
EAST = dt.timezone(dt.timedelta(hours=2))


class Word(str, enum.Enum):  # noqa: UP042 - its str() is no text of it
    VISA = "visa"


class Number(enum.IntEnum):
    ONE = 1


TYPED: dict[str, tuple[list[Any], Any, list[Any]]] = {
    "no rows": ([], pl.Null(), []),
    "nulls": ([None, None], pl.Null(), [None, None]),
    "NaN alone": ([NAN, None, pd.NaT], pl.Null(), [None] * 3),
    "truth": ([True, None], pl.Boolean(), [True, None]),
    "whole numbers": ([1, None, 2**62], pl.Int64(), [1, None, 2**62]),
    "floats": ([1.5, None], pl.Float64(), [1.5, None]),
    "whole numbers and floats": ([2**53, 1.5], pl.Float64(), [2.0**53, 1.5]),
    "decimals": ([Decimal("1.50"), Decimal(2)], pl.Decimal(38, 2), [Decimal("1.50"), Decimal(2)]),
    "decimals and whole numbers": ([Decimal("0.5"), 10**30], pl.Decimal(38, 1), [Decimal("0.5"), Decimal(10**30)]),
    "decimals by exponent": ([Decimal("1e3"), None], pl.Decimal(38, 0), [Decimal(1000), None]),
    "an infinite decimal": ([Decimal("Infinity"), Decimal(1)], pl.Float64(), [float("inf"), 1.0]),
    "texts": (["a", "", None], pl.String(), ["a", "", None]),
    "texts with NaN": (["a", NAN, pd.NA], pl.String(), ["a", None, None]),
    "words of an enumeration": ([Word.VISA, "b"], pl.String(), ["visa", "b"]),
    "numbers of an enumeration": ([Number.ONE, 2], pl.Int64(), [1, 2]),
    "dates": ([dt.date(2020, 2, 29), None], pl.Date(), [dt.date(2020, 2, 29), None]),
    "times": ([dt.datetime(2020, 2, 29, 12, 0, 0, 7)], pl.Datetime("us"), [dt.datetime(2020, 2, 29, 12, 0, 0, 7)]),
    "times of pandas": ([pd.Timestamp("2020-02-29 12:00"), pd.NaT], pl.Datetime("us"), [dt.datetime(2020, 2, 29, 12), None]),
    "instants": (
        [dt.datetime(2020, 2, 29, 12, tzinfo=EAST), dt.datetime(2020, 2, 29, 12, tzinfo=dt.UTC)],
        pl.Datetime("us", "UTC"),
        [dt.datetime(2020, 2, 29, 10, tzinfo=dt.UTC), dt.datetime(2020, 2, 29, 12, tzinfo=dt.UTC)],
    ),
    "UUIDs": ([uuid.UUID(int=10), None], pl.String(), ["00000000-0000-0000-0000-00000000000a", None]),
    "bytes": ([b"x", None], pl.Binary(), [b"x", None]),
    "bytes of psycopg": ([memoryview(b"x")], pl.Binary(), [b"x"]),
    "numbers of numpy": ([np.int64(5), np.float64(2.5), None], pl.Float64(), [5.0, 2.5, None]),
    "texts of numpy": ([np.str_("a")], pl.String(), ["a"]),
    "days of numpy": ([np.datetime64("2020-02-29")], pl.Date(), [dt.date(2020, 2, 29)]),
}  # fmt: skip


@pytest.mark.parametrize(("values", "kind", "expected"), TYPED.values(), ids=TYPED)
def test_a_column_has_the_type_of_its_values(
    values: list[Any], kind: pl.DataType, expected: list[Any]
) -> None:
    column = typed("a", values)
    assert isinstance(column, pl.Series)
    assert (column.name, column.dtype, column.to_list()) == ("a", kind, expected)


NAMED: dict[str, tuple[list[Any], str]] = {
    "truth and numbers": ([True, False, 2], "bool and int (row 3: '2')"),
    "numbers and texts": ([1, 2, None, "x", 3], "int and str (row 4: 'x')"),
    "dates and times": ([dt.date(2020, 1, 1), dt.datetime(2020, 1, 1)], "date and datetime (row 2: '2020-01-01 00:00:00')"),
    "times with and without a zone": (
        [dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)],
        "datetime (row 2: '2020-01-01 00:00:00+00:00')",
    ),
    "a number of more than 64 bits": ([1, 2**63, 2], "int (row 2: '9223372036854775808')"),
    "a whole number that no float is": ([0.5, 2**53 + 1], "float and int (row 2: '9007199254740993')"),
    "a decimal of too many digits": (
        [Decimal("0.001"), Decimal(10**36)],
        "Decimal (row 2: '1000000000000000000000000000000000000')",
    ),
    "three kinds": (["x", 1, 1.5], "str and int (row 2: '1')"),
    "lists": ([None, [1]], "list (row 2: '[1]')"),
    "complex numbers": ([1j], "complex (row 1: '1j')"),
}  # fmt: skip


@pytest.mark.parametrize(("values", "said"), NAMED.values(), ids=NAMED)
def test_a_column_without_a_type_is_named_with_the_first_that_does_not_fit(
    values: list[Any], said: str
) -> None:
    assert typed("a", values) == said
