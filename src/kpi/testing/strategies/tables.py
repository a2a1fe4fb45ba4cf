"""Tables that generated plans read, and the kinds of the columns of any plan's tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from kpi.definitions.kinds import Kind
from kpi.definitions.on_condition import OnCondition
from kpi.definitions.plan import Plan
from kpi.definitions.population import OneOf, Value
from kpi.definitions.table import Table
from kpi.definitions.target import Target

Rows: TypeAlias = list[dict[str, object]]
"""A table as the oracle takes it: a mapping from column to cell for each row."""

CASES = Table(
    name="cases",
    key="case_id",
    entry="filed",
    events=("documented", "decided", "announced_on"),
    dates=("due",),
)
"""The table that generated plans read most, or with a key of two columns."""

APPEALS = Table(name="appeals", key="appeal", events=("lodged", "closed"))
"""A table that declares no entry."""

CONTACTS = Table(name="contacts", key="contact_id", entry="arrived", events=("served",))
"""A table of calls and visits, whose time is counted in hours and minutes."""

SLOTS = Table(name="slots", key="slot", entry="day", dates=("next_free",))
"""A table of days, with the measure of each; or with the day itself in its key."""

REPORTED = Table(name="reported", key="target", events=("done",))
"""The table of the facts that people report."""

COLUMNS: dict[str, Kind] = {"case_type": "text", "months": "integer", "flag": "boolean"}
"""The columns of `CASES` that generated conditions test, beside its dates."""

_PLAIN: dict[str, dict[str, Kind]] = {
    CASES.name: COLUMNS,
    CONTACTS.name: {"channel": "text"},
    SLOTS.name: {"office": "text"},
    REPORTED.name: {"condition": "boolean", "source": "text"},
}

VALUES: dict[Kind, tuple[Value, ...]] = {
    "text": ("asylum", "visa", "Ærø", ""),
    "integer": (0, 1, 7, 210),
    "boolean": (False, True),
}
"""The values that conditions test and cells hold, by kind."""

TYPES: dict[type, Kind] = {str: "text", int: "integer", bool: "boolean"}


def extract_dates(table: Table) -> tuple[str, ...]:
    """Return a table's date columns in the extract: its entry, its events, its other dates."""
    return (*([table.entry] if table.entry is not None else []), *table.events, *table.dates)


def date_columns(table: Table) -> tuple[str, ...]:
    """Return the dates that targets on a table may name: its columns and derived dates."""
    return (*extract_dates(table), *table.derived)


def columns_of(table: Table) -> dict[str, Kind]:
    """Return the kind of each column that generated conditions on a table may test."""
    dates: dict[str, Kind] = dict.fromkeys(date_columns(table), "date")
    return dates | _PLAIN.get(table.name, {})


def texts_of(table: Table) -> tuple[str, ...]:
    """Return the columns of a table that hold texts."""
    return tuple(column for column, kind in columns_of(table).items() if kind == "text")


def contents(plan: Plan, table: Table) -> dict[str, Kind]:
    """Return the kind of each generated column of a plan's table, beside the key.

    A column of the key is included where it is a date or a plan reads it.
    """
    kinds = {name: kind for name, kind in columns_of(table).items() if name not in table.derived}
    if table.name == REPORTED.name:
        kinds["value"] = "number"
    for date in table.derived.values():
        kinds |= {column: kind for column, kind, _ in date.reads() if kind != "date"}
    for read in (read for target in targets_of(plan, table) for read in target.reads()):
        if read.column in table.derived:
            continue
        # The kind that a plan reads a column as goes before the kind in generated plans.
        if read.kind != "any":
            kinds[read.column] = read.kind
        elif read.column not in (*kinds, *table.key):
            kinds[read.column] = "text"
    if table.name == REPORTED.name:
        kinds.pop(table.key[0], None)
    return kinds


def targets_of(plan: Plan, table: Table) -> tuple[Target, ...]:
    """Return the targets of a plan that read a table."""
    return tuple(target for target in plan.leaves() if target.table == table.name)


def facts_of(plan: Plan) -> tuple[str, ...]:
    """Return the keys of the table of facts that a plan reads, each once."""
    return tuple(dict.fromkeys(_facts(plan)))


def _facts(plan: Plan) -> Iterator[str]:
    for target in plan.leaves():
        if target.table == REPORTED.name:
            fact = getattr(target, "fact", None)
            yield fact if fact is not None else target.id
        if isinstance(target.on_condition, OnCondition):
            fact = target.on_condition.fact
            yield fact if fact is not None else target.id


def named_values(target: Target, column: str) -> Iterator[Value]:
    """Yield the values of a column that a target names."""
    for condition in target.conditions():
        if condition.column == column and isinstance(condition.test, OneOf):
            yield from condition.test.values
    limit = getattr(target, "limit", None)
    if getattr(limit, "column", None) == column:
        yield from getattr(limit, "limits", {})
    threshold = getattr(target, "threshold", None)
    if getattr(threshold, "column", None) == column:
        yield from getattr(threshold, "thresholds", {})
