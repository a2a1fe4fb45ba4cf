"""Percentages of ranks in words."""

from __future__ import annotations

from decimal import Decimal

from tests.builders import average, one, spans


def test_a_percentage_is_written_out() -> None:
    """1E+1 is 10."""
    target = average("30 days", fastest=Decimal("1E+1"))
    found = one(target, spans(("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-03")))
    assert found.excluded == {"beyond the fastest 10 %": 1}
