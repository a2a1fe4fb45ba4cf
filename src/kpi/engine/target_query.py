"""The query of one target: predicates, group keys, segments, and the columns it needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.measurement import Rows
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PERIOD
from kpi.definitions.target import Target
from kpi.definitions.windows import Every
from kpi.engine.groups import segment_keys
from kpi.engine.state import RESERVED
from kpi.errors import PlanError
from kpi.tables.as_of import Snapshot
from kpi.time.windows import between, period


def columns_of(plan: Plan, snapshot: Snapshot) -> Columns:
    """Return what the row expressions of a rule may use of a snapshot."""
    return Columns(plan, snapshot.table, snapshot.bounds, snapshot.columns, snapshot.as_of)


@frozen(eq=False, repr=False)
class TargetQuery:
    """The query of one target over a table.

    Attributes:
        target: the target.
        rows: the row expressions of the target.
        tests: the predicates that are still to be applied, by identity.
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
        left = {identity: made for identity, made in self.tests.items() if identity != test}
        return evolve(self, tests=left)


def target_query(
    plan: Plan, target: Target, columns: Columns, by: Iterable[str], every: Every | None
) -> TargetQuery:
    """Return the query of a target.

    Raises:
        PlanError: where the rule names a sum as the state names its own quantities.
    """
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
    tests = {identity(test): test for _, test in rows.tests}
    return TargetQuery(
        target, rows, tests, keys, segment_keys(target, columns), in_period, together
    )


def identity(expression: pl.Expr) -> bytes:
    """Return the serialized expression, which identifies it; the printed form omits literals."""
    return expression.meta.serialize()


def columns_needed(one: TargetQuery) -> Iterator[str]:
    """Yield the columns that the expressions of a query read, with repetitions."""
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
