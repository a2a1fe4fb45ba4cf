"""Life tables worked out by hand, and against the product-limit estimator (F21, F22, H8)."""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction

import polars as pl
import pytest

from kpi.evaluation.forecast.grouped_rows import N
from kpi.evaluation.forecast.life_table import (
    LOOK_BACK,
    LifeTable,
    band_starts,
    life_table,
    survival,
)
from tests.real_data import data

D = dt.date(2022, 6, 30)


def rows(*spans: tuple[int, int | None], number: int = 1) -> pl.DataFrame:
    """Rows by the days before D on which they started and ended; None is still open."""
    return pl.DataFrame(
        [
            (D - dt.timedelta(start), None if end is None else D - dt.timedelta(end), number)
            for start, end in spans
        ],
        schema={"start": pl.Date, "end": pl.Date, N: pl.Int64},
        orient="row",
    )


def test_f21_at_risk_and_ended_by_age_as_worked_out_by_hand() -> None:
    # Three cases: started 3 days before D and ended 1 day before it, at age 2; started 2 days before
    # and ended that day, at age 0; started 1 day before, open: ages 0 and 1 seen.
    table = life_table(rows((3, 1), (2, 2), (1, None)), "start", "end", D)
    assert table.at_risk == (3, 2, 1)
    assert table.ended == (1, 0, 1)
    assert table.ends == 2
    assert table.staying(pooled=False) == [1 - 1 / 3, 1.0, 0.0]


def test_f21_a_case_is_at_risk_only_on_the_days_of_the_look_back() -> None:
    # Started 366 days before D, at age 2 on the first day of the look-back (D - 364), ended at age 3.
    table = life_table(rows((366, 363)), "start", "end", D)
    assert table.at_risk == (0, 0, 1, 1)
    assert table.ended == (0, 0, 0, 1)
    # A day earlier it has ended before the look-back begins.
    assert life_table(rows((366, 365)), "start", "end", D) == LifeTable((), ())


def test_f21_an_end_on_the_first_day_of_the_look_back_counts_and_the_numbers_add_up() -> None:
    table = life_table(rows((364, 364), number=5), "start", "end", D)
    assert (table.at_risk, table.ended) == ((5,), (5,))


def test_f21_rows_that_end_before_they_start_are_never_at_risk() -> None:
    assert life_table(rows((3, 5)), "start", "end", D) == LifeTable((), ())


def test_f21_bands_are_days_then_weeks_then_four_weeks_then_91_days() -> None:
    starts = band_starts(1000)
    assert starts[:30] == [*range(28), 28, 35]
    assert [s for s in starts if 168 <= s <= 250] == [168, 175, 182, 210, 238]
    # 182 + 19 x 28 = 714: the band that begins there is cut at 727.
    assert [s for s in starts if s >= 680] == [686, 714, 728, 819, 910]


def test_f21_ages_of_a_band_share_ended_over_at_risk() -> None:
    # A week of ages, 28 to 34: 7 case-days at risk or more, 3 ended.
    at_risk, ended = [0] * 28 + [4, 4, 3, 3, 2, 2, 2], [0] * 28 + [0, 1, 0, 1, 0, 0, 1]
    staying = LifeTable(tuple(at_risk), tuple(ended)).staying()
    assert staying[28:] == [1 - 3 / 20] * 7
    assert staying[:28] == [1.0] * 28


def test_f22_the_oldest_band_pools_no_age_beyond_the_oldest_that_was_ended() -> None:
    # Ended at age 30, within the week 28 to 34; the dormant case of age 40 to 404 counts nowhere.
    table = life_table(rows((30, 0), (404, None)), "start", "end", D)
    assert table.oldest_ended == 30
    assert sum(table.at_risk) == 31
    # At risk at ages 28, 29 and 30, ended once; the pace is that of the whole week.
    assert table.staying()[28:] == [1 - 1 / 3] * 7


def test_survival_multiplies_in_the_order_of_days_and_ends_beyond_the_table() -> None:
    assert survival([0.5, 1.0, 0.25], -1, 5) == [0.5, 0.5, 0.125, 0.125, 0.125]
    assert survival([0.5, 1.0, 0.25], 1, 2) == [0.25, 0.25]
    assert survival([0.5], 7, 2) == [1.0, 1.0]


def product_limit(spans: list[tuple[int, int | None]], age: int) -> Fraction:
    """S(age) by the product-limit estimator with delayed entry: a pass over the cases for each age.

    Another way than the life table's: by cases, not by days, and in fractions.
    """
    share = Fraction(1)
    for a in range(age + 1):
        exposed = [
            (start, end)
            for start, end in spans
            # On the day of this age the case is open, and the day is one of the look-back.
            if 0 <= start - a < LOOK_BACK and (end is None or start - a >= end)
        ]
        ended = [1 for start, end in exposed if end is not None and start - end == a]
        if ended:
            share *= 1 - Fraction(len(ended), len(exposed))
    return share


@pytest.mark.parametrize("seed", range(8))
def test_h08_without_bands_it_is_the_product_limit_estimator_with_entry(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    spans: list[tuple[int, int | None]] = []
    for _ in range(60):
        start = chance.randint(0, 500)
        spans.append((start, chance.choice([None, chance.randint(0, start)])))
    staying = life_table(rows(*spans), "start", "end", D).staying(pooled=False)
    for age in (0, 3, 30, 100, 250, 499):
        found = survival(staying, -1, age + 1)[-1]
        assert found == pytest.approx(float(product_limit(spans, age)), abs=1e-12)


def test_h08_permit_receipts_at_the_end_of_september_2011() -> None:
    cases = pl.read_parquet(data("receipt.parquet")).select(
        pl.col("filed").dt.convert_time_zone("Europe/Amsterdam").dt.date().alias("start"),
        pl.col("decided").dt.convert_time_zone("Europe/Amsterdam").dt.date().alias("end"),
        pl.lit(1, pl.Int64).alias(N),
    )
    as_of = dt.date(2011, 9, 30)
    known = cases.filter(pl.col("start") <= as_of).with_columns(
        pl.when(pl.col("end") <= as_of).then(pl.col("end")).alias("end")
    )
    staying = life_table(known, "start", "end", as_of).staying(pooled=False)
    expected = {
        7: 0.981229202258,
        30: 0.861526097941,
        56: 0.421427223605,
        98: 0.168003229934,
        182: 0.031854737339,
    }
    for age, share in expected.items():
        assert survival(staying, -1, age + 1)[-1] == pytest.approx(share, abs=1e-12)
