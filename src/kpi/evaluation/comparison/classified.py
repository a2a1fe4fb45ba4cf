"""The bucket of each key under one target, from which of its values differ (F41)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from attrs import frozen

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
    """

    before: pl.Series
    after: pl.Series
    keys: tuple[int, ...]


def classified(
    step: StepName,
    target: Target,
    read: ColumnsRead,
    rows: RowPairs,
    moved: tuple[pl.DataFrame, pl.DataFrame],
    differ: pl.DataFrame,
    paused: Mapping[str, pl.Series],
    by_outcome: pl.Series | None,
    *,
    key: Sequence[str],
    repeated_by_outcome: pl.Series | None = None,
) -> KeyCodes:
    """Return the bucket of each row that moved under a target.

    Args:
        step: the step.
        target: the target.
        read: the columns that it reads.
        rows: the rows side by side.
        moved: the rows that differ under some target, of both snapshots.
        differ: which values of them differ, by column.
        paused: which of them have other pauses, by table of pauses.
        by_outcome: which of them the target moves although no value of it differs; None for none.
        key: the columns of the key.
        repeated_by_outcome: the same of the rows of repeated keys of one extract.
    """
    names = buckets.RESTATED if step == "restated" else buckets.NEWS
    of_target = [paused[table] for table in read.tables_of_pauses if table in paused]
    code = _codes(step, target, read, *moved, differ, of_target, by_outcome)
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
        of_doubtful, of_keys = _repeated(target, read, rows, key, repeated_by_outcome)
        for place, n in of_keys.value_counts().iter_rows():
            counts[place] += n
    counts[gone] += rows.gone.height
    counts[come] += rows.come.height
    counts[-1] = rows.keys - sum(counts[:-1])
    return KeyCodes(
        pl.concat([of_doubtful[0], _same(gone, rows.gone), code]),
        pl.concat([of_doubtful[1], _same(come, rows.come), code]),
        tuple(counts),
    )


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
    by_outcome: pl.Series | None,
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
    outcome = _none(n) if by_outcome is None else by_outcome
    tests = (
        {
            buckets.REOPENED: end_was & ~end_is,
            buckets.END_LATE: ~end_was & end_is,
            buckets.END_CORRECTED: end,
            buckets.START_LATE: ~start_was & start_is,
            buckets.START_CORRECTED: start,
            buckets.PAUSES: intervals | time,
            buckets.OTHER_DATE: dates,
            buckets.OTHER_COLUMN: others | outcome,
        }
        if step == "restated"
        else {
            buckets.ENDED: end & end_is,
            buckets.STARTED: start & start_is,
            buckets.OTHER_EVENT: end | start | intervals | dates | others,
            buckets.TIME_PASSED: time | outcome,
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
    before, after = rows.doubtful_before, rows.doubtful_after.head(known)
    differ = differences(before, after, read.compared)
    code = _codes("news", target, read, before, after, differ, [], by_outcome)
    come = _same(buckets.ENTERED, rows.doubtful_after.slice(known))
    of_rows = rows.doubtful_after.select(key).with_columns(pl.concat([code, come]))
    of_rows = of_rows.with_columns(pl.col(_CODE).min().over(key))
    codes = of_rows[_CODE]
    return (codes.head(known), codes), of_rows.unique(key)[_CODE]
