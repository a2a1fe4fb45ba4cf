"""Cases that count as several persons: each case is repeated, once for each person (S32)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from attrs import evolve

from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.outcomes import OUTSIDE, CountedAs, Outcome, Row
from kpi.testing.oracle.parts import Rule


def by_person(rule: Rule, target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate a target over the persons, and say of each case what its persons come to.

    A case that is inside and counts as no person is excluded, whatever else may be wrong with it.
    """
    if target.count_as is None:
        return rule(target, cases, at)
    plain = evolve(target, count_as=None)
    lacking = {n for n, case in enumerate(cases) if _persons(target, case) == 0}
    persons = [
        evolve(case, weight=_persons(target, case))
        for case in cases
        for _ in range(_persons(target, case))
    ]
    found = rule(plain, persons, at)
    of_persons = iter(found.trail)
    trail = []
    for n, case in enumerate(cases):
        if n in lacking:
            (alone,) = rule(plain, [case], at).trail
            trail.append(OUTSIDE if alone == OUTSIDE else Row("excluded", "weight missing"))
        else:
            trail.append(_of_case([next(of_persons) for _ in range(_persons(target, case))]))
    buckets = Counter(row.bucket for row in trail)
    return evolve(
        found,
        rows=len(trail),
        outside=buckets["outside"],
        counted=buckets["counted"],
        undetermined=buckets["undetermined"],
        excluded=dict(Counter(row.reason for row in trail if row.reason is not None)),
        trail=tuple(trail),
        counted_as=CountedAs(found.counted, sum(found.excluded.values()), found.undetermined),
    )


def _persons(target: Any, case: Case) -> int:
    """Return how many persons a case counts as, 0 where it does not say."""
    number = case.cells.get(target.count_as)
    assert number is None or isinstance(number, int), f"{target.count_as} holds {number!r}"
    return 0 if number is None else max(number, 0)


def _of_case(persons: Sequence[Row]) -> Row:
    """Return the row of a case: counted where any of its persons is, as so many."""
    counted = [row for row in persons if row.bucket == "counted"]
    return evolve(counted[0], counted_as=len(counted)) if counted else persons[0]
