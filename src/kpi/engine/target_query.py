"""The query of one target: predicates, group keys, segments, and the columns it needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.measurement import Rows
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PERIOD
from kpi.definitions.series import Series, bounded, segment_bounds
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.engine.groups import segment_keys
from kpi.engine.state import RESERVED, WEIGHTS
from kpi.errors import PlanError
from kpi.rules._case_weights import weighed_rows
from kpi.tables.as_of import Snapshot
from kpi.time.windows import between, period, segment_start


def columns_of(plan: Plan, snapshot: Snapshot) -> Columns:
    """Return the columns of a snapshot that the row expressions of a rule may use."""
    return Columns(plan, snapshot.table, snapshot.bounds, snapshot.columns, snapshot.as_of)


QueryName: TypeAlias = tuple[str, tuple[dt.date | None, ...]]
"""The id of a target, and the first day of the period that all rows of a query share."""


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
    def name(self) -> QueryName:
        """The target's id and the period, which name the query among those of a table."""
        return self.target.id, self.period

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

    def with_tests(self, tests: Sequence[pl.Expr]) -> TargetQuery:
        """Return the query with further predicates, which are applied first."""
        further = {identity(test): test for test in tests}
        return evolve(self, tests=further | self.tests) if further else self

    def without(self, test: bytes) -> TargetQuery:
        """Return the query without a predicate that has been applied."""
        left = {key: predicate for key, predicate in self.tests.items() if key != test}
        return evolve(self, tests=left)


def target_queries(
    plan: Plan,
    target: Target,
    columns: Columns,
    by: Iterable[str],
    series: Series | None,
    *,
    with_periods: bool,
) -> list[TargetQuery]:
    """Return the queries of a target: a single one, or one for the whole and each period (S30).

    A series groups the rows by the date of each. Where a row may count in several periods of a
    series, each period is a query of its own, and the query of the whole has a null period. A
    rolling series groups by segments, the days between the bounds of the windows: each window is a
    sum of segments.

    Args:
        plan: the plan that is evaluated.
        target: the target.
        columns: the columns of the table that it reads.
        by: the columns of the break-down; a table that lacks a column is a group without a value.
        series: the series of the target; None for no series.
        with_periods: whether the state has periods, of this or of another target.

    Raises:
        PlanError: where the rule names a sum as the state names its own quantities.
    """
    keys = [
        pl.col(name) if name in columns.flags else pl.lit(None, pl.String).alias(name)
        for name in by
    ]
    if series is None:
        return [_query(target, columns, keys, period=(None,) if with_periods else ())]
    window = target.window_of(plan)
    if target.has_one_period:
        return [_query(target, columns, keys, period=(window.first or window.last,))]
    if target.counts_in_several_periods:
        periods = series.periods(bounded(target.series_window(plan), plan))
        return [
            _query(target, columns, keys, period=(None,)),
            *(
                _query(target.in_period(period.window), columns, keys, period=(period.first,))
                for period in periods
            ),
        ]
    if series.rolling is None:
        rows = weighed_rows(target, columns)
        return [_grouped(target, rows, columns, keys, window, partial(_period, series, window))]
    bounds = segment_bounds(series, window, plan)
    wide = window if window.first is None else Window(since=bounds[0], through=window.last)
    of_all = target.in_period(wide)
    rows = weighed_rows(of_all, columns)
    return [_grouped(of_all, rows, columns, keys, wide, partial(segment_start, bounds=bounds))]


def _period(series: Series, window: Window, event: pl.Expr) -> pl.Expr:
    return period(event, series, window)


def _grouped(
    target: Target,
    rows: Rows,
    columns: Columns,
    keys: list[pl.Expr],
    window: Window,
    period_of: Callable[[pl.Expr], pl.Expr],
) -> TargetQuery:
    """Return the query of a target whose rows are grouped by the period of each row's event."""
    period_key = period_of(rows.event).alias(PERIOD)
    if not rows.event.meta.root_names():
        return _query(target, columns, keys, rows, period=(pl.select(period_key).item(),))
    in_period = None if keys else between(rows.event, window)
    return _query(target, columns, [*keys, period_key], rows, in_period=in_period)


def _query(
    target: Target,
    columns: Columns,
    keys: list[pl.Expr],
    rows: Rows | None = None,
    *,
    in_period: pl.Expr | None = None,
    period: tuple[dt.date | None, ...] = (),
) -> TargetQuery:
    rows = weighed_rows(target, columns) if rows is None else rows
    taken = sorted(set(rows.sums) & {*RESERVED, *WEIGHTS})
    if taken:
        raise PlanError(
            f"rule {target.rule}: a sum may not be named {taken[0]!r}; kpi counts that itself"
        )
    tests = {identity(test): test for _, test in rows.tests}
    return TargetQuery(target, rows, tests, keys, segment_keys(target, columns), in_period, period)


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
