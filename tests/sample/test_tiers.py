"""Samples of tiers: each limit keeps its share of the same cases."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

import kpi
from kpi.sample import sample
from tests.builders import plan, within


def value_of(result: kpi.Result, target: str) -> float:
    value = result[target].value
    assert value is not None
    return value


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("denominator", ["closed", "cohort", "due"])
def test_each_tier_comes_near_its_own_share(denominator: str, seed: int) -> None:
    asked: Any = {"21 days": 70, "42 days": 85, "84 days": "all"}
    tiers = plan(
        *(
            within(limit, id=limit, threshold=share, denominator=denominator)
            for limit, share in asked.items()
        )
    )
    result = kpi.evaluate(tiers, sample(tiers, 1500, seed))
    shares = [value_of(result, limit) for limit in asked]
    assert all(longer > shorter for shorter, longer in pairwise(shares))
    for found, share in zip(shares, (0.7, 0.85, 1), strict=True):
        assert abs(found - share) < 0.1


def test_limits_of_other_cases_are_no_tiers() -> None:
    visas = within("21 days", id="visas", where={"case_type": "visa"}, threshold=50)
    works = within("84 days", id="works", where={"case_type": "work"}, threshold=95)
    both = plan(visas, works)
    result = kpi.evaluate(both, sample(both, 1500))
    assert abs(value_of(result, "visas") - 0.5) < 0.12
    assert abs(value_of(result, "works") - 0.95) < 0.1


def test_hardly_a_case_is_late_where_a_number_of_them_is_asked() -> None:
    target = within("1 month", id="a", threshold=None, late={"at_most": 0})
    for seed in range(4):
        result = kpi.evaluate(plan(target), sample(plan(target), 400, seed))
        assert result["a"].counted > 200
        assert value_of(result, "a") < 25
