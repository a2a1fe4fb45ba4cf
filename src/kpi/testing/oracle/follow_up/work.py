"""What deciding a known case does to a target, by deciding it on every day that is left (F31, F32)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Literal, TypeAlias

from attrs import evolve, frozen

from kpi.definitions.bounds import Bounds
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.testing.oracle import Outcome, local_date, outcome_of, snapshots
from kpi.testing.oracle.follow_up.completions import completed_rows, moments
from kpi.testing.oracle.follow_up.direction import direction_of
from kpi.testing.oracle.follow_up.known import Cells, known_rows
from kpi.testing.oracle.follow_up.likeness import without_ranks
from kpi.testing.oracle.follow_up.possibilities import final_day

WorkGroup: TypeAlias = Literal["in time", "late", "against", "not started"]

_OF_TIME = ("average", "percentile", "within")
"""The rules whose cases can be late."""

_NUMBERS = ("count", "flow", "stock")
"""The rules whose figure is a number of rows."""


@frozen(kw_only=True)
class Work:
    """What deciding an open case does to a target.

    Attributes:
        key: the key of the case.
        group: what it is to the target.
        first_day: the first day on which deciding it helps; None where none does.
        last_day: the last such day.
        met: what deciding it on that day adds to met, in what it counts as; None of amounts and of
            numbers.
        counted: what deciding it then adds to counted; of a number, to that.
    """

    key: tuple[object, ...]
    group: WorkGroup
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    met: int | None = None
    counted: int | None = None


def work_of(
    plan: Plan,
    target: Any,
    tables: Mapping[str, Sequence[Mapping[str, object]]],
    as_of: dt.date,
    times: Sequence[dt.time] = (),
) -> list[Work]:
    """Return the open cases whose deciding changes what a target comes to, in the order of the rows.

    Each case is looked at alone. Each of its events that is not known comes on every day that is
    left, or never; what the target makes of it is compared with what it would be without an end.

    Args:
        plan: the plan.
        target: a target that reads no pauses, with an event for its end.
        tables: the rows of each table.
        as_of: the day at whose end they are known.
        times: the times of day of events to come, where the clock is read.
    """
    table = next(table for table in plan.tables if table.name == target.table)
    day = final_day(target, plan)
    known = known_rows(table, tables[table.name], plan.time_zone, as_of)
    keys = [tuple(row[column] for column in table.key) for row in known]
    found = []
    for row, key in zip(known, keys, strict=True):
        if row.get(_end(target)) is None and keys.count(key) == 1:
            steps = list(_steps(plan, target, table, row, moments(as_of, day, times), day))
            found += [] if (work := _work(target, row, key, steps)) is None else [work]
    return found


def _end(target: Any) -> str:
    return str(target.end if hasattr(target, "end") else target.on)


@frozen
class _Step:
    """A case that is decided on a day, and what it would be without.

    Attributes:
        day: the day.
        outcome: the outcome of the case alone.
        without: its outcome if it is never decided, all other dates the same.
    """

    day: dt.date
    outcome: Outcome
    without: Outcome


def _steps(
    plan: Plan,
    target: Any,
    table: Table,
    row: Cells,
    after: Sequence[dt.date],
    day: dt.date,
) -> Iterator[_Step]:
    end, alone = _end(target), without_ranks(target)

    def others(completed: Cells) -> str:
        return repr(sorted((c, v) for c, v in completed.items() if c != end and v is not None))

    completed = sorted(completed_rows(table, row, after), key=others)
    for _, alike in groupby(completed, key=others):
        rows = list(alike)
        of_end = {repr(one[end]): _outcome(plan, alone, table, one, day) for one in rows}
        for one in rows:
            cell = local_date(one[end], plan.time_zone)
            if cell is not None:
                yield _Step(cell, of_end[repr(one[end])], of_end[repr(None)])


def _outcome(plan: Plan, target: Any, table: Table, row: Cells, day: dt.date) -> Outcome:
    tables: dict[str, Sequence[Cells]] = {other.name: () for other in plan.tables}
    return outcome_of(
        evolve(target, every=None, rolling=None, on_condition=None),
        plan,
        snapshots(plan, {**tables, table.name: [row]}, day),
        day,
    )


def _work(target: Any, row: Cells, key: tuple[object, ...], steps: Sequence[_Step]) -> Work | None:
    better = [s for s in steps if _favour(target, s.outcome) > _favour(target, s.without)]
    worse = [s for s in steps if _favour(target, s.outcome) < _favour(target, s.without)]
    if not better and not worse:
        return None
    start = getattr(target, "start", None)
    if start is not None and row.get(start) is None:
        return Work(key=key, group="not started")
    if not better:
        missed = any(_is_missed(target, step.outcome) for step in worse)
        is_late = missed and target.rule in _OF_TIME
        return Work(key=key, group="late" if is_late else "against")
    last = max(step.day for step in better)
    # Of several completions of its other events, the best.
    best = max((step for step in better if step.day == last), key=partial(_merit, target))
    is_judged = target.rule not in (*_NUMBERS, "average", "percentile")
    counted = _number_of if target.rule in _NUMBERS else _counted
    return Work(
        key=key,
        group="in time",
        first_day=min(step.day for step in better),
        last_day=last,
        met=_met(best.outcome) - _met(best.without) if is_judged else None,
        counted=counted(target, best.outcome) - counted(target, best.without),
    )


def _merit(target: Any, step: _Step) -> tuple[int, int]:
    """Return how good it is to decide a case, and how much better than not to."""
    favour = _favour(target, step.outcome)
    return favour, favour - _favour(target, step.without)


def _met(outcome: Outcome) -> int:
    return outcome.met or 0


def _counted(_: Any, outcome: Outcome) -> int:
    return outcome.counted if outcome.counted_as is None else outcome.counted_as.counted


def _number_of(target: Any, outcome: Outcome) -> int:
    name = "stock" if target.rule == "stock" else getattr(target, "indicator", "")
    number = outcome.figures[name] if name else outcome.value
    assert number is not None, "a number of rows is one"
    return int(number)


def _is_missed(target: Any, outcome: Outcome) -> bool:
    if target.rule in ("average", "percentile"):
        return outcome.counted > 0 and outcome.verdict != "met"
    return outcome.counted > 0 and not outcome.met


def _favour(target: Any, outcome: Outcome) -> int:
    """Return how good an outcome is for the target: the greater, the better."""
    if target.rule in _NUMBERS:
        return _number_of(target, outcome) * (1 if _asks_for_more(target) else -1)
    if not outcome.counted:
        return 0
    sign = 1 if _asks_for_more(target) else -1
    return -sign if _is_missed(target, outcome) else sign


def _asks_for_more(target: Any) -> bool:
    """Return whether more rows in the number, or more rows met, are asked for."""
    if getattr(target, "late", None) is not None:
        # The fewer are late, the more are in time.
        return direction_of(target) == "small"
    bounds: Bounds | None = None
    if getattr(target, "against", None) is not None:
        bounds = getattr(target, "change", None) or getattr(target, "difference", None)
    if bounds is not None:
        return (bounds.at_least, bounds.more_than) != (None, None)
    return target.rule not in _NUMBERS or direction_of(target) == "large"
