"""Duration in days (S2): cases worked out by hand."""

from __future__ import annotations

from tests.builders import average, one, spans
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D


def test_s02_the_start_day_is_not_counted_and_the_end_day_is() -> None:
    found = one(average(), spans(("2017-03-01", "2017-03-01"), ("2017-02-28", "2017-03-01")))
    assert found.total == 0 + 1


def test_s02_the_start_day_is_not_counted_and_the_end_day_is_by_the_oracle() -> None:
    assert (
        hand_worked.one(hand_worked.average(), filed=D(2017, 3, 1), decided=D(2017, 3, 1)).days == 0
    )
    assert (
        hand_worked.one(hand_worked.average(), filed=D(2017, 2, 28), decided=D(2017, 3, 1)).days
        == 1
    )
    assert (
        hand_worked.one(hand_worked.average(), filed=D(2016, 12, 31), decided=D(2017, 12, 31)).days
        == 365
    )
