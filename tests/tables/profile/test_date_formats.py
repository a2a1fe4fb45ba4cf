"""Which formats parse the dates of a column, and how many of them."""

from __future__ import annotations

from collections import Counter

import polars as pl

from kpi.tables.profile.date_formats import ISO, DateFormats, find_formats


def found(*texts: str) -> DateFormats | None:
    counts = Counter(texts)
    return find_formats(pl.Series(list(counts), dtype=pl.String), pl.Series(list(counts.values())))


def test_days_that_may_be_months_have_two_formats_and_day_first_comes_first() -> None:
    dates = found("01-02-2022", "03-04-2022", "03-04-2022")
    assert dates == DateFormats(3, ("%d-%m-%Y", "%m-%d-%Y"))
    assert dates.best == "%d-%m-%Y"


def test_a_day_after_the_twelfth_decides() -> None:
    assert found("01-02-2022", "13-04-2022") == DateFormats(2, ("%d-%m-%Y",))
    assert found("01/02/2022", "04/13/2022") == DateFormats(2, ("%m/%d/%Y",))


def test_formats_that_come_to_the_same_dates_are_named_once() -> None:
    assert found("1 Mar 2022", "14 Apr 2022") == DateFormats(2, ("%d %b %Y",))


def test_two_digit_years_may_stand_first_or_last() -> None:
    assert found("13-02-18") == DateFormats(1, ("%d-%m-%y", "%y-%m-%d"))
    assert found("13-02-18", "31-02-18") is not None


def test_a_mix_says_how_many_values_fit_each_format_and_none_is_the_best() -> None:
    dates = found("2022-01-13", "2022-01-14", "13/01/2022", "14/01/2022", "14/01/2022", "old")
    assert dates == DateFormats(6, (), (("%d/%m/%Y", 3), (ISO, 2)), 1)
    assert dates.best is None


def test_a_mix_counts_a_value_for_each_format_that_fits_it() -> None:
    dates = found("13-01-2022", "14-01-2022", "01-02-2022", "02-13-2022")
    # The third is a day in both; the second format adds the fourth.
    assert dates == DateFormats(4, (), (("%d-%m-%Y", 3), ("%m-%d-%Y", 2)), 0)
    assert dates.best is None


def test_a_few_dates_that_do_not_exist_leave_the_format_the_best() -> None:
    days = [f"{day:02}-03-2022" for day in range(1, 31)]
    dates = found(*days, "31-02-2022")
    assert dates == DateFormats(31, (), (("%d-%m-%Y", 30),), 1)
    assert dates.best == "%d-%m-%Y"
    few = found(*days[12:16], "31-02-2022")
    assert few is not None
    assert few.best is None


def test_fewer_dates_than_other_texts_are_no_dates() -> None:
    assert found("13-01-2022", "x", "y") is None
    assert found("visum", "ophold") is None
    assert found() is None


def test_whole_numbers_are_dates_only_as_year_month_and_day_of_plausible_years() -> None:
    assert found("20220113", "20220114") == DateFormats(2, ("%Y%m%d",))
    assert found("20221301", "20220114", "99990101") is None
    assert found("12345678", "20220114", "17991231") is None


def test_times_of_day_belong_to_the_format() -> None:
    assert found("13-01-2022 10:30", "14-01-2022 23:59") == DateFormats(2, ("%d-%m-%Y %H:%M",))
    assert found("13.01.2022 10.30.59") == DateFormats(1, ("%d.%m.%Y %H.%M.%S",))
