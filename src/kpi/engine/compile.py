"""How the question is asked fast: the only home of speed work. What is asked stands in the rules.

A table is read once for all its targets, in batches, and only what very many targets share is copied.
Targets share tests: most of a plan's targets count what was decided in one year. A test that several
targets share is made once, and those targets go on with the rows it leaves; each then looks at its own
rows alone, which are few, and sums integers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain

import polars as pl
from attrs import evolve, frozen
from polars._typing import EngineType

from kpi.definitions.measurement import Rows
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import BIN, PART
from kpi.definitions.target import Target
from kpi.definitions.windows import Every, Window
from kpi.engine.buckets import by_bucket, counted_mask, mask_name, removal_reasons, retained_masks
from kpi.engine.long_state import long_form, long_histogram, short_form
from kpi.engine.state import INSIDE, ROWS, encode_segment
from kpi.engine.target_query import TargetQuery, columns_needed, columns_of, identity, target_query
from kpi.tables.as_of import Scan, Snapshot
from kpi.time.windows import between

# What targets share is said with `cache`; looking for more of it costs a fifth of a small evaluation.
# And filters stay one after the other: each then looks at the rows that the one before has left.
_QUERIES = pl.QueryOptFlags(comm_subplan_elim=False, predicate_pushdown=False)
_WORTH_STREAMING = 200_000
"""With fewer rows, Polars' streaming engine takes longer to begin than to go over them."""
_MANY = 40
"""So many targets go over the rows that they share faster once those are copied into whole batches:
each batch costs a target something, and a test leaves batches of few rows."""
_MOST_TESTS = 4
"""More tests than these cost more to make while reading than the rows that fail them all."""


def aggregate(
    plan: Plan,
    snapshot: Snapshot,
    targets: Sequence[Target],
    *,
    by: Sequence[str],
    every: Every | None,
    engine: EngineType,
) -> pl.DataFrame:
    """The sums of a state (see `kpi.engine.state.State.sums`) over one table."""
    columns = columns_of(plan, snapshot)
    asked = _with_enclosing_windows(
        plan, [target_query(plan, target, columns, by, every) for target in targets]
    )
    scan = _scan(snapshot, asked)
    if engine == "auto":
        engine = "streaming" if snapshot.rows >= _WORTH_STREAMING else "in-memory"
    # Of a large file nothing is held.
    held = engine == "streaming" and not snapshot.in_file
    own = _target_frames(scan.filtered, asked, held=held)
    measured = [(one, _measured(one, lazy)) for lazy, one in own]
    inside = [_inside_sums(lazy, one) for one, lazy in measured]
    bins = [(one, name, _bins(lazy, one, name)) for one, lazy in measured for name in one.rows.bins]
    queries = [*inside, *(query for _, _, query in bins)]
    done = iter(pl.collect_all(queries, engine=engine, optimizations=_QUERIES))
    found = {one.target.id: frame for (one, _), frame in zip(measured, done, strict=False)}
    histograms = [
        long_histogram(one, name, frame) for (one, name, _), frame in zip(bins, done, strict=False)
    ]
    if not histograms and not any(one.group_names or one.parts for one in asked):
        return short_form(snapshot, asked, found)
    parts = [*histograms]
    for one, rows in zip(asked, _rows_of_groups(snapshot, asked, engine), strict=True):
        its = found[one.target.id].to_dict()
        index = {name: its[name] for name in (*one.key_names, *([PART] if one.parts else []))}
        numbers = pl.DataFrame({**index, **by_bucket(one.rows, its)})
        parts += [long_form(one, rows), long_form(one, numbers)]
    return pl.concat(parts).collect(engine="in-memory", optimizations=pl.QueryOptFlags.none())


@frozen
class ScanPlan:
    """How targets go over a table.

    Attributes:
        read: the query that reads the table, once for all targets.
        passes: the targets that go on together with rows that pass a test, by their ids, and the words
            of that test; None where a target makes its tests alone.
    """

    read: pl.LazyFrame
    passes: tuple[tuple[str | None, tuple[str, ...]], ...]


def plan_scan(plan: Plan, snapshot: Snapshot, targets: Sequence[Target]) -> ScanPlan:
    """How `sums` goes over a table, without doing so."""
    columns = columns_of(plan, snapshot)
    left = asked = _with_enclosing_windows(
        plan, [target_query(plan, target, columns, (), None) for target in targets]
    )
    passes: list[tuple[str | None, tuple[str, ...]]] = []
    while (shared := _most_shared_predicate(left)) is not None:
        made, sharing, left = shared
        tests = chain.from_iterable(one.rows.tests for one in sharing)
        words = next(words for words, test in tests if test.meta.eq(made))
        passes.append((words, tuple(one.target.id for one in sharing)))
    passes += [(None, (one.target.id,)) for one in left]
    return ScanPlan(_scan(snapshot, asked).rows, tuple(passes))


def _with_enclosing_windows(plan: Plan, asked: Sequence[TargetQuery]) -> list[TargetQuery]:
    """The targets, each with the windows around its own as tests too: its rows pass those as well.

    Whose window is a quarter can then go on with the rows of those whose window is the year.
    """
    windows: dict[tuple[bytes, Window], bytes] = {}
    tests: dict[bytes, pl.Expr] = {}
    own = []
    for one in asked:
        which = identity(one.rows.event), one.target.window_of(plan)
        if which not in windows:
            made = between(one.rows.event, which[1])
            windows[which] = identity(made)
            tests[windows[which]] = made
        own.append(which)
    nested = []
    for one, (event, window) in zip(asked, own, strict=True):
        around = {
            made: tests[made]
            for (other, wide), made in windows.items()
            if other == event and wide != window and wide.covers(window)
        }
        has = windows[event, window] in one.tests
        nested.append(evolve(one, tests=around | one.tests) if has and around else one)
    return nested


def _scan(snapshot: Snapshot, asked: Sequence[TargetQuery]) -> Scan:
    """The rows that any target asks for, in the columns that one needs, read once."""
    needed = {name for one in asked for name in columns_needed(one)}
    # In memory leaving rows out costs more than it saves.
    return snapshot.scan(
        _scan_predicate(snapshot, asked) if snapshot.in_file else None, needed
    ).cached()


def _scan_predicate(snapshot: Snapshot, asked: Sequence[TargetQuery]) -> list[pl.Expr] | None:
    """Tests of which a row passes one if it counts anywhere; None where those would be too many."""
    found: list[pl.Expr] = []
    left = list(asked)
    while (shared := _most_shared_predicate(left)) is not None:
        made, _, left = shared
        found.append(made)
    # One each: a second costs more, made on every row, than the few rows that it would save.
    tests = [[made] for made in found] + [list(one.tests.values()) for one in left]
    if len(tests) > _MOST_TESTS:
        return None
    plain = [
        next((one for one in map(snapshot.pushed_down, its) if one is not None), None)
        for its in tests
    ]
    certain = [one for one in plain if one is not None]
    return certain if len(certain) == len(plain) else None


def _most_shared_predicate(
    asked: list[TargetQuery],
) -> tuple[pl.Expr, list[TargetQuery], list[TargetQuery]] | None:
    """The test that most targets share, those that do, and the others; None where none is shared."""
    shared = Counter(test for one in asked for test in one.tests).most_common(1)
    if not shared or shared[0][1] == 1:
        return None
    test = shared[0][0]
    sharing = [one for one in asked if test in one.tests]
    left = [one for one in asked if test not in one.tests]
    return sharing[0].tests[test], [one.without(test) for one in sharing], left


def _rows_of_groups(
    snapshot: Snapshot, asked: Sequence[TargetQuery], engine: EngineType
) -> Iterator[pl.DataFrame]:
    """How many rows each group has, for each target.

    By queries of their own: beside those of the targets Polars would hold back what it has read of a
    file until it comes to them. They read only the columns that make the groups.
    """
    # Targets with the same groups share the count.
    groups = [tuple(map(identity, one.keys)) for one in asked]
    made = {group: one for group, one in zip(groups, asked, strict=True) if group}
    needed = {
        name for one in made.values() for test in one.grouping for name in test.meta.root_names()
    }
    scan = snapshot.scan(None, needed).cached()
    count = pl.len().cast(pl.Int64).alias(ROWS)
    queries = [
        scan.filtered(() if one.in_period is None else [one.in_period])
        .with_columns(one.keys)
        .group_by(one.key_names)
        .agg(count)
        for one in made.values()
    ]
    counted = pl.collect_all(queries, engine=engine, optimizations=_QUERIES)
    whole = {
        group: _with_the_rest(rows, snapshot.rows)
        for group, rows in zip(made, counted, strict=True)
    }
    yield from (whole.get(group, pl.DataFrame({ROWS: [snapshot.rows]})) for group in groups)


def _with_the_rest(counted: pl.DataFrame, rows: int) -> pl.DataFrame:
    """Groups with a group for the rows that are in none of them, if there are any."""
    rest = rows - int(counted[ROWS].sum())
    if not rest:
        return counted
    none = pl.DataFrame({**dict.fromkeys(counted.columns), ROWS: rest}, schema=counted.schema)
    return pl.concat([counted, none])


def _target_frames(
    filtered: Callable[[Sequence[pl.Expr]], pl.LazyFrame], asked: list[TargetQuery], *, held: bool
) -> Iterator[tuple[pl.LazyFrame, TargetQuery]]:
    """The rows of each target, which pass all its tests; a test that targets share is made once.

    Args:
        filtered: gives the rows that pass some tests.
        asked: the targets.
        held: whether rows that many targets share may be put together into whole batches.
    """
    while (shared := _most_shared_predicate(asked)) is not None:
        made, sharing, asked = shared
        needed = sorted({name for one in sharing for name in columns_needed(one)})
        rows = filtered([made])
        # Of no columns there would be no rows to count.
        rows = rows.select(needed) if needed else rows
        together = held and len(sharing) >= _MANY
        if together:
            rows = rows.map_batches(pl.DataFrame.rechunk)
        own = partial(_filtered, rows.cache())
        yield from _target_frames(own, sharing, held=held and not together)
    yield from ((filtered(list(one.tests.values())), one) for one in asked)


def _filtered(lazy: pl.LazyFrame, tests: Sequence[pl.Expr]) -> pl.LazyFrame:
    """The rows that pass some tests, one after the other."""
    for test in tests:
        lazy = lazy.filter(test)
    return lazy


def _measured(one: TargetQuery, lazy: pl.LazyFrame) -> pl.LazyFrame:
    """The target's own rows: their groups, part, which steps they stay after, and what is summed.

    A step is a column of true and false, which is a bit a row to make, to combine and to add up.
    """
    rows = one.rows
    numbers = {
        **{mask_name(n): stays for n, stays in enumerate(retained_masks(rows))},
        **{f"kpi:{name}": _summable(rows, made) for name, made in rows.sums.items()},
        # Int64 before anything is added to them: Int32 wraps.
        **{_bin(name): made.cast(pl.Int64) for name, made in rows.bins.items()},
    }
    return lazy.select(
        *one.keys,
        *([encode_segment(one.parts).alias(PART)] if one.parts else []),
        *(made.alias(name) for name, made in numbers.items()),
    )


def _summable(rows: Rows, made: pl.Expr) -> pl.Expr:
    """What is summed: true counts one, and a number has room for the sum, as Int32 would wrap."""
    return made if made is rows.met else made.cast(pl.Int64)


def _bin(name: str) -> str:
    return f"kpi:bin:{name}"


def _inside_sums(measured: pl.LazyFrame, one: TargetQuery) -> pl.LazyFrame:
    rows, counted = one.rows, pl.col(counted_mask(one.rows))
    quantities = {
        INSIDE: pl.len(),
        **{mask_name(n): pl.col(mask_name(n)).sum() for n in range(len(removal_reasons(rows)))},
        **{
            name: (
                counted & pl.col(f"kpi:{name}")
                if made is rows.met
                else pl.when(counted).then(pl.col(f"kpi:{name}"))
            ).sum()
            for name, made in rows.sums.items()
        },
    }
    aggregates = [made.cast(pl.Int64).alias(name) for name, made in quantities.items()]
    names = [*one.key_names, *([PART] if one.parts else [])]
    return measured.group_by(names).agg(aggregates) if names else measured.select(aggregates)


def _bins(measured: pl.LazyFrame, one: TargetQuery, name: str) -> pl.LazyFrame:
    """How many counted rows have which value."""
    value = pl.col(_bin(name))
    names = [*one.key_names, *([PART] if one.parts else [])]
    return (
        measured.filter(pl.col(counted_mask(one.rows)), value.is_not_null())
        .group_by([*names, value.alias(BIN)])
        .agg(pl.len().cast(pl.Int64).alias("n"))
    )
