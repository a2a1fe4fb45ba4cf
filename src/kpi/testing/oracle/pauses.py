"""The days for which a case was paused, taken one by one from the tables of pauses (S14)."""

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
    """Of each table of pauses that is there, the pauses of each case by the case's key.

    A row without a beginning, or that ends before it begins, cannot be used and is left aside.
    """
    found: dict[str, dict[tuple[Any, ...], list[Pause]]] = {}
    for table in plan.tables:
        if table.pauses is None or table.name not in cases:
            continue
        assert table.entry is not None, "a table of pauses has an entry"
        (until,) = table.events
        by_case: dict[tuple[Any, ...], list[Pause]] = defaultdict(list)
        for row in cases[table.name]:
            since, to = row.day(table.entry), row.day(until)
            if since is not None and (to is None or to >= since):
                by_case[row.key].append(Pause(since, to))
        found[table.name] = by_case
    return found


def paused_dates(
    tables: Sequence[str], target: Any, case: Case, at: Counting
) -> frozenset[dt.date]:
    """The days on which a case was paused by some tables: from its start to before its end.

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
    """The days that do not count for a target."""
    return paused_dates(getattr(target, "pauses", ()), target, case, at)


def moved(due: dt.date, target: Any, case: Case, at: Counting) -> dt.date:
    """A due date moved by each stretch of paused days that begins before it is over (S14)."""
    paused = deducted(target, case, at)
    counts = False
    for day in sorted(paused):
        if day - DAY not in paused:
            counts = day <= due
        if counts:
            due += DAY
    return due


def is_paused(day: dt.date, target: Any, case: Case, at: Counting) -> bool:
    """Whether a day lies in a pause, the day of the end among them, but none beyond (S14)."""
    end = case.day(target.end)
    return day <= (end if end is not None else at.as_of) and any(
        pause.since <= day and (pause.to is None or day < pause.to)
        for table in getattr(target, "pauses", ())
        for pause in at.pauses[table].get(case.key, ())
    )


def paused_of(target: Any, case: Case, at: Counting) -> int | None:
    """How many days do not count; None where the target asks for no pauses."""
    return len(deducted(target, case, at)) if getattr(target, "pauses", ()) else None


def left_out_as_paused(target: Any, case: Case, at: Counting) -> bool:
    """Whether a case is outside because it was paused by tables that leave out what they pause."""
    return bool(paused_dates(getattr(target, "unless_paused", ()), target, case, at))
