"""The bucket of each key under one target, from which of its values differ (F41)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from attrs import field, frozen

from kpi.definitions.target import Target
from kpi.evaluation.comparison import buckets
from kpi.evaluation.comparison.buckets import StepName
from kpi.evaluation.comparison.columns_read import ColumnsRead
from kpi.evaluation.comparison.differences import differences
from kpi.evaluation.comparison.row_pairs import RowPairs

_CODE = "kpi:bucket"


@frozen(eq=False, repr=False)
class KeyCodes:
    """Buckets of the rows that moved, under one target; a bucket is its place in the order of the step.

    Attributes:
        before: the bucket of each row of the earlier snapshot that moved: doubtful ones, those of it
            alone, those that differ.
        after: the same of the later snapshot.
        keys: the number of keys of each bucket, the unchanged ones included.
        moving: the same two columns with those rows as unchanged that the target moves by name alone:
            they add the same to its state before and after.
    """

    before: pl.Series
    after: pl.Series
    keys: tuple[int, ...]
    moving: tuple[pl.Series, pl.Series]


@frozen(eq=False, repr=False)
class Moved:
    """Rows that differ under some target, of both snapshots, and what differs in them.

    Attributes:
        step: the step.
        rows: all rows side by side.
        before: the rows that differ, as they were.
        after: the same rows as they are.
        differ: which values of them differ, by column.
        paused: which of them have other pauses, by table of pauses.
        key: the columns of the key.
        cached: the buckets by what differs alone, of targets that read the same columns.
    """

    step: StepName
    rows: RowPairs
    before: pl.DataFrame
    after: pl.DataFrame
    differ: pl.DataFrame
    paused: Mapping[str, pl.Series]
    key: Sequence[str]
    cached: dict[tuple[ColumnsRead, str | None, str | None], pl.Series] = field(factory=dict)

    def codes(self, target: Target, read: ColumnsRead) -> pl.Series:
        """Return the bucket of each row that differs, by what differs alone; computed once."""
        same = read, getattr(target, "start", None), getattr(target, "end", None)
        if same not in self.cached:
            paused = [self.paused[name] for name in read.tables_of_pauses if name in self.paused]
            self.cached[same] = _codes(
                self.step, target, read, self.before, self.after, self.differ, paused
            )
        return self.cached[same]


def classified(
    moved: Moved,
    target: Target,
    read: ColumnsRead,
    by_outcome: pl.Series | None,
    *,
    repeated_by_outcome: pl.Series | None,
    time_tells: bool,
) -> KeyCodes:
    """Return the bucket of each row that moved under a target.

    Args:
        moved: the rows that differ under some target.
        target: the target.
        read: the columns that it reads.
        by_outcome: which of the rows the target moves although no value differs; None for none.
        repeated_by_outcome: the same of the rows of repeated keys of one extract.
        time_tells: whether such a row may add something else to the state.
    """
    rows, step = moved.rows, moved.step
    names = buckets.RESTATED if step == "restated" else buckets.NEWS
    by_values = moved.codes(target, read)
    code = _with_outcome(step, by_values, by_outcome)
    counts = [0] * len(names)
    for place, n in code.value_counts().iter_rows():
        counts[place] += n
    if step == "restated":
        doubtful, gone, come = buckets.KEY, buckets.GONE, buckets.REGISTERED_LATE
        counts[doubtful] += rows.doubtful
        of_doubtful = (_same(doubtful, rows.doubtful_before), _same(doubtful, rows.doubtful_after))
    else:
        # Only a table that is made of an event log can lose a row from one day to a later one.
        gone, come = buckets.OTHER_EVENT, buckets.ENTERED
        of_doubtful, of_keys = _repeated(target, read, rows, moved.key, repeated_by_outcome)
        for place, n in of_keys.value_counts().iter_rows():
            counts[place] += n
    counts[gone] += rows.gone.height
    counts[come] += rows.come.height
    counts[-1] = rows.keys - sum(counts[:-1])
    alone = _same(gone, rows.gone), _same(come, rows.come)
    old, new = (pl.concat([of_doubtful[n], alone[n], code]).alias(_CODE) for n in (0, 1))
    moving = old, new
    if code is not by_values and not time_tells:
        moving = (
            pl.concat([of_doubtful[0], alone[0], by_values]),
            pl.concat([of_doubtful[1], alone[1], by_values]),
        )
    return KeyCodes(old, new, tuple(counts), moving)


def _with_outcome(step: StepName, code: pl.Series, by_outcome: pl.Series | None) -> pl.Series:
    """Return the buckets with the unchanged rows that the target moves in the last but one."""
    if by_outcome is None:
        return code
    unchanged = buckets.SAME if step == "restated" else buckets.NO_NEWS
    return code.set(by_outcome & (code == unchanged), unchanged - 1)


def _same(code: int, rows: pl.DataFrame) -> pl.Series:
    return pl.repeat(code, rows.height, dtype=pl.Int64, eager=True).alias(_CODE)


def _codes(
    step: StepName,
    target: Target,
    read: ColumnsRead,
    before: pl.DataFrame,
    after: pl.DataFrame,
    differ: pl.DataFrame,
    paused: Iterable[pl.Series],
) -> pl.Series:
    """Return the bucket of rows that stand in both snapshots: the first whose test holds."""
    n = before.height
    start_was, start_is = _known(before, after, _own(target, "start", read.start))
    end_was, end_is = _known(before, after, _own(target, "end", read.end))
    start, end = _any(differ, read.start, n), _any(differ, read.end, n)
    dates, others = _any(differ, read.dates, n), _any(differ, read.others, n)
    intervals = _none(n)
    for mask in paused:
        intervals |= mask
    time = _any(differ, read.pauses, n)
    tests = (
        {
            buckets.REOPENED: end_was & ~end_is,
            buckets.END_LATE: ~end_was & end_is,
            buckets.END_CORRECTED: end,
            buckets.START_LATE: ~start_was & start_is,
            buckets.START_CORRECTED: start,
            buckets.PAUSES: intervals | time,
            buckets.OTHER_DATE: dates,
            buckets.OTHER_COLUMN: others,
        }
        if step == "restated"
        else {
            buckets.ENDED: end & end_is,
            buckets.STARTED: start & start_is,
            buckets.OTHER_EVENT: end | start | intervals | dates | others,
            buckets.TIME_PASSED: time,
        }
    )
    unchanged = buckets.SAME if step == "restated" else buckets.NO_NEWS
    code = pl.lit(unchanged, pl.Int64)
    for place in reversed(tests):
        code = pl.when(pl.col(str(place))).then(pl.lit(place, pl.Int64)).otherwise(code)
    masks = pl.DataFrame({str(place): mask for place, mask in tests.items()})
    return masks.select(code.alias(_CODE)).to_series()


def _own(target: Target, kind: str, read: tuple[str, ...]) -> str | None:
    """Return the column of the target's own start or end, where it is compared."""
    column = getattr(target, kind, None)
    return column if column in read else None


def _known(
    before: pl.DataFrame, after: pl.DataFrame, column: str | None
) -> tuple[pl.Series, pl.Series]:
    """Return whether a date is known before and after; false where there is no such column."""
    if column is None:
        return _none(before.height), _none(after.height)
    return before[column].is_not_null(), after[column].is_not_null()


def _none(n: int) -> pl.Series:
    return pl.repeat(value=False, n=n, eager=True)


def _any(differ: pl.DataFrame, columns: Iterable[str], n: int) -> pl.Series:
    """Return the mask of the rows that differ in any of some columns."""
    names = [name for name in columns if name in differ.columns]
    if not names:
        return _none(n)
    return differ.select(pl.any_horizontal(names).alias("any")).to_series()


def _repeated(
    target: Target,
    read: ColumnsRead,
    rows: RowPairs,
    key: Sequence[str],
    by_outcome: pl.Series | None,
) -> tuple[tuple[pl.Series, pl.Series], pl.Series]:
    """Return the bucket of the rows of repeated keys of one extract, and that of each of these keys.

    All rows of a key are in the first bucket that one of them is in.
    """
    known = rows.doubtful_before.height
    if not rows.doubtful_after.height:
        none = pl.Series(_CODE, [], dtype=pl.Int64)
        return (none, none), none
    before, after = rows.doubtful_before, rows.doubtful_after.head(known)
    differ = differences(before, after, read.compared)
    code = _codes("news", target, read, before, after, differ, [])
    code = _with_outcome("news", code, by_outcome)
    come = _same(buckets.ENTERED, rows.doubtful_after.slice(known))
    of_rows = rows.doubtful_after.select(key).with_columns(pl.concat([code, come]))
    of_rows = of_rows.with_columns(pl.col(_CODE).min().over(key))
    codes = of_rows[_CODE]
    return (codes.head(known), codes), of_rows.unique(key)[_CODE]
