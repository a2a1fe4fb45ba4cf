"""Cases that count as a number of persons (S32): cases worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import kpi
from kpi.testing.oracle import Outcome
from kpi.testing.oracle.outcomes import CountedAs
from tests import builders
from tests.counting_rules.hand_worked import D, buckets, clearance, run, that_took, within

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


def test_s32_late_cases_are_late_persons() -> None:
    found = run(
        within(threshold=None, late={"at_most": 4}, **PERSONS), *families((31, 3), (31, 2), (1, 9))
    )
    assert (found.met, found.value, found.verdict) == (9, Fraction(5), "missed")


def test_s32_each_value_of_a_column_must_be_met_by_its_persons() -> None:
    """Visa: 1 of 5 persons; asylum: 6 of 7, which is 85.7 %."""
    kinds = ("visa", "visa", "asylum", "asylum")
    rows = [
        {**case, "case_type": kind}
        for kind, case in zip(kinds, families((1, 1), (31, 4), (1, 6), (31, 1)), strict=True)
    ]
    found = run(within(threshold=85, each="case_type", **PERSONS), *rows)
    shares = {
        part: (of_part.met, of_part.counted, of_part.counted_as, of_part.verdict)
        for part, of_part in found.each.items()
    }
    assert shares == {
        ("visa",): (1, 2, CountedAs(5, 0, 0), "missed"),
        ("asylum",): (6, 2, CountedAs(7, 0, 0), "met"),
    }
    assert (found.met, found.counted_as) == (7, CountedAs(12, 0, 0))


def test_s32_a_share_of_rows_counts_persons_too() -> None:
    target = kpi.Share(
        id="1", on="decided", having={"case_type": "visa"}, threshold=50, count_as="persons"
    )
    rows = [
        {**case, "case_type": kind}
        for kind, case in zip(("visa", "asylum"), families((1, 3), (1, 4)), strict=True)
    ]
    found = run(target, *rows)
    assert (found.met, found.value, found.verdict) == (3, Fraction(3, 7), "missed")


def test_s32_undetermined_cases_have_their_persons_apart() -> None:
    """On 20 January 2 persons are in time, 1 is late, and 5 are open and not yet due."""
    target = within("10 days", threshold=60, denominator="overdue", **PERSONS)
    rows = [
        {"filed": D(2017, 1, 1), "decided": D(2017, 1, 5), "persons": 2},
        {"filed": D(2017, 1, 1), "persons": 1},
        {"filed": D(2017, 1, 15), "persons": 5},
    ]
    found = run(target, *rows, as_of=D(2017, 1, 20))
    assert buckets(found) == ["counted", "counted", "undetermined"]
    assert (found.met, found.counted_as) == (2, CountedAs(3, 0, 5))


def test_s32_open_cases_count_as_their_persons() -> None:
    """At the end of January 2 persons are within 30 days, and 6 are not."""
    target = within(
        threshold=25, denominator="open", at={"end_of": "2017-01"}, window=None, **PERSONS
    )
    rows = [
        {"filed": D(2017, 1, 1), "persons": 2},
        {"filed": D(2016, 12, 31), "persons": 6},
        {"filed": D(2016, 12, 31), "decided": D(2017, 1, 31), "persons": 50},
    ]
    found = run(target, *rows)
    assert buckets(found) == ["counted", "counted", "outside"]
    assert (found.met, found.value, found.verdict) == (2, Fraction(1, 4), "met")


def test_s32_a_cohort_that_was_open_is_cleared_person_by_person() -> None:
    rows = [
        {"filed": D(2016, 6, 1), "decided": D(2017, 2, 1), "persons": 3},
        {"filed": D(2016, 7, 1), "persons": 1},
    ]
    found = run(clearance(threshold=75, **PERSONS), *rows)
    assert (found.met, found.value, found.verdict) == (3, Fraction(3, 4), "met")


# Averages, the fastest, percentiles


def average(limit: str, **more: Any) -> kpi.Average:
    return builders.average(limit, **{"id": "1", **PERSONS, **more})


def test_s32_an_average_is_over_persons() -> None:
    """3 · 10 + 1 · 30 days are 60, over 4 persons: 15; over the two cases it would be 20."""
    found = run(average("15 days"), *families((10, 3), (30, 1)))
    assert (found.total, found.counted, found.counted_as) == (60, 2, CountedAs(4, 0, 0))
    assert (found.value, found.verdict) == (Fraction(15), "met")
    assert run(average("15 days", count_as=None), *families((10, 3), (30, 1))).verdict == "missed"


def test_s32_an_average_in_months_allows_each_person_the_days_of_the_case() -> None:
    """A month from 1 January is 31 days: 2 persons may take 62, and took 2 · 40."""
    found = run(average("1 month"), *families((40, 2)))
    assert (found.total, found.figures, found.verdict) == (80, {"allowed": 62}, "missed")


def test_s32_the_fastest_are_persons_and_a_case_may_be_cut_in_two() -> None:
    """Of 10 persons the fastest half are 5: all 3 of the case of 10 days, and 2 of the 4 of 20."""
    found = run(average("14 days", fastest=50), *families((20, 4), (30, 3), (10, 3)))
    assert buckets(found) == ["counted", "beyond the fastest 50 %", "counted"]
    assert as_persons(found) == [2, None, 3]
    assert (found.counted, found.excluded) == (2, {"beyond the fastest 50 %": 1})
    assert found.counted_as == CountedAs(5, 5, 0)
    assert (found.total, found.value, found.verdict) == (70, Fraction(14), "met")


def test_s32_among_cases_of_equal_length_the_lighter_are_the_faster() -> None:
    """Of 9 persons 3 are kept: the case of 1, and 2 of the 3 of the next."""
    found = run(
        average("7 days", fastest=33, rounding="nearest"), *families((7, 5), (7, 3), (7, 1))
    )
    assert as_persons(found) == [None, 2, 1]
    assert (found.counted_as, found.total) == (CountedAs(3, 6, 0), 21)


def test_s32_persons_are_trimmed_at_either_end() -> None:
    """Of 10 persons 2 go at either end: the case of 1 day and 1 of the 4 of 5 days; 2 of the 5."""
    found = run(average("5 days", trimmed=20), *families((1, 1), (5, 4), (9, 5)))
    assert as_persons(found) == [None, 3, 3]
    assert found.excluded == {"among the fastest 20 %": 1}
    assert (found.total, found.value, found.verdict) == (42, Fraction(7), "missed")
    # A single case of 10 persons reaches from one end to the other.
    assert as_persons(run(average("5 days", trimmed=20), *families((5, 10)))) == [6]


def test_s32_a_percentile_is_that_of_persons() -> None:
    """The 8th of 10 persons took 30 days; of the 3 cases it would be the third, of 90."""
    target = kpi.Percentile(
        id="1", start="filed", end="decided", percentile=80, limit="30 days", count_as="persons"
    )
    found = run(target, *families((10, 5), (30, 3), (90, 2)))
    assert (found.counted, found.value, found.verdict) == (3, Fraction(30), "met")
    assert run(target, *families((10, 5), (30, 2), (90, 3))).value == 90


# Numbers


def test_s32_a_count_is_of_persons() -> None:
    target = kpi.Count(id="1", on="decided", requires={"at_least": 8}, count_as="persons")
    found = run(target, *families((1, 5), (2, 3), (3, None)))
    assert (found.counted, found.excluded) == (2, {"weight missing": 1})
    assert (found.value, found.verdict) == (Fraction(8), "met")


def test_s32_a_stock_is_of_persons_and_so_is_its_change() -> None:
    """10 persons at the end of 2016, of whom 4 leave; 1 more comes: 7, a fall of 30 %."""
    rows = [
        {"filed": D(2016, 1, 1), "decided": D(2017, 5, 1), "persons": 4},
        {"filed": D(2016, 1, 1), "persons": 6},
        {"filed": D(2017, 1, 1), "persons": 1},
    ]
    usual: dict[str, Any] = {"id": "1", "start": "filed", "end": "decided", **PERSONS}
    at = {"end_of": "2017"}
    level = run(kpi.Stock(at=at, level={"at_most": 7}, **usual), *rows)
    assert (level.value, level.verdict, level.counted) == (Fraction(7), "met", 2)
    change = run(
        kpi.Stock(at=at, against={"end_of": "2016"}, change={"at_most": -30}, **usual), *rows
    )
    assert change.figures == {"stock": 7, "base": 10}
    assert (change.value, change.verdict) == (Fraction(-3, 10), "met")


def test_s32_a_flow_is_of_persons() -> None:
    """6 open, 2 in, 4 out: 4 open; half a year is 181 days, and 181 · 4 / 4 is the disposition."""
    rows = [
        {"filed": D(2016, 12, 1), "decided": D(2017, 2, 1), "persons": 4},
        {"filed": D(2016, 12, 1), "persons": 2},
        {"filed": D(2017, 6, 1), "persons": 2},
    ]
    target = kpi.Flow(id="1", start="filed", end="decided", window="2017-H1", **PERSONS)
    found = run(target, *rows)
    figures = found.figures
    assert [figures[n] for n in ("open_start", "intake", "output", "open_end")] == [6, 2, 4, 4]
    assert (figures["clearance_rate"], figures["disposition_time"]) == (2, 181)
    # Ages of 211 days (2 persons) and 29 (2).
    assert (figures["mean_age"], figures["median_age"], figures["p90_age"]) == (120, 29, 211)
