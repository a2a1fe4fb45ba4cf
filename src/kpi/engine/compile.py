"""Compilation of the targets of a table into shared scans: the only home of performance code.

What is counted is decided by the rules; here it is decided how few passes over the rows that takes.

- A predicate that several targets share is evaluated once, and those targets go on with the rows
  that pass: most targets of a plan count what was decided in one year.
- Each target aggregates its own filtered rows, which are few.
- Only integers leave: the sums of a state.

A table is read once for all its targets, in batches, and only rows that very many targets share
are copied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

import polars as pl
from attrs import evolve, frozen
from polars._typing import EngineType

from kpi.definitions.case_weights import with_weight
from kpi.definitions.measurement import Rows
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import BIN, GROUP, PART, WEIGHT
from kpi.definitions.series import Series
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.engine.buckets import (
    by_bucket,
    counted_mask,
    mask_name,
    removal_reasons,
    retained_masks,
    weighed_masks,
)
from kpi.engine.long_state import long_form, long_groups, long_histogram, short_form
from kpi.engine.state import COUNTED, INSIDE, ROWS, encode_segment
from kpi.engine.target_query import (
    TargetQuery,
    columns_needed,
    columns_of,
    identity,
    target_queries,
)
from kpi.tables.as_of import Scan, Snapshot
from kpi.time.windows import between

# Shared rows are marked with `cache`; searching for common subplans beside it costs a fifth of a
# small evaluation. Filters stay one after the other: each sees the rows that the one before leaves.
QUERIES = pl.QueryOptFlags(comm_subplan_elim=False, predicate_pushdown=False)
_WORTH_STREAMING = 200_000
"""Rows from which Polars' streaming engine pays: with fewer beginning takes longer than running."""
_MANY = 40
"""Targets from which the rows that they share are copied into whole batches: a filter leaves
batches of few rows, and each batch costs each target something."""
_MOST_TESTS = 4
"""Predicates up to which a scan of a file is filtered: more of them, evaluated on every row, cost
more than the rows that they leave out."""


def aggregate(
    plan: Plan,
    snapshot: Snapshot,
    targets: Sequence[Target],
    *,
    by: Sequence[str],
    series: Series | None,
    with_periods: bool,
    engine: EngineType,
    further: Mapping[str, Sequence[pl.Expr]] | None = None,
) -> pl.DataFrame:
    """Aggregate the targets of one table to the sums of a state (`kpi.engine.state.State.sums`).

    Args:
        plan: the plan that is evaluated.
        snapshot: the table as of the date.
        targets: the targets that read it.
        by: the columns of the break-down.
        series: the series that is asked of every target without its own; None for none.
        with_periods: whether the state has periods: of that series, or of a target's own.
        engine: the Polars engine; "auto" is streaming from 200,000 rows on.
        further: predicates that the rows of a target must pass too, by the id of the target.
    """
    columns = columns_of(plan, snapshot)
    further = {} if further is None else further
    engine = engine_for(snapshot, engine)
    queries = _with_enclosing_windows(
        plan,
        [
            query.with_tests(further.get(target.id, ()))
            for target in targets
            for query in target_queries(
                plan,
                target,
                columns,
                by,
                plan.series_of(target) or series,
                with_periods=with_periods,
            )
        ],
    )
    frames = _target_frames(snapshot, queries, engine)
    measured = [(query, _measured(query, lazy)) for lazy, query in frames]
    inside = [_inside_sums(lazy, query) for query, lazy in measured]
    bins = [
        (query, name, _bins(lazy, query, name))
        for query, lazy in measured
        for name in query.rows.bins
    ]
    grouped = [
        (query, _group_sums(lazy, query))
        for query, lazy in measured
        if query.rows.group is not None
    ]
    lazy_frames = [*inside, *(lazy for _, _, lazy in bins), *(lazy for _, lazy in grouped)]
    collected = iter(pl.collect_all(lazy_frames, engine=engine, optimizations=QUERIES))
    totals = {query.name: frame for (query, _), frame in zip(measured, collected, strict=False)}
    histograms = [
        long_histogram(query, name, frame)
        for (query, name, _), frame in zip(bins, collected, strict=False)
    ]
    histograms += [
        long_groups(query, frame) for (query, _), frame in zip(grouped, collected, strict=True)
    ]
    if not histograms and not any(query.group_names or query.parts for query in queries):
        return short_form(snapshot, queries, totals)
    parts = [*histograms]
    for query, rows in zip(queries, _rows_of_groups(snapshot, queries, engine), strict=True):
        sums = totals[query.name].to_dict()
        index = {name: sums[name] for name in (*query.key_names, *([PART] if query.parts else []))}
        numbers = pl.DataFrame({**index, **by_bucket(query.rows, sums)})
        parts += [long_form(query, rows), long_form(query, numbers)]
    return pl.concat(parts).collect(engine="in-memory", optimizations=pl.QueryOptFlags.none())


def durations(plan: Plan, snapshot: Snapshot, targets: Sequence[Target]) -> pl.DataFrame:
    """Return how many counted rows of each target took how long, as the audit trail has them.

    Args:
        plan: the plan that is evaluated.
        snapshot: the table as of the date.
        targets: targets that read it, of which none leaves counted rows out by their rank (S17).

    Returns:
        a row per target and time: `target`, `days`, `seconds` (where the limit is in hours or
        minutes), `n`; both times are null where counted rows have not ended.
    """
    columns, none = columns_of(plan, snapshot), pl.lit(None, pl.Int64)
    queries = []
    for target in targets:
        for query in target_queries(plan, target, columns, (), None, with_periods=False):
            rows = query.rows
            assert rows.fastest is None, "a rank takes all rows"
            times = {"days": rows.days, "seconds": rows.seconds}
            summed = {name: none if of is None else of.cast(pl.Int64) for name, of in times.items()}
            queries.append(evolve(query, rows=evolve(rows, sums=summed, bins={}, group=None)))
    engine = engine_for(snapshot, "auto")
    frames = _target_frames(snapshot, _with_enclosing_windows(plan, queries), engine)
    lazy_frames = [
        lazy.filter(retained_masks(query.rows)[-1])
        .select(time.alias(name) for name, time in query.rows.sums.items())
        .group_by("days", "seconds")
        .agg(pl.lit(query.target.id).alias("target"), pl.len().cast(pl.Int64).alias("n"))
        for lazy, query in frames
    ]
    return pl.concat(pl.collect_all(lazy_frames, engine=engine, optimizations=QUERIES))


def engine_for(snapshot: Snapshot, engine: EngineType) -> EngineType:
    """Return the Polars engine for a table where "auto" is asked for: streaming for large ones."""
    if engine != "auto":
        return engine
    return "streaming" if snapshot.rows >= _WORTH_STREAMING else "in-memory"


@frozen
class ScanPlan:
    """The passes over a table that its targets take.

    Attributes:
        read: the query that reads the table, once for all targets.
        passes: the predicate in words and the ids of the targets that share the rows passing it;
            None in place of the words where a target is filtered alone.
    """

    read: pl.LazyFrame
    passes: tuple[tuple[str | None, tuple[str, ...]], ...]


def plan_scan(plan: Plan, snapshot: Snapshot, targets: Sequence[Target]) -> ScanPlan:
    """Return the passes over a table that `aggregate` takes, without running them."""
    columns = columns_of(plan, snapshot)
    left = queries = _with_enclosing_windows(
        plan,
        [
            query
            for target in targets
            for query in target_queries(plan, target, columns, (), None, with_periods=False)
        ],
    )
    passes: list[tuple[str | None, tuple[str, ...]]] = []
    while (shared := _most_shared_predicate(left)) is not None:
        predicate, sharing, left = shared
        tests = chain.from_iterable(query.rows.tests for query in sharing)
        words = next(words for words, test in tests if test.meta.eq(predicate))
        passes.append((words, tuple(query.target.id for query in sharing)))
    passes += [(None, (query.target.id,)) for query in left]
    return ScanPlan(_scan(snapshot, queries).rows, tuple(passes))


def _with_enclosing_windows(plan: Plan, queries: Sequence[TargetQuery]) -> list[TargetQuery]:
    """Add each enclosing window of another target to a query as a redundant predicate.

    A target for a quarter can then share the filtered rows of the targets for the year.
    """
    identities: dict[tuple[bytes, Window], bytes] = {}
    predicates: dict[bytes, pl.Expr] = {}
    events = []
    for query in queries:
        event_window = identity(query.rows.event), query.target.window_of(plan)
        if event_window not in identities:
            predicate = between(query.rows.event, event_window[1])
            identities[event_window] = identity(predicate)
            predicates[identities[event_window]] = predicate
        events.append(event_window)
    widened = []
    for query, (event, window) in zip(queries, events, strict=True):
        enclosing = {
            test: predicates[test]
            for (other, wide), test in identities.items()
            if other == event and wide != window and wide.covers(window)
        }
        is_filtered = identities[event, window] in query.tests
        widened.append(
            evolve(query, tests=enclosing | query.tests) if is_filtered and enclosing else query
        )
    return widened


def _target_frames(
    snapshot: Snapshot, queries: list[TargetQuery], engine: EngineType
) -> Iterator[tuple[pl.LazyFrame, TargetQuery]]:
    """Yield the filtered rows of each target from one scan."""
    # Rows of a large file are never copied into memory.
    rechunk = engine == "streaming" and not snapshot.reads_file(_needed(queries))
    return target_frames(_scan(snapshot, queries).filtered, queries, rechunk=rechunk)


def _scan(snapshot: Snapshot, queries: Sequence[TargetQuery]) -> Scan:
    """Return the scan of the rows and columns that any target needs, read once."""
    needed = _needed(queries)
    # In memory leaving rows out costs more than it saves.
    return snapshot.scan(
        _scan_predicate(snapshot, queries) if snapshot.reads_file(needed) else None, needed
    ).cached()


def _needed(queries: Sequence[TargetQuery]) -> frozenset[str]:
    """Return the columns that the expressions of any query read."""
    return frozenset(name for query in queries for name in columns_needed(query))


def _scan_predicate(snapshot: Snapshot, queries: Sequence[TargetQuery]) -> list[pl.Expr] | None:
    """Return predicates on the raw columns, one of which every row passes that counts anywhere.

    None where there would be more than `_MOST_TESTS`, or where a query has none that can be pushed
    down.
    """
    shared_predicates: list[pl.Expr] = []
    left = list(queries)
    while (shared := _most_shared_predicate(left)) is not None:
        predicate, _, left = shared
        shared_predicates.append(predicate)
    # One per pass: a second, evaluated on every row, costs more than the few rows it would save.
    alternatives = [[predicate] for predicate in shared_predicates]
    alternatives += [list(query.tests.values()) for query in left]
    if len(alternatives) > _MOST_TESTS:
        return None
    first_pushed_down = [
        next((raw for raw in map(snapshot.pushed_down, tests) if raw is not None), None)
        for tests in alternatives
    ]
    pushed_down = [raw for raw in first_pushed_down if raw is not None]
    return pushed_down if len(pushed_down) == len(first_pushed_down) else None


def _most_shared_predicate(
    queries: list[TargetQuery],
) -> tuple[pl.Expr, list[TargetQuery], list[TargetQuery]] | None:
    """Return the predicate that most queries share; None where none is shared.

    Returns:
        the predicate; the queries that share it, without it; the other queries.
    """
    most_common = Counter(test for query in queries for test in query.tests).most_common(1)
    if not most_common or most_common[0][1] == 1:
        return None
    test = most_common[0][0]
    sharing = [query for query in queries if test in query.tests]
    left = [query for query in queries if test not in query.tests]
    return sharing[0].tests[test], [query.without(test) for query in sharing], left


def _rows_of_groups(
    snapshot: Snapshot, queries: Sequence[TargetQuery], engine: EngineType
) -> Iterator[pl.DataFrame]:
    """Yield the number of rows of each group, a frame per target.

    The counts are queries of their own, which read only the columns that make the groups: collected
    together with the targets they would make Polars hold back the file until it comes to them.
    """
    # Targets with the same groups share the count.
    groups = [tuple(map(identity, query.keys)) for query in queries]
    distinct = {group: query for group, query in zip(groups, queries, strict=True) if group}
    needed = {
        name
        for query in distinct.values()
        for key in query.grouping
        for name in key.meta.root_names()
    }
    scan = snapshot.scan(None, needed).cached()
    count = pl.len().cast(pl.Int64).alias(ROWS)
    lazy_frames = [
        scan.filtered(() if query.in_period is None else [query.in_period])
        .with_columns(query.keys)
        .group_by(query.key_names)
        .agg(count)
        for query in distinct.values()
    ]
    counts = pl.collect_all(lazy_frames, engine=engine, optimizations=QUERIES)
    by_group = {
        group: _with_the_rest(rows, snapshot.rows)
        for group, rows in zip(distinct, counts, strict=True)
    }
    yield from (by_group.get(group, pl.DataFrame({ROWS: [snapshot.rows]})) for group in groups)


def _with_the_rest(counts: pl.DataFrame, rows: int) -> pl.DataFrame:
    """Add a group of null keys for the rows that are in no group, if there are any."""
    rest = rows - int(counts[ROWS].sum())
    if not rest:
        return counts
    none = pl.DataFrame({**dict.fromkeys(counts.columns), ROWS: rest}, schema=counts.schema)
    return pl.concat([counts, none])


def target_frames(
    filtered: Callable[[Sequence[pl.Expr]], pl.LazyFrame],
    queries: list[TargetQuery],
    *,
    rechunk: bool,
    needs: Callable[[TargetQuery], Iterable[str]] = columns_needed,
) -> Iterator[tuple[pl.LazyFrame, TargetQuery]]:
    """Yield the filtered rows of each target; a predicate that targets share is evaluated once.

    Args:
        filtered: returns the rows that pass some predicates.
        queries: the queries of the targets.
        rechunk: whether rows that `_MANY` targets share may be copied into whole batches.
        needs: returns the columns that a query reads.
    """
    while (shared := _most_shared_predicate(queries)) is not None:
        predicate, sharing, queries = shared
        needed = sorted({name for query in sharing for name in needs(query)})
        rows = filtered([predicate])
        # A frame of no columns would have no rows to count.
        rows = rows.select(needed) if needed else rows
        copied = rechunk and len(sharing) >= _MANY
        if copied:
            rows = rows.map_batches(pl.DataFrame.rechunk)
        cached = partial(_filtered, rows.cache())
        yield from target_frames(cached, sharing, rechunk=rechunk and not copied, needs=needs)
    yield from ((filtered(list(query.tests.values())), query) for query in queries)


def _filtered(lazy: pl.LazyFrame, tests: Sequence[pl.Expr]) -> pl.LazyFrame:
    """Return the rows that pass some predicates, filtered one after the other."""
    for test in tests:
        lazy = lazy.filter(test)
    return lazy


def _measured(query: TargetQuery, lazy: pl.LazyFrame) -> pl.LazyFrame:
    """Return the group keys, segment, masks and summands of the filtered rows of a target.

    The masks of the steps of S12 are columns of true and false: a bit a row to make, to combine and
    to add up.
    """
    rows = query.rows
    numbers = {
        **{mask_name(n): retained for n, retained in enumerate(retained_masks(rows))},
        **{f"kpi:{name}": _summable(rows, summand) for name, summand in rows.sums.items()},
        # Int64 before anything is added to them: Int32 wraps.
        **{_bin(name): _binned(rows, value) for name, value in rows.bins.items()},
        **({} if rows.weight is None else {WEIGHT: rows.weight}),
    }
    return lazy.select(
        *query.keys,
        *([encode_segment(query.parts).alias(PART)] if query.parts else []),
        *([] if rows.group is None else [rows.group.alias(GROUP)]),
        *(number.alias(name) for name, number in numbers.items()),
    )


def _summable(rows: Rows, summand: pl.Expr) -> pl.Expr:
    """Return a summand whose sum cannot wrap, as Int32 would: as Int64, or `met` as it is."""
    if summand is rows.met and rows.weight is None:
        return summand
    whole = summand.cast(pl.Int64)
    return whole if rows.weight is None else whole * rows.weight


def _binned(rows: Rows, value: pl.Expr) -> pl.Expr:
    """Return what a histogram counts the rows by: a value, or a value and a weight (S32)."""
    whole = value.cast(pl.Int64)
    return whole if rows.weight is None else with_weight(whole, rows.weight)


def _bin(name: str) -> str:
    return f"kpi:bin:{name}"


def _inside_sums(measured: pl.LazyFrame, query: TargetQuery) -> pl.LazyFrame:
    """Return the sums of a target, by group and segment: rows inside, rows retained, quantities."""
    rows, counted = query.rows, pl.col(counted_mask(query.rows))
    quantities = {
        INSIDE: pl.len(),
        **{mask_name(n): pl.col(mask_name(n)).sum() for n in range(len(removal_reasons(rows)))},
        **{
            name: (
                counted & pl.col(f"kpi:{name}")
                if summand is rows.met and rows.weight is None
                else pl.when(counted).then(pl.col(f"kpi:{name}"))
            ).sum()
            for name, summand in rows.sums.items()
        },
        **{
            name: pl.when(mask).then(pl.col(WEIGHT)).sum()
            for name, mask in weighed_masks(rows).items()
        },
    }
    aggregates = [total.cast(pl.Int64).alias(name) for name, total in quantities.items()]
    names = [*query.key_names, *([PART] if query.parts else [])]
    return measured.group_by(names).agg(aggregates) if names else measured.select(aggregates)


def _group_sums(measured: pl.LazyFrame, query: TargetQuery) -> pl.LazyFrame:
    """Return the counted rows of a target and its quantities by the value that keeps them apart."""
    names = [*query.key_names, *([PART] if query.parts else []), GROUP]
    sums = [pl.col(f"kpi:{name}").sum().cast(pl.Int64).alias(name) for name in query.rows.sums]
    counted = measured.filter(pl.col(counted_mask(query.rows)))
    return counted.group_by(names).agg(pl.len().cast(pl.Int64).alias(COUNTED), *sums)


def _bins(measured: pl.LazyFrame, query: TargetQuery, name: str) -> pl.LazyFrame:
    """Return a histogram of a target: the number of counted rows by value, nulls left out."""
    value = pl.col(_bin(name))
    names = [*query.key_names, *([PART] if query.parts else [])]
    return (
        measured.filter(pl.col(counted_mask(query.rows)), value.is_not_null())
        .group_by([*names, value.alias(BIN)])
        .agg(pl.len().cast(pl.Int64).alias("n"))
    )
