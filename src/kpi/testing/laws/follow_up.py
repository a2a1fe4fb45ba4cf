"""Laws of what can still happen: the end lies within the bounds, which only ever draw closer (F12)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.results.possible import Possibilities, Range
from kpi.results.target_result import TargetResult
from kpi.testing import oracle
from kpi.testing.frames import Given, rows_of
from kpi.testing.laws.common import chosen_from, evaluated
from kpi.testing.oracle.follow_up import direction_of, known_rows
from kpi.testing.strategies import Rows

_DAY = dt.timedelta(days=1)
_MOST_DAYS = 2
_CERTAIN = {"secured": "met", "lost": "missed"}
"""The verdict on the last day that each certain verdict before it stands for (F12)."""


def the_end_lies_within_what_was_possible(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """However a day's tables are completed, the final figure lies within the bounds of that day (H2).

    A target that was secured is met, and one that was lost is missed. Events that are not known come
    on later days or never, and so do new cases; what is known stays (F2). There is nothing to check
    where no target ends after the day.
    """
    pick = chosen_from(chance)
    day = _day(plan, as_of, pick)
    rows = rows_of(plan, tables)
    known = _known(plan, rows, day)
    before, completed = evaluated(plan, known, day), _completed(plan, rows, known, day, pick)
    told = [(target, last) for target, last in _later(plan, day) if before[target.id].possible]
    # Each last day takes an evaluation: those of one day are looked at together, of a day or two.
    days = sorted({last for _, last in told})
    chosen = pick.sample(days, min(len(days), _MOST_DAYS))
    for last in chosen:
        ends = evaluated(plan, completed, last)
        for target in (target for target, of_target in told if of_target == last):
            when = f"as of {day}, completed by {last}"
            _require_within(target, before[target.id], ends[target.id], when)
    return bool(chosen)


def what_is_certain_stays_so(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,
) -> bool:
    """The bounds of a later day lie within those of an earlier; secured and lost never turn (H4).

    There is nothing to check where no target ends after both days.
    """
    pick = chosen_from(chance)
    day = _day(plan, as_of, pick)
    rows = rows_of(plan, tables)
    known = _known(plan, rows, day)
    completed = _completed(plan, rows, known, day, pick)
    lasts = [last for _, last in _later(plan, day)]
    later = day + pick.randint(1, max((max(lasts) - day).days, 1)) * _DAY
    before, after = evaluated(plan, completed, day), evaluated(plan, completed, later)
    checked = False
    for target, last in _later(plan, day):
        one, two = before[target.id], after[target.id]
        if one.possible is None or last <= later:
            continue
        checked = True
        if one.verdict in _CERTAIN and two.verdict not in (one.verdict, _CERTAIN[one.verdict]):
            message = f"{one.verdict} as of {day}, and {two.verdict} as of {later}"
            raise AssertionError(f"target {target.id}: {message}")
        if two.possible is not None and not _encloses(target, one.possible, two.possible):
            bounds = f"{one.possible.possible} as of {day}, {two.possible.possible} as of {later}"
            raise AssertionError(f"target {target.id}: {bounds}")
    return checked


def _day(plan: Plan, as_of: dt.date | None, pick: random.Random) -> dt.date:
    """Return a day before some target ends: the given one, or one of the days of its window."""
    if as_of is not None and any(True for _ in _later(plan, as_of)):
        return as_of
    ends = [oracle.verdict_day(target, plan) for target in plan.leaves()]
    return max(ends) - pick.randint(1, 200) * _DAY


def _later(plan: Plan, day: dt.date) -> Iterator[tuple[Target, dt.date]]:
    """Yield the targets that end after a day, each with its last day."""
    for target in plan.leaves():
        last = oracle.verdict_day(target, plan)
        if last > day:
            yield target, last


def _known(plan: Plan, rows: Mapping[str, Rows], day: dt.date) -> dict[str, Rows]:
    return {
        name: [dict(row) for row in known_rows(plan.table(name), of_table, plan.time_zone, day)]
        for name, of_table in rows.items()
    }


def _completed(
    plan: Plan,
    rows: Mapping[str, Rows],
    known: Mapping[str, Rows],
    day: dt.date,
    pick: random.Random,
) -> dict[str, Rows]:
    """Return the known rows with events that come on later days or never, and some new rows."""
    completed: dict[str, Rows] = {}
    for name, of_table in known.items():
        table = plan.table(name)
        whole = [_with_events(table, row, day, pick) for row in of_table]
        for row in rows[name]:
            entry = oracle.local_date(row.get(table.entry), plan.time_zone) if table.entry else None
            if entry is not None and entry > day and pick.random() < 0.7:
                # A row of a later day: of its events none is known by the day either.
                hidden = [
                    event
                    for event in table.events
                    if (came := oracle.local_date(row.get(event), plan.time_zone)) is None
                    or came <= day
                ]
                new = {**row, **dict.fromkeys(hidden)}
                whole.append(_with_events(table, new, day, pick))
        completed[name] = whole
    return completed


def _with_events(
    table: Table, row: Mapping[str, object], day: dt.date, pick: random.Random
) -> dict[str, object]:
    days = (1, 2, 7, 30, 31, 90, 200, 365)
    come = {
        event: None if pick.random() < 0.4 else day + pick.choice(days) * _DAY
        for event in table.events
        if row.get(event) is None
    }
    return {**row, **come}


def _require_within(target: Target, before: TargetResult, end: TargetResult, when: str) -> None:
    name = target.id
    certain = _CERTAIN.get(before.verdict)
    if certain is not None and end.verdict != certain:
        raise AssertionError(f"target {name}, {when}: {before.verdict}, and then {end.verdict}")
    assert before.possible is not None, "its bounds are told"
    low, high = _ends(target, before.possible.possible)
    value = end.exact_value
    if value is None:
        return
    if (low is not None and value < low) or (high is not None and value > high):
        raise AssertionError(f"target {name}, {when}: {value} is not from {low} to {high}")


def _ends(target: Target, values: Range) -> tuple[Fraction | None, Fraction | None]:
    """Return the least and the greatest value; None for no end.

    Of a value that should be small, the worst is the greatest.
    """
    if direction_of(target) == "small":
        return values.best, values.worst
    return values.worst, values.best


def _encloses(target: Target, before: Possibilities, after: Possibilities) -> bool:
    """Return whether the bounds of an earlier day hold those of a later one.

    Where nothing can be counted any longer there are no bounds.
    """
    nothing = Range(None, None)
    if before.possible == nothing or (after.may_be_empty and after.possible == nothing):
        return True
    (low, high), (least, most) = (_ends(target, of.possible) for of in (before, after))
    return (low is None or (least is not None and low <= least)) and (
        high is None or (most is not None and most <= high)
    )
