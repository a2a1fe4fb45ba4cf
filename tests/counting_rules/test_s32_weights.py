"""Cases that count as a number of persons (S32): cases worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kpi.testing.oracle import Outcome
from kpi.testing.oracle.outcomes import CountedAs
from tests.counting_rules.hand_worked import D, buckets, run, that_took, within

PERSONS: dict[str, Any] = {"count_as": "persons"}


def families(*days_and_persons: tuple[int, int | None]) -> list[dict[str, object]]:
    """Cases that took so many days, each of so many persons."""
    took = that_took(*(days for days, _ in days_and_persons))
    return [
        {**case, "persons": persons}
        for case, (_, persons) in zip(took, days_and_persons, strict=True)
    ]


def as_persons(outcome: Outcome) -> Sequence[int | None]:
    return [row.counted_as for row in outcome.trail]


# Shares


def test_s32_a_share_is_of_persons_and_the_rows_still_add_up() -> None:
    """1 + 4 of 8 persons took 30 days or less: 62.5 %, though two of three cases did."""
    found = run(within(threshold=63, **PERSONS), *families((10, 1), (30, 4), (31, 3)))
    assert (found.rows, found.counted, found.counted_as) == (3, 3, CountedAs(8, 0, 0))
    assert (found.met, found.value, found.verdict) == (5, Fraction(5, 8), "missed")
    assert as_persons(found) == [1, 4, 3]
    assert run(within(threshold=62.5, **PERSONS), *families((10, 1), (30, 4), (31, 3))).verdict == (
        "met"
    )
    by_case = run(within(threshold=63), *families((10, 1), (30, 4), (31, 3)))
    assert (by_case.met, by_case.value, by_case.verdict) == (2, Fraction(2, 3), "met")


def test_s32_a_case_that_says_no_number_of_persons_is_excluded() -> None:
    """Null, 0 and below, before any other reason; a case outside stays outside."""
    outside = {"filed": D(2017, 1, 1), "decided": D(2018, 1, 1), "persons": None}
    found = run(
        within(**PERSONS),
        *families((1, None), (1, 0), (1, -2), (1, 2)),
        {"decided": D(2017, 2, 1), "persons": None},
        {"decided": D(2017, 2, 1), "persons": 7},
        outside,
    )
    assert buckets(found) == [*["weight missing"] * 3, "counted", *OTHERS]
    assert (found.counted_as, found.value) == (CountedAs(2, 7, 0), Fraction(1))


OTHERS = ["weight missing", "start missing", "outside"]


def test_s32_without_any_weight_nothing_is_assessable() -> None:
    found = run(within(**PERSONS), *families((1, None), (2, 0)))
    assert (found.counted_as, found.value, found.verdict) == (
        CountedAs(0, 0, 0),
        None,
        "not_assessable",
    )
    none = run(within(**PERSONS))
    assert (none.rows, none.counted_as, none.value) == (0, CountedAs(0, 0, 0), None)
