"""Series on a terminal: targets by period in one table, bars against the limit, sparklines (R3)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.report import terminal
from kpi.report.bars import limit_bar, sparkline
from tests.report.page import small_plan

RESULT = kpi.evaluate(small_plan.SMALL, small_plan.CASES, "2022-12-31", every="month")


def lines(result: kpi.Result, width: int) -> list[str]:
    return terminal.plain(terminal.result_table(result, width), width).splitlines()


def series(result: kpi.Result, width: int) -> list[str]:
    """The lines of a result from its series on, blanks at the end left out."""
    shown = lines(result, width)
    return shown[next(n for n, line in enumerate(shown) if line.startswith("By period")) :]


def test_a_sparkline_is_as_high_as_its_values_are() -> None:
    # Eight steps from the least to the greatest: 0, 1/8 to 7/8, all.
    assert sparkline([Fraction(n, 8) for n in range(9)]) == "▁▂▃▄▅▆▇██"
    assert sparkline([Fraction(3), None, Fraction(3)]) == "▅ ▅"
    assert sparkline([None, None]) == "  "


@pytest.mark.parametrize(
    ("met", "bar"),
    [
        # Of sixteen characters the mark is the fourteenth and a half, so that 14 stand before it.
        (0, "··············│·"),
        (50, "████████······│·"),
        # Just below the limit a gap is left before the mark, at the limit it is touched.
        (89, "█████████████·│·"),
        (90, "██████████████│·"),
        (91, "██████████████│█"),
        (100, "██████████████│█"),
    ],
)
def test_a_bar_against_its_limit(met: int, bar: str) -> None:
    record = evolve(RESULT["1a"], met=met, counted=100, value=met / 100)
    assert limit_bar(record, Fraction(9, 10)) == bar


@pytest.mark.parametrize(
    ("limit", "bar"),
    # The whole is a tenth more than the greater of the two, so that 14 characters stand before the mark.
    [(99, "██████████████│█"), (100, "██████████████│·"), (101, "█████████████·│·")],
)
def test_a_bar_says_on_which_side_of_the_limit_a_value_is(limit: int, bar: str) -> None:
    record = evolve(RESULT["1b"], total=100, counted=1, value=100.0)
    assert limit_bar(record, Fraction(limit)) == bar


def test_nothing_is_above_all() -> None:
    record = evolve(RESULT["1a"], met=100, counted=100, value=1.0)
    assert limit_bar(record, Fraction(1)) == "███████████████│"


def test_without_one_number_there_is_no_bar() -> None:
    record = RESULT["1a"]
    assert limit_bar(record, None) == ""
    assert limit_bar(evolve(record, value=None), Fraction(1)) == ""
    assert limit_bar(evolve(record, base=record), Fraction(1)) == ""
    assert limit_bar(record, Fraction(-1)) == ""


def test_bars_stand_where_there_is_room_and_titles_come_first() -> None:
    assert "Against limit" not in "\n".join(lines(RESULT, 60))
    wide = lines(RESULT, 120)
    place = next(n for n, line in enumerate(wide) if line.startswith("1a "))
    assert wide[place - 1].strip() == "In ten days"
    # 12 of 13 in time is behind the limit of 90 %: 0.923 x 16 = 14.8.
    assert wide[place].split() == [
        "1a", "92.3", "%", "90", "%", "within", "10", "days", "██████████████│█", "13", "1",
        "85.7–92.9", "%", "met",
    ]  # fmt: skip
    assert "Against limit" in "\n".join(lines(RESULT, 164))


def test_every_value_stands_in_one_table_where_there_is_room() -> None:
    shown = series(RESULT, 120)
    # c1, of December, has not ended and is in no figure of ended cases.
    assert shown[0] == "By period, from 2022-01 through 2022-10"
    assert shown[1].split() == [f"2022-{n:02}" for n in range(1, 11)]
    assert shown[2] == "1a In ten days (%)"
    assert shown[3].split()[:5] == ["█████████▁", "100.0", "✓", "100.0", "✓"]
    assert shown[3].split()[-2:] == ["0.0", "✗"]
    assert shown[4] == "1b On average (days)"
    assert "the signs: ✓ met, ✗ missed, • indicator; counted cases by period" in " ".join(shown)


def test_in_a_narrow_window_stand_the_extremes_and_the_last_and_then_the_last_alone() -> None:
    shown = series(RESULT, 60)
    assert [line.split() for line in shown[1:8]] == [
        ["Lowest", "Highest", "Last"],
        ["1a", "In", "ten", "days"],
        ["█████████▁", "0.0", "%", "100.0", "%", "0.0", "%"],
        ["✓✓✓✓✓✓✓✓✓✗", "2022-10", "2022-01", "2022-10"],
        ["1b", "On", "average"],
        # a1 to a3 and b1 to b3 are 5 days in each of three months, a4 to a9 4, a10 20.
        ["▁▁▁▁▁▁▁▁▁█", "4.0", "days", "20.0", "days", "20.0", "days"],
        ["✓✓✓✓✓✓✓✓✓✗", "2022-04", "2022-10", "2022-10"],
    ]  # fmt: skip
    narrow = " ".join(" ".join(series(RESULT, 40)).split())
    assert "Lowest" not in narrow
    assert "not shown in a window this narrow: the lowest and the highest value" in narrow
    assert max(map(len, series(RESULT, 40))) <= 40


def test_years_are_named_where_there_are_several() -> None:
    plan = kpi.parse_plan(small_plan.PLAN.replace('period = "2022"', 'period = { since = 2021-12-01, through = 2022-12-31 }'))  # fmt: skip
    early = small_plan.CASES.with_columns(
        filed=pl.when(case_id="a1").then(dt.date(2021, 12, 1)).otherwise("filed"),
        decided=pl.when(case_id="a1").then(dt.date(2021, 12, 5)).otherwise("decided"),
    )
    result = kpi.evaluate(plan, early, "2022-12-31", every="month")
    shown = series(result, 60)
    assert "2021-12" in " ".join(shown)


def test_a_single_period_a_base_and_a_break_down_have_tables_of_their_own() -> None:
    by_office = kpi.evaluate(small_plan.SMALL, small_plan.CASES, by="office", every="month")
    assert not [line for line in lines(by_office, 80) if line.startswith("By period")]
    assert "office  period" in "\n".join(lines(by_office, 80))
    by_year = kpi.evaluate(small_plan.SMALL, small_plan.CASES, every="year")
    assert not [line for line in lines(by_year, 80) if line.startswith("By period")]
    assert [line for line in lines(by_year, 80) if line.startswith("2022 ")]
    # The only series stands by itself, with its counted cases.
    alone = kpi.evaluate(small_plan.SMALL.only("1a"), small_plan.CASES, every="month")
    assert [line for line in lines(alone, 80) if line.startswith("period ")] == [
        "period     Value  Counted  Verdict"
    ]
