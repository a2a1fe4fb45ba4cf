"""Columns of a synthetic table: their kinds, and the values that conditions turn on."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from kpi.definitions.kinds import Kind
from kpi.definitions.plan import Plan
from kpi.definitions.population import Missing, OneOf, Range, Value
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.rules._condition import condition_of

Alone: TypeAlias = OneOf | Range | Window | Missing
"""A test that a value passes by itself, whatever the other cells of the row are."""

Row: TypeAlias = dict[str, Any]
"""A row as it is made: its cells so far, by column."""

OTHER = "other"
_YEAR = 365


def readers(plan: Plan) -> dict[str, tuple[Target, ...]]:
    """Return by table, in the plan's order, its targets, each under every one of its readings."""
    reading = list(_readers(plan))
    return {
        table.name: read
        for table in plan.tables
        if (read := tuple(target for target in reading if target.table == table.name))
    }


def _readers(plan: Plan) -> Iterator[Target]:
    for leaf in plan.leaves():
        for target in (leaf, *(leaf.with_reading(reading) for reading in leaf.readings)):
            yield target
            if target.base is not None:
                yield target.base
            condition = condition_of(target)
            if condition is not None:
                yield condition


def kinds(table: Table, targets: Iterable[Target]) -> dict[str, Kind]:
    """Return the kind of each column of a table: its key, the columns read, and all its dates."""
    read_as: dict[str, Kind] = {}
    for target in targets:
        for read in target.reads():
            if read_as.get(read.column, "any") == "any":
                read_as[read.column] = read.kind
    read_as |= dict.fromkeys(table.date_columns, "date")
    read_as |= {name: "date" for name in table.derived if name in read_as}
    unread: dict[str, Kind] = {name: "text" for name in table.key if name not in read_as}
    order = [
        *table.key,
        *(name for name in read_as if read_as[name] != "date"),
        *table.date_columns,
        *(name for name in table.derived if name in read_as),
    ]
    return {name: (unread | read_as)[name] for name in dict.fromkeys(order)}


@frozen
class Pool:
    """The values of a column that is no date.

    Attributes:
        named: the values that targets name.
        others: values that no target names, null among them where a cell may be null.
    """

    named: tuple[Any, ...]
    others: tuple[Any, ...]

    def stray(self, rng: random.Random) -> Any:
        """Return a value for a row of another scenario: mostly one that no target names."""
        from_named = not self.others or (self.named and rng.random() < 0.01)
        return rng.choice(self.named if from_named else self.others)


def pools(table: Table, columns: Mapping[str, Kind], targets: Sequence[Target]) -> dict[str, Pool]:
    """Return the values of every column that is no date."""
    return {
        name: _pool(name, kind, targets, in_key=name in table.key)
        for name, kind in columns.items()
        if kind != "date"
    }


def _pool(name: str, kind: Kind, targets: Sequence[Target], *, in_key: bool) -> Pool:
    named = tuple(
        dict.fromkeys(value for target in targets for value in target.category_values(name))
    )
    if kind == "boolean":
        others: tuple[Any, ...] = tuple(value for value in (True, False) if value not in named)
        others = others or (True, False)
    elif kind == "integer":
        named, others = _integers(name, targets)
    elif kind == "number":
        return Pool((), tuple(n / 2 for n in range(21)))
    elif _stands_alone(name, targets):
        # Each value must reach the target by itself, and one without a limit could not.
        return Pool(named or tuple(f"{name} {letter}" for letter in "abc"), ())
    elif named:
        # A column of one named value is null in other rows; one of several has other values too.
        others = (OTHER, None, None) if len(named) == 1 else (OTHER, OTHER, None)
    else:
        others = tuple(f"{name} {letter}" for letter in "abc")
    if _may_be_missing(name, targets):
        others = (*others, None)
    return Pool(named, tuple(v for v in others if v is not None) if in_key else others)


def _integers(name: str, targets: Sequence[Target]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    tests = [
        condition.test
        for target in targets
        for condition in target.conditions()
        if condition.column == name and isinstance(condition.test, OneOf | Range)
    ]
    edges = [v for test in tests for v in _edges(test)]
    near = sorted({v + d for v in edges for d in (-1, 0, 1)}) or list(range(10))
    if edges and min(edges) >= 0:
        near = [v for v in near if v >= 0]
    named = tuple(v for v in near if any(holds(v, test) for test in tests))
    return named, tuple(v for v in near if v not in named) or (None,)


def _may_be_missing(name: str, targets: Sequence[Target]) -> bool:
    """Return whether a target asks whether the column is null (S34)."""
    return any(
        condition.column == name and isinstance(condition.test, Missing)
        for target in targets
        for condition in target.conditions()
    )


def _edges(test: OneOf | Range) -> list[int]:
    return [int(v) for v in (test.values if isinstance(test, OneOf) else test.data().values())]


def _stands_alone(name: str, targets: Sequence[Target]) -> bool:
    """Return whether a value that no target names would have to reach a target by itself."""
    return any(
        target.each == name
        and not any(c.column == name and isinstance(c.test, OneOf) for c in target.where)
        for target in targets
    )


def holds(value: Any, test: Alone) -> bool:
    """Return whether a value fulfils a test; null fulfils no comparison (S10, S34)."""
    if isinstance(test, Missing):
        return (value is None) == test.missing
    if value is None:
        return False
    if isinstance(test, OneOf):
        return (value in test.values) != test.negated
    if isinstance(test, Window):
        return day_of(value) in test
    return (
        (test.at_least is None or value >= test.at_least)
        and (test.more_than is None or value > test.more_than)
        and (test.at_most is None or value <= test.at_most)
        and (test.less_than is None or value < test.less_than)
    )


def fulfilling(test: Alone, pool: Pool | None, around: dt.date, rng: random.Random) -> Any:
    """Return a value that fulfils a test.

    Args:
        test: the test.
        pool: the values of the column; None for a date.
        around: the day near which a date without bounds lies.
        rng: where the choice comes from.
    """
    if isinstance(test, Missing):
        return None if test.missing else _known(pool, around, rng)
    if isinstance(test, Window):
        last = test.last or max(around, test.first or around)
        first = test.first if test.first is not None and test.first.year > 1 else None
        first = max(first or last - dt.timedelta(_YEAR), last - dt.timedelta(4 * _YEAR))
        return between(first, last, rng)
    if isinstance(test, Range):
        low = test.at_least if test.at_least is not None else test.more_than
        high = test.at_most if test.at_most is not None else test.less_than
        low = (high or 0) - 12 if low is None else low + (test.at_least is None)
        high = low + 12 if high is None else high - (test.at_most is None)
        return rng.randint(low, max(low, high))
    if not test.negated:
        return rng.choice(test.values)
    values = () if pool is None else (*pool.named, *pool.others)
    return rng.choice([v for v in values if holds(v, test)] or [_unlike(test.values)])


def _unlike(values: Sequence[Value]) -> Value | None:
    """Return a value of the same kind that is none of the values; None where there is none."""
    first = values[0]
    if isinstance(first, bool):
        return None if len(set(values)) > 1 else not first
    if isinstance(first, str):
        return OTHER if OTHER not in values else f"another {OTHER}"
    return max(int(v) for v in values) + 1


def _known(pool: Pool | None, around: dt.date, rng: random.Random) -> Any:
    """Return a value that is not null; a date of the year before a day, without a pool."""
    if pool is None:
        return around - dt.timedelta(rng.randrange(_YEAR))
    return rng.choice([v for v in (*pool.others, *pool.named) if v is not None] or [OTHER])


def failing(test: Alone, pool: Pool | None, around: dt.date, rng: random.Random) -> Any:
    """Return a value that does not fulfil a test; None where no other comes to hand.

    Args:
        test: the test.
        pool: the values of the column; None for a date.
        around: the day near which a date lies that must only be known.
        rng: where the choice comes from.
    """
    if isinstance(test, Missing) and pool is None:
        return _known(pool, around, rng) if test.missing else None
    if isinstance(test, Window):
        days = dt.timedelta(rng.randint(1, 200))
        if test.stop is not None and test.stop.year < dt.MAXYEAR:
            return test.stop - dt.timedelta(1) + days
        return None if test.first is None else test.first - days
    values = [v for v in (pool.others if pool else ()) if v is not None and not holds(v, test)]
    values = values or [v for v in (pool.named if pool else ()) if not holds(v, test)]
    return rng.choice(values) if values else None


def day_of(date: dt.date) -> dt.date:
    """Return the day of a date, or of a time."""
    return date.date() if isinstance(date, dt.datetime) else date


def between(first: dt.date, last: dt.date, rng: random.Random) -> dt.date:
    """Return a day from one to another, both included; the first where they are in reverse."""
    return first + dt.timedelta(int(rng.random() * (max((last - first).days, 0) + 1)))
