"""Averages (S16): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from tests.builders import average, one, spans
from tests.counting_rules import by_oracle


def test_s16_an_average_is_compared_as_integers() -> None:
    # 91 days over 3 cases: 30.33 is printed near 30, and is more than 30.
    frame = spans(
        ("2017-01-01", "2017-01-31"), ("2017-01-01", "2017-01-31"), ("2017-01-01", "2017-02-01")
    )
    found = one(average("30 days"), frame)
    assert (found.total, found.counted, found.verdict) == (91, 3, "missed")
    assert found.value == 91 / 3


D = dt.date


def test_s16_an_average_is_never_rounded_before_the_verdict() -> None:
    outcome = by_oracle.run(by_oracle.average(), *by_oracle._days_after(30, 30, 31))
    assert (outcome.total, outcome.value, outcome.verdict) == (91, Fraction(91, 3), "missed")
    assert outcome.met is None
    assert [row.met for row in outcome.trail] == [None] * 3
    assert [row.due for row in outcome.trail] == [None] * 3
    assert by_oracle.run(by_oracle.average(), *by_oracle._days_after(29, 31)).verdict == "met"
