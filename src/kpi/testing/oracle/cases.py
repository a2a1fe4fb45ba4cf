"""Snapshot of a table at the end of a day: dates, instants, keys (S1, S13, S15)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import pendulum
from attrs import evolve, field, frozen
from pendulum.tz.exceptions import AmbiguousTime, NonExistingTime

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table

_MIDDLE = 5000
"""A year between the first and the last."""


@frozen
class Case:
    """One row of the snapshot at `as_of`, with local dates.

    Attributes:
        cells: the cells by column; a date column holds a local date or None.
        unreal: the columns with a local time that its zone never had; the cell has a date all the
            same, and the time matters where the clock is read (S1).
        repeated: whether the key stands more than once (S13).
        instants: the instant, in UTC, in each date column that holds one.
        timed: the columns whose cell holds a time of day other than local midnight (S3).
        key: the cells of the key, as they stand in the table.
        weight: the persons that it stands for, where it is repeated for each of them (S32).
    """

    cells: Mapping[str, object]
    unreal: frozenset[str] = frozenset()
    repeated: bool = False
    instants: Mapping[str, dt.datetime] = field(factory=dict)
    timed: frozenset[str] = frozenset()
    key: tuple[Any, ...] = ()
    weight: int = 1

    def day(self, column: str) -> dt.date | None:
        """Return the local date in a date column."""
        value = self.cells.get(column)
        assert value is None or isinstance(value, dt.date), f"{column} holds {value!r}"
        return value

    def instant(self, column: str) -> dt.datetime | None:
        """Return the instant in a date column; None also where its local time never was."""
        return self.instants.get(column)

    def text(self, column: str) -> str | None:
        """Return the cell of a column as text."""
        value = self.cells.get(column)
        return None if value is None else str(value)

    def place(self) -> tuple[tuple[bool, Any], ...]:
        """Return the sort key of the row: lighter ones first, then as the table's key, nulls first."""
        return tuple(
            (part is not None, part) if part is not None else (False, 0)
            for part in (self.weight, *self.key)
        )


@frozen
class Pause:
    """A pause of a case: from a day, up to another that counts again (S14).

    Attributes:
        since: the first day that does not count.
        to: the first day that counts again; None where none is known.
        since_at: the instant at which it begins, in UTC; None where its local time never was.
        to_at: the instant at which it ends; None where there is none, or where that never was.
        unreal: whether a local time of the two never was (S1).
    """

    since: dt.date
    to: dt.date | None
    since_at: dt.datetime | None = None
    to_at: dt.datetime | None = None
    unreal: bool = False


@frozen
class Counting:
    """The circumstances that every rule needs beside its target and its cases.

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


_zone = cache(pendulum.timezone)
"""The time zone of a name, read from the system's files once."""


def local_date(value: object, zone: str) -> dt.date | None:
    """Return the local calendar date of a cell (S1); None for null.

    An instant outside the years 1 to 9999 is the first or last day of that calendar.

    Raises:
        TypeError: where the cell is no date, no time and not None.
    """
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        value = _wall_clock(value, zone)
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    raise TypeError(f"found {value!r}; accepted: a date, a time or None")


def has_time_of_day(value: object, zone: str) -> bool:
    """Return whether a cell has a time of day; a date and local midnight have none (S3)."""
    return isinstance(value, dt.datetime) and _wall_clock(value, zone).time() != dt.time(0)


def _wall_clock(value: dt.datetime, zone: str) -> dt.datetime:
    """Return the wall-clock time in the zone at an instant; a naive time as it is."""
    if value.tzinfo is None:
        return value
    try:
        return pendulum.instance(value).in_timezone(zone).naive()
    except (OverflowError, ValueError):
        return dt.datetime.max if value.year > _MIDDLE else dt.datetime.min


def has_no_such_local_time(value: object, zone: str) -> bool:
    """Return whether a cell is a wall-clock time that the zone's clocks jumped over (S1)."""
    if not isinstance(value, dt.datetime) or value.tzinfo is not None:
        return False
    try:
        _zone(zone).convert(value, raise_on_unknown_times=True)
    except OverflowError:
        # At the ends of the calendar no clocks turn.
        return False
    except NonExistingTime:
        return True
    except AmbiguousTime:
        # A time that occurs twice does occur.
        return False
    return False


def instant(value: object, zone: str) -> dt.datetime | None:
    """Return the instant of a cell, in UTC; None where it is null or never was (S1).

    A wall-clock time that occurs twice is the earlier one, and a date is its first instant.
    """
    if value is None or has_no_such_local_time(value, zone):
        return None
    if not isinstance(value, dt.datetime):
        assert isinstance(value, dt.date), f"found {value!r}; accepted: a date, a time or None"
        value = dt.datetime(value.year, value.month, value.day)
    if value.tzinfo is None:
        value = value.replace(tzinfo=_zone(zone), fold=0)
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        edge = dt.datetime.max if value.year > _MIDDLE else dt.datetime.min
        return edge.replace(tzinfo=dt.UTC)


def known_at(
    table: Table, rows: Iterable[Mapping[str, object]], zone: str, as_of: dt.date
) -> list[Case]:
    """Return the snapshot of a table: the rows that exist at the end of `as_of` (S15)."""
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
    timed = set()
    instants = {}
    for column in (table.entry, *table.events, *table.dates):
        if column is None:
            continue
        cell = row.get(column)
        cells[column] = local_date(cell, zone)
        if has_time_of_day(cell, zone):
            timed.add(column)
        moment = instant(cell, zone)
        if moment is not None:
            instants[column] = moment
        elif cell is not None:
            unreal.add(column)
    key = tuple(row[column] for column in table.key)
    return Case(cells, frozenset(unreal), instants=instants, timed=frozenset(timed), key=key)


def _without_later_events(table: Table, case: Case, as_of: dt.date) -> Case:
    later = {
        column for column in table.events if (day := case.day(column)) is not None and day > as_of
    }
    return evolve(
        case,
        cells={c: None if c in later else cell for c, cell in case.cells.items()},
        # A masked event cannot be an impossible time either.
        unreal=case.unreal - later,
        instants={c: moment for c, moment in case.instants.items() if c not in later},
    )
