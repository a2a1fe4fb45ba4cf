"""Strategies for tables of pauses, the targets that read them, and their rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kpi.definitions.derived_dates import DateChoice, DateOffset
from kpi.definitions.limits import Before, in_working_hours
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.time_options import ROLLS
from kpi.definitions.time_units import Span
from kpi.testing import oracle
from kpi.testing.strategies.aims import is_by_the_clock
from kpi.testing.strategies.days import DAY, FIRST, LAST
from kpi.testing.strategies.plan_days import plan_days
from kpi.testing.strategies.tables import Rows, extract_dates, targets_of
from kpi.testing.strategies.times import FORMS, Form, never_or_first

_NAMES = ("requests", "hearings")
_LAST_DAYS = st.sampled_from(("counts", "counts", "paused"))
_WEEKS = DateOffset("since", Span(weeks=2))
_DERIVED_ENDS: tuple[dict[str, Any], ...] = (
    {"until": "ends", "derived": {"ends": evolve(_WEEKS, at_latest="until")}},
    {
        "until": "ends",
        "derived": {"cap": _WEEKS, "ends": DateChoice("earliest", ("until", "cap"))},
    },
    # A day before the other may lie before the beginning, and then pauses nothing.
    {"until": "ends", "derived": {"ends": DateOffset("until", Span(days=1), back=True)}},
    {"until": "ends", "derived": {"ends": DateOffset("until", Span(days=0), roll=ROLLS[-1])}},
)
"""Ends of pauses other than the one event."""
_ONE_IN_TWELVE = st.sampled_from((False,) * 11 + (True,))
_HOW_MANY = st.sampled_from((0, 1, 1, 2, 2, 3, 4))
_LENGTHS = st.sampled_from((1, 1, 2, 3, 7, 30, 200))
_BESIDE = st.sampled_from((0, 0, 0, 1, -1))
_BEGINNINGS = st.sampled_from(("telling", "telling", "touching", "overlapping", "any"))
_ENDINGS = st.sampled_from(
    ("some days",) * 3 + ("telling", "telling", "open", "open", "empty", "before")
)


def pause_tables(draw: DrawFn, table: Table) -> list[Table]:
    """Draw one or two tables of pauses of a table's cases, some with other key columns."""
    tables = []
    for n, name in enumerate(_NAMES[: draw(st.sampled_from((1, 1, 2)))]):
        renamed = n > 0 or draw(st.booleans())
        key = tuple(f"of_{column}" for column in table.key) if renamed else table.key
        tables.append(
            Table(
                f"{table.name}_{name}",
                key=key,
                entry="since",
                events="until",
                pauses=table.name,
                last_day=draw(_LAST_DAYS),
                **draw(st.sampled_from(({}, {}, {}, *_DERIVED_ENDS))),
            )
        )
    return tables


def with_pauses(draw: DrawFn, target: Target, tables: Sequence[Table]) -> Target:
    """Return the target with `pauses` or `unless_paused` of some of the tables, or without."""
    names = [table.name for table in tables if table.pauses == target.table]
    if not names or not target.has_key("pauses"):
        return target
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    changes: dict[str, Any] = {}
    backwards = isinstance(getattr(target, "limit", None), Before)
    if (
        not backwards
        and (not is_by_the_clock(target) or in_working_hours(target.limit))
        and draw(st.sampled_from((True, True, True, False)))
    ):
        changes["pauses"] = draw(some)
    if draw(st.sampled_from((False,) * 3 + (not changes, not changes, True))):
        changes["unless_paused"] = draw(some)
    return evolve(target, **changes)


@st.composite
def pause_rows(draw: DrawFn, plan: Plan, table: Table, cases: Rows) -> Rows:
    """Generate pauses of most cases, and now and then of a case that is not in the table.

    Pauses begin and end on the dates of the case, on those that the plan names and a day either
    side; they overlap, touch, are empty, are still open, and now and then end before they begin.

    Args:
        draw: given by Hypothesis.
        plan: the plan.
        table: the table of pauses.
        cases: the rows of the table whose cases are paused.
    """
    of = next(other for other in plan.tables if other.name == table.pauses)
    columns = extract_dates(table)
    forms = {column: Form(plan.time_zone, draw(st.sampled_from(FORMS))) for column in columns}
    snapshot = oracle.with_derived(
        plan, of, oracle.known_at(of, cases, plan.time_zone, dt.date(2199, 1, 1))
    )
    named = sorted(set(plan_days(plan)))
    rows: Rows = []
    for case in snapshot:
        key = dict(zip(table.key, case.key, strict=True))
        telling = _telling(plan, of, case) or named
        last: tuple[dt.date, dt.date] | None = None
        for _ in range(draw(_HOW_MANY)):
            since, to = _pause(draw, telling, named, last)
            if since is not None:
                last = (since, to if to is not None else since + 30 * DAY)
            rows.append(key | _cells(draw, table, forms, since, to))
    if snapshot and draw(st.sampled_from((False, False, True))):
        # Of a key of numbers, one that stands elsewhere may be as good.
        gone = ("gone" if isinstance(part, str) else part for part in snapshot[0].key)
        of_none = dict(zip(table.key, gone, strict=True))
        since, to = _pause(draw, named, named, None)
        rows.append(of_none | _cells(draw, table, forms, since, to))
    return rows


def _cells(
    draw: DrawFn,
    table: Table,
    forms: Mapping[str, Form],
    since: dt.date | None,
    to: dt.date | None,
) -> dict[str, object]:
    """Return the two dates of a pause in the forms of their columns."""
    days = dict(zip(extract_dates(table), (since, to), strict=True))
    cells = {c: None if day is None else forms[c].of_day(draw, day) for c, day in days.items()}
    if to is None and draw(_ONE_IN_TWELVE):
        # Some systems write 9999-12-31 for a pause that is not over.
        until = extract_dates(table)[-1]
        cells[until] = never_or_first(draw, forms[until], never=True)
    return cells


def _telling(plan: Plan, table: Table, case: oracle.Case) -> list[dt.date]:
    """Return the days of a case on which its pauses should turn: start, end, due dates."""
    at = oracle.Counting(plan, table, dt.date(2199, 1, 1))
    days: list[dt.date | None] = []
    for target in targets_of(plan, table):
        if not target.has_key("pauses"):
            continue
        days += [case.day(getattr(target, name)) for name in ("start", "start", "end", "end")]
        if target.has_key("month_end"):
            none: dict[str, Any] = {"pauses": (), "unless_paused": ()}
            unpaused = evolve(target, **none)
            due = oracle.due_of(unpaused, case, at).day
            days += [due, *_rolled_over(unpaused, case, at, due)]
            if due is not None and case.day(getattr(target, "end", "")) is None:
                # A pause that began then, or the day after, decides whether it is due (S14).
                days += [due, due, due + DAY]
    return [day for day in days if day is not None and FIRST < day < LAST]


def _rolled_over(
    target: Target, case: oracle.Case, at: oracle.Counting, due: dt.date | None
) -> list[dt.date]:
    """Return the days over which a due date is rolled, mostly few (S8).

    A pause that begins on one of them moves it on; so does one that begins there once it was moved.
    """
    if due is None or not target.has_key("roll") or is_by_the_clock(target):
        return []
    none: dict[str, Any] = {"roll": "none"}
    counted = oracle.due_of(evolve(target, **none), case, at).day
    if counted is None or counted == due:
        return []
    return [counted + n * DAY for n in range(1, (due - counted).days + 1)] * 2


def _pause(
    draw: DrawFn,
    telling: Sequence[dt.date],
    named: Sequence[dt.date],
    last: tuple[dt.date, dt.date] | None,
) -> tuple[dt.date | None, dt.date | None]:
    """Draw a pause: its first day, and the first day that counts again."""
    if draw(_ONE_IN_TWELVE):
        return None, draw(st.sampled_from((*telling, None)))
    beginning, ending = draw(_BEGINNINGS), draw(_ENDINGS)
    if last is not None and beginning == "touching":
        since = last[1]
    elif last is not None and beginning == "overlapping":
        since = last[0] + draw(_LENGTHS) * DAY
    else:
        days = named if beginning == "any" else telling
        since = draw(st.sampled_from(days)) + draw(_BESIDE) * DAY
    if ending == "open":
        return since, None
    if ending == "telling":
        later = [day for day in (*telling, *named) if day >= since]
        if later:
            return since, draw(st.sampled_from(later)) + draw(_BESIDE) * DAY
    if ending == "before":
        return since, since - draw(st.sampled_from((1, 1, 40))) * DAY
    return since, since if ending == "empty" else since + draw(_LENGTHS) * DAY
