"""Strategies for small situations in the middle of a window: every completion can be evaluated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve, field, frozen
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kpi.definitions.limits import ByValue, Dated
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.time_options import MONTH_ENDS
from kpi.definitions.time_units import Span
from kpi.definitions.windows import Window
from kpi.testing import oracle
from kpi.testing.strategies.days import DAY, near
from kpi.testing.strategies.odds import seldom
from kpi.testing.strategies.small_targets import (
    PERMITS,
    SMALL_TARGETS,
    TYPES,
    WAITS,
    Week,
    small_targets,
)
from kpi.testing.strategies.tables import REPORTED, SLOTS, Rows, facts_of

_FIRSTS = (
    dt.date(2022, 2, 25),
    dt.date(2024, 2, 24),
    dt.date(2022, 3, 28),
    dt.date(2022, 4, 12),
    dt.date(2022, 10, 26),
    dt.date(2021, 12, 29),
    dt.date(2022, 6, 6),
)
"""First days of windows of a week: over the ends of short months, Easter and the turn of a year."""

_MOST_ROWS = 6
_MOST_OPEN = 3
_MOST_COMPLETIONS = 20_000
_MOST_OF_AMOUNTS = 150
"""The most completions of the known rows; fewer where each gives other figures."""

_AMOUNTS = ("average", "percentile", "flow", "every_working_day")


@frozen
class Situation:
    """A plan, its tables, and the day at whose end they are known; some rows are of later days.

    Attributes:
        plan: a plan of one target or two, with a window of 7 days.
        tables: the rows of its tables.
        as_of: a day before the last one of the window.
        values: the cells that newcomers may have, by table and column.
    """

    plan: Plan
    tables: Mapping[str, Rows]
    as_of: dt.date
    values: Mapping[str, Mapping[str, Sequence[object]]] = field(factory=dict)


@st.composite
def situations(
    draw: DrawFn, *, most: int = 2, rules: Sequence[str] = tuple(sorted(SMALL_TARGETS))
) -> Situation:
    """Generate small situations: up to 6 cases, of which up to 3 have events to come.

    Args:
        draw: given by Hypothesis.
        most: how many targets a plan has at most.
        rules: the kinds of target that it may have.
    """
    first = draw(st.sampled_from(_FIRSTS))
    final = first + 6 * DAY
    # 8 days are left on a day before the window, or fewer within it.
    week = Week(first, final, final - draw(st.sampled_from((3, 1, 2, 4, 5, 6, 7, 8))) * DAY)
    number = draw(st.integers(1, most))
    targets = [draw(small_targets(week, str(n + 1), rules)) for n in range(number)]
    read = {read.column for target in targets for read in target.reads()}
    paused = any(target.tables[1:] for target in targets)
    if paused or {"decided", "announced"} <= read or any(_is_daily(t) for t in targets):
        # Two events of a case, and its pauses, multiply what can become of it.
        week = evolve(week, as_of=max(week.as_of, final - 4 * DAY))
    tables = [_with_events(PERMITS, read), *([WAITS] if paused else [])]
    facts = any(t.table == REPORTED.name or t.on_condition is not None for t in targets)
    tables += [REPORTED] if facts else []
    tables += [SLOTS] if any(_is_daily(target) for target in targets) else []
    plan = Plan(
        id="generated",
        period=Window(since=first, through=final),
        month_end=draw(st.sampled_from(MONTH_ENDS)),
        tables=tables,
        targets=targets,
    )
    rows = {PERMITS.name: draw(_cases(week, plan, read))}
    if paused:
        rows[WAITS.name] = draw(_waits(week, rows[PERMITS.name]))
    if facts:
        rows[REPORTED.name] = draw(_facts(week, plan))
    if SLOTS in tables:
        rows[SLOTS.name] = draw(_slots(week, plan))
    return Situation(plan, rows, week.as_of, _values(week, plan, read))


def _is_daily(target: Target) -> bool:
    return target.table == SLOTS.name


def _with_events(table: Table, read: Iterable[str]) -> Table:
    """Return the table with the events that are read: one at least."""
    events = [event for event in table.events if event in {*read}]
    return evolve(table, events=events or table.events[:1])


def _values(week: Week, plan: Plan, read: Iterable[str]) -> dict[str, dict[str, Sequence[object]]]:
    """Return the cells that newcomers may have, in the columns that are read."""
    planned = {week.first - 40 * DAY, week.first, week.as_of + DAY, week.final, week.final + DAY}
    cases: dict[str, Sequence[object]] = {
        "case_type": (*TYPES, "other", None),
        "persons": (1, 3),
        "due": (*sorted(planned | {*_planned(plan)}), None),
    }
    return {
        PERMITS.name: {column: cells for column, cells in cases.items() if column in {*read}},
        SLOTS.name: {"next_free": (week.as_of + DAY, week.final + 30 * DAY, None)},
        REPORTED.name: {"value": (0, 1, 7, 90, None), "condition": (True, False, None)},
    }


def _planned(plan: Plan) -> Iterator[dt.date]:
    """Yield the days about the bounds of each window of due dates, on either side of them."""
    for target in plan.leaves():
        for population in (target.where, target.unless):
            for condition in population.leaves():
                if condition.column == "due" and isinstance(condition.test, Window):
                    for word in ("since", "after", "before", "through"):
                        bound = getattr(condition.test, word)
                        if bound is not None:
                            yield from (bound - DAY, bound, bound + DAY)


@st.composite
def _cases(draw: DrawFn, week: Week, plan: Plan, read: set[str]) -> Rows:
    (table,) = (table for table in plan.tables if table.name == PERMITS.name)
    left = (week.final - week.as_of).days
    amounts = any(target.rule in _AMOUNTS for target in plan.leaves())
    room = _MOST_OF_AMOUNTS if amounts else _MOST_COMPLETIONS
    may_repeat = WAITS.name not in {table.name for table in plan.tables}
    starts = sorted({*_starts(week, plan)})
    rows: Rows = []
    still_open = 0
    for n in range(draw(st.integers(0, _MOST_ROWS))):
        filed = draw(near(starts))
        row: dict[str, object] = {
            "case_id": "c0" if n and may_repeat and draw(seldom(seldom(st.just(1)))) else f"c{n}",
            "filed": None if draw(st.integers(0, 11)) == 11 else filed,
            "case_type": draw(st.sampled_from((*TYPES, *TYPES, "other", None))),
            "persons": draw(st.sampled_from((1, 2, 3, 0, None))),
            "due": draw(st.one_of(week.days(), week.days(), st.none())),
        }
        to_come = 0
        for event in table.events:
            row[event] = None
            is_open = draw(st.booleans())
            # An event of a later day is not known yet.
            if is_open and still_open < _MOST_OPEN and room >= left + 1:
                row[event] = draw(st.sampled_from((None, None, week.as_of + DAY, week.final)))
                room //= left + 1
                to_come = 1
            elif not is_open or event == "decided":
                earliest = min(max(filed - DAY, week.first - 3 * DAY), week.as_of)
                row[event] = earliest + draw(st.integers(0, (week.as_of - earliest).days)) * DAY
            elif "announced" in read:
                row[event] = week.as_of
        still_open += to_come
        rows.append(row)
    return rows


def _starts(week: Week, plan: Plan) -> Iterator[dt.date]:
    """Yield days to file on: those whose due dates lie about the day, the last day or the first."""
    yield from (week.first, week.as_of, week.as_of - 2 * DAY)
    if week.as_of < week.final:
        # A row that is not there yet.
        yield week.as_of + DAY
    for target in plan.leaves():
        limit = getattr(target, "limit", None)
        spans = [limit] if isinstance(limit, Span) else []
        if isinstance(limit, ByValue):
            spans = [*limit.limits.values()]
        elif isinstance(limit, Dated):
            spans = [limit.first, *(span for _, span in limit.later)]
        for span in spans:
            for day in (week.first, week.as_of, week.final):
                start = oracle.due_date_before(day, span, "down")
                assert start is not None, "the mode `down` refuses no day"
                yield start - span.working_days * DAY


@st.composite
def _waits(draw: DrawFn, week: Week, cases: Rows) -> Rows:
    """Generate pauses of some cases: over, running, or of later days."""
    rows: Rows = []
    for case in cases:
        if draw(st.booleans()):
            since = draw(near((week.as_of - 3 * DAY, week.as_of - DAY, week.as_of)))
            until = draw(st.sampled_from((None, None, since + 2 * DAY, week.as_of)))
            rows.append({"case_id": case["case_id"], "since": since, "until": until})
    return rows


@st.composite
def _facts(draw: DrawFn, week: Week, plan: Plan) -> Rows:
    """Generate reports of most facts: done, still to be done, of a number, of a condition."""
    rows: Rows = []
    for fact in facts_of(plan):
        if draw(st.integers(0, 2)):
            done = draw(st.one_of(st.none(), week.days()))
            value = draw(st.sampled_from((0, 1, 7, 90, None)))
            came = draw(st.sampled_from((True, True, False, None)))
            rows.append({"target": fact, "done": done, "value": value, "condition": came})
    return rows


@st.composite
def _slots(draw: DrawFn, week: Week, plan: Plan) -> Rows:
    """Generate a row for most working days up to the day, mostly within the limit."""
    rows: Rows = []
    for n, day in enumerate(oracle.working_days(week.first, week.as_of, plan.calendar)):
        if draw(st.integers(0, 5)) < 5:
            late = draw(st.sampled_from((0, 0, 0, 0, 30, None)))
            free = None if late is None else day + late * DAY
            rows.append({"slot": f"s{n}", "day": day, "next_free": free})
    return rows
