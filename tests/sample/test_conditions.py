"""Synthetic tables have rows on either side of a plan's conditions between dates (S34)."""

from __future__ import annotations

from typing import Any

import pytest

import kpi
from kpi.sample import sample
from tests.builders import average, plan, within

WITHIN_A_WEEK = {"through": {"date": "filed", "plus": "1 week"}}
ALTERNATIVES: list[dict[str, Any]] = [
    {"case_type": "visa"},
    {"case_type": "asylum", "documented": WITHIN_A_WEEK},
]


@pytest.mark.parametrize(
    "condition",
    [
        {"documented": {"missing": True}},
        {"documented": {"missing": False}},
        {"note": {"missing": True}},
        {"note": {"missing": False}},
        {"documented": WITHIN_A_WEEK},
        {"documented": {"after": {"date": "filed"}, "before": {"date": "decided"}}},
        {"due": {"since": {"date": "filed", "plus_days": "granted", "roll": "next working day"}}},
        {"decided": {"before": {"date": "filed", "plus": "20 working days"}}},
        {"any_of": ALTERNATIVES},
    ],
    ids=str,
)
def test_conditions_find_rows_and_leave_rows_out(condition: dict[str, Any]) -> None:
    targets = (
        within("1 month", id="a", threshold=90, where=condition),
        average("1 month", id="b", unless=condition),
    )
    example = plan(*targets)
    found = kpi.evaluate(example, sample(example, 300, 1))
    # The second counts only what the first leaves out.
    assert found["a"].counted > 50
    assert found["b"].counted > 10


@pytest.mark.parametrize("threshold", [20, 80])
def test_a_share_within_days_of_another_date_is_near_its_threshold(threshold: int) -> None:
    for on, having in (
        ("filed", {"decided": {"through": {"date": "filed", "plus": "14 days"}}}),
        ("decided", {"decided": {"before": {"date": "documented", "plus": "2 months"}}}),
        ("decided", {"documented": {"missing": False}}),
        ("filed", {"any_of": [{"decided": WITHIN_A_WEEK}]}),
    ):
        target = kpi.Share(id="1", on=on, having=having, threshold=threshold)
        found = kpi.evaluate(plan(target), sample(plan(target), 500, 2))["1"]
        assert found.met is not None
        assert abs(found.met / found.counted - threshold / 100) < 0.15
