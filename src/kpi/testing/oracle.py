"""The oracle: a plan evaluated in plain Python, case by case, straight from the numbered rules.

It is slow and obvious on purpose. It shares the words of a plan with the engine (the frozen
definitions) and none of its arithmetic: windows, due dates and comparisons are worked out here a
second time, so that an error would have to be made twice to go unseen.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import pendulum
from attrs import evolve, frozen
from pendulum.tz.exceptions import AmbiguousTime, NonExistingTime

from kpi.conditions import Condition, OneOf, OpenAt, Range
from kpi.limits import DueColumn, Span
from kpi.periods import Window
from kpi.plan import Plan, Table, Target

_DAY = dt.timedelta(days=1)


@frozen
class Row:
    """What became of one row under one target (S12).

    Attributes:
        bucket: `outside`, `excluded`, `undetermined` or `counted`.
        reason: why an excluded row is excluded; None for every other bucket.
        met: whether a counted row of a share is met; None otherwise, and for every average.
        days: whole days from start to end of a counted row, where it has ended (S2).
        due: the due date of a counted row, where the rule has one.
    """

    bucket: str
    reason: str | None = None
    met: bool | None = None
    days: int | None = None
    due: dt.date | None = None


@frozen
class Outcome:
    """What became of one target.

    Attributes:
        rows: the rows of its table that exist at `as_of`.
        outside: those the population or the window leaves out.
        counted: those the value is made of.
        undetermined: those whose outcome is not yet certain.
        excluded: how many were excluded, by reason, each more than none.
        met: for a share: how many counted rows are met.
        total: for an average: the days of the counted rows, summed.
        value: met / counted or total / counted, exactly; None where none is counted (S25).
        verdict: `met`, `missed`, `not_assessable` or `open` (S27).
        trail: what became of each row, in the order of the rows that exist at `as_of`.
    """

    rows: int
    outside: int
    counted: int
    undetermined: int
    excluded: dict[str, int]
    met: int | None
    total: int | None
    value: Fraction | None
    verdict: str
    trail: tuple[Row, ...]


@frozen
class Case:
    """One row as it was known at `as_of`, its dates made local.

    Attributes:
        cells: its cells by column; a date column holds a local date or None.
        unreal: the columns with a local time that its zone never had (S1).
        repeated: whether its key stands more than once (S13).
    """

    cells: Mapping[str, object]
    unreal: frozenset[str] = frozenset()
    repeated: bool = False

    def day(self, column: str) -> dt.date | None:
        """The local date in a date column."""
        value = self.cells.get(column)
        assert value is None or isinstance(value, dt.date), f"{column} holds {value!r}"
        return value


@frozen
class Counting:
    """What every rule needs beside its target and its cases."""

    plan: Plan
    table: Table
    as_of: dt.date


# Tables


def local_date(value: object, zone: str) -> dt.date | None:
    """The local calendar date of a cell (S1)."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = pendulum.instance(value).in_timezone(zone)
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    raise TypeError(f"found {value!r}; accepted: a date, a time or None")


def has_no_such_local_time(value: object, zone: str) -> bool:
    """Whether a cell is a wall-clock time that the zone's clocks jumped over (S1)."""
    if not isinstance(value, dt.datetime) or value.tzinfo is not None:
        return False
    try:
        pendulum.timezone(zone).convert(value, raise_on_unknown_times=True)
    except NonExistingTime:
        return True
    except AmbiguousTime:
        # It occurs twice, and so it occurs.
        return False
    return False


def known_at(
    table: Table, rows: Iterable[Mapping[str, object]], zone: str, as_of: dt.date
) -> list[Case]:
    """The rows of a table that exist at the end of `as_of`, as they were known then (S15)."""
    cases = []
    keys = []
    for row in rows:
        case = _local(table, row, zone)
        entry = case.day(table.entry) if table.entry is not None else None
        if entry is not None and entry > as_of:
            continue
        cases.append(_without_later_events(table, case, as_of))
        keys.append(tuple(row[column] for column in table.key))
    times = Counter(keys)
    return [evolve(case, repeated=times[k] > 1) for case, k in zip(cases, keys, strict=True)]


def _local(table: Table, row: Mapping[str, object], zone: str) -> Case:
    cells = dict(row)
    unreal = set()
    for column in (table.entry, *table.events, *table.dates):
        if column is not None:
            cells[column] = local_date(row.get(column), zone)
            if has_no_such_local_time(row.get(column), zone):
                unreal.add(column)
    return Case(cells, frozenset(unreal))


def _without_later_events(table: Table, case: Case, as_of: dt.date) -> Case:
    cells = dict(case.cells)
    unreal = set(case.unreal)
    for column in table.events:
        day = case.day(column)
        if day is not None and day > as_of:
            cells[column] = None
            # What is not known yet cannot be an impossible time either.
            unreal.discard(column)
    return Case(cells, frozenset(unreal))


# Windows (S9): read off their words


def in_window(window: Window, day: dt.date) -> bool:
    """Whether a day lies in a window, read off its words."""
    if window.name is not None:
        return _in_named(window.name, day)
    return (
        (window.since is None or day >= window.since)
        and (window.after is None or day > window.after)
        and (window.before is None or day < window.before)
        and (window.through is None or day <= window.through)
    )


def _in_named(name: str, day: dt.date) -> bool:
    year, _, part = name.partition("-")
    if day.year != int(year):
        return False
    if part == "":
        return True
    if part[0] == "H":
        return (day.month <= 6) == (part == "H1")
    if part[0] == "Q":
        return (day.month + 2) // 3 == int(part[1])
    return day.month == int(part)


def last_day(window: Window) -> dt.date | None:
    """The last day inside a window, or None where it has no end."""
    if window.name is not None:
        year, _, part = window.name.partition("-")
        month = 12
        if part.startswith("H"):
            month = 6 * int(part[1])
        elif part.startswith("Q"):
            month = 3 * int(part[1])
        elif part:
            month = int(part)
        return _month_end(int(year), month)
    if window.before is not None:
        return window.before - _DAY
    return window.through


def opening_day(moment: OpenAt) -> dt.date:
    """The day at whose start a case must be open: the day named, or the period's first (S21)."""
    if isinstance(moment.start_of, dt.date):
        return moment.start_of
    year, _, part = moment.start_of.partition("-")
    month = 1
    if part.startswith("H"):
        month = 1 if part == "H1" else 7
    elif part.startswith("Q"):
        month = (1, 4, 7, 10)[int(part[1]) - 1]
    elif part:
        month = int(part)
    return dt.date(int(year), month, 1)


# Due dates: S3 and S4


def due_date(start: dt.date, span: Span, mode: str) -> dt.date | None:
    """The last day in time, or None where the month-end mode refuses to name one.

    Years and months are one step from the start, rounded once; weeks and days come after (S4).

    Args:
        start: the day that is not counted.
        span: the limit, in the units it was written in.
        mode: `down`, `sticky`, `up` or `refuse`.
    """
    months = 12 * span.years + span.months
    day = _months_later(start, months, mode) if months else start
    if day is None:
        return None
    return day + dt.timedelta(weeks=span.weeks, days=span.days)


def _months_later(start: dt.date, months: int, mode: str) -> dt.date | None:
    years, month0 = divmod(start.month - 1 + months, 12)
    end = _month_end(start.year + years, month0 + 1)
    if mode == "sticky" and start == _month_end(start.year, start.month):
        return end
    if start.day <= end.day:
        return end.replace(day=start.day)
    if mode == "refuse":
        return None
    return end + _DAY if mode == "up" else end


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


# Populations (S10), and who was open (S21)


def holds(condition: Condition, case: Case) -> bool:
    """Whether a condition holds; one on a null never does (S10)."""
    value = case.cells.get(condition.column)
    if value is None:
        return False
    test = condition.test
    if isinstance(test, Window):
        assert isinstance(value, dt.date), f"{condition.column} holds {value!r}"
        return in_window(test, value)
    if isinstance(test, OneOf):
        # By kind too: Python takes True for 1.
        equal = any(type(value) is type(other) and value == other for other in test.values)
        return not equal if test.negated else equal
    assert isinstance(value, int), f"{condition.column} holds {value!r}"
    return _in_range(test, value)


def _in_range(test: Range, value: int) -> bool:
    return (
        (test.at_least is None or value >= test.at_least)
        and (test.more_than is None or value > test.more_than)
        and (test.at_most is None or value <= test.at_most)
        and (test.less_than is None or value < test.less_than)
    )


def _in_population(target: Any, table: Table, case: Case) -> bool:
    no_start = case.day(target.start) is None
    for condition in target.where.conditions:
        # S10's exception: a null start fails no window on the start; it is excluded later.
        if no_start and condition.column == target.start:
            continue
        if not holds(condition, case):
            return False
    left_out = target.unless.conditions
    if left_out and all(holds(condition, case) for condition in left_out):
        return False
    return target.open_at is None or _was_open(target, table, case)


def _was_open(target: Any, table: Table, case: Case) -> bool:
    day = opening_day(target.open_at)
    entry = table.entry if table.entry is not None else target.start
    entered, ended = case.day(entry), case.day(target.end)
    # S10's exception again, where the entry is the start.
    has_entered = entry == target.start if entered is None else entered < day
    return has_entered and (ended is None or ended >= day)


def _happened_in(target: Any, window: Window, event: str, case: Case) -> bool:
    day = case.day(event)
    # And again, where the event is the start.
    return event == target.start if day is None else in_window(window, day)


# Rows


_OUTSIDE = Row("outside")


def _excluded(
    target: Any, case: Case, *, limit_missing: bool = False, refused: bool = False
) -> Row | None:
    """The row with its first reason for exclusion, in the order of S12, or None."""
    start, end = case.day(target.start), case.day(target.end)
    reasons = (
        ("start missing", start is None),
        ("limit missing", limit_missing),
        ("end before start", start is not None and end is not None and end < start),
        ("refused month end", refused),
        ("no such local time", not case.unreal.isdisjoint((target.start, target.end))),
        ("repeated id", case.repeated),
    )
    for reason, applies in reasons:
        if applies:
            return Row("excluded", reason)
    return None


def _days(target: Any, case: Case) -> int | None:
    start, end = case.day(target.start), case.day(target.end)
    return None if start is None or end is None else (end - start).days


def _in_time(end: dt.date | None, due: dt.date) -> bool:
    """S6: ended on or before the due date; a case that has not ended is not in time."""
    return end is not None and end <= due


# Outcomes


def _outcome(
    trail: Sequence[Row],
    last: dt.date | None,
    as_of: dt.date,
    *,
    met: int | None = None,
    total: int | None = None,
    reached: bool,
) -> Outcome:
    buckets = Counter(row.bucket for row in trail)
    counted = buckets["counted"]
    amount = met if met is not None else total
    assert amount is not None, "a rule sums up either the met rows or the days"
    assert last is not None, "a target's window has an end, for the verdict falls on it"
    return Outcome(
        rows=len(trail),
        outside=buckets["outside"],
        counted=counted,
        undetermined=buckets["undetermined"],
        excluded=dict(Counter(row.reason for row in trail if row.reason is not None)),
        met=met,
        total=total,
        value=Fraction(amount, counted) if counted else None,
        verdict=_verdict(last, as_of, counted, reached=reached),
        trail=tuple(trail),
    )


def _verdict(last: dt.date, as_of: dt.date, counted: int, *, reached: bool) -> str:
    if as_of < last:
        return "open"
    if counted == 0:
        return "not_assessable"
    return "met" if reached else "missed"


def _share(target: Any, trail: Sequence[Row], last: dt.date | None, as_of: dt.date) -> Outcome:
    """Met over counted against the threshold, exactly (S19)."""
    met = sum(row.met is True for row in trail)
    counted = sum(row.bucket == "counted" for row in trail)
    reached = met * 100 >= Fraction(target.threshold) * counted
    return _outcome(trail, last, as_of, met=met, reached=reached)


# Rules, one function each


def average(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """The days of the cases that ended in the window, against the limit (S16).

    The most that the total may be is the sum of each counted case's own days from its start to
    its due date. For a limit in days that is the limit times the count; for one in months it is
    the reading of S5.
    """
    window = target.window if target.window is not None else at.plan.period
    mode = target.month_end if target.month_end is not None else at.plan.month_end
    trail = []
    total = allowed = 0
    for case in cases:
        start, end = case.day(target.start), case.day(target.end)
        due = None if start is None else due_date(start, target.limit, mode)
        inside = _in_population(target, at.table, case)
        if not inside or not _happened_in(target, window, target.end, case):
            trail.append(_OUTSIDE)
        elif (row := _excluded(target, case, refused=due is None)) is not None:
            trail.append(row)
        else:
            assert start is not None
            assert end is not None
            assert due is not None
            total += (end - start).days
            allowed += (due - start).days
            trail.append(Row("counted", days=(end - start).days))
    return _outcome(trail, last_day(window), at.as_of, total=total, reached=total <= allowed)


def within(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """The share of the cases that ended on or before their due dates (S3-S6, S11, S19)."""
    window = target.window if target.window is not None else at.plan.period
    mode = target.month_end if target.month_end is not None else at.plan.month_end
    in_table = isinstance(target.limit, DueColumn)
    trail = []
    for case in cases:
        start = case.day(target.start)
        if in_table:
            due = case.day(target.limit.column)
        else:
            due = None if start is None else due_date(start, target.limit, mode)
        no_due = {"limit_missing": due is None} if in_table else {"refused": due is None}
        inside = _in_population(target, at.table, case)
        if not inside or not _enters(target, window, case, due, at):
            trail.append(_OUTSIDE)
        elif (row := _excluded(target, case, **no_due)) is not None:
            trail.append(row)
        elif not _is_certain(target, case, due, at.as_of):
            trail.append(Row("undetermined"))
        else:
            assert due is not None
            met = _in_time(case.day(target.end), due)
            trail.append(Row("counted", met=met, days=_days(target, case), due=due))
    return _share(target, trail, last_day(window), at.as_of)


def _enters(target: Any, window: Window, case: Case, due: dt.date | None, at: Counting) -> bool:
    """Whether a case of the population enters the denominator (S11, S12).

    A case without a due date enters where a due date is asked for: it is excluded, with its reason.
    """
    if target.denominator == "closed":
        return _happened_in(target, window, target.end, case)
    if target.denominator in ("cohort", "overdue"):
        event = target.on or at.table.entry or target.start
        return _happened_in(target, window, event, case)
    if due is None:
        return True
    if target.denominator == "due":
        return in_window(window, due) and due <= at.as_of
    return in_window(window, _settling_day(target, case, due))


def _settling_day(target: Any, case: Case, due: dt.date) -> dt.date:
    """The day on which the outcome is certain: the end in time, else the day after the due date."""
    end = case.day(target.end)
    return end if end is not None and end <= due else due + _DAY


def _is_certain(target: Any, case: Case, due: dt.date | None, as_of: dt.date) -> bool:
    """Whether the outcome of a case inside is certain at `as_of` (S11, S12)."""
    assert due is not None, "a case without a due date is excluded before"
    if target.denominator == "overdue":
        return case.day(target.end) is not None or due <= as_of
    return target.denominator != "settled" or _settling_day(target, case, due) <= as_of


def clearance(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """The share of a cohort that ended by the deadline; open cases count as not met (S21)."""
    last = last_day(target.deadline)
    assert last is not None, "a deadline has an end"
    trail = []
    for case in cases:
        if not _in_population(target, at.table, case):
            trail.append(_OUTSIDE)
        elif (row := _excluded(target, case)) is not None:
            trail.append(row)
        else:
            met = _in_time(case.day(target.end), last)
            trail.append(Row("counted", met=met, days=_days(target, case), due=last))
    return _share(target, trail, last, at.as_of)


Rule: TypeAlias = Callable[[Any, Sequence[Case], Counting], Outcome]
"""What stands in `RULES`: the target, its table's cases and the circumstances, to an outcome."""

RULES: dict[str, Rule] = {"average": average, "clearance": clearance, "within": within}
"""The oracle's function for each kind of target; a rule of a user's own is added here."""


def evaluate(
    plan: Plan,
    tables: Mapping[str, Sequence[Mapping[str, object]]],
    as_of: dt.date | None = None,
) -> dict[str, Outcome]:
    """Every target of a plan, worked out case by case.

    Args:
        plan: the plan.
        tables: the rows of each table; a target of a table that is lacking is
            not assessable (S25).
        as_of: the day the tables are read as of (default: the last day of the plan's period, S15).

    Returns:
        What became of each target, by its id.
    """
    day = as_of if as_of is not None else last_day(plan.period)
    assert day is not None, "a plan's period has both ends"
    cases = {
        table.name: known_at(table, tables.get(table.name, ()), plan.time_zone, day)
        for table in plan.tables
    }
    found = {target.id: _evaluate(target, plan, cases, day) for target in plan.targets}
    return {
        target.id: found[target.id]
        if target.table in tables
        else evolve(found[target.id], verdict="not_assessable")
        for target in plan.targets
    }


def _evaluate(
    target: Target, plan: Plan, cases: Mapping[str, Sequence[Case]], as_of: dt.date
) -> Outcome:
    table = next(table for table in plan.tables if table.name == target.table)
    return RULES[target.rule](target, cases[table.name], Counting(plan, table, as_of))
