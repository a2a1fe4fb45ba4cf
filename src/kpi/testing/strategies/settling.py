"""Ends moved onto due dates that depend on pauses, calendars or derived dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.time_units import Span
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.testing import oracle
from kpi.testing.strategies.aims import is_by_the_clock, spans_of
from kpi.testing.strategies.days import DAY, FIRST, LAST
from kpi.testing.strategies.derived import behind
from kpi.testing.strategies.tables import Rows, targets_of

_OFF = st.sampled_from((0, 0, 0, 1, 1, -1))
_FAR = dt.date(2199, 1, 1)


def settled(draw: DrawFn, plan: Plan, table: Table, rows: Rows, tables: Mapping[str, Rows]) -> Rows:
    """Return the rows, about half of them with the end on the due date or a day either side.

    Only for targets whose due dates were not known while the rows were drawn, as they depend on the
    pauses, on the calendar or on derived dates.

    Args:
        draw: given by Hypothesis.
        plan: the plan.
        table: the declaration of the table.
        rows: the rows of the table.
        tables: the rows of the tables of pauses.
    """
    targets = [target for target in targets_of(plan, table) if _is_due_late(plan, table, target)]
    if not targets or not rows:
        return rows
    snapshots = {
        other.name: oracle.with_derived(
            plan, other, oracle.known_at(other, tables[other.name], plan.time_zone, _FAR)
        )
        for other in plan.tables
        if other.name in tables
    }
    at = oracle.Counting(plan, table, _FAR, oracle.pauses_of(plan, snapshots))
    return [
        _moved(draw, draw(st.sampled_from(targets)), row, at) if draw(st.booleans()) else row
        for row in rows
    ]


def _is_due_late(plan: Plan, table: Table, target: Target) -> bool:
    if target.limit_or_unit is None or not target.has_key("month_end"):
        return False
    if isinstance(target, EveryWorkingDay) or not hasattr(target, "end") or is_by_the_clock(target):
        return False
    rolls = (getattr(target, "roll", None) or plan.roll) != "none"
    limit = target.limit_or_unit
    spans: Sequence[object] = spans_of(getattr(limit, "span", limit))
    return (
        rolls
        or bool(getattr(target, "pauses", ()))
        or any(isinstance(span, Span) and oracle.is_in_working_days(span) for span in spans)
        or not table.derived.keys().isdisjoint((target.start, target.end))  # type: ignore[attr-defined]  # one with a limit and an end has a start
    )


def _moved(
    draw: DrawFn, target: Target, row: dict[str, object], at: oracle.Counting
) -> dict[str, object]:
    start, end = getattr(target, "start", ""), getattr(target, "end", "")
    fixed = {*at.table.key, *behind(at.table, start)}
    columns = [column for column in behind(at.table, end) if column not in fixed]
    off = draw(_OFF) * DAY
    # Moving the end may bring a pause inside the interval or outside: hence a second round.
    for _ in range(2):
        cases = oracle.known_at(at.table, [row], at.plan.time_zone, _FAR)
        if not cases:
            break
        (case,) = oracle.with_derived(at.plan, at.table, cases)
        due, ended = oracle.due_of(target, case, at).day, case.day(end)
        if due is None or ended is None or not _is_near(due):
            break
        days = due + off - ended
        given = [row[column] for column in columns]
        if any(isinstance(cell, dt.date) and not _is_near(cell) for cell in given):
            break
        moved = {column: _later(row[column], days) for column in columns}
        if any(isinstance(cell, dt.date) and not _is_near(cell) for cell in moved.values()):
            break
        if not _counts(target, at.plan, due + off):
            break
        row = row | moved
    return row


def _counts(target: Target, plan: Plan, end: dt.date) -> bool:
    """Return whether a case with that end can be counted, where the end decides it."""
    if getattr(target, "denominator", "closed") != "closed" or not target.has_key("window"):
        return True
    return oracle.in_window(target.window if target.window is not None else plan.period, end)


def _later(cell: object, days: dt.timedelta) -> object:
    return cell + days if isinstance(cell, dt.date) else cell


def _is_near(cell: dt.date) -> bool:
    return FIRST.year < cell.year < LAST.year
