"""Open rows: distinct rows of which some event is not known yet, each with its number (F2).

Rows with the same values have the same options, so that a row stands for all of them: the time that
completing them takes depends on the days and values that there are, not on the number of cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.derived_dates import Derived
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PREFIX, instant_name, time_name, unreal_name
from kpi.engine.completions.asked import Asked
from kpi.engine.completions.outcomes import COUNT
from kpi.engine.target_query import TargetQuery, columns_needed, columns_of, identity
from kpi.rules._case_weights import weighed_rows
from kpi.tables.as_of import Snapshot


@frozen(eq=False, repr=False)
class Reads:
    """Raw columns that a target's outcome depends on.

    Attributes:
        columns: the columns as they were checked: derived dates are followed to what they are
            derived from.
        events: the events among them, which may be unknown.
    """

    columns: frozenset[str]
    events: frozenset[str]


def raw_reads(
    snapshot: Snapshot,
    derived: Mapping[str, Derived],
    expressions: Mapping[str, pl.Expr],
    query: TargetQuery,
    ends_of_pauses: Iterable[str],
) -> Reads:
    """Return the raw columns that a target's outcome depends on.

    Args:
        snapshot: the snapshot of its table.
        derived: the derived dates of the table that targets read.
        expressions: the expressions of those dates, and of what they are counted from, each after
            those that it reads.
        query: the query of the target.
        ends_of_pauses: the ends up to which paused time is summed: it can grow on until then (F10),
            also where the query reads the instant of an end and not its day.
    """
    rows = query.rows
    named = {*columns_needed(query), *ends_of_pauses}
    for further in (rows.ranked, rows.weight, rows.due):
        named.update(() if further is None else further.meta.root_names())
    named |= raw_sources(named, derived)
    for name, expression in reversed(tuple(expressions.items())):
        if name in named:
            named.update(expression.meta.root_names())
    named -= expressions.keys() | derived.keys()
    events = frozenset(
        event
        for event in snapshot.table.events
        if named & {event, instant_name(event), time_name(event), unreal_name(event)}
    )
    return Reads(frozenset(named & snapshot.columns) | events, events)


def raw_sources(names: Iterable[str], derived: Mapping[str, Derived]) -> set[str]:
    """Return every column that some columns are derived from, through any number of steps."""
    sources, left = set[str](), list(names)
    while left:
        name = left.pop()
        if name in derived:
            of = [column for column, _, _ in derived[name].reads()]
            left += [column for column in of if column not in sources]
            sources.update(of)
    return sources


def known(events: Iterable[str], as_of: dt.date) -> list[pl.Expr]:
    """Return a predicate for each event: it is known at the end of the as-of date."""
    return [pl.col(event) <= as_of for event in sorted(events)]


def with_open_tests(
    query: TargetQuery, derived: Mapping[str, Derived], reads: Reads
) -> TargetQuery:
    """Return a query of the rows of which some event is not known and that may come to be inside.

    A row that fails a predicate on what is known of it is outside for good.

    Args:
        query: the query of the target.
        derived: the derived dates of the table.
        reads: the raw columns that the target reads.
    """
    tests: list[pl.Expr] = []
    for test in query.tests.values():
        named = {*test.meta.root_names()}
        if any(name.startswith(PREFIX) for name in named):
            # What a case was paused is known up to the day, and can grow on.
            continue
        of = (named | raw_sources(named, derived)) & reads.events
        tests.append(test.fill_null(value=False) | _is_unknown(of) if of else test)
    tests.append(_is_unknown(reads.events))
    return evolve(query, tests={identity(test): test for test in tests})


def _is_unknown(events: Iterable[str]) -> pl.Expr:
    """Return the mask of the rows of which some event is not known; later events are null."""
    return pl.any_horizontal([pl.col(event).is_null() for event in sorted(events)])


def distinct_rows(rows: pl.LazyFrame, columns: Iterable[str]) -> pl.LazyFrame:
    """Return the distinct rows, and how many are alike.

    Args:
        rows: the rows.
        columns: the columns to keep.

    Returns:
        the columns, and `kpi:n` (the rows that are alike).
    """
    names = sorted(columns)
    return rows.select(names).group_by(names).agg(pl.len().cast(pl.Int64).alias(COUNT))


def depends_on_day(plan: Plan, snapshot: Snapshot, asked: Asked) -> bool:
    """Return whether the row expressions of a target differ from day to day, all events known."""

    def expressions(query_day: Snapshot) -> list[bytes]:
        rows = weighed_rows(asked.target, columns_of(plan, query_day))
        named = [
            *(test for _, test in rows.tests),
            *(test for _, test in rows.exclusions),
            *rows.sums.values(),
            *rows.bins.values(),
            *(e for e in (rows.met, rows.undetermined, rows.weight) if e is not None),
        ]
        return [expression.meta.serialize() for expression in named]

    last = evolve(snapshot, as_of=asked.last)
    return expressions(snapshot) != expressions(last)
