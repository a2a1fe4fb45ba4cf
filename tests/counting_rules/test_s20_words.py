"""Bounds and the words for them (S20): cases worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from kpi.definitions.bounds import Bounds
from tests.counting_rules.hand_worked import buckets, fact, reported


@pytest.mark.parametrize(
    ("value", "exact", "verdict"),
    [
        (6, Fraction(6), "met"),
        (6.9, Fraction(69, 10), "met"),
        (6.999999, Fraction(6_999_999, 1_000_000), "met"),
        (7, Fraction(7), "missed"),
        (7.0, Fraction(7), "missed"),
        (Decimal("6.90"), Fraction(69, 10), "met"),
        (0, Fraction(0), "met"),
        (None, None, "not_assessable"),
    ],
)
def test_s20_a_reported_figure_is_what_was_written(
    value: object, exact: Fraction | None, verdict: str
) -> None:
    outcome = fact(reported(), value=value)
    assert (outcome.value, outcome.verdict) == (exact, verdict)
    assert buckets(outcome) == ["value missing" if exact is None else "counted"]
    assert outcome.trail[0].met is None
    assert outcome.figures == {}


def test_s20_a_reported_tenth_is_a_tenth() -> None:
    assert fact(reported(requires={"at_most": 0.1}), value=0.1).verdict == "met"
    assert fact(reported(requires={"at_least": "0.3"}), value=0.3).verdict == "met"


def test_s20_bounds_in_words() -> None:
    bounds = Bounds(more_than=Decimal("-1000.5"), less_than=7)
    assert str(bounds) == bounds.text() == "more than -1,000.5 and less than 7"
    assert bounds.text("%") == "more than -1,000.5 % and less than 7 %"
    assert bounds.data() == {"more_than": Decimal("-1000.5"), "less_than": Decimal(7)}
