"""Percentiles (S18): cases worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import kpi
from tests.builders import of_days, one, spans
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, buckets, run, that_took


def percentile(q: Any, limit: str = "30 days", **more: Any) -> kpi.Percentile:
    given = {"id": "t", "start": "filed", "end": "decided", **more}
    return kpi.Percentile(percentile=q, limit=limit, **given)


@pytest.mark.parametrize(
    ("q", "value"),
    [(80, 8), (50, 5), (90, 9), (1, 1), (100, 10), (80.1, 9), (10, 1), (10.01, 2)],
)
def test_s18_a_percentile_is_the_kth_duration(q: float, value: int) -> None:
    found = one(percentile(q), of_days(10, 9, 8, 7, 6, 5, 4, 3, 2, 1))
    assert (found.value, found.unit, found.counted) == (value, "days", 10)


def test_s18_a_percentile_is_never_interpolated() -> None:
    assert one(percentile(50), of_days(1, 100)).value == 1
    assert one(percentile(51), of_days(1, 100)).value == 100


def test_s18_a_percentile_against_its_limit() -> None:
    frame = of_days(*[30] * 8, 31, 31)
    assert one(percentile(80), frame).verdict == "met"
    assert one(percentile(80.01), frame).verdict == "missed"
    assert one(percentile(80), spans()).verdict == "not_assessable"
    assert one(percentile(80), spans(("2017-01-01", None))).verdict == "not_assessable"


@pytest.mark.parametrize("limit", ["1 month and 2 days"])
def test_s18_a_percentile_is_one_number(limit: str) -> None:
    with pytest.raises(
        kpi.PlanError, match=r"A percentile is one number, .* the rule 'within' asks the same"
    ):
        percentile(80, limit)


@pytest.mark.parametrize(
    ("percent", "days", "value"),
    [
        (80, (10, 20, 30, 40, 50), 40),
        (80, (50, 10, 40, 20, 30), 40),
        (50, (1, 2, 3, 4), 2),
        (50, (1, 2, 3), 2),
        (100, (7, 3), 7),
        ("0.01", (7, 3), 3),
        ("66.6", (1, 2, 3), 2),
        ("66.7", (1, 2, 3), 3),
        (90, (0,), 0),
        (75, (5, 5, 5, 9), 5),
        (76, (5, 5, 5, 9), 9),
    ],
)
def test_s18_a_percentile_is_one_of_the_durations(
    percent: Any, days: tuple[int, ...], value: int
) -> None:
    outcome = run(hand_worked.percentile(percentile=percent), *that_took(*days))
    assert (outcome.value, outcome.met, outcome.total) == (Fraction(value), None, None)
    assert outcome.verdict == ("met" if value <= 30 else "missed")
    assert [row.days for row in outcome.trail] == list(days)
    assert {(row.met, row.due) for row in outcome.trail} == {(None, None)}


def test_s18_percentiles_count_what_ended_in_the_window() -> None:
    cases: list[dict[str, object]] = [
        {"filed": D(2017, 1, 1)},
        {"filed": D(2016, 1, 1), "decided": D(2016, 12, 31)},
        {"decided": D(2017, 1, 1)},
        {"filed": D(2017, 1, 1), "decided": D(2017, 1, 15)},
    ]
    outcome = run(hand_worked.percentile(limit="2 weeks"), *cases)
    assert buckets(outcome) == ["outside", "outside", "start missing", "counted"]
    assert (outcome.value, outcome.verdict) == (Fraction(14), "met")
    assert run(hand_worked.percentile(limit="13 days"), *cases).verdict == "missed"
    assert run(hand_worked.percentile(), *cases[:3]).verdict == "not_assessable"
    assert run(hand_worked.percentile(), *cases[:3]).value is None
