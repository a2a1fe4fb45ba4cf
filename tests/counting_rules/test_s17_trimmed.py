"""The average without a share of the cases at either end (S17): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

import kpi
from tests.builders import average, of_days, one, plan, trail
from tests.counting_rules.hand_worked import T, buckets, run, that_took

FASTEST, SLOWEST = "among the fastest 20 %", "among the slowest 20 %"


@pytest.mark.parametrize(
    ("trimmed", "days", "kept"),
    [
        (10, range(1, 11), range(2, 10)),  # 1 of 10 at either end
        ("9.9", range(1, 11), range(1, 11)),  # 0.99 of a case is none
        (25, range(1, 11), range(3, 9)),  # 2.5
        ("49.9", [1, 5, 100], [5]),  # 1.497
        ("49.9", [7], [7]),
        (40, [1, 2, 3, 4, 5], [3]),  # exactly 2
        (20, [0, 0, 0, 9, 9], [0, 0, 9]),  # of equals, it does not matter which
    ],
)
def test_s17_so_many_are_left_out_at_either_end(trimmed: Any, days: Any, kept: Any) -> None:
    outcome = run(average("5 days", trimmed=trimmed), *that_took(*days))
    assert (outcome.counted, outcome.total) == (len(kept), sum(kept))
    assert outcome.value == Fraction(sum(kept), len(kept))
    found = one(average("5 days", trimmed=trimmed), of_days(*days))
    assert (found.counted, found.total) == (len(kept), sum(kept))


def test_s17_each_row_left_out_says_at_which_end() -> None:
    outcome = run(average("5 days", trimmed=20), *that_took(4, 9, 1, 5, 300))
    assert buckets(outcome) == ["counted", "counted", FASTEST, "counted", SLOWEST]
    assert outcome.excluded == {FASTEST: 1, SLOWEST: 1}
    # 18 days over 3 cases are more than 5 each, and 319 over 5 are more than 60.
    assert (outcome.value, outcome.verdict) == (Fraction(6), "missed")
    assert run(average("6 days", trimmed=20), *that_took(4, 9, 1, 5, 300)).verdict == "met"


def test_s17_which_of_several_equals_is_left_out_changes_no_number() -> None:
    target, frame = average("5 days", trimmed=20), of_days(3, 3, 3, 3, 3)
    rows = {row["case"]: row["reason"] for row in trail(target, frame)}
    assert rows == {"1": FASTEST, "2": None, "3": None, "4": None, "5": SLOWEST}
    assert {row["case"]: row["reason"] for row in trail(target, frame.reverse())} == rows
    assert (one(target, frame).total, one(target, frame.reverse()).total) == (9, 9)


def test_s17_each_value_is_trimmed_by_itself() -> None:
    rows = [
        {**case, "case_type": kind}
        for kind, case in zip(
            ("visa", "visa", "visa", "asylum"), that_took(1, 2, 99, 50), strict=True
        )
    ]
    outcome = run(average("10 days", trimmed="33.4", each="case_type"), *rows)
    first, last = "among the fastest 33.4 %", "among the slowest 33.4 %"
    assert buckets(outcome) == [first, "counted", last, "counted"]
    parts = {part: (o.total, o.verdict) for part, o in outcome.each.items()}
    assert parts == {("visa",): (2, "met"), ("asylum",): (50, "missed")}
    assert (outcome.counted, outcome.total) == (2, 52)


def test_s17_merged_states_are_trimmed_at_both_ends_as_the_whole() -> None:
    asked, frame = plan(average("10 days", trimmed=5)), of_days(*range(1, 41))
    merged = kpi.finish(kpi.merge(*(kpi.partial(asked, frame[n::3]) for n in range(3))))["t"]
    # 3 to 38.
    assert (merged.counted, merged.total) == (36, 738)


def test_s17_by_the_clock_the_ends_are_told_apart_to_the_microsecond() -> None:
    noon = T(2017, 5, 1, 12)
    rows = [
        {"filed": noon, "decided": noon + dt.timedelta(microseconds=n)} for n in (7, 6, 5, 8, 9)
    ]
    outcome = run(average("0 minutes", trimmed=20), *rows)
    assert buckets(outcome) == ["counted", "counted", FASTEST, "counted", SLOWEST]
    assert outcome.total == 21
    # Of equal times the key decides, and not whether a midnight lies between.
    late = {"filed": T(2017, 5, 1, 23, 30), "decided": T(2017, 5, 2, 0, 30)}
    early = {"filed": noon, "decided": noon + dt.timedelta(hours=1)}
    outcome = run(average("1 hour", trimmed=34), late, early, early)
    assert buckets(outcome)[0] == "among the fastest 34 %"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"trimmed": 50}, "trimmed: found 50; accepted: a percentage above 0 and below 50, such as 5"),
        ({"trimmed": 0}, "trimmed: found 0; accepted: a percentage above 0 and below 50"),
        ({"trimmed": 5, "fastest": 95}, "trimmed: found 'trimmed' with 'fastest'; accepted: one"),
        ({"trimmed": 5, "rounding": "down"}, "rounding: found 'rounding' with 'trimmed'"),
        ({"trimmed": 5, "limit": "1 month"}, "limit: found 1 month with 'trimmed'; accepted: a"),
    ],
)  # fmt: skip
def test_s17_what_is_left_out_at_both_ends_is_less_than_all(
    words: dict[str, Any], message: str
) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        average(**{"limit": "5 days", **words})


def test_s17_an_average_without_both_ends_in_words() -> None:
    assert average("5 days", trimmed=5).requirement == "at most 5 days without 5 % at either end"
