"""Paused days of a case, taken one by one from the tables of pauses (S14)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from kpi.definitions.plan import Plan
from kpi.testing.oracle.cases import Case, Counting, Pause
from kpi.testing.oracle.dates import DAY


def pauses_of(
    plan: Plan, cases: Mapping[str, Sequence[Case]]
) -> dict[str, dict[tuple[Any, ...], list[Pause]]]:
    """Return the pauses by table of pauses that is given, and by the key of their case.

    A row without a beginning, or that ends before it begins, cannot be used and is ignored.
    """
    by_table: dict[str, dict[tuple[Any, ...], list[Pause]]] = {}
    for table in plan.tables:
        if table.pauses is None or table.name not in cases:
            continue
        assert table.entry is not None, "a table of pauses has an entry"
        (until,) = table.events
        by_case: dict[tuple[Any, ...], list[Pause]] = defaultdict(list)
        for row in cases[table.name]:
            since, to = row.day(table.entry), row.day(until)
            if since is not None and (to is None or to >= since):
                since_at, to_at = row.instant(table.entry), row.instant(until)
                unreal = not row.unreal.isdisjoint((table.entry, until))
                by_case[row.key].append(Pause(since, to, since_at, to_at, unreal=unreal))
        by_table[table.name] = by_case
    return by_table


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
    `as_of`.
    Without a start there is nothing to pause.
    """
    has_begun = case.day(target.start) is not None
    return (
        has_begun
        and case.day(target.end) is None
        and any(
            pause.since <= due and pause.to is None
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
