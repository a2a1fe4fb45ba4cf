"""Strategies for the rows of a plan's tables; most suit a target, so that they are counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from attrs import frozen
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.derived_dates import day_ended
from kpi.definitions.limits import DueColumn
from kpi.definitions.plan import Plan
from kpi.definitions.population import Value
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.testing import oracle
from kpi.testing.strategies.aims import (
    Aims,
    aims_of,
    asks_null,
    clock_of,
    is_moved,
    pools_of,
    reads_instants_of,
    spans_of,
    suits_cell,
)
from kpi.testing.strategies.days import DAY
from kpi.testing.strategies.derived import behind
from kpi.testing.strategies.facts import facts
from kpi.testing.strategies.pauses import pause_rows
from kpi.testing.strategies.settling import settled
from kpi.testing.strategies.tables import REPORTED, Rows, contents, extract_dates
from kpi.testing.strategies.times import (
    FORMS,
    TO_THE_MINUTE,
    Form,
    is_never_or_first,
    near_a_turn,
    never_or_first,
)

_WAYS = st.sampled_from(("aimed",) * 10 + ("free", "free", "null"))
"""How a cell is drawn: to suit the target that its row aims at, freely, or null."""

_BAD_WAYS = st.sampled_from(("free", "free", "null"))
"""How the cells are drawn of a row with several flaws, of which the first counts."""

_BESIDE_LIMIT = st.sampled_from(
    tuple(
        dt.timedelta(microseconds=n)
        for n in (0, 0, 1, 1, -1, -1, 60_000_000, -60_000_000, -3_600_000_000, 3_600_000_000)
    )
)
_ONE_IN_FOUR = st.sampled_from((False, False, False, True))
_ONE_IN_TWELVE = st.sampled_from((False,) * 11 + (True,))
_ONE_IN_FORTY = st.sampled_from((False,) * 39 + (True,))
_ONE_IN_EIGHT = st.sampled_from((False,) * 7 + (True,))
_MOST_DAYS = 31


@st.composite
def tables_for(
    draw: DrawFn, plan: Plan, *, most: int = 12, repeats: bool = True
) -> dict[str, Rows]:
    """Generate rows for every table of a plan.

    A date column holds dates, or naive times, or times in UTC, throughout one table; one that is
    read to the minute holds times. Every column but the key holds nulls, and a table may have no
    rows. A table of which a target asks every working day has a row for most of those days, and
    the table of facts one for most of the facts that the plan asks for.

    Args:
        draw: given by Hypothesis.
        plan: the plan.
        most: how many rows a table has at most, beside those of working days and facts.
        repeats: whether ids may be repeated.
    """
    drawn = {
        table.name: draw(
            facts(plan, table, repeats)
            if table.name == REPORTED.name
            else _rows(plan, table, most, repeats)
        )
        for table in plan.tables
        if table.pauses is None
    }
    # Pauses begin and end where their cases do, and then cases end when they are due.
    pauses = {
        table.name: draw(pause_rows(plan, table, drawn[table.pauses]))
        for table in plan.tables
        if table.pauses is not None
    }
    return {
        table.name: pauses[table.name]
        if table.name in pauses
        else settled(draw, plan, table, drawn[table.name], pauses)
        for table in plan.tables
    }


@frozen
class _Setting:
    """The settings from which the rows of one table are drawn.

    Attributes:
        aims: the targets that the rows are aimed at.
        pools: the candidate values of each plain column.
        forms: the form in which each date column writes its days.
        not_null: the columns that hold no null, as they are part of the key.
        ends: whether cases end at all; else only the first date column holds dates.
    """

    aims: Aims
    pools: Mapping[str, Sequence[Value]]
    forms: Mapping[str, Form]
    not_null: frozenset[str]
    ends: bool


@st.composite
def _rows(draw: DrawFn, plan: Plan, table: Table, most: int, repeats: bool) -> Rows:
    kinds, aims = contents(plan, table), aims_of(plan, table)
    to_the_minute = {column for target in aims.targets for column in target.timestamp_columns()}
    to_the_minute |= day_ended(table.derived)
    dates = [column for column, kind in kinds.items() if kind == "date"]
    setting = _Setting(
        aims=aims,
        pools=pools_of(plan, table),
        forms={
            column: Form(
                plan.time_zone,
                draw(st.sampled_from(TO_THE_MINUTE if column in to_the_minute else FORMS)),
            )
            for column in dates
        },
        not_null=frozenset(table.key),
        ends=not draw(_ONE_IN_EIGHT),
    )
    # Left to itself a list is short; it still shrinks to nothing.
    least = min(most, draw(st.sampled_from((0, 4, 8))))
    rows = draw(st.lists(_row(setting), min_size=least, max_size=most))
    if rows:
        # Cases of equal durations, and values that stand twice.
        room = min(3, most - len(rows))
        ranked = any(
            getattr(t, "fastest", None) or getattr(t, "distinct", None) for t in aims.targets
        )
        least = min(2, room) if ranked else 0
        twins = draw(st.lists(st.integers(0, len(rows) - 1), min_size=least, max_size=room))
        rows += [dict(rows[n]) for n in twins]
    daily = [target for target in aims.targets if isinstance(target, EveryWorkingDay)]
    if daily and not draw(_ONE_IN_EIGHT):
        more = rows[: draw(st.sampled_from((0, 0, 0, 2)))]
        rows = [*_working_days(draw, setting, draw(st.sampled_from(daily))), *more]
    return _with_keys(draw, table, rows, repeats)


@st.composite
def _row(draw: DrawFn, setting: _Setting) -> dict[str, object]:
    """Generate rows that mostly suit one target, so that not all are left out."""
    targets = setting.aims.targets
    aim = draw(st.sampled_from(targets)) if targets else None
    ways = _BAD_WAYS if draw(_ONE_IN_EIGHT) else _WAYS
    row = _plain_cells(draw, setting, aim, ways)
    dates: dict[str, dt.date] = {}
    instants: dict[str, dt.datetime] = {}
    # A limit is counted from the start, so the start, or the dates behind it, is drawn first.
    table = setting.aims.table
    first = {*behind(table, getattr(aim, "start", ""))}
    for column in sorted(setting.forms, key=lambda column: column not in first):
        zone = setting.forms[column].zone
        cell = row[column] = _date_cell(draw, setting, aim, column, row, dates, instants, ways)
        day = oracle.local_date(cell, zone)
        if day is None or is_never_or_first(day):
            continue
        dates[column] = day
        if table.derived and first <= row.keys():
            dates |= _derived(setting, row, dates)
        if aim is not None and reads_instants_of(aim, column):
            instant = oracle.instant(cell, zone)
            instants |= {} if instant is None else {column: instant}
    return row


def _never_or_first(draw: DrawFn, setting: _Setting, column: str) -> object:
    """Draw 9999-12-31 or 1900-01-01; None where time counted from it would be out of range.

    An event on the former is unknown at every as-of date, and so counts nothing; a date that is
    never masked may be counted from, and be moved.
    """
    aims = setting.aims
    table, plan = aims.table, aims.plan
    calendars = [plan.calendar, *(oracle.calendar_of(target, plan) for target in aims.targets)]
    if any(calendar.name not in (None, "denmark") for calendar in calendars):
        return None
    starts = [getattr(target, "start", None) for target in aims.targets]
    paused = any(getattr(target, "pauses", ()) for target in aims.targets)
    hidden = column == table.entry or column in table.events
    moved = any(is_moved(target, column) for target in aims.targets)
    never = hidden or not (table.derived or paused or moved or column in starts)
    return never_or_first(draw, setting.forms[column], never=never)


def _derived(
    setting: _Setting, row: Mapping[str, object], dates: Mapping[str, dt.date]
) -> dict[str, dt.date]:
    """Return the derived dates of a row so far, of those whose dates have all been drawn."""
    table = setting.aims.table
    case = oracle.Case({**row, **dict.fromkeys(setting.forms), **dates})
    (case,) = oracle.with_derived(setting.aims.plan, table, [case])
    drawn = (name for name in table.derived if {*behind(table, name)} <= row.keys())
    return {name: day for name in drawn if (day := case.day(name)) is not None}


def _plain_cells(
    draw: DrawFn, setting: _Setting, aim: Target | None, ways: SearchStrategy[str] = _WAYS
) -> dict[str, object]:
    row: dict[str, object] = {}
    for column, pool in setting.pools.items():
        way = draw(ways)
        row[column] = None
        if way == "aimed" and aim is not None and asks_null(aim, column):
            way = "null"
        if way != "null" or column in setting.not_null:
            suits = aim if way == "aimed" else None
            # An empty text is no key.
            values = [v for v in pool if v != "" or column not in setting.not_null]
            suiting = [
                v
                for v in values
                if suits is None or suits_cell(setting.aims.plan, suits, column, v)
            ]
            row[column] = draw(st.sampled_from(suiting or values))
    return row


def _date_cell(
    draw: DrawFn,
    setting: _Setting,
    aim: Target | None,
    column: str,
    row: Mapping[str, object],
    dates: Mapping[str, dt.date],
    instants: Mapping[str, dt.datetime],
    ways: SearchStrategy[str],
) -> object:
    form, way = setting.forms[column], draw(ways)
    if way == "aimed" and aim is not None and asks_null(aim, column):
        way = "null"
    never = not setting.ends and column != extract_dates(setting.aims.table)[0]
    limit = getattr(aim, "limit", None)
    if draw(_ONE_IN_FORTY) and column not in setting.not_null:
        cell = _never_or_first(draw, setting, column)
        if cell is not None:
            return cell
    # A null due date is a limit that is missing, one of the first reasons for exclusion.
    lacking = isinstance(limit, DueColumn) and limit.column == column and draw(_ONE_IN_EIGHT)
    if (way == "null" or never or lacking) and column not in setting.not_null:
        return None
    suits = aim if way == "aimed" else None
    if suits is not None and reads_instants_of(suits, column):
        instant = _instant(draw, setting, suits, column, row, instants)
        if instant is not None:
            return form.of_instant(instant)
    start = getattr(suits, "start", "")
    if column == getattr(suits, "end", None) and start in dates and draw(_ONE_IN_TWELVE):
        # A case that ended before it started.
        return form.of_day(draw, dates[start] - draw(st.sampled_from((1, 1, 30))) * DAY)
    choices = setting.aims.choices(suits, column, row, dates)
    some = choices[0] if len(choices) == 1 else draw(st.sampled_from(choices))
    return form.of_day(draw, draw(st.sampled_from(some)))


def _instant(
    draw: DrawFn,
    setting: _Setting,
    aim: Target,
    column: str,
    row: Mapping[str, object],
    instants: Mapping[str, dt.datetime],
) -> dt.datetime | None:
    """Draw an instant on or beside a limit by the clock, or a start when clocks turn; or None."""
    start, limit = getattr(aim, "start", ""), aim.limit_or_unit
    if isinstance(limit, DueColumn):
        # Of due date and end, the later drawn is on or beside the other.
        other = limit.column if column == aim.end else aim.end  # type: ignore[attr-defined]
        near = other in instants and draw(st.booleans())
        return instants[other] + draw(_BESIDE_LIMIT) if near else None
    if column == start and draw(_ONE_IN_FOUR):
        plan = setting.aims.plan
        year = draw(st.sampled_from(sorted({day.year for day in setting.aims.edges})))
        return near_a_turn(draw, plan.time_zone, year)
    spans = spans_of(limit, row)
    if column == start or start not in instants or not spans or draw(_ONE_IN_FOUR):
        return None
    # Beside the start a case ends before it starts, or at once.
    after = draw(st.sampled_from((*map(clock_of, spans), dt.timedelta(0))))
    if oracle.is_in_working_hours(spans[0]) and not draw(_ONE_IN_EIGHT):
        due = setting.aims.due_instant(aim, row, instants)
        return None if due is None else due + draw(_BESIDE_LIMIT)
    return instants[start] + after + draw(_BESIDE_LIMIT)


def _working_days(draw: DrawFn, setting: _Setting, target: EveryWorkingDay) -> Rows:
    """Draw a row for each working day that a target judges, now and then but for a few."""
    plan, calendar = setting.aims.plan, oracle.calendar_of(target, setting.aims.plan)
    window = target.window if target.window is not None else plan.period
    first, last = oracle.first_day(window), oracle.last_day(window)
    assert first is not None, "its window has both ends"
    assert last is not None, "its window has both ends"
    days = oracle.working_days(first, min(last, first + _MOST_DAYS * DAY), calendar)
    dropped = draw(st.lists(st.sampled_from(days), max_size=2)) if days else []
    if draw(st.sampled_from((True, True, False))):
        dropped = []
    plain = _plain_cells(draw, setting, target)
    early = draw(st.booleans())
    rows: Rows = []
    for day in days:
        if day in dropped:
            continue
        row: dict[str, object] = {**dict.fromkeys(setting.forms), **plain}
        due = oracle.due_date(day, target.limit, "down") or day
        if oracle.is_in_working_days(target.limit):
            due = oracle.working_day_after(day, target.limit.working_days, calendar) or day
        beside = 0 if early else draw(st.sampled_from((0, 0, 0, 0, -1, 1, None)))
        # In place of a derived date the dates behind it are drawn, and may miss it.
        ends = behind(setting.aims.table, target.end)
        starts = behind(setting.aims.table, target.start)
        if beside is not None:
            end = max(day, due + beside * DAY)
            row |= {column: setting.forms[column].of_day(draw, end) for column in ends}
        row |= {column: setting.forms[column].of_day(draw, day) for column in starts}
        rows.append(row)
    return rows


def _with_keys(draw: DrawFn, table: Table, rows: Rows, repeats: bool) -> Rows:
    """Return the rows with keys: mostly unique, now and then drawn from few."""
    count = len(rows)
    lacking = [column for column in table.key if not rows or column not in rows[0]]
    numbers = list(range(count))
    if repeats and count and lacking and draw(st.sampled_from((False, False, False, True))):
        numbers = draw(st.lists(st.integers(0, max(1, count // 2)), min_size=count, max_size=count))
    keyed: Rows = []
    for n, row in zip(numbers, rows, strict=True):
        # Where a key has several columns, neither names a row alone.
        own: dict[str, object] = {column: f"c{n}" for column in lacking[:1]}  # noqa: C420 - typed
        if len(lacking) > 1:
            own = {lacking[0]: f"c{n // 2}", **dict.fromkeys(lacking[1:], n % 2)}
        keyed.append({**own, **row})
    if repeats or lacking:
        return keyed
    unique = {tuple(row[column] for column in table.key): row for row in keyed}
    return list(unique.values())
