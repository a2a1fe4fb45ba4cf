"""A plausible synthetic extract for a plan: enough of every edge to try a plan on.

Most rows are aimed at a target and kept plausible around its limit; some lie on the limit or a day
beside it, start at a month's end, are still open, or lack a date.
"""

from __future__ import annotations

import bisect
import datetime as dt
import random
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from attrs import field, frozen

from kpi.conditions import Condition, OneOf, Range
from kpi.deadlines import due_table
from kpi.interval import IntervalTarget
from kpi.limits import MonthEnd, Span
from kpi.periods import Window
from kpi.plan import Plan, Table, Target

_YEARS = 3
_OTHER = "other"
_DAY = dt.timedelta(1)
_EPOCH = dt.date(1970, 1, 1)
_USUAL = Span(days=90)

Row = dict[str, Any]


def sample(plan: Plan, rows: int, seed: int = 0) -> dict[str, pl.DataFrame]:
    """Synthetic tables for a plan, the same for the same plan, rows and seed.

    Args:
        plan: the plan whose tables are made.
        rows: rows of each table.
        seed: what the choices depend on.
    """
    made = {}
    for name, targets in plan.tables_read().items():
        rng = random.Random(f"{seed}/{name}")  # noqa: S311 - a sample, not a secret
        made[name] = _table(plan, plan.table(name), targets, rows, rng)
    return made


@frozen
class _Aim:
    """A target with what it takes to put a case near its limit."""

    target: Target
    start: str
    end: str
    window: tuple[dt.date, dt.date]
    low: dt.date
    due: Sequence[int] = field(repr=False)

    def start_due_on(self, day: dt.date) -> dt.date:
        """The latest start that is due on a day, or else on the nearest day before it."""
        n = bisect.bisect_right(self.due, (day - _EPOCH).days) - 1
        return self.low + dt.timedelta(max(n, 0))


def _aim(plan: Plan, table: Table, target: Target) -> _Aim:
    period = plan.period
    first, last = _ends(target.window_of(plan), period)
    low, high = first - dt.timedelta(366 * _YEARS), last
    limit = getattr(target, "limit", None)
    span = limit if isinstance(limit, Span) else _USUAL
    mode: MonthEnd = getattr(target, "month_end", None) or plan.month_end
    if mode == "refuse":
        mode = "down"
    due = due_table((low - _EPOCH).days, (high - _EPOCH).days, span, mode)
    days = due.to_physical().to_list() if span.total_months else _plain_days(low, high, span)
    if isinstance(target, IntervalTarget):
        return _Aim(target, target.start, target.end, (first, last), low, days)
    dates = table.date_columns
    return _Aim(target, dates[0], dates[-1], (first, last), low, days)


def _plain_days(low: dt.date, high: dt.date, span: Span) -> list[int]:
    return [(low - _EPOCH).days + n + span.total_days for n in range((high - low).days + 1)]


def _ends(window: Window, period: Window) -> tuple[dt.date, dt.date]:
    first = window.first or period.first
    last = window.last or period.last
    assert first is not None, "a plan's period has both ends"
    assert last is not None, "a plan's period has both ends"
    return first, last


def _table(
    plan: Plan, table: Table, targets: Sequence[Target], rows: int, rng: random.Random
) -> pl.DataFrame:
    aims = [_aim(plan, table, target) for target in targets]
    values = _values(targets)
    made = [_row(n, table, rng.choice(aims), values, rng) for n in range(1, rows + 1)]
    kinds = {name: type(next(v for v in known if v is not None)) for name, known in values.items()}
    types: dict[type, pl.DataType] = {str: pl.String(), int: pl.Int64(), bool: pl.Boolean()}
    schema = {
        **{name: pl.String() for name in table.key if name not in table.date_columns},
        **{name: types[kind] for name, kind in kinds.items()},
        **{name: pl.Date() for name in table.date_columns},
    }
    return pl.DataFrame({name: [row.get(name) for row in made] for name in schema}, schema=schema)


def _values(targets: Sequence[Target]) -> dict[str, list[Any]]:
    """For each column that is compared with values, those values and one that is none of them."""
    found: dict[str, list[Any]] = {}
    for target in targets:
        for condition in target.conditions():
            test = condition.test
            if isinstance(test, OneOf):
                found.setdefault(condition.column, []).extend(test.values)
            elif isinstance(test, Range):
                found.setdefault(condition.column, []).extend(
                    v + d for v in test.data().values() for d in (-1, 0, 1)
                )
    return {
        name: [*dict.fromkeys(values), _strange(values[0], values)]
        for name, values in found.items()
    }


def _strange(like: object, values: list[Any]) -> object:
    """A value of the same kind that is none of the values, as far as the kind has one."""
    if isinstance(like, bool):
        return not like
    return _OTHER if isinstance(like, str) else max(values) + 1


def _row(
    n: int, table: Table, aim: _Aim, values: Mapping[str, list[Any]], rng: random.Random
) -> Row:
    row: Row = dict.fromkeys(table.key, f"{table.name}-{n:07}")
    for name, known in values.items():
        row[name] = rng.choice(known) if rng.random() < 0.9 else None
    start, end = _dates(aim, rng)
    row[aim.start], row[aim.end] = start, end
    for name in table.date_columns:
        if name not in row and start is not None:
            row[name] = start + dt.timedelta(rng.randrange(0, 60)) if rng.random() < 0.7 else None
    if table.entry is not None and table.entry != aim.start and start is not None:
        row[table.entry] = start - dt.timedelta(rng.randrange(0, 45))
    if rng.random() < 0.95:
        for condition in aim.target.where:
            _satisfy(row, condition, aim, rng)
    _flaws(row, table, aim, rng)
    return row


def _dates(aim: _Aim, rng: random.Random) -> tuple[dt.date, dt.date]:
    """A start and an end: the end mostly in the window, the time mostly within the limit."""
    first, last = aim.window
    early, late = _start_bounds(aim)
    end = _between(first, last, rng)
    if rng.random() < 0.1:
        end += dt.timedelta(rng.choice((-1, 1)) * rng.randrange(1, 400))
    on_limit = aim.start_due_on(end)
    share = rng.random()
    if share < 0.06:
        start = on_limit
    elif share < 0.12:
        start = on_limit + rng.choice((-1, 1)) * _DAY
    else:
        length = max((end - on_limit).days, 1)
        start = end - dt.timedelta(
            int(length * rng.uniform(0.1, 1) if rng.random() < 0.85 else rng.uniform(0.8, 1.6))
        )
    if rng.random() < 0.08:
        start = start.replace(day=1) - _DAY
    if not early <= start <= late and rng.random() < 0.97:
        start = _between(early, late, rng)
    return start, max(start, end)


def _start_bounds(aim: _Aim) -> tuple[dt.date, dt.date]:
    """What the target's own conditions leave for the start."""
    early, late = aim.low, aim.window[1]
    for condition in aim.target.where:
        if condition.column == aim.start and isinstance(condition.test, Window):
            early = max(early, condition.test.first or early)
            late = min(late, condition.test.last or late)
    open_at = getattr(aim.target, "open_at", None)
    if open_at is not None:
        late = min(late, open_at.day - _DAY)
    return early, max(early, late)


def _between(first: dt.date, last: dt.date, rng: random.Random) -> dt.date:
    return first + dt.timedelta(rng.randrange(0, max((last - first).days, 0) + 1))


def _satisfy(row: Row, condition: Condition, aim: _Aim, rng: random.Random) -> None:
    test, name = condition.test, condition.column
    if isinstance(test, OneOf):
        if not test.negated:
            row[name] = rng.choice(test.values)
        elif row[name] is None or row[name] in test.values:
            row[name] = _OTHER if isinstance(test.values[0], str) else None
    elif isinstance(test, Range):
        low = test.at_least if test.at_least is not None else (test.more_than or 0) + 1
        high = test.at_most if test.at_most is not None else (test.less_than or low + 12) - 1
        row[name] = rng.randint(low, max(low, high))
    elif name not in (aim.start, aim.end):
        first = test.first or (test.last or aim.window[0]) - dt.timedelta(365)
        row[name] = _between(first, test.last or aim.window[1], rng)


def _flaws(row: Row, table: Table, aim: _Aim, rng: random.Random) -> None:
    """Open cases and, rarely, dates that are missing or the wrong way round."""
    chance = rng.random()
    if chance < 0.12:
        row[aim.end] = None
    elif chance < 0.125:
        row[aim.start] = None
    elif chance < 0.128 and row[aim.start] is not None:
        row[aim.end] = row[aim.start] - dt.timedelta(rng.randrange(1, 20))
    if table.entry is not None and table.entry != aim.start and rng.random() < 0.03:
        row[aim.start] = None
