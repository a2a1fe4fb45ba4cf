"""Schedule: the greatest number of cases that can be decided in time with so many a week (F33)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction


def in_time_at_most(
    cases: Mapping[tuple[int, int], int], capacity: Fraction, weeks: int
) -> list[int]:
    """Return the greatest number of cases decided in time by the end of each week, cumulated.

    In each week those are decided that are due earliest, of those that can be decided in it. No other
    order does better, as each takes the same work (Moore and Hodgson); and as it never puts off what
    it could do, the number by the end of each week is the greatest as well.

    Args:
        cases: the number of cases by first and last week in which each can be decided in time; weeks
            are numbered from 1.
        capacity: decisions a week. Where it is no whole number, the whole decisions that it comes to
            by the end of a week, less those of the weeks before, can be made in that week.
        weeks: the number of weeks.
    """
    waiting: Counter[int] = Counter()
    begun: dict[int, Counter[int]] = {}
    for (first, last), n in cases.items():
        begun.setdefault(first, Counter())[last] += n
    done, cumulated = 0, []
    for week in range(1, weeks + 1):
        waiting.update(begun.get(week, {}))
        left = math.floor(capacity * week) - math.floor(capacity * (week - 1))
        for last in sorted(waiting):
            taken = min(left, waiting[last]) if last >= week else waiting[last]
            if last >= week:
                done += taken
                left -= taken
            waiting[last] -= taken
            if not waiting[last]:
                del waiting[last]
        cumulated.append(done)
    return cumulated
