"""Whether keys are distinct, however they are told apart and in whatever batches they come (S13)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest import mock

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.tables.unique_keys import UniquenessCheck, hashes

DAYS = st.dates(dt.date(2022, 1, 1), dt.date(2022, 1, 9))
KINDS: dict[str, tuple[st.SearchStrategy[Any], pl.DataType]] = {
    "numbers close together": (st.integers(-5, 5), pl.Int64()),
    "numbers far apart": (st.integers(-5, 5).map(lambda n: n * 10**12), pl.Int64()),
    "small numbers": (st.integers(-128, -120) | st.integers(120, 127), pl.Int8()),
    "numbers beyond Int64": (st.integers(2**64 - 8, 2**64 - 1), pl.UInt64()),
    "texts": (
        st.sampled_from(("", "a", "b", "ab", "ba", "é", "longer than twelve bytes")),
        pl.String(),
    ),
    "categories": (st.sampled_from("abcdefgh"), pl.Categorical()),
    "dates": (DAYS, pl.Date()),
    "true or false": (st.booleans(), pl.Boolean()),
}


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
# A machine that is busy is no fault of the keys.
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_keys_are_distinct_where_no_two_are_equal(
    kind: str, parts: int, data: st.DataObject
) -> None:
    values, dtype = KINDS[kind]
    drawn = data.draw(st.lists(st.none() | values, max_size=6))
    if data.draw(st.booleans()):
        drawn = sorted(drawn, key=lambda one: (one is None, one))
    cut = data.draw(st.integers(0, len(drawn)))
    keys = UniquenessCheck()
    with mock.patch("kpi.tables.unique_keys._AT_ONCE", -(-len(drawn) // parts) or 1):
        for batch in (drawn[:cut], drawn[cut:]):
            keys.add(pl.DataFrame({"key": pl.Series(batch, dtype=dtype)}))
        known = [one for one in drawn if one is not None]
        assert keys.distinct() == (len(set(known)) == len(known))
        twice = [one for one in set(known) if known.count(one) > 1]
        expected = hashes(pl.DataFrame({"key": pl.Series(twice, dtype=dtype)}))
        assert sorted(keys.repeated()) == sorted(expected)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 2) | st.none(), st.sampled_from("ab")), max_size=6))
def test_a_key_of_two_columns_is_both_together(rows: list[tuple[int | None, str]]) -> None:
    keys = UniquenessCheck()
    frame = pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.String}, orient="row")
    keys.add(frame)
    known = [row for row in rows if row[0] is not None]
    assert keys.distinct() == (len(set(known)) == len(known))


def test_keys_in_order_within_batches_and_not_across() -> None:
    keys = UniquenessCheck()
    for batch in ([1, 5, 9], [5, 6, 7]):
        keys.add(pl.DataFrame({"key": batch}))
    assert not keys.distinct()


def test_hashes_in_place_of_keys() -> None:
    keys = UniquenessCheck()
    twice = hashes(pl.DataFrame({"key": ["b"]}))
    keys.add_hashes(hashes(pl.DataFrame({"key": ["b", "a"]})))
    keys.add_hashes(pl.Series([None, None], dtype=pl.UInt64))
    assert keys.distinct(), "a missing key is none"
    keys.add_hashes(twice)
    assert not keys.distinct()
    assert keys.repeated().to_list() == twice.to_list()


def test_no_keys_are_distinct() -> None:
    keys = UniquenessCheck()
    assert keys.distinct()
    keys.add(pl.DataFrame({"key": [None, None]}))
    assert keys.distinct()
