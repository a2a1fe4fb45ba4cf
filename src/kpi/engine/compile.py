"""How the question is asked fast: the only home of speed work. What is asked stands in the rules.

A table is read once for all its targets, in batches, and only what very many targets share is copied.
Targets share tests: most of a plan's targets count what was decided in one year. A test that several
targets share is made once, and those targets go on with the rows it leaves; each then looks at its own
rows alone, which are few, and sums integers.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TypeVar

import polars as pl
import polars.selectors as cs
from attrs import evolve, frozen
from polars._typing import EngineType

from kpi.definitions.columns import Columns
from kpi.definitions.measurement import Rows
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import BIN, PART, PERIOD
from kpi.definitions.target import Target
from kpi.definitions.windows import Every, Window
from kpi.engine.state import COUNTED, EXCLUDED, INSIDE, RESERVED, ROWS, UNDETERMINED, part_text
from kpi.errors import PlanError
from kpi.rules._population import between
from kpi.tables.as_of import KnownTable, Root

_TRUNCATE: dict[Every, str] = {"month": "1mo", "quarter": "3mo", "half-year": "6mo"}
_SCHEMA = {
    "target": pl.String,
    PART: pl.String,
    "quantity": pl.String,
    BIN: pl.Int64,
    "n": pl.Int64,
}
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


def columns_of(plan: Plan, known: KnownTable) -> Columns:
    """What a rule may ask of a table."""
    return Columns(plan, known.table, known.bounds, known.columns, known.as_of)


def inside(rows: Rows) -> pl.Expr:
    """Whether a row is not outside; null counts as outside."""
    tests = [test for _, test in rows.tests]
    return pl.all_horizontal(tests) if tests else pl.repeat(value=True, n=pl.len())


def staying(rows: Rows) -> list[pl.Expr]:
    """Whether a row inside is still to be counted after each step of S12; none of them is null.

    A step for each reason for excluding a row, in order, then one for what is undetermined, if
    anything can be: the last says whether a row is counted. The sums and the trail go by the same.
    """
    steps = [test for _, test in rows.exclusions]
    if rows.undetermined is not None:
        steps.append(rows.undetermined)
    stays: list[pl.Expr] = []
    for leaves in steps:
        # Null leaves no row out.
        left = leaves.ne_missing(other=True)
        stays.append(stays[-1] & left if stays else left)
    # As long as the rows, for a rule may exclude none of them.
    return stays or [pl.repeat(value=True, n=pl.len())]


@frozen(eq=False, repr=False)
class _Asked:
    """What is asked for one target: its rows, the tests still to make, the groups it falls into.

    `in_period` is whether a row falls into a period, where it is grouped by nothing else. `period` is
    that of all rows, where they have one together: no row is looked at for it.
    """

    target: Target
    rows: Rows
    tests: dict[bytes, pl.Expr]
    keys: list[pl.Expr]
    parts: list[pl.Expr]
    in_period: pl.Expr | None = None
    period: tuple[dt.date | None, ...] = ()

    @property
    def key_names(self) -> list[str]:
        return [key.meta.output_name() for key in self.keys]

    @property
    def grouping(self) -> list[pl.Expr]:
        return [*self.keys, *([] if self.in_period is None else [self.in_period])]

    @property
    def group_names(self) -> list[str]:
        return [*self.key_names, *([PERIOD] if self.period else [])]

    def without(self, test: bytes) -> _Asked:
        left = {identity: made for identity, made in self.tests.items() if identity != test}
        return evolve(self, tests=left)


def sums(
    plan: Plan,
    known: KnownTable,
    targets: Sequence[Target],
    *,
    by: Sequence[str],
    every: Every | None,
    engine: EngineType,
) -> pl.DataFrame:
    """The sums of a state (see `kpi.engine.state.State.sums`) over one table."""
    columns = columns_of(plan, known)
    asked = _nested(plan, [_ask(plan, target, columns, by, every) for target in targets])
    root = _root(known, asked)
    if engine == "auto":
        engine = "streaming" if known.rows >= _WORTH_STREAMING else "in-memory"
    # Of a large file nothing is held.
    held = engine == "streaming" and not known.in_file
    own = _own_rows(root.passing, asked, held=held)
    measured = [(one, _measured(one, lazy)) for lazy, one in own]
    inside = [_inside_sums(lazy, one) for one, lazy in measured]
    bins = [(one, name, _bins(lazy, one, name)) for one, lazy in measured for name in one.rows.bins]
    queries = [*inside, *(query for _, _, query in bins)]
    done = iter(pl.collect_all(queries, engine=engine, optimizations=_QUERIES))
    found = {one.target.id: frame for (one, _), frame in zip(measured, done, strict=False)}
    histograms = [
        _long_bins(one, name, frame) for (one, name, _), frame in zip(bins, done, strict=False)
    ]
    if not histograms and not any(one.group_names or one.parts for one in asked):
        return _short(known, asked, found)
    parts = [*histograms]
    for one, rows in zip(asked, _rows_of_groups(known, asked, engine), strict=True):
        its = found[one.target.id].to_dict()
        index = {name: its[name] for name in (*one.key_names, *([PART] if one.parts else []))}
        numbers = pl.DataFrame({**index, **_by_bucket(one.rows, its)})
        parts += [_long(one, rows), _long(one, numbers)]
    return pl.concat(parts).collect(engine="in-memory", optimizations=pl.QueryOptFlags.none())


@frozen
class Going:
    """How targets go over a table.

    Attributes:
        read: the query that reads the table, once for all targets.
        passes: the targets that go on together with rows that pass a test, by their ids, and the words
            of that test; None where a target makes its tests alone.
    """

    read: pl.LazyFrame
    passes: tuple[tuple[str | None, tuple[str, ...]], ...]


def going(plan: Plan, known: KnownTable, targets: Sequence[Target]) -> Going:
    """How `sums` goes over a table, without doing so."""
    columns = columns_of(plan, known)
    left = asked = _nested(plan, [_ask(plan, target, columns, (), None) for target in targets])
    passes: list[tuple[str | None, tuple[str, ...]]] = []
    while (shared := _most_shared(left)) is not None:
        made, sharing, left = shared
        tests = chain.from_iterable(one.rows.tests for one in sharing)
        words = next(words for words, test in tests if test.meta.eq(made))
        passes.append((words, tuple(one.target.id for one in sharing)))
    passes += [(None, (one.target.id,)) for one in left]
    return Going(_root(known, asked).rows, tuple(passes))


def _nested(plan: Plan, asked: Sequence[_Asked]) -> list[_Asked]:
    """The targets, each with the windows around its own as tests too: its rows pass those as well.

    Whose window is a quarter can then go on with the rows of those whose window is the year.
    """
    windows: dict[tuple[bytes, Window], bytes] = {}
    tests: dict[bytes, pl.Expr] = {}
    own = []
    for one in asked:
        which = _identity(one.rows.event), one.target.window_of(plan)
        if which not in windows:
            made = between(one.rows.event, which[1])
            windows[which] = _identity(made)
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


def _root(known: KnownTable, asked: Sequence[_Asked]) -> Root:
    """The rows that any target asks for, in the columns that one needs, read once."""
    needed = {name for one in asked for name in _needed(one)}
    # In memory leaving rows out costs more than it saves.
    return known.root(_any_of(known, asked) if known.in_file else None, needed).cached()


def _any_of(known: KnownTable, asked: Sequence[_Asked]) -> list[pl.Expr] | None:
    """Tests of which a row passes one if it counts anywhere; None where those would be too many."""
    found: list[pl.Expr] = []
    left = list(asked)
    while (shared := _most_shared(left)) is not None:
        made, _, left = shared
        found.append(made)
    # One each: a second costs more, made on every row, than the few rows that it would save.
    tests = [[made] for made in found] + [list(one.tests.values()) for one in left]
    if len(tests) > _MOST_TESTS:
        return None
    plain = [
        next((one for one in map(known.on_raw, its) if one is not None), None) for its in tests
    ]
    certain = [one for one in plain if one is not None]
    return certain if len(certain) == len(plain) else None


def _most_shared(asked: list[_Asked]) -> tuple[pl.Expr, list[_Asked], list[_Asked]] | None:
    """The test that most targets share, those that do, and the others; None where none is shared."""
    shared = Counter(test for one in asked for test in one.tests).most_common(1)
    if not shared or shared[0][1] == 1:
        return None
    test = shared[0][0]
    sharing = [one for one in asked if test in one.tests]
    left = [one for one in asked if test not in one.tests]
    return sharing[0].tests[test], [one.without(test) for one in sharing], left


def _rows_of_groups(
    known: KnownTable, asked: Sequence[_Asked], engine: EngineType
) -> Iterator[pl.DataFrame]:
    """How many rows each group has, for each target.

    By queries of their own: beside those of the targets Polars would hold back what it has read of a
    file until it comes to them. They read only the columns that make the groups.
    """
    # Targets with the same groups share the count.
    groups = [tuple(map(_identity, one.keys)) for one in asked]
    made = {group: one for group, one in zip(groups, asked, strict=True) if group}
    needed = {
        name for one in made.values() for test in one.grouping for name in test.meta.root_names()
    }
    root = known.root(None, needed).cached()
    count = pl.len().cast(pl.Int64).alias(ROWS)
    queries = [
        root.passing(() if one.in_period is None else [one.in_period])
        .with_columns(one.keys)
        .group_by(one.key_names)
        .agg(count)
        for one in made.values()
    ]
    counted = pl.collect_all(queries, engine=engine, optimizations=_QUERIES)
    whole = {
        group: _with_the_rest(rows, known.rows) for group, rows in zip(made, counted, strict=True)
    }
    yield from (whole.get(group, pl.DataFrame({ROWS: [known.rows]})) for group in groups)


def _with_the_rest(counted: pl.DataFrame, rows: int) -> pl.DataFrame:
    """Groups with a group for the rows that are in none of them, if there are any."""
    rest = rows - int(counted[ROWS].sum())
    if not rest:
        return counted
    none = pl.DataFrame({**dict.fromkeys(counted.columns), ROWS: rest}, schema=counted.schema)
    return pl.concat([counted, none])


def _short(
    known: KnownTable, asked: Sequence[_Asked], found: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """The sums of targets without groups, parts or histograms: a row each, and no frame operations."""
    quantities = [
        (one.target.id, None, quantity, None, n)
        for one in asked
        for quantity, n in (
            (ROWS, known.rows),
            *_by_bucket(one.rows, found[one.target.id].row(0, named=True)).items(),
        )
    ]
    return pl.DataFrame(quantities, schema=_SCHEMA, orient="row")


def _ask(
    plan: Plan, target: Target, columns: Columns, by: Iterable[str], every: Every | None
) -> _Asked:
    rows = target.rows(columns)
    taken = sorted(set(rows.sums) & set(RESERVED))
    if taken:
        raise PlanError(
            f"rule {target.rule}: a sum may not be named {taken[0]!r}; kpi counts that itself"
        )
    # A table that lacks the column is one group without a value.
    there = [name in columns.flags for name in by]
    keys = [
        pl.col(n) if has else pl.lit(None, pl.String).alias(n)
        for n, has in zip(by, there, strict=True)
    ]
    in_period: pl.Expr | None = None
    together: tuple[dt.date | None, ...] = ()
    if every is not None:
        window = target.window_of(plan)
        its = period(rows.event, every, window).alias(PERIOD)
        if target.has_one_period:
            together = (window.first or window.last,)
        elif rows.event.meta.root_names():
            in_period = None if keys else between(rows.event, window)
            keys.append(its)
        else:
            together = (pl.select(its).item(),)
    tests = {_identity(test): test for _, test in rows.tests}
    return _Asked(target, rows, tests, keys, part_keys(target, columns), in_period, together)


def part_keys(target: Target, columns: Columns) -> list[pl.Expr]:
    """What splits a target's rows into parts that must each reach it on their own: texts."""
    stretch = target.stretch(columns)
    each = [] if target.each is None else [pl.col(target.each).cast(pl.String)]
    return [*each, *([] if stretch is None else [stretch])]


def _identity(expression: pl.Expr) -> bytes:
    """What tells an expression from every other: all of it, for its printed form leaves out some."""
    return expression.meta.serialize()


def _own_rows(
    passing: Callable[[Sequence[pl.Expr]], pl.LazyFrame], asked: list[_Asked], *, held: bool
) -> Iterator[tuple[pl.LazyFrame, _Asked]]:
    """The rows of each target, which pass all its tests; a test that targets share is made once.

    Args:
        passing: gives the rows that pass some tests.
        asked: the targets.
        held: whether rows that many targets share may be put together into whole batches.
    """
    while (shared := _most_shared(asked)) is not None:
        made, sharing, asked = shared
        needed = sorted({name for one in sharing for name in _needed(one)})
        rows = passing([made])
        # Of no columns there would be no rows to count.
        rows = rows.select(needed) if needed else rows
        together = held and len(sharing) >= _MANY
        if together:
            rows = rows.map_batches(pl.DataFrame.rechunk)
        own = partial(_filtered, rows.cache())
        yield from _own_rows(own, sharing, held=held and not together)
    yield from ((passing(list(one.tests.values())), one) for one in asked)


def _filtered(lazy: pl.LazyFrame, tests: Sequence[pl.Expr]) -> pl.LazyFrame:
    """The rows that pass some tests, one after the other."""
    for test in tests:
        lazy = lazy.filter(test)
    return lazy


def _needed(one: _Asked) -> Iterator[str]:
    expressions = [
        *one.tests.values(),
        *one.keys,
        *one.parts,
        *(excluded for _, excluded in one.rows.exclusions),
        *([one.rows.undetermined] if one.rows.undetermined is not None else []),
        *one.rows.sums.values(),
        *one.rows.bins.values(),
    ]
    for expression in expressions:
        yield from expression.meta.root_names()


def _measured(one: _Asked, lazy: pl.LazyFrame) -> pl.LazyFrame:
    """The target's own rows: their groups, part, which steps they stay after, and what is summed.

    A step is a column of true and false, which is a bit a row to make, to combine and to add up.
    """
    rows = one.rows
    numbers = {
        **{_step(n): stays for n, stays in enumerate(staying(rows))},
        **{f"kpi:{name}": _summable(rows, made) for name, made in rows.sums.items()},
        # Int64 before anything is added to them: Int32 wraps.
        **{_bin(name): made.cast(pl.Int64) for name, made in rows.bins.items()},
    }
    return lazy.select(
        *one.keys,
        *([part_text(one.parts).alias(PART)] if one.parts else []),
        *(made.alias(name) for name, made in numbers.items()),
    )


def _summable(rows: Rows, made: pl.Expr) -> pl.Expr:
    """What is summed: true counts one, and a number has room for the sum, as Int32 would wrap."""
    return made if made is rows.met else made.cast(pl.Int64)


def _step(n: int) -> str:
    return f"kpi:step {n}"


def _leaving(rows: Rows) -> list[str]:
    """The quantity of the rows that leave at each step of `staying`."""
    undetermined = [] if rows.undetermined is None else [UNDETERMINED]
    return [*(f"{EXCLUDED}{reason}" for reason, _ in rows.exclusions), *undetermined]


def _last_step(rows: Rows) -> str:
    """Whether a row is counted."""
    return _step(max(len(_leaving(rows)) - 1, 0))


def _bin(name: str) -> str:
    return f"kpi:bin:{name}"


def _inside_sums(measured: pl.LazyFrame, one: _Asked) -> pl.LazyFrame:
    rows, counted = one.rows, pl.col(_last_step(one.rows))
    quantities = {
        INSIDE: pl.len(),
        **{_step(n): pl.col(_step(n)).sum() for n in range(len(_leaving(rows)))},
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


N = TypeVar("N", int, pl.Series)


def _by_bucket(rows: Rows, found: Mapping[str, N]) -> dict[str, N]:
    """What a state holds: at each step leave as many as there were before, less those who stay."""
    quantities = {INSIDE: found[INSIDE]}
    before = found[INSIDE]
    for n, name in enumerate(_leaving(rows)):
        quantities[name] = before - found[_step(n)]
        before = found[_step(n)]
    return quantities | {COUNTED: before} | {name: found[name] for name in rows.sums}


def _bins(measured: pl.LazyFrame, one: _Asked, name: str) -> pl.LazyFrame:
    """How many counted rows have which value."""
    value = pl.col(_bin(name))
    names = [*one.key_names, *([PART] if one.parts else [])]
    return (
        measured.filter(pl.col(_last_step(one.rows)), value.is_not_null())
        .group_by([*names, value.alias(BIN)])
        .agg(pl.len().cast(pl.Int64).alias("n"))
    )


def _long(one: _Asked, frame: pl.DataFrame) -> pl.LazyFrame:
    lazy = _plain(one, frame)
    if PART not in frame.columns:
        lazy = lazy.with_columns(pl.lit(None, pl.String).alias(PART))
    index = [*one.group_names, PART]
    long = lazy.unpivot(index=index, variable_name="quantity", value_name="n")
    return long.select(
        pl.lit(one.target.id).alias("target"),
        *index,
        "quantity",
        pl.lit(None, pl.Int64).alias(BIN),
        "n",
    )


def _long_bins(one: _Asked, name: str, frame: pl.DataFrame) -> pl.LazyFrame:
    part = pl.col(PART) if one.parts else pl.lit(None, pl.String).alias(PART)
    return _plain(one, frame).select(
        pl.lit(one.target.id).alias("target"),
        *one.group_names,
        part,
        pl.lit(name).alias("quantity"),
        BIN,
        "n",
    )


def _plain(one: _Asked, frame: pl.DataFrame) -> pl.LazyFrame:
    """Categories as text, for another table or batch may know others; the period that all rows share."""
    names = one.key_names
    coded = [n for n in names if isinstance(frame.schema[n], pl.Categorical | pl.Enum | pl.Null)]
    shared = [pl.lit(day, pl.Date).alias(PERIOD) for day in one.period]
    return frame.lazy().with_columns(
        pl.col(coded).cast(pl.String), cs.integer().cast(pl.Int64), *shared
    )


def period(event: pl.Expr, every: Every, window: Window) -> pl.Expr:
    """The first day of the period that an event lies in; null outside the window."""
    inside = between(event, window)
    # A date that is the same for all rows has nothing to be looked up by.
    if window.first is None or window.last is None or not event.meta.root_names():
        return pl.when(inside).then(event.dt.truncate(_TRUNCATE[every]))
    # A look-up by day takes a tenth of working it out for each row.
    begins = pl.date_range(window.first, window.last, eager=True).dt.truncate(_TRUNCATE[every])
    place = event.to_physical() - (window.first - dt.date(1970, 1, 1)).days
    return pl.lit(begins).gather(pl.when(inside).then(place))
