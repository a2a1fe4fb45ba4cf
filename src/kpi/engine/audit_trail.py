"""The audit trail: the bucket of each row under each target, by the expressions of the sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl
from attrs import evolve

from kpi.definitions.columns import Columns
from kpi.definitions.measurement import Rows
from kpi.definitions.outcomes import BUCKETS, COUNTED, EXCLUDED, OUTSIDE, UNDETERMINED
from kpi.definitions.plan import Plan
from kpi.definitions.ranks import Fastest, Trimmed
from kpi.definitions.series import Series, bounded
from kpi.definitions.target import Target
from kpi.engine.buckets import inside, retained_masks
from kpi.engine.groups import segment_keys
from kpi.engine.state import encode_segment
from kpi.engine.target_query import columns_of
from kpi.rules._case_weights import weighed_rows
from kpi.rules._interval import IntervalTarget
from kpi.tables.as_of import Snapshot

BUCKET = pl.Enum(BUCKETS)
WORDS = pl.Categorical()
"""Dtype of few words in many rows: codes take half the time of texts to make and to write."""


def trail(
    plan: Plan, snapshot: Snapshot, targets: Sequence[Target], *, outside: bool
) -> pl.LazyFrame:
    """Return a row per target and row of the table: targets in plan order, rows in table order.

    Columns: `target`, `table`, `case` (the row's key as text), `bucket`, `reason` (why outside or
    excluded), `met` (counted rows of a share), `due`, `days`, `gross`, `paused`, `seconds` (where
    the row is inside; `gross` and `paused` days where paused days are deducted from `days`; seconds
    where the limit is in hours or minutes), `counted_as` (what a counted row counts as, where it
    counts as a number: S32). `target`, `table` and `reason` are categories.

    Args:
        plan: the plan that is evaluated.
        snapshot: the table as of the date.
        targets: the targets that read it.
        outside: whether rows outside a target are listed too.

    Raises:
        DataError: where the table is left in a file, and the file has changed since it was checked.
    """
    if snapshot.fingerprint is not None:
        snapshot.fingerprint.require_unchanged()
    columns = columns_of(plan, snapshot)
    return pl.concat(
        [
            _of_target(snapshot, target, columns, snapshot.table.key, outside=outside)
            for target in targets
        ]
    )


def period_trail(
    plan: Plan, snapshot: Snapshot, targets: Sequence[Target], series: Series | None
) -> pl.LazyFrame:
    """Return a row per target, period and row of the table inside the period's window (S30).

    A row that counts in several periods is listed for each. Columns and order are those of `trail`,
    with the name of the `period` after `case`.

    Args:
        plan: the plan that is evaluated.
        snapshot: the table as of the date.
        targets: the targets that read it.
        series: the series that is asked of every target without its own; None for none. A target
            without a series lists nothing.

    Raises:
        DataError: where the table is left in a file, and the file has changed since it was checked.
    """
    if snapshot.fingerprint is not None:
        snapshot.fingerprint.require_unchanged()
    columns = columns_of(plan, snapshot)
    parts = [
        _named(
            _of_target(
                snapshot,
                target.in_period(period.window),
                columns,
                snapshot.table.key,
                outside=False,
            ),
            period.name,
        )
        for target in targets
        if not target.has_one_period
        for asked in [plan.series_of(target) or series]
        if asked is not None
        for period in asked.periods(bounded(target.series_window(plan), plan))
    ]
    return pl.concat(parts) if parts else _named(empty(), None)


def _named(lazy: pl.LazyFrame, period: str | None) -> pl.LazyFrame:
    """Return the rows of a trail with the name of their period after the case."""
    first = ("target", "table", "case")
    name = pl.lit(period, pl.String).alias("period")
    return lazy.select(*first, name, pl.exclude(first))


def open_cases(plan: Plan, snapshot: Snapshot, targets: Sequence[Target]) -> pl.LazyFrame:
    """Return the rows that have begun and not ended, under each target that gives due dates.

    A row is listed where the population of the target has it, whatever the window: a case that is
    not decided is in no year's decided cases yet. Columns and order are those of `trail`; `due` is
    the due date of each row, null while a pause that is not over leaves it without (S14).

    Args:
        plan: the plan that is evaluated.
        snapshot: the table as of the date.
        targets: the targets that read it; those without due dates list nothing.

    Raises:
        DataError: where the table is left in a file, and the file has changed since it was checked.
    """
    if snapshot.fingerprint is not None:
        snapshot.fingerprint.require_unchanged()
    columns, key = columns_of(plan, snapshot), snapshot.table.key
    parts = []
    for target in targets:
        rows = weighed_rows(target, columns)
        if isinstance(target, IntervalTarget) and gives_due_dates(rows):
            is_open = pl.col(target.start).is_not_null() & pl.col(target.end).is_null()
            tests = [*(test for _, test in target.population(columns)), is_open]
            lazy = snapshot.frame.filter(test.fill_null(value=False) for test in tests)
            parts.append(_listed(lazy, target, rows, columns, key, due_outside=True))
    return pl.concat(parts) if parts else empty()


def gives_due_dates(rows: Rows) -> bool:
    """Return whether the row expressions of a target give any row a due date."""
    if rows.due is None:
        return False
    return bool(rows.due.meta.root_names()) or pl.select(rows.due).item() is not None


def _of_target(
    snapshot: Snapshot, target: Target, columns: Columns, key: Sequence[str], *, outside: bool
) -> pl.LazyFrame:
    rows = weighed_rows(target, columns)
    if not outside:
        # Few rows are inside, and nothing need be computed of the others.
        tests = [test for _, test in rows.tests]
        return _listed(
            snapshot.scan().filtered(tests), target, evolve(rows, tests=()), columns, key
        )
    return _listed(snapshot.frame, target, rows, columns, key)


def _listed(
    lazy: pl.LazyFrame,
    target: Target,
    rows: Rows,
    columns: Columns,
    key: Sequence[str],
    *,
    due_outside: bool = False,
) -> pl.LazyFrame:
    member, masks, excluded = (
        inside(rows).fill_null(value=False),
        retained_masks(rows),
        rows.exclusions,
    )
    counted = member & masks[-1]
    other: pl.Expr = pl.lit(EXCLUDED, BUCKET)
    if rows.undetermined is not None:
        left = masks[-2] if excluded else pl.repeat(value=True, n=pl.len())
        other = pl.when(left & ~masks[-1]).then(pl.lit(UNDETERMINED, BUCKET)).otherwise(other)
    weight = rows.weight
    if rows.fastest is not None:
        left_out, weight = _left_out(rows, rows.fastest, counted, target, columns)
        excluded = (*excluded, *left_out)
        for _, mask in left_out:
            counted &= ~mask
    inner = pl.when(counted).then(pl.lit(COUNTED, BUCKET)).otherwise(other)
    why_outside = _first((words, ~test.fill_null(value=False)) for words, test in rows.tests)
    why_excluded = _first(excluded)
    met = pl.lit(None, pl.Boolean) if rows.met is None else rows.met.fill_null(value=False)
    due = pl.lit(None, pl.Date) if rows.due is None else rows.due
    days, paused, seconds = (
        pl.lit(None, pl.Int64) if number is None else number
        for number in (rows.days, rows.paused, rows.seconds)
    )
    return lazy.select(
        pl.lit(target.id, WORDS).alias("target"),
        pl.lit(target.table, WORDS).alias("table"),
        case_text(key).alias("case"),
        pl.when(member).then(inner).otherwise(pl.lit(OUTSIDE, BUCKET)).alias("bucket"),
        pl.when(member).then(why_excluded).otherwise(why_outside).alias("reason"),
        pl.when(counted).then(met).alias("met"),
        (due if due_outside else pl.when(member).then(due)).alias("due"),
        pl.when(member).then(days).alias("days"),
        pl.when(member).then(days + paused).alias("gross"),
        pl.when(member).then(paused).alias("paused"),
        pl.when(member).then(seconds).alias("seconds"),
        (pl.lit(None, pl.Int64) if weight is None else pl.when(counted).then(weight)).alias(
            "counted_as"
        ),
    )


def _left_out(
    rows: Rows, kept: Fastest | Trimmed, counted: pl.Expr, target: Target, columns: Columns
) -> tuple[list[tuple[str, pl.Expr]], pl.Expr | None]:
    """Return why counted rows are left out as not among those kept of their segment, each with a mask.

    Among equal durations the keys decide, so that the order of the rows does not matter; where rows
    count as a number, first the lighter ones come, and what of the number is kept is returned too.
    """
    length = rows.days if rows.ranked is None else rows.ranked
    # Every segment is trimmed by itself.
    keys = segment_keys(target, columns)
    # Ranks in the order of (days, key) are unique, and so without ties.
    assert length is not None, "a rule that takes the fastest says how long each took"
    by = [length, *([] if rows.weight is None else [rows.weight])]
    order = pl.arg_sort_by([*by, *(pl.col(name) for name in columns.table.key)]).arg_sort()
    if rows.weight is None:
        place = _within(pl.when(counted).then(order).rank("ordinal"), keys)
        n = _within(counted.cast(pl.Int64).sum(), keys)
        return [
            (reason, (counted & (place > after) & (place <= through)).fill_null(value=False))
            for reason, after, through in kept.left_out(n)
        ], None
    weight = pl.when(counted).then(rows.weight).otherwise(0)
    segment = encode_segment(keys) if keys else pl.lit(value=True)
    # The places of a row's persons: after those of the rows before it, through its own last.
    last = weight.cum_sum().over(segment, order_by=order)
    n = _within(weight.sum(), keys)
    left_out, left = [], weight
    for reason, after, through in kept.left_out(n):
        of_row = pl.min_horizontal(last, through) - pl.max_horizontal(last - weight, after)
        of_row = of_row.clip(lower_bound=0)
        left_out.append((reason, counted & (of_row == weight)))
        left = left - of_row
    return left_out, left


def _within(expression: pl.Expr, keys: Sequence[pl.Expr]) -> pl.Expr:
    return expression.over(encode_segment(keys)) if keys else expression


def case_text(key: Sequence[str]) -> pl.Expr:
    """Return the key of a row as text, the columns joined with ", "."""
    return pl.concat_str([pl.col(name).cast(pl.String) for name in key], separator=", ")


def _first(reasons: Iterable[tuple[str, pl.Expr]]) -> pl.Expr:
    """Return the words of the first predicate that holds, else null."""
    first = pl.lit(None, WORDS)
    for words, test in reversed(list(reasons)):
        first = pl.when(test).then(pl.lit(words, WORDS)).otherwise(first)
    return first


def empty() -> pl.LazyFrame:
    """Return a trail without rows."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "target": WORDS,
        "table": WORDS,
        "case": pl.String,
        "bucket": BUCKET,
        "reason": WORDS,
        "met": pl.Boolean,
        "due": pl.Date,
        "days": pl.Int64,
        "gross": pl.Int64,
        "paused": pl.Int64,
        "seconds": pl.Int64,
        "counted_as": pl.Int64,
    }
    return pl.LazyFrame(schema=schema)
