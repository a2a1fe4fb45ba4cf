"""What a column holds, by a look at its values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from kpi.tables.profile.columns import ColumnProfile, profile_column
from kpi.tables.profile.date_formats import ISO


def profile(values: list[Any], kind: Any = None) -> ColumnProfile:
    return profile_column(pl.Series("c", values, dtype=kind))


def test_counts_values_nulls_and_ends_of_texts() -> None:
    column = profile(["b", "a", "b", None, "", "c"])
    assert (column.holds, column.rows, column.nulls, column.distinct) == ("text", 6, 2, 3)
    assert column.top == (("b", 2), ("a", 1), ("c", 1))
    assert (column.smallest, column.largest) == ("a", "c")
    assert not column.is_unique


def test_only_the_ten_commonest_values_are_counted() -> None:
    column = profile([f"v{n:02}" for n in range(12) for _ in range(n + 1)])
    assert column.distinct == 12
    assert column.top == tuple((f"v{n:02}", n + 1) for n in range(11, 1, -1))


def test_a_value_in_each_row_and_none_twice_makes_a_key() -> None:
    assert profile(["a", "b", "c"]).is_unique
    assert not profile(["a", "b", None]).is_unique
    assert not profile(["a", "b", "b"]).is_unique
    assert not profile([], pl.String).is_unique


@pytest.mark.parametrize(
    ("values", "holds", "smallest", "largest"),
    [
        (["10", "9", "-3"], "integer", "-3", "10"),
        (["007", "010"], "number", "007", "010"),
        (["1,5", "10", "9,25"], "number", "1,5", "10"),
        (["1.234,50", "99,00"], "number", "99,00", "1.234,50"),
        (["1.5", "10.25"], "number", "1.5", "10.25"),
        (["02-01-2022", "01-12-2022"], "date", "02-01-2022", "01-12-2022"),
        (["2022-01-02T10:00:00", "2022-01-01"], "time", "2022-01-01", "2022-01-02T10:00:00"),
        (["31-12-2021 10:00", "02-01-2022 09:30"], "time", "31-12-2021 10:00", "02-01-2022 09:30"),
        (["1234-x", "5"], "text", "1234-x", "5"),
        ([None, ""], "nothing", None, None),
    ],
)
def test_texts_are_what_each_of_them_parses_as(
    values: list[str], holds: str, smallest: str | None, largest: str | None
) -> None:
    column = profile(values, pl.String)
    assert (column.type, column.holds) == ("text", holds)
    assert (column.smallest, column.largest) == (smallest, largest)


@pytest.mark.parametrize(
    ("values", "kind", "said", "holds", "smallest", "largest"),
    [
        ([3, 1], pl.Int64, "Int64", "integer", "1", "3"),
        ([1.5, float("nan")], pl.Float64, "Float64", "number", "1.5", "1.5"),
        ([True, False], pl.Boolean, "boolean", "boolean", "false", "true"),
        ([dt.date(2022, 1, 2)], pl.Date, "date", "date", "2022-01-02", "2022-01-02"),
        (
            [dt.datetime(2022, 1, 2, 3, 4, 5)],
            pl.Datetime("ns", "UTC"),
            "time, UTC",
            "time",
            "2022-01-02 03:04:05",
            "2022-01-02 03:04:05",
        ),
        ([None], pl.Null, "null", "nothing", None, None),
        ([[1], [2]], pl.List(pl.Int64), "List(Int64)", "other", None, None),
    ],
)  # fmt: skip
def test_a_column_with_a_type_holds_what_the_type_says(
    values: list[Any], kind: Any, said: str, holds: str, smallest: str | None, largest: str | None
) -> None:
    column = profile(values, kind)
    assert (column.type, column.holds) == (said, holds)
    assert (column.smallest, column.largest) == (smallest, largest)


@pytest.mark.parametrize("kind", [pl.Date, pl.Datetime("us", "UTC"), pl.Datetime("ms")])
def test_dates_outside_the_calendar_are_counted_and_looked_at_no_further(kind: Any) -> None:
    column = profile_column(
        pl.Series("c", [19_064, None, 2**31 - 1, 19_063], dtype=pl.Int64)
        .cast(pl.Int32)
        .cast(pl.Date)
        if kind == pl.Date
        else pl.Series("c", [0, None, 2**62, 1], dtype=pl.Int64).cast(kind)
    )
    assert (column.rows, column.nulls, column.outside, column.distinct) == (4, 1, 1, 2)
    assert column.smallest is not None
    assert column.smallest[:10] == ("2022-03-12" if kind == pl.Date else "1970-01-01")
    assert not column.is_unique


def test_categories_are_looked_at_as_texts() -> None:
    column = profile_column(pl.Series(["a", "b", "a"], dtype=pl.Categorical))
    assert (column.type, column.top) == ("text", (("a", 2), ("b", 1)))


@pytest.mark.parametrize("word", ["NULL", "null", "(null)", "N/A", "nan", "None", r"\N"])
def test_a_word_that_only_programs_write_is_proposed_for_null_among_texts_too(word: str) -> None:
    (found,) = profile(["visum", word, "ophold", word]).null_words
    assert (found.text, found.rows, found.proposed) == (word, 2, True)


@pytest.mark.parametrize("word", ["-", ".", "ukendt", "Ukendt", "none", "?", "NA"])
def test_a_word_that_may_be_a_value_is_proposed_only_among_dates_and_numbers(word: str) -> None:
    (among_texts,) = profile(["visum", word, "ophold"]).null_words
    (among_dates,) = profile(["2022-01-01", word, "2022-02-01"]).null_words
    (among_numbers,) = profile(["17", word, "4"]).null_words
    assert [w.proposed for w in (among_texts, among_dates, among_numbers)] == [False, True, True]
    assert {w.text for w in (among_texts, among_dates, among_numbers)} == {word}


def test_a_nought_is_null_among_dates_and_a_number_among_numbers() -> None:
    (word,) = profile(["2022-01-01", "0", "2022-02-01"]).null_words
    assert (word.text, word.proposed) == ("0", True)
    assert profile(["17", "0", "4"]).null_words == ()
    assert profile(["1", "0", "1"]).null_words == ()
    assert profile(["0", "0"]).null_words == ()


def test_words_for_null_are_no_values_of_a_date() -> None:
    column = profile(["13-02-2022", "NULL", "-", "14-02-2022", None])
    assert column.holds == "date"
    assert column.given == 2
    assert [word.text for word in column.null_words] == ["-", "NULL"]
    assert column.dates is not None
    assert (column.dates.values, column.dates.every) == (2, ("%d-%m-%Y",))


@pytest.mark.parametrize(
    ("true", "false"),
    [("Ja", "Nej"), ("J", "N"), ("true", "false"), ("TRUE", "FALSE"), ("yes", "no"), ("y", "n")],
)
def test_words_for_true_and_false_are_found_as_they_are_spelled(true: str, false: str) -> None:
    column = profile([true, false, true, None])
    assert column.holds == "boolean"
    assert column.booleans == {true: True, false: False}


def test_noughts_and_ones_may_be_true_and_false_and_are_numbers_all_the_same() -> None:
    column = profile(["1", "0", "1"])
    assert (column.holds, column.booleans) == ("integer", {"1": True, "0": False})


def test_two_words_that_are_no_pair_are_texts() -> None:
    assert profile(["ja", "no"]).holds == "text"
    assert profile(["ja", "nej", "måske"]).booleans == {}


_DAY = dt.datetime(2022, 3, 1, 12, tzinfo=dt.UTC)
SECONDS = int(_DAY.timestamp())


@pytest.mark.parametrize(
    ("number", "units"),
    [
        (SECONDS, ("s",)),
        (SECONDS * 1_000, ("ms",)),
        (SECONDS * 1_000_000, ("us",)),
        (SECONDS * 1_000_000_000, ("ns",)),
        (19_052, ("days",)),
        # 2022-03-01 is the serial day 44,621 of a workbook.
        (44_621, ("excel",)),
        # The one is a day in 2050, the other a day in 1980.
        (29_300, ("days", "excel")),
        (1_000, ()),
        (3_112_991_234, ()),
    ],
)
def test_numbers_may_be_dates_where_all_are_between_1980_and_2060(
    number: int, units: tuple[str, ...]
) -> None:
    assert profile([number, number + 1]).epochs == units
    assert profile([str(number), str(number + 1)]).epochs == units
    assert profile([number, 7]).epochs == ()


def test_numbers_with_a_fraction_are_no_epochs() -> None:
    assert profile([44_621.0, 44_622.0]).epochs == ("excel",)
    assert profile([44_621.5, 44_622.0]).epochs == ()


def test_iso_dates_in_text_need_no_format() -> None:
    column = profile(["2022-03-01", "2022-03-02 10:00", "2022-03-02T10:00:00+01:00"])
    assert column.holds == "time"
    assert column.dates is not None
    assert column.dates.every == (ISO,)


def test_a_column_without_a_value_has_no_ends_and_no_unit_of_dates() -> None:
    for kind in (pl.Int64, pl.Float64, pl.String):
        column = profile([None, None], kind)
        assert (column.nulls, column.smallest, column.largest, column.epochs) == (2, None, None, ())
