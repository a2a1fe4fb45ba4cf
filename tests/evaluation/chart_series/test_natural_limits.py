"""Mean, natural limits and marked points of a series, worked out by hand (F51)."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpi
from kpi.evaluation.chart_series.natural_limits import IN_A_RUN, OUTSIDE, natural_limits

F = Fraction


def test_mean_and_mean_moving_range() -> None:
    # 40 and 60 in turn: the mean is 50, each range 20, and 2.66 x 20 = 53.2.
    limits = natural_limits([F(40), F(60)] * 6, least=None, most=None)
    assert limits is not None
    assert (limits.mean, limits.low, limits.high) == (F(50), F("-3.2"), F("103.2"))
    assert limits.is_cut == (False, False)
    assert set(limits.marks) == {None}


def test_a_limit_is_cut_where_no_figure_can_be() -> None:
    limits = natural_limits([F(40), F(60)] * 6, least=0, most=100)
    assert limits is not None
    assert (limits.low, limits.high, limits.is_cut) == (F(0), F(100), (True, True))
    only = natural_limits([F(40), F(60)] * 6, least=0, most=104)
    assert only is not None
    assert (only.high, only.is_cut) == (F("103.2"), (True, False))


def test_eleven_points_have_no_limits() -> None:
    assert natural_limits([F(1)] * 11, least=0, most=None) is None
    assert natural_limits([F(1)] * 12, least=0, most=None) is not None


def test_a_point_outside_the_limits_and_a_run_beside_it() -> None:
    # Mean 650/12; ranges 10 times 0 and once 50, so 2.66 x 50/11 = 12.09 on either side of it.
    limits = natural_limits([*[F(50)] * 11, F(100)], least=0, most=None)
    assert limits is not None
    assert (limits.mean, limits.high) == (F(650, 12), F(650, 12) + F("2.66") * 50 / 11)
    assert limits.marks == (*[IN_A_RUN] * 11, OUTSIDE)


@pytest.mark.parametrize(("n", "is_marked"), [(7, False), (8, True), (9, True)])
def test_eight_in_a_row_on_one_side(n: int, *, is_marked: bool) -> None:
    # n points above 0 and as many below, far apart at the ends so that none is outside.
    rest = [F(9), F(-9)] * 3
    limits = natural_limits([*[F(1)] * n, *rest, *[F(-1)] * n], least=None, most=None)
    assert limits is not None
    assert limits.mean == 0
    marked = [mark == IN_A_RUN for mark in limits.marks]
    # The 9 that follows is above the mean too, and the -9 before the last is below it.
    expected = [True] * (n + 1) if n + 1 >= 8 else [False] * (n + 1)
    assert marked == [*expected, *[False] * 4, *expected]
    assert any(marked) or not is_marked


def test_a_point_on_the_mean_ends_a_row() -> None:
    points = [*[F(1)] * 7, F(0), F(1), *[F(-9), F(9)] * 4, *[F(-1)] * 8]
    limits = natural_limits(points, least=None, most=None)
    assert limits is not None
    assert limits.mean == 0
    assert limits.marks == (*[None] * 17, *[IN_A_RUN] * 8)


def test_equal_points_are_never_outside() -> None:
    # As floats the mean of twelve times 0.1 is less than 0.1.
    limits = natural_limits([F(1, 10)] * 12, least=0, most=1)
    assert limits is not None
    assert limits.low == limits.high == F(1, 10)
    assert set(limits.marks) == {None}


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=12, max_size=30))
def test_marks_are_those_of_a_plain_count(numbers: list[int]) -> None:
    limits = natural_limits([F(n) for n in numbers], least=None, most=None)
    assert limits is not None
    total, n = sum(numbers), len(numbers)
    ranges = sum(abs(b - a) for a, b in pairwise(numbers))
    for k, (number, mark) in enumerate(zip(numbers, limits.marks, strict=True)):
        # |x - total/n| > 2.66 ranges/(n - 1), multiplied out.
        outside = 100 * (n - 1) * abs(n * number - total) > 266 * n * ranges
        side = [(n * x > total) - (n * x < total) for x in numbers]
        runs = [side[i : i + 8] for i in range(max(0, k - 7), min(k, n - 8) + 1)]
        in_a_row = any(set(run) in ({1}, {-1}) for run in runs)
        assert (OUTSIDE in (mark or ""), IN_A_RUN in (mark or "")) == (outside, in_a_row)


SHARE = """
id = "months"
period = "2022"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]
[[targets]]
id = "1"
rule = "within"
start = "filed"
end = "decided"
limit = "5 days"
threshold = 60
"""


def test_the_months_of_a_share_and_their_limits() -> None:
    # Each month of 2022 ten cases end: in odd months 10 in time, in even months 9; and in March 2021
    # a single one, so that no month between has a value.
    rows = [("2021-03-01", "2021-03-02")]
    for month in range(1, 13):
        late = 0 if month % 2 else 1
        rows += [
            (f"2022-{month:02}-01", f"2022-{month:02}-{2 + 8 * (k < late):02}") for k in range(10)
        ]
    frame = pl.DataFrame(
        [(n, *map(str, row)) for n, row in enumerate(rows)],
        schema=["case_id", "filed", "decided"],
        orient="row",
    ).with_columns(pl.col("filed", "decided").str.to_date())
    plan = kpi.parse_plan(SHARE)
    # The whole year is over on 31 December: one day before there is something to follow.
    found = kpi.follow(plan, frame, "2022-12-30", estimate=False).series.by_end
    assert found["period"].to_list()[0] == "2021-03"
    assert found["n"].to_list() == [1, *[0] * 9, *[10] * 12, 12]
    mean = found.row(-1, named=True)
    # December is not over: eleven months of 2022, six at 1 and five at 0.9, and March 2021 at 1.
    values = [F(1), *[F(1), F(9, 10)] * 5, F(1)]
    expected = sum(values) / 12
    assert mean["period"] == "2021-03 to 2022-11"
    assert mean["kind"] == "mean"
    assert mean["value"] == float(expected)
    # Ranges: 0 from March 2021 to January, then ten of 0.1.
    assert mean["low"] == float(expected - F("2.66") / 11)
    assert (mean["high"], mean["mark"]) == (1.0, "cut at 100 %")
    assert found["mark"].to_list()[:-1] == [*[None] * 21, "part of a month"]
