"""The query of one target: predicates, group keys, segments, and the columns it needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.measurement import Rows
from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PERIOD
from kpi.definitions.target import Target
from kpi.engine.groups import segment_keys
from kpi.engine.state import RESERVED
from kpi.errors import PlanError
from kpi.tables.as_of import Snapshot
from kpi.time.windows import between, period


def columns_of(plan: Plan, snapshot: Snapshot) -> Columns:
    """Return the columns of a snapshot that the row expressions of a rule may use."""
    return Columns(plan, snapshot.table, snapshot.bounds, snapshot.columns, snapshot.as_of)


@frozen(eq=False, repr=False)
class TargetQuery:
    """The query of one target over a table.

    Attributes:
        target: the target.
        rows: the row expressions of the target.
        tests: the predicates that are still to be applied, by `identity`.
        keys: the group keys: the columns of the break-down, then the period.
        parts: the segment keys, texts; each segment must reach the target on its own.
        in_period: the mask of the rows in some period, where the period is the only group key.
        period: the first day of the period that all rows share; empty where rows have their own.
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
        """The names of the group keys."""
        return [key.meta.output_name() for key in self.keys]

    @property
    def grouping(self) -> list[pl.Expr]:
        """The expressions that groups are counted by."""
        return [*self.keys, *([] if self.in_period is None else [self.in_period])]

    @property
    def group_names(self) -> list[str]:
        """The names of the group columns of the state."""
        return [*self.key_names, *([PERIOD] if self.period else [])]

    def without(self, test: bytes) -> TargetQuery:
        """Return the query without a predicate that has been applied."""
        left = {key: predicate for key, predicate in self.tests.items() if key != test}
        return evolve(self, tests=left)


def target_query(
    plan: Plan, target: Target, columns: Columns, by: Iterable[str], every: Every | None
) -> TargetQuery:
    """Return the query of a target.

    Args:
        plan: the plan that is evaluated.
        target: the target.
        columns: the columns of the table that it reads.
        by: the columns of the break-down; a table that lacks a column is a group without a value.
        every: the length of the periods of a series; None for no series.

    Raises:
        PlanError: where the rule names a sum as the state names its own quantities.
    """
    rows = target.rows(columns)
    taken = sorted(set(rows.sums) & set(RESERVED))
    if taken:
        raise PlanError(
            f"rule {target.rule}: a sum may not be named {taken[0]!r}; kpi counts that itself"
        )
    keys = [
        pl.col(name) if name in columns.flags else pl.lit(None, pl.String).alias(name)
        for name in by
    ]
    in_period: pl.Expr | None = None
    shared_period: tuple[dt.date | None, ...] = ()
    if every is not None:
        window = target.window_of(plan)
        period_key = period(rows.event, every, window).alias(PERIOD)
        if target.has_one_period:
            shared_period = (window.first or window.last,)
        elif rows.event.meta.root_names():
            in_period = None if keys else between(rows.event, window)
            keys.append(period_key)
        else:
            shared_period = (pl.select(period_key).item(),)
    tests = {identity(test): test for _, test in rows.tests}
    return TargetQuery(
        target, rows, tests, keys, segment_keys(target, columns), in_period, shared_period
    )


def identity(expression: pl.Expr) -> bytes:
    """Return the serialized expression, which identifies it; the printed form omits literals."""
    return expression.meta.serialize()


def columns_needed(query: TargetQuery) -> Iterator[str]:
    """Yield the columns that the expressions of a query read, with repetitions."""
    expressions = [
        *query.tests.values(),
        *query.keys,
        *query.parts,
        *(excluded for _, excluded in query.rows.exclusions),
        *([query.rows.undetermined] if query.rows.undetermined is not None else []),
        *query.rows.sums.values(),
        *query.rows.bins.values(),
        *([] if query.rows.group is None else [query.rows.group]),
    ]
    for expression in expressions:
        yield from expression.meta.root_names()
