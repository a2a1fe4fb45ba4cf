"""The rows of a table as known at the end of a day: dates, instants, ids (S1, S13, S15)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pendulum
from attrs import evolve, field, frozen
from pendulum.tz.exceptions import AmbiguousTime, NonExistingTime

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table


@frozen
class Case:
    """One row as it was known at `as_of`, its dates made local.

    Attributes:
        cells: its cells by column; a date column holds a local date or None.
        unreal: the columns with a local time that its zone never had (S1).
        repeated: whether its key stands more than once (S13).
        instants: the instant, in UTC, in each date column that holds one.
        key: what names the row, as it stands in the table.
    """

    cells: Mapping[str, object]
    unreal: frozenset[str] = frozenset()
    repeated: bool = False
    instants: Mapping[str, dt.datetime] = field(factory=dict)
    key: tuple[Any, ...] = ()

    def day(self, column: str) -> dt.date | None:
        """The local date in a date column."""
        value = self.cells.get(column)
        assert value is None or isinstance(value, dt.date), f"{column} holds {value!r}"
        return value

    def instant(self, column: str) -> dt.datetime | None:
        """The instant in a date column; None also where its local time never was."""
        return self.instants.get(column)

    def text(self, column: str) -> str | None:
        """The text in a column."""
        value = self.cells.get(column)
        return None if value is None else str(value)

    def place(self) -> tuple[tuple[bool, Any], ...]:
        """Where the row stands in the order of the table's key; a null comes first."""
        return tuple(
            (part is not None, part) if part is not None else (False, 0) for part in self.key
        )


@frozen
class Pause:
    """A time for which a case was paused: from a day, up to another that counts again (S14).

    Attributes:
        since: the first day that does not count.
        to: the first day that counts again; None where none is known.
    """

    since: dt.date
    to: dt.date | None


@frozen
class Counting:
    """What every rule needs beside its target and its cases.

    Attributes:
        plan: the plan.
        table: the target's table.
        as_of: the day at whose end the tables are read.
        pauses: by table of pauses and by the key of the case, the pauses of that case.
    """

    plan: Plan
    table: Table
    as_of: dt.date
    pauses: Mapping[str, Mapping[tuple[Any, ...], Sequence[Pause]]] = field(factory=dict)


def local_date(value: object, zone: str) -> dt.date | None:
    """The local calendar date of a cell (S1)."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = pendulum.instance(value).in_timezone(zone)
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    raise TypeError(f"found {value!r}; accepted: a date, a time or None")


def has_no_such_local_time(value: object, zone: str) -> bool:
    """Whether a cell is a wall-clock time that the zone's clocks jumped over (S1)."""
    if not isinstance(value, dt.datetime) or value.tzinfo is not None:
        return False
    try:
        pendulum.timezone(zone).convert(value, raise_on_unknown_times=True)
    except NonExistingTime:
        return True
    except AmbiguousTime:
        # It occurs twice, and so it occurs.
        return False
    return False


def instant(value: object, zone: str) -> dt.datetime | None:
    """The instant of a cell, in UTC; None where it is null or its local time never was (S1).

    A wall-clock time that occurs twice is the earlier one, and a date is its first instant.
    """
    if value is None or has_no_such_local_time(value, zone):
        return None
    if not isinstance(value, dt.datetime):
        assert isinstance(value, dt.date), f"found {value!r}; accepted: a date, a time or None"
        value = dt.datetime(value.year, value.month, value.day)
    if value.tzinfo is None:
        value = value.replace(tzinfo=pendulum.timezone(zone), fold=0)
    return value.astimezone(dt.UTC)


def known_at(
    table: Table, rows: Iterable[Mapping[str, object]], zone: str, as_of: dt.date
) -> list[Case]:
    """The rows of a table that exist at the end of `as_of`, as they were known then (S15)."""
    cases = []
    for row in rows:
        case = _local(table, row, zone)
        entry = case.day(table.entry) if table.entry is not None else None
        if entry is None or entry <= as_of:
            cases.append(_without_later_events(table, case, as_of))
    times = Counter(case.key for case in cases)
    return [evolve(case, repeated=times[case.key] > 1) for case in cases]


def _local(table: Table, row: Mapping[str, object], zone: str) -> Case:
    cells = dict(row)
    unreal = set()
    instants = {}
    for column in (table.entry, *table.events, *table.dates):
        if column is None:
            continue
        cell = row.get(column)
        cells[column] = local_date(cell, zone)
        moment = instant(cell, zone)
        if moment is not None:
            instants[column] = moment
        elif cell is not None:
            unreal.add(column)
    key = tuple(row[column] for column in table.key)
    return Case(cells, frozenset(unreal), instants=instants, key=key)


def _without_later_events(table: Table, case: Case, as_of: dt.date) -> Case:
    later = {
        column for column in table.events if (day := case.day(column)) is not None and day > as_of
    }
    return evolve(
        case,
        cells={c: None if c in later else cell for c, cell in case.cells.items()},
        # What is not known yet cannot be an impossible time either.
        unreal=case.unreal - later,
        instants={c: moment for c, moment in case.instants.items() if c not in later},
    )
