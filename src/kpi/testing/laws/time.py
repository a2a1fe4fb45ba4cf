"""Laws of time: a case decided later, a limit that is longer, tables looked at from a later day."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from attrs import evolve

from kpi.definitions.limits import ByValue, Dated, DueColumn, Limit
from kpi.definitions.outcomes import OUTSIDE_CALENDAR, REFUSED_MONTH_END
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.definitions.time_units import Span
from kpi.errors import PlanError
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.rules.percentile import Percentile
from kpi.rules.within import Within
from kpi.testing import oracle
from kpi.testing.comparable import Became, Numbers, day_of, numbers, trails
from kpi.testing.frames import Given, rows_of
from kpi.testing.laws.common import (
    as_known,
    behind,
    by_position,
    chosen_from,
    columns_behind,
    evaluated,
    with_targets,
)
from kpi.testing.strategies import Rows

_DAY = dt.timedelta(days=1)
_LATE = dt.date(9000, 1, 1)
_UNITS = ("days", "weeks", "months", "years")


def a_day_later_is_never_more_in_time(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """A case decided a day later is never more in time: late stays late (S3-S8, S14).

    Row by row, of the rows that are counted before and after; for `within`, `clearance` and
    `every_working_day`. Not for a target whose end is a derived date, the entry or part of the key,
    and not where the end tells the limit or the start: a limit dated by the end may be longer a
    day later, and a due date or a start that is derived from it moves with it.
    """
    rows, day = rows_of(plan, tables), day_of(plan, as_of)
    apart = [t for t in plan.leaves() if t.table in rows and _end_stands_apart(plan, t)]
    moves = dict.fromkeys((t.table, t.end) for t in apart)  # type: ignore[attr-defined]
    if not moves:
        return False
    unmoved, checked = trails(as_known(plan, rows, as_of)), False
    for table, end in moves:
        later = {**rows, table: [{**row, end: _next(row.get(end))} for row in rows[table]]}
        moved = trails(as_known(plan, later, as_of))
        for target in apart:
            if (target.table, target.end) != (table, end):  # type: ignore[attr-defined]
                continue
            before = by_position(plan, rows, day, unmoved, target)
            after = by_position(plan, later, day, moved, target)
            for n in before:
                if before[n].bucket == after[n].bucket == "counted" and rows[table][n].get(end):
                    checked = True
                    if after[n].met and not before[n].met:
                        message = f"in time with {end} a day later, and not before"
                        raise AssertionError(
                            f"target {target.id}, row {n + 1} of {table}: {message}"
                        )
    return checked


def _end_stands_apart(plan: Plan, target: Target) -> bool:
    """Return whether a target's end is a date that nothing else of its time depends on."""
    if not isinstance(target, Within | Clearance | EveryWorkingDay):
        return False
    table = plan.table(target.table)
    if target.end in (*table.derived, *table.key, table.entry):
        return False
    limit = getattr(target, "limit", None)
    named = (target.start, getattr(limit, "column", None))
    return not any(target.end in behind(plan, target, column) for column in named)


def _next(cell: object) -> object:
    try:
        return cell + _DAY if isinstance(cell, dt.date) else cell
    except OverflowError:
        return cell


def a_longer_limit_never_lowers_a_share(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """A longer limit never lowers a share, nor how many are in time (S19).

    For `within`, where the limit does not decide who is counted: of the denominators `closed`,
    `cohort` and `open`, of which as many are counted, and `overdue`, of which no more are. Not for columns of
    due dates, which no limit moves, nor for limits counted backwards, which come earlier; and not
    where a case has no due date because a calendar ends or a month end is refused, for such a case
    may be counted under one limit and excluded under the other.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    longer: dict[str, Target] = {}
    for target in plan.leaves():
        if isinstance(target, Within) and target.denominator in _WHATEVER_THE_LIMIT:
            limit = _longer(target.limit, pick.choice(_UNITS))
            if limit is not None:
                longer[target.id] = evolve(target, limit=limit, readings=())
    if not longer:
        return False
    before = numbers(evaluated(plan, rows, as_of))
    after = numbers(evaluated(with_targets(plan, longer), rows, as_of))
    checked = False
    for name, changed in longer.items():
        a, b = before[name], after[name]
        if {REFUSED_MONTH_END, OUTSIDE_CALENDAR} & {*a.excluded, *b.excluded}:
            continue
        assert a.met is not None, f"target {name}: a share without a numerator"
        assert b.met is not None, f"target {name}: a share without a numerator"
        change = f"{a.met} of {a.denominator} became {b.met} of {b.denominator}"
        checked = checked or a.denominator > 0
        overdue = plan.target(name).denominator == "overdue"  # type: ignore[attr-defined]
        few = b.denominator <= a.denominator if overdue else b.denominator == a.denominator
        if not few or b.met < a.met or (b.denominator and _share(b) < _share(a)):
            raise AssertionError(f"target {name}, with the limit {changed.limit_text}: {change}")
    return checked


_WHATEVER_THE_LIMIT = ("closed", "cohort", "overdue", "open")
"""The denominators of which a longer limit counts no more cases."""


def _share(numbers_of: Numbers) -> Fraction:
    return Fraction(numbers_of.met or 0, numbers_of.denominator)


def _longer(limit: Limit, unit: str) -> Limit | None:
    """Return the limit with each span one unit longer; None without a span counted forwards."""
    try:
        if isinstance(limit, ByValue):
            each = {value: _longer_span(span, unit) for value, span in limit.limits.items()}
            return evolve(limit, limits=each)
        if isinstance(limit, Dated):
            later = tuple((since, _longer_span(span, unit)) for since, span in limit.later)
            return evolve(limit, first=_longer_span(limit.first, unit), later=later)
        return _longer_span(limit, unit) if isinstance(limit, Span) else None
    except PlanError:
        # None is longer than one hundred years.
        return None


def _longer_span(span: Span, unit: str) -> Span:
    if oracle.is_in_working_hours(span):
        unit = "working_minutes"
    elif oracle.is_by_the_clock(span):
        unit = "minutes"
    elif oracle.is_in_working_days(span):
        unit = "working_days"
    return evolve(span, **{unit: getattr(span, unit) + 1})


def a_later_day_never_undecides_a_case(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """A case that has ended and is counted is counted the same, seen from any later day (S11, S15).

    As met or as missed, with the same days and the same due date; and an open case that is a miss
    because it was due (`overdue`, `due`, `settled`) is a miss later too, unless pauses may still
    move its due date, or the clock is read of its end and shows no such time. For `within`,
    `clearance`, `every_working_day`, `percentile`, and `average` but for one of the fastest or trimmed, from
    which later cases may push a case out. Of the rows of which the target reads the same at both
    days: no other event that it reads, and no part of a derived date, became known between them; a
    limit that changes over time is dated, and not by a derived date; and no row that came later
    repeats the key.
    """
    rows, pick = rows_of(plan, tables), chosen_from(chance)
    targets = [t for t in plan.leaves() if t.table in rows and _is_decided_by_row(plan, t)]
    if not targets:
        return False
    first, last = _two_days(plan, rows, day_of(plan, as_of), pick)
    at_first = trails(as_known(plan, rows, first))
    at_last = trails(as_known(plan, rows, last))
    checked = False
    for target in targets:
        before = by_position(plan, rows, first, at_first, target)
        after = by_position(plan, rows, last, at_last, target)
        for n in _read_alike(plan, target, rows[target.table], [*after], (first, last)):
            if n not in before or before[n].bucket != "counted":
                continue
            row = rows[target.table][n]
            if not _stands(plan, target, row, before[n], first):
                continue
            checked = True
            a, b = before[n], after[n]
            if a.days is None:
                # The duration and the end of an open case are not known yet.
                a, b = Became(a.bucket, met=a.met), Became(b.bucket, met=b.met)
            if a != b:
                message = f"{a} at {first}, {b} at {last}"
                raise AssertionError(
                    f"target {target.id}, row {n + 1} of {target.table}: {message}"
                )
    return checked


def _two_days(
    plan: Plan, rows: Mapping[str, Rows], day: dt.date, pick: random.Random
) -> tuple[dt.date, dt.date]:
    """Return two days, the earlier first: given, days of some event, or later ones."""
    cells = (cell for table in rows.values() for row in table for cell in row.values())
    dates = (oracle.local_date(cell, plan.time_zone) for cell in cells if isinstance(cell, dt.date))
    # No day comes after the last that dates can hold.
    happened = sorted({date for date in dates if date is not None and date < _LATE})
    first = pick.choice([day, *happened])
    later = [date for date in (day, *happened) if date > first]
    return first, pick.choice([*later, first + _DAY, first + 400 * _DAY])


def _is_decided_by_row(plan: Plan, target: Target) -> bool:
    if isinstance(target, Average) and (target.fastest or target.trimmed):
        return False
    if not isinstance(target, Within | Clearance | EveryWorkingDay | Percentile | Average):
        return False
    limit = getattr(target, "limit", None)
    return not (isinstance(limit, Dated) and limit.column in plan.table(target.table).derived)


def _read_alike(
    plan: Plan, target: Target, rows: Rows, positions: list[int], days: tuple[dt.date, dt.date]
) -> Iterator[int]:
    """Yield the positions of rows of which a target reads the same at two days, but for the end."""
    table = plan.table(target.table)
    read = columns_behind(plan, target).intersection(table.events)
    read -= {target.end}  # type: ignore[attr-defined]  # each of these rules has an end
    dated = getattr(target, "limit", None)
    keys = [tuple(rows[n][column] for column in table.key) for n in positions]
    for n in positions:
        row = rows[n]
        key = tuple(row[column] for column in table.key)
        if any(_between(plan, row.get(column), days) for column in read) or keys.count(key) > 1:
            continue
        if isinstance(dated, Dated) and not _has_come(plan, row.get(dated.column), days[0]):
            continue
        yield n


def _between(plan: Plan, cell: object, days: tuple[dt.date, dt.date]) -> bool:
    day = oracle.local_date(cell, plan.time_zone)
    return day is not None and days[0] < day <= days[1]


def _has_come(plan: Plan, cell: object, day: dt.date) -> bool:
    date = oracle.local_date(cell, plan.time_zone)
    return date is not None and date <= day


def _stands(
    plan: Plan, target: Any, row: Mapping[str, object], became: Became, first: dt.date
) -> bool:
    """Return whether the outcome of a counted row is final."""
    end = row.get(target.end)
    if getattr(target, "pauses", ()) or getattr(target, "unless_paused", ()):
        # Pauses go on until the end, which must have come.
        return became.days is not None and _has_come(plan, end, first)
    if became.days is not None:
        return target.end not in plan.table(target.table).events or _has_come(plan, end, first)
    return (
        isinstance(target, Within)
        and target.denominator in ("overdue", "due", "settled")
        and target.end not in plan.table(target.table).derived
        and target.open_at is None
        and not _is_read_elsewhere(plan, target)
        # Once it has come, such an end leaves the row out where the clock is read of it (S1).
        and not (_may_read_the_clock(target) and oracle.has_no_such_local_time(end, plan.time_zone))
    )


def _may_read_the_clock(target: Within) -> bool:
    """Return whether the time of day of a target's end may count: by limit or due instant (S3)."""
    return bool(target.timestamp_columns()) or (
        isinstance(target.limit, DueColumn) and target.limit.by != "date"
    )


def _is_read_elsewhere(plan: Plan, target: Within) -> bool:
    """Return whether a target's end is also read by a condition, as its start or in its limit."""
    reads = (read for read in target.reads() if read.place[0] != "end")
    return any(target.end in behind(plan, target, read.column) for read in reads)
