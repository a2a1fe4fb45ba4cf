"""The mean of the means of groups, each group alike: exact, from the totals of each group (S16)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from attrs import evolve

from kpi.definitions.amounts import Amounts
from kpi.definitions.sums import Sums
from kpi.rules._amounts import as_sums, total_of


def mean_of_means(totals: Iterable[tuple[int, int]]) -> Fraction | None:
    """Return the mean of the means of groups, exactly; None without groups.

    Args:
        totals: the total and the number of rows of each group, a number of at least 1.
    """
    by_rows: Counter[int] = Counter()
    groups = 0
    for total, rows in totals:
        by_rows[rows] += total
        groups += 1
    if not groups:
        return None
    # Over one common denominator: sums of fractions would be reduced at every step.
    bottom = math.lcm(*by_rows)
    top = sum(total * (bottom // rows) for rows, total in by_rows.items())
    return Fraction(top, bottom * groups)


def with_rows_in(sums: Sums, group: str, n: int, totals: dict[str, int]) -> Sums:
    """Return the sums with `n` further counted rows of one group, new or not.

    Args:
        sums: the sums.
        group: the value of the group's column.
        n: the number of rows.
        totals: the quantities that the rows add up to.
    """
    more = {"counted": n, **totals}
    known = sums.groups.get(group, {})
    names = {*known, *more}
    own = {name: known.get(name, 0) + more.get(name, 0) for name in names}
    return evolve(sums.plus(more), groups={**sums.groups, group: own})


def mean_extremes(sums: Sums, n: int, longest: int, counted: Amounts) -> Iterator[Sums]:
    """Yield the sums with `n` further rows, each of no time or each of the longest (S12).

    All in a new group, in a new group each, and all in that of the groups which they move most.

    Args:
        sums: the sums.
        n: the number of rows.
        longest: the longest amount of a row.
        counted: how amounts are counted.
    """
    for amount in (0, longest):
        times = as_sums(n * amount, counted)
        yield with_rows_in(sums, _new(sums, 0), n, times)
        if sums.groups:
            moved = {name: _moved(sums.groups[name], n, amount, counted) for name in sums.groups}
            yield with_rows_in(sums, max(moved, key=lambda name: moved[name]), n, times)
        apart = sums
        for number in range(min(n, _MOST_APART)):
            own = as_sums(amount, counted)
            apart = with_rows_in(apart, _new(sums, number), 1, own)
        yield apart


def _moved(group: Mapping[str, int], n: int, amount: int, counted: Amounts) -> Fraction:
    """Return by how much `n` rows of an amount move the mean of a group."""
    total, rows = total_of(group, counted), group["counted"]
    return abs(Fraction(total + n * amount, rows + n) - Fraction(total, rows))


_MOST_APART = 100
"""The most rows that are looked at in a group each: so many new groups outweigh the others."""


def _new(sums: Sums, number: int) -> str:
    """Return the name of a group that there is not yet."""
    return f"{max(sums.groups, default='')}{number + 1}"
