"""Geometry of charts, worked by hand (R4)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kpi.definitions.limits import parse_limit
from kpi.report.page import charts


def test_a_bar_against_its_limit() -> None:
    # Of shares the whole is all: 50 % and 90 % of 120.
    assert charts.bar(Fraction(1, 2), Fraction(9, 10), share=True) == charts.Bar("60", "108")
    # Of days it is a tenth more than the longer of both: 220 is 242, and 110 is half of 220.
    found = charts.bar(Fraction(110), Fraction(220), share=False)
    assert found == charts.Bar("54.5", "109.1")
    assert charts.bar(Fraction(-1), Fraction(3), share=False) is None
    assert charts.bar(Fraction(0), Fraction(0), share=False) is None
    assert charts.bar(None, Fraction(3), share=False) is None


@pytest.mark.parametrize(
    ("limit", "unit", "times"),
    [
        # From July 2003 seven months are 215 days, from February of a common year 212.
        ("7 months", "days", (212, 215)),
        # One month: February has 28 days, January 31.
        ("1 month", "days", (28, 31)),
        ("2 months and 10 days", "days", (69, 72)),
        ("30 days", "days", (30, 30)),
        ("2 weeks", "days", (14, 14)),
        ("10 working days", "working days", (10, 10)),
        ("10 working days", "days", None),
        ("1 hour", "minutes", (60, 60)),
        ("1 hour", "days", None),
        ("30 days", "minutes", None),
        ("30 days", "working days", None),
        ("1 month before", "days", None),
    ],
)
def test_the_times_that_a_limit_can_be(
    limit: str, unit: str, times: tuple[int, int] | None
) -> None:
    assert charts.times_of_limit(parse_limit(limit), unit) == times


def test_bins_have_an_edge_at_the_limit_and_lose_none() -> None:
    # 0 to 100 days take bins of 10 (101 / 20 is above 5); the limit of 33 makes edges 3, 13, 23, 33.
    first, bins = charts.binned([(0, 2), (3, 1), (4, 5), (33, 7), (34, 1), (100, 1)], 33)
    assert first == -1
    assert bins[:5] == [(3, 3), (13, 5), (23, 0), (33, 7), (43, 1)]
    assert bins[-1] == (103, 1)
    assert sum(n for _, n in bins) == 17
    # Without a limit the edges are multiples of the width, and a single time is one bin.
    assert charts.binned([(7, 4)], None) == (6, [(7, 4)])
    # Times below 0 have bins below 0.
    assert charts.binned([(-2, 1), (1, 1)], None) == (-3, [(-2, 1), (-1, 0), (0, 0), (1, 1)])


def test_a_line_is_broken_where_a_period_has_no_value() -> None:
    chart = charts.line_chart(
        "t", "d", [Fraction(1), None, Fraction(1, 2), Fraction(0)], list("abcd"), str,
        asked=Fraction(1, 2), limit="50 %", share=True,
    )  # fmt: skip
    assert len(chart.points) == 3
    assert len(chart.lines) == 1
    # All is at the top, 16; nothing at the bottom, 220 - 34 = 186; a half between.
    assert [y for _, y in chart.points] == ["16", "101", "186"]
    assert chart.level == "101"
    assert [tick.text for tick in chart.ticks] == ["0", "1/4", "1/2", "3/4", "1"]


def test_a_line_below_nothing_and_one_without_a_limit() -> None:
    chart = charts.line_chart(
        "t", "d", [Fraction(-3), Fraction(8)], list("ab"), str, asked=None, limit="", share=False
    )
    # From -5 to 10: both are the next of 1, 2, 5, 10, ... above a tenth more.
    assert (chart.ticks[0].text, chart.ticks[-1].text) == ("-5", "10")
    assert chart.level is None


def test_a_histogram_has_areas_and_marks_its_limit() -> None:
    # Bins 0 to 10 with 10 cases, 10 to 30 with 10: the second is half as high and twice as wide.
    chart = charts.histogram(
        "t", "d", [(10, 10), (30, 10)], 0, str, limit=(30, 30), limit_words="30 days", unit="days"
    )
    (_, _, wide, high), (_, _, wide_2, high_2) = chart.bars
    assert (float(wide_2), float(high_2)) == pytest.approx(
        (2 * float(wide), float(high) / 2), abs=0.2
    )
    assert chart.band == ("626", "2")
