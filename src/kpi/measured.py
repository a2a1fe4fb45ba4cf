"""Every target that is measured: a plan's own, and what tells whether their conditions came about."""

from __future__ import annotations

from functools import lru_cache

from kpi.derived import Derived
from kpi.plan import Plan
from kpi.reported_fact import condition_of
from kpi.table import Table
from kpi.target import Target


@lru_cache(maxsize=64)
def _measured(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    conditions = (condition_of(target) for target in targets)
    return (*targets, *(condition for condition in conditions if condition is not None))


def measured(plan: Plan) -> tuple[Target, ...]:
    """The targets of a plan in its order, then those of their conditions."""
    return _measured(plan.leaves())


def measured_by_table(plan: Plan) -> dict[str, tuple[Target, ...]]:
    """The same by the table that they read, tables in the order of the plan."""
    targets = measured(plan)
    return {
        table.name: read
        for table in plan.tables
        if (read := tuple(t for t in targets if t.table == table.name))
    }


def tables_read(plan: Plan) -> tuple[str, ...]:
    """The tables without which some target cannot be assessed, in the order of the plan."""
    read = {name for target in measured(plan) for name in target.tables}
    return tuple(table.name for table in plan.tables if table.name in read)


def derived_read(plan: Plan, table: Table) -> dict[str, Derived]:
    """The dates of a table that targets read and the plan derives, each after those it is made of."""
    if not table.derived:
        return {}
    read = {its.column for t in measured(plan) if t.table == table.name for its in t.reads()}
    for name, one in reversed(tuple(table.derived.items())):
        if name in read:
            read |= {column for column, _, _ in one.reads()}
    return {name: one for name, one in table.derived.items() if name in read}


@lru_cache(maxsize=64)
def _read_otherwise(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    return tuple(target.under(reading) for target in targets for reading in target.readings)


def read_otherwise(plan: Plan) -> tuple[Target, ...]:
    """The targets of a plan under their other readings."""
    return _read_otherwise(plan.leaves())
