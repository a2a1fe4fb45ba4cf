"""How the question is asked fast: the only home of speed work. What is asked stands in the rules.

Targets share tests: most of a plan's targets count what was decided in one year. A test that
several targets share is evaluated once, and those targets go on with the rows it leaves; each then
looks at its own rows alone, which are few, and sums integers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import polars as pl
import polars.selectors as cs
from attrs import frozen
from polars._typing import EngineType

from kpi.asof import KnownTable
from kpi.columns import Columns
from kpi.errors import PlanError
from kpi.periods import Every, Window
from kpi.plan import Plan, Target
from kpi.rows import Rows
from kpi.state import COUNTED, EXCLUDED, INSIDE, PERIOD, RESERVED, ROWS, UNDETERMINED

_TRUNCATE: dict[Every, str] = {"month": "1mo", "quarter": "3mo", "half-year": "6mo"}
_COUNTED_CODE, _UNDETERMINED_CODE, _FIRST_REASON = 0, 1, 2
_CODE = "kpi:code"
# What targets share is made before; looking for more of it costs a fifth of a small evaluation.
_QUERIES = pl.QueryOptFlags(comm_subplan_elim=False)
_WORTH_NARROWING = 200_000
"""With fewer rows, a query for the shared test costs more than it saves."""


def columns_of(plan: Plan, known: KnownTable) -> Columns:
    """What a rule may ask of a table."""
    return Columns(plan, known.table, known.bounds, known.columns, known.as_of)


def inside(rows: Rows) -> pl.Expr:
    """Whether a row is not outside; null counts as outside."""
    tests = [test for _, test in rows.tests]
    return pl.all_horizontal(tests) if tests else pl.repeat(value=True, n=pl.len())


def bucket_code(rows: Rows) -> pl.Expr:
    """For a row inside: 0 counted, 1 undetermined, 2 and up the exclusions in order (S12)."""
    code = pl.lit(_COUNTED_CODE, pl.UInt8)
    if rows.undetermined is not None:
        certain_not = pl.lit(_UNDETERMINED_CODE, pl.UInt8)
        code = pl.when(rows.undetermined).then(certain_not).otherwise(code)
    for n, (_, excluded) in reversed(list(enumerate(rows.exclusions))):
        code = pl.when(excluded).then(pl.lit(_FIRST_REASON + n, pl.UInt8)).otherwise(code)
    return code


@frozen
class _Asked:
    """What is asked for one target: its rows, the tests still to make, the groups it falls into."""

    target: Target
    rows: Rows
    tests: dict[bytes, pl.Expr]
    keys: list[pl.Expr]

    @property
    def key_names(self) -> list[str]:
        return [key.meta.output_name() for key in self.keys]

    def without(self, test: bytes) -> _Asked:
        left = {identity: made for identity, made in self.tests.items() if identity != test}
        return _Asked(self.target, self.rows, left, self.keys)


def sums(
    plan: Plan,
    known: KnownTable,
    targets: Sequence[Target],
    *,
    by: Sequence[str],
    every: Every | None,
    engine: EngineType,
) -> pl.DataFrame:
    """The sums of a state (see `kpi.state.State.sums`) over one table."""
    columns = columns_of(plan, known)
    asked = [
        _ask(target, target.rows(columns), target.window_of(plan), by, every) for target in targets
    ]
    narrowed = list(_narrowed(known.frame, known.rows, asked, engine))
    # Targets with the same groups share the count of all rows.
    groups = [tuple(map(_identity, one.keys)) for one in asked]
    wholes: dict[tuple[bytes, ...], pl.LazyFrame] = {}
    if by or every:
        count = pl.len().cast(pl.Int64).alias(ROWS)
        for group, one in zip(groups, asked, strict=True):
            wholes.setdefault(group, known.frame.group_by(one.keys).agg(count))
    queries = [_inside_sums(lazy, one) for lazy, one in narrowed]
    done = pl.collect_all([*queries, *wholes.values()], engine=engine, optimizations=_QUERIES)
    whole = dict(zip(wholes, done[len(queries) :], strict=True))
    found = {one.target.id: sum_ for (_, one), sum_ in zip(narrowed, done, strict=False)}
    if by or every:
        return pl.concat(
            _long(one, frame)
            for group, one in zip(groups, asked, strict=True)
            for frame in (whole[group], found[one.target.id])
        )
    quantities = [
        (target.id, quantity, n)
        for target in targets
        for quantity, n in (
            (ROWS, known.rows),
            *zip(found[target.id].columns, found[target.id].row(0), strict=True),
        )
    ]
    names, kinds, numbers = zip(*quantities, strict=True)
    return pl.DataFrame(
        {"target": names, "quantity": kinds, "n": numbers},
        schema={"target": pl.String, "quantity": pl.String, "n": pl.Int64},
    )


def _ask(
    target: Target, rows: Rows, window: Window, by: Iterable[str], every: Every | None
) -> _Asked:
    taken = sorted(set(rows.sums) & set(RESERVED))
    if taken:
        raise PlanError(
            f"rule {target.rule}: a sum may not be named {taken[0]!r}; kpi counts that itself"
        )
    keys = [pl.col(name) for name in by]
    if every is not None:
        keys.append(period(rows.event, every, window).alias(PERIOD))
    return _Asked(target, rows, {_identity(test): test for _, test in rows.tests}, keys)


def _identity(expression: pl.Expr) -> bytes:
    """What tells an expression from every other: all of it, for its printed form leaves out some."""
    return expression.meta.serialize()


def _narrowed(
    lazy: pl.LazyFrame, rows: int, asked: list[_Asked], engine: EngineType
) -> Iterator[tuple[pl.LazyFrame, _Asked]]:
    """Each target with the rows that are left when the test it shares with most others is made."""
    while asked and rows >= _WORTH_NARROWING:
        shared = Counter(test for one in asked for test in one.tests).most_common(1)
        if not shared or shared[0][1] == 1:
            break
        test = shared[0][0]
        sharing = [one for one in asked if test in one.tests]
        asked = [one for one in asked if test not in one.tests]
        needed = sorted({name for one in sharing for name in _needed(one)})
        left = lazy.filter(sharing[0].tests[test]).select(needed).collect(engine=engine)
        yield from _narrowed(
            left.lazy(), left.height, [one.without(test) for one in sharing], engine
        )
    yield from ((lazy, one) for one in asked)


def _needed(one: _Asked) -> Iterator[str]:
    expressions = [
        *one.tests.values(),
        *one.keys,
        *(excluded for _, excluded in one.rows.exclusions),
        *([one.rows.undetermined] if one.rows.undetermined is not None else []),
        *one.rows.sums.values(),
    ]
    for expression in expressions:
        yield from expression.meta.root_names()


def _inside_sums(lazy: pl.LazyFrame, one: _Asked) -> pl.LazyFrame:
    rows, code = one.rows, pl.col(_CODE)
    counted = code == _COUNTED_CODE
    measured = lazy.filter(*one.tests.values()).select(
        *one.keys,
        bucket_code(rows).alias(_CODE),
        # Int64 before summing: Int32 sums wrap.
        *(expression.cast(pl.Int64).alias(f"kpi:{name}") for name, expression in rows.sums.items()),
    )
    quantities = {
        INSIDE: pl.len(),
        COUNTED: counted.sum(),
        **(
            {UNDETERMINED: (code == _UNDETERMINED_CODE).sum()}
            if rows.undetermined is not None
            else {}
        ),
        **{
            f"{EXCLUDED}{reason}": (code == _FIRST_REASON + n).sum()
            for n, (reason, _) in enumerate(rows.exclusions)
        },
        **{name: pl.when(counted).then(pl.col(f"kpi:{name}")).sum() for name in rows.sums},
    }
    aggregates = [made.cast(pl.Int64).alias(name) for name, made in quantities.items()]
    if not one.keys:
        return measured.select(aggregates)
    return measured.group_by(one.key_names).agg(aggregates)


def _long(one: _Asked, frame: pl.DataFrame) -> pl.DataFrame:
    names = one.key_names
    # Categories as text: another table or batch may know others.
    coded = [n for n in names if isinstance(frame.schema[n], pl.Categorical | pl.Enum | pl.Null)]
    frame = frame.with_columns(pl.col(coded).cast(pl.String), cs.integer().cast(pl.Int64))
    long = frame.unpivot(index=names, variable_name="quantity", value_name="n")
    return long.select(pl.lit(one.target.id).alias("target"), *names, "quantity", "n")


def period(event: pl.Expr, every: Every, window: Window) -> pl.Expr:
    """The first day of the period that an event lies in; null outside the window."""
    within = pl.lit(value=True)
    if window.first is not None:
        within &= event >= window.first
    if window.stop is not None:
        within &= event < window.stop
    return pl.when(within).then(event.dt.truncate(_TRUNCATE[every]))
