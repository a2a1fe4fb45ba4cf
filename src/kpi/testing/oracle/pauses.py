"""Paused days of a case, taken one by one from the tables of pauses (S14)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.testing.oracle.cases import Case, Counting, Pause, instant
from kpi.testing.oracle.dates import DAY, days_later
from kpi.testing.oracle.derived import dates_behind


def pauses_of(
    plan: Plan, cases: Mapping[str, Sequence[Case]]
) -> dict[str, dict[tuple[Any, ...], list[Pause]]]:
    """Return the pauses by table of pauses that is given, and by the key of their case.

    A row without a beginning, or with an end or an event of the end before it, cannot be used and is
    ignored. A derived end before the beginning makes a pause of no days.
    """
    by_table: dict[str, dict[tuple[Any, ...], list[Pause]]] = {}
    for table in plan.tables:
        if table.pauses is None or table.name not in cases:
            continue
        assert table.entry is not None, "a table of pauses has an entry"
        until = table.until if table.until is not None else table.events[0]
        events = [name for name in _behind(table, until) if name in table.events or name == until]
        by_case: dict[tuple[Any, ...], list[Pause]] = defaultdict(list)
        for row in cases[table.name]:
            since = row.day(table.entry)
            if since is not None and not any(_is_before(row.day(name), since) for name in events):
                by_case[row.key].append(_pause(plan, table, until, row))
        by_table[table.name] = by_case
    return by_table


def _pause(plan: Plan, table: Table, until: str, row: Case) -> Pause:
    """Return a pause; its instants are those of its local times, or the beginnings of its days."""
    since, to = row.day(table.entry or ""), _counting_again(table, row.day(until))
    assert since is not None, "a pause has a beginning"
    # A pause through its last day, or to a derived date, ends with a day.
    by_day = table.last_day == "paused" or until in table.derived
    return Pause(
        since,
        to,
        row.instant(table.entry or ""),
        instant(to, plan.time_zone) if by_day else row.instant(until),
        unreal=table.entry in row.unreal or (not by_day and until in row.unreal),
    )


def _is_before(day: dt.date | None, since: dt.date) -> bool:
    return day is not None and day < since


def _behind(table: Table, name: str) -> Iterator[str]:
    """Yield the date columns of the extract behind a date; the date itself where it is one."""
    if name not in table.derived:
        yield name
        return
    for inner in dates_behind(table.derived[name]):
        yield from _behind(table, inner)


def _counting_again(table: Table, to: dt.date | None) -> dt.date | None:
    """Return the first day that counts again, of a pause that ends on a day."""
    return days_later(to, 1) if to is not None and table.last_day == "paused" else to


def paused_dates(
    tables: Sequence[str], target: Any, case: Case, at: Counting
) -> frozenset[dt.date]:
    """Return the days on which some tables pause a case: from its start to before its end.

    A day on which several pauses lie is one day. An open case's time goes to `as_of`, and so does
    a pause that has not ended. Without a start there is nothing to pause.
    """
    start, end = case.day(target.start), case.day(target.end)
    if start is None:
        return frozenset()
    stop = end if end is not None else at.as_of
    days = set()
    for table in tables:
        for pause in at.pauses[table].get(case.key, ()):
            day = max(pause.since, start)
            while day < stop and (pause.to is None or day < pause.to):
                days.add(day)
                day += DAY
    return frozenset(days)


def deducted(target: Any, case: Case, at: Counting) -> frozenset[dt.date]:
    """Return the days that do not count for a target."""
    return paused_dates(getattr(target, "pauses", ()), target, case, at)


def days_paused_through(due: dt.date, target: Any, case: Case, at: Counting) -> int:
    """Return the number of paused days, of the runs that begin by a due date (S14)."""
    paused = deducted(target, case, at)
    days = 0
    counts = False
    for day in sorted(paused):
        if day - DAY not in paused:
            counts = day <= due
        days += counts
    return days


def is_held_up(due: dt.date, target: Any, case: Case, at: Counting) -> bool:
    """Return whether an open case has no due date yet, as a pause of it is not over (S14).

    There is none where a pause that began on the due date or before is not over at the end of
    `as_of`: the first day that counts again has not come. A pause takes nothing from before the
    start, so a case whose due date lies before its start is late from its start.
    Without a start there is nothing to pause.
    """
    start = case.day(target.start)
    return (
        start is not None
        and case.day(target.end) is None
        and any(
            max(pause.since, start) <= due and (pause.to is None or pause.to > at.as_of)
            for table in getattr(target, "pauses", ())
            for pause in at.pauses[table].get(case.key, ())
        )
    )


def is_paused(day: dt.date, target: Any, case: Case, at: Counting) -> bool:
    """Return whether a day through the end of the case, or `as_of`, lies in a pause (S14)."""
    end = case.day(target.end)
    return day <= (end if end is not None else at.as_of) and any(
        pause.since <= day and (pause.to is None or day < pause.to)
        for table in getattr(target, "pauses", ())
        for pause in at.pauses[table].get(case.key, ())
    )


def paused_of(target: Any, case: Case, at: Counting) -> int | None:
    """Return the number of days that do not count; None where the target has no pauses."""
    return len(deducted(target, case, at)) if getattr(target, "pauses", ()) else None


def left_out_as_paused(target: Any, case: Case, at: Counting) -> bool:
    """Return whether a case is outside because a table of `unless_paused` paused it."""
    return bool(paused_dates(getattr(target, "unless_paused", ()), target, case, at))
