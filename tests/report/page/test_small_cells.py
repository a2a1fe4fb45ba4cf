"""Small cells: hidden, and not to be worked out from what is shown (R11, H16)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.report.page.small_cells import hidden_rows, merged_bins


@pytest.mark.parametrize(
    ("rows", "hidden"),
    [
        # Nothing is small: nothing is hidden.
        ([(5, 5), (7, 0), (0, 0)], set()),
        # A small row alone follows from the total: the next smallest goes with it.
        ([(3,), (40,), (9,)], {0, 2}),
        # Two small rows are 2 + 1 = 3 together, which is small too: 9 more are hidden.
        ([(2,), (1,), (40,), (9,)], {0, 1, 3}),
        # Two small rows of 4 each are 8 together, and none of them follows.
        ([(4,), (4,), (40,), (9,)], {0, 1}),
        # A complement of 2 is as small as a count: 20 counted, 18 met.
        ([(20, 18, 2), (30, 20, 10), (25, 15, 10)], {0, 2}),
        # An empty row hides nothing: it gives no cover to a small one.
        ([(3,), (0,), (9,)], {0, 2}),
        # All rows together are small: nothing is left to be shown.
        ([(1,), (2,)], {0, 1}),
    ],
)
def test_rows_worked_by_hand(rows: Sequence[Sequence[int]], hidden: set[int]) -> None:
    assert hidden_rows(rows, 5) == hidden


def test_without_a_least_count_all_is_shown() -> None:
    assert hidden_rows([(1,), (2,)], 0) == frozenset()


def test_rows_that_are_not_listed_are_known_together() -> None:
    # Of 8, 9 and 3 the last is not listed, and 20 - 8 - 9 = 3 would follow.
    assert hidden_rows([(8,), (9,), (3,)], 5, unlisted={2}) == {0, 2}
    # Two rows of 6 that are not listed are 12 together: nothing small follows.
    assert hidden_rows([(8,), (9,), (6,), (6,)], 5, unlisted={2, 3}) == {2, 3}
    assert hidden_rows([(8,), (9,)], 0, unlisted={1}) == {1}


def test_bins_are_merged_until_none_is_small() -> None:
    # 3 + 4 = 7; 6; 1 + 0 + 2 = 3 is small and joins the 6.
    bins = [(10, 3), (20, 4), (30, 6), (40, 1), (50, 0), (60, 2)]
    assert merged_bins(bins, 5) == [(20, 7), (60, 9)]
    assert merged_bins(bins, 0) == bins
    assert merged_bins([(10, 3), (20, 1)], 5) == []
    # An empty bin says that there is nothing, and stays; a small one after it takes it along.
    assert merged_bins([(10, 8), (20, 0), (30, 9), (40, 0), (50, 1)], 5) == [
        (10, 8), (20, 0), (50, 10),
    ]  # fmt: skip


def solved(equations: list[list[Fraction]], unknowns: int) -> dict[int, Fraction]:
    """The unknowns that linear equations settle, by Gauss and Jordan; the last of a row is its sum."""
    rows, place = [row[:] for row in equations], 0
    for column in range(unknowns):
        pivot = next((n for n in range(place, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [cell / rows[place][column] for cell in rows[place]]
        for n, row in enumerate(rows):
            if n != place and row[column]:
                factor = row[column]
                rows[n] = [a - factor * b for a, b in zip(row, rows[place], strict=True)]
        place += 1
    found = {}
    for row in rows:
        named = [n for n in range(unknowns) if row[n]]
        if len(named) == 1:
            found[named[0]] = row[-1] / row[named[0]]
    return found


def worked_out(
    rows: Sequence[tuple[int, int]], hidden: frozenset[int] | set[int]
) -> list[Fraction]:
    """The counts of hidden rows of (counted, met) that follow from the shown ones and the totals.

    Unknown are counted, met and missed of each hidden row; known are that met and missed are counted,
    the totals of all rows, and the shown rows.
    """
    places = sorted(hidden)
    unknowns = 3 * len(places)
    equations: list[list[Fraction]] = []
    for n in range(len(places)):
        row = [Fraction(0)] * (unknowns + 1)
        row[3 * n], row[3 * n + 1], row[3 * n + 2] = Fraction(1), Fraction(-1), Fraction(-1)
        equations.append(row)
    for kind in range(3):
        total = sum(_triple(rows[n])[kind] for n in places)
        row = [Fraction(0)] * unknowns
        for n in range(len(places)):
            row[3 * n + kind] = Fraction(1)
        equations.append([*row, Fraction(total)])
        if total == 0:
            # No count is negative, and so each of them is 0.
            for n in range(len(places)):
                zero = [Fraction(0)] * (unknowns + 1)
                zero[3 * n + kind] = Fraction(1)
                equations.append(zero)
    return list(solved(equations, unknowns).values())


def _triple(row: tuple[int, int]) -> tuple[int, int, int]:
    return (row[0], row[1], row[0] - row[1])


_ROWS = st.lists(
    st.integers(0, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    min_size=1,
    max_size=8,
)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(_ROWS, st.integers(2, 10))
def test_no_small_count_follows_by_linear_algebra(rows: list[tuple[int, int]], k: int) -> None:
    hidden = hidden_rows([_triple(row) for row in rows], k)
    shown = [count for n, row in enumerate(rows) if n not in hidden for count in _triple(row)]
    assert not any(0 < count < k for count in shown)
    totals = [sum(counts) for counts in zip(*map(_triple, rows), strict=True)]
    if any(0 < total < k for total in totals) or sum(row[0] > 0 for row in rows) == 1:
        # The headline itself, which is not hidden, says as much.
        return
    assert not [count for count in worked_out(rows, hidden) if 0 < count < k]


def test_the_solver_finds_a_row_that_is_hidden_alone() -> None:
    assert worked_out([(3, 2), (40, 20)], {0}) == [3, 2, 1]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=12), st.integers(2, 10))
def test_no_bin_is_small_and_none_is_lost(counts: list[int], k: int) -> None:
    bins = [(10 * (n + 1), count) for n, count in enumerate(counts)]
    merged = merged_bins(bins, k)
    assert all(count == 0 or count >= k for _, count in merged)
    if sum(counts) >= k or not sum(counts):
        assert sum(count for _, count in merged) == sum(counts)
        assert merged[-1][0] == bins[-1][0]
    else:
        assert merged == []
