"""Bounds: exact decimals, and bounds that are refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import kpi
from kpi.definitions.bounds import Bounds


def test_bounds_are_the_decimals_that_were_written() -> None:
    assert kpi.Bounds(at_least=0.1).at_least == Decimal("0.1")
    assert (
        str(kpi.Bounds(at_least=12345.5, less_than=20_000))
        == "at least 12,345.5 and less than 20,000"
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"at_least": 2, "more_than": 1, "at_most": 5},
            "^requires: found both at_least and more_than",
        ),
        ({"at_least": "seven"}, "^requires.at_least: found 'seven'; accepted: a number"),
    ],
)
def test_where_bounds_are_wrong_is_said(wrong: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        kpi.Count(id="t", requires=wrong)


def test_bounds_may_leave_one_number() -> None:
    assert Bounds(at_least=1, at_most=1).hold(1)
    for low in ({"at_least": 1}, {"more_than": 1}):
        for high in ({"at_most": 2}, {"less_than": 2}):
            bounds = Bounds(**low, **high)
            held = [n for n in (1, Fraction(3, 2), 2) if bounds.hold(n)]
            assert held == [
                *([1] if "at_least" in low else []),
                Fraction(3, 2),
                *([2] if "at_most" in high else []),
            ]


def reported(requires: dict[str, Any]) -> kpi.Reported:
    return kpi.Reported(id="t", requires=requires)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "found no bound"),
        ({"under": 7}, "unknown key; accepted: at_least"),
        ({"at_least": 7, "more_than": 7}, "found both"),
        ({"at_least": 8, "at_most": 7}, "no number is at least 8 and at most 7"),
        ({"more_than": 7, "at_most": 7}, "no number is"),
        ({"at_least": "seven"}, "accepted: a number"),
        ({"at_least": True}, "accepted: a number"),
        ({"at_least": float("inf")}, "accepted: a number"),
        (7, "accepted: bounds such as"),
    ],
)
def test_bounds_that_are_none(wrong: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        reported(wrong)
