"""Small cells of a table of groups: hidden, with all from which they could be worked out (R11)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import frozen

from kpi.results.target_result import TargetResult

HIDE_BELOW = 5
"""Counts of 1 to one less than this are hidden unless a report asks otherwise."""


def counts_of(record: TargetResult) -> tuple[int, ...]:
    """Return every count of rows that the figures of a group are, or could be turned into.

    Counted rows, numerator and complement of a share, the whole numbers of a value. Excluded rows
    are in none of these, and are hidden by themselves (`excluded_of`).
    """
    counts = [record.counted, record.denominator]
    if record.met is not None:
        counts += [record.met, record.denominator - record.met]
    if record.unit == "count" and record.value is not None:
        counts.append(abs(int(record.value)))
    counts += [abs(n) for _, n in sorted(record.figures.items()) if isinstance(n, int)]
    return tuple(counts)


def excluded_of(record: TargetResult) -> tuple[int, ...]:
    """Return the excluded rows of a group."""
    return (sum(record.excluded.values()),)


def hidden_rows(
    rows: Sequence[Sequence[int]], hide_below: int, unlisted: Collection[int] = ()
) -> frozenset[int]:
    """Return the places of the rows of a table that are hidden whole.

    Every row with a count of 1 to `hide_below` - 1 is hidden. As the total of each column is known,
    what hidden rows have together is known too: the next smallest row is hidden with them until they
    have in each column nothing or at least `hide_below` together, and so are at least two. A shown
    row keeps all of its counts, so no count of a hidden row follows from those of the shown ones.

    Args:
        rows: the counts of each row, the same in each place; the first orders the rows by size.
        hide_below: the least count above 0 that is shown; 0 or 1 hides nothing.
        unlisted: places of rows that are not listed anyway, and so known together alone.
    """
    width = max(map(len, rows), default=0)
    padded = [(*row, *[0] * (width - len(row))) for row in rows]
    small = {n for n, row in enumerate(padded) if any(0 < count < hide_below for count in row)}
    hidden = small | {*unlisted} if hide_below > 1 else {*unlisted}
    if not small and (hide_below <= 1 or not unlisted):
        return frozenset(hidden)
    # A row without any count gives no cover.
    shown = sorted(
        (n for n in range(len(padded)) if n not in hidden and any(padded[n])),
        key=lambda n: (padded[n][0], n),
    )
    while shown and _gives_away([padded[n] for n in sorted(hidden)], hide_below):
        hidden.add(shown.pop(0))
    return frozenset(hidden)


def _gives_away(hidden: Sequence[Sequence[int]], hide_below: int) -> bool:
    """Return whether hidden rows have a small count together, which is known from the total.

    A row that is hidden alone has its own small count together.
    """
    return any(0 < sum(column) < hide_below for column in zip(*hidden, strict=True))


def merged_bins(bins: Sequence[tuple[int, int]], hide_below: int) -> list[tuple[int, int]]:
    """Merge the bins of a histogram until each has nothing or at least `hide_below` cases.

    Args:
        bins: the upper end and the number of cases of each bin, lowest first.
        hide_below: the least number above 0 that a bin may have; 0 or 1 merges nothing.

    Returns:
        the bins; none where all of them together have fewer cases.
    """
    merged: list[tuple[int, int]] = []
    open_count = 0
    for end, count in bins:
        open_count += count
        if not 0 < open_count < hide_below:
            merged.append((end, open_count))
            open_count = 0
    if open_count:
        # What is left joins the last bin that has cases, and the empty ones between.
        while merged and open_count < hide_below:
            open_count += merged.pop()[1]
        if open_count < hide_below:
            return []
        merged.append((bins[-1][0], open_count))
    return merged


@frozen
class ListedGroup:
    """Group that a table lists.

    Attributes:
        record: the record of the group.
        is_hidden: whether value and counts are hidden.
        hides_excluded: whether the number of excluded rows is hidden.
    """

    record: TargetResult
    is_hidden: bool
    hides_excluded: bool


def listed_groups(groups: Sequence[TargetResult], hide_below: int, most: int) -> list[ListedGroup]:
    """Return the groups that a table lists, in their order, each with what is hidden of it.

    Args:
        groups: the records of the groups.
        hide_below: see `hidden_rows`.
        most: the most groups that are listed: the largest are.
    """
    by_size = sorted(range(len(groups)), key=lambda n: (-groups[n].counted, n))
    unlisted = frozenset(by_size[most:])
    hidden = hidden_rows([counts_of(group) for group in groups], hide_below, unlisted)
    excluded = hidden_rows([excluded_of(group) for group in groups], hide_below, unlisted)
    return [
        ListedGroup(group, n in hidden, n in excluded)
        for n, group in enumerate(groups)
        if n not in unlisted
    ]
