"""Candidate values per cell: those for which a row is counted by a target, and the edges."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs
from attrs import field, frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.derived_dates import DateOffset
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn
from kpi.definitions.plan import Plan
from kpi.definitions.population import (
    Condition,
    Missing,
    OneOf,
    OpenAt,
    Population,
    Range,
    Value,
)
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.thresholds import ThresholdByValue
from kpi.definitions.time_units import Span
from kpi.definitions.windows import EndOf, Window
from kpi.rules._denominators import OF_AN_EVENT
from kpi.rules.flow import Flow
from kpi.rules.share import Share
from kpi.testing import oracle
from kpi.testing.strategies.case_weights import WEIGHTS
from kpi.testing.strategies.days import DAY, FIRST, LAST
from kpi.testing.strategies.plan_days import plan_days
from kpi.testing.strategies.tables import TYPES, VALUES, contents, named_values, targets_of

_FEW_YEARS = 4000


@frozen
class Aims:
    """The targets that the rows of one table are aimed at, and the days that decide.

    Attributes:
        plan: the plan.
        table: the table.
        targets: the targets that read the table.
        edges: the days that the plan names, and a day either side, earliest first.
        days: the days that the table's dates are drawn from, earliest first.
        suiting: the suitable days by target and column; filled as rows are drawn.
    """

    plan: Plan
    table: Table
    targets: Sequence[Target]
    edges: Sequence[dt.date]
    days: Sequence[dt.date]
    suiting: dict[tuple[str, str], Sequence[dt.date]] = field(factory=dict)

    def choices(
        self,
        aim: Target | None,
        column: str,
        row: Mapping[str, object],
        dates: Mapping[str, dt.date],
    ) -> list[Sequence[dt.date]]:
        """Return the lists of days to choose from, none of them empty: near days, edges, any.

        Near days are the due dates and the dates that the row has already, with a day either side.
        Where no day suits, or there is no aim, any day will do.
        """
        near = [
            day + off * DAY
            for day in (*self._dues(aim, column, row, dates), *dates.values())
            for off in (0, 1, -1)
        ]
        edges, days = self.edges, self.days
        if aim is not None:
            days = _in_order(aim, column, self._suiting(aim, column), dates)
            near = [*_in_order(aim, column, sorted(filter(self._suits(aim, column), near)), dates)]
            if column == getattr(aim, "start", None) and not near:
                # A limit goes wrong first where its month lacks the due day.
                near = [day for day in days if len({*_due_dates(self.plan, aim, day)}) > 1]
            edges = sorted(set(edges).intersection(days))
        return [some for some in (near, edges, days) if some] or [self.days]

    def _suiting(self, aim: Target, column: str) -> Sequence[dt.date]:
        key = (aim.id, column)
        if key not in self.suiting:
            suits = self._suits(aim, column)
            self.suiting[key] = [day for day in self.days if suits(day)]
        return self.suiting[key]

    def _dues(
        self,
        aim: Target | None,
        column: str,
        row: Mapping[str, object],
        dates: Mapping[str, dt.date],
    ) -> Iterator[dt.date]:
        """Yield the due dates of the row so far, for a column that is an end or holds due dates.

        And the other dates that a condition bounds the column by (S34).
        """
        for target in self.targets if aim is None else (aim,):
            start = getattr(target, "start", "")
            if start in dates and column in (getattr(target, "end", None), *self.table.dates):
                yield from _due_dates(self.plan, target, dates[start], row)
            yield from self._bounds(target, column, row, dates)

    def _bounds(
        self,
        target: Target,
        column: str,
        row: Mapping[str, object],
        dates: Mapping[str, dt.date],
    ) -> Iterator[dt.date]:
        """Yield the dates so far, moved, that a target's conditions bound a column by."""
        for condition in target.conditions():
            if condition.column != column or not isinstance(condition.test, DateBounds):
                continue
            for bound in condition.test.bounds().values():
                if isinstance(bound, DateOffset) and bound.date in dates:
                    case = oracle.Case({**row, bound.date: dates[bound.date]})
                    day = oracle.offset_date(bound, case, self.plan)
                    if day is not None:
                        yield day

    def due_instant(
        self, aim: Target, row: Mapping[str, object], instants: Mapping[str, dt.datetime]
    ) -> dt.datetime | None:
        """Return the due instant of a row so far, in working hours; None where there is none."""
        zone = self.plan.time_zone
        days = {column: oracle.local_date(instant, zone) for column, instant in instants.items()}
        case = oracle.Case({**row, **days}, instants=instants)
        at = oracle.Counting(self.plan, self.table, LAST)
        return oracle.due_without_pauses(aim, case, at).moment

    def _suits(self, aim: Target, column: str) -> Callable[[dt.date], bool]:
        """Return the predicate of days in a column for which a row can still be counted."""
        tests = [self._in_windows(aim, column), self._in_state(aim, column)]
        predicates = [test for test in tests if test is not None]
        return lambda day: all(predicate(day) for predicate in predicates)

    def _in_windows(self, aim: Target, column: str) -> Callable[[dt.date], bool] | None:
        windows = [c.test for c in aim.where if c.column == column and isinstance(c.test, Window)]
        start, end, event = getattr(aim, "start", None), getattr(aim, "end", None), self._event(aim)
        window = _window(self.plan, aim)
        if window is None or isinstance(aim, Flow):
            return lambda day: all(oracle.in_window(each, day) for each in windows)
        if column == event:
            windows.append(window)
        if column != start or event != end:
            return lambda day: all(oracle.in_window(each, day) for each in windows)

        # A case should fall due where it is counted, or its limit is never near.
        def falls_due(day: dt.date) -> bool:
            dues = list(_due_dates(self.plan, aim, day))
            return not dues or any(oracle.in_window(window, due) for due in dues)

        return lambda day: all(oracle.in_window(each, day) for each in windows) and falls_due(day)

    def _in_state(self, aim: Target, column: str) -> Callable[[dt.date], bool] | None:
        """Return the predicate of being open, in the stock or in the flow; None where not asked."""
        start, end = getattr(aim, "start", None), getattr(aim, "end", None)
        moment, at = getattr(aim, "open_at", None), getattr(aim, "at", None)
        from_day, through = FIRST, LAST
        if isinstance(moment, OpenAt):
            opening = oracle.opening_day(moment)
            if column == (self.table.entry or start):
                through = opening - DAY
            elif column == end:
                from_day = opening
        if isinstance(at, EndOf) and column == start:
            through = min(through, oracle.closing_day(at))
        if isinstance(aim, Flow):
            window = _window(self.plan, aim) or self.plan.period
            first, last = oracle.first_day(window), oracle.last_day(window)
            if column == start and last is not None:
                through = min(through, last)
            elif column == end and first is not None:
                from_day = max(from_day, first)
        if (from_day, through) == (FIRST, LAST):
            return None
        return lambda day: from_day <= day <= through

    def _event(self, aim: Target) -> str | None:
        """Return the column of dates that must fall in a target's window."""
        if getattr(aim, "denominator", None) in OF_AN_EVENT or not hasattr(aim, "start"):
            return getattr(aim, "on", None) or self.table.entry or getattr(aim, "start", None)
        if aim.rule == "every_working_day":
            return getattr(aim, "start", None)
        return getattr(aim, "end", None)


def aims_of(plan: Plan, table: Table) -> Aims:
    """Return the aims of the rows of one table of a plan."""
    edges = _edges(plan)
    return Aims(plan, table, targets_of(plan, table), edges, _candidates(edges))


def _edges(plan: Plan) -> list[dt.date]:
    named = set(plan_days(plan))
    return sorted({day + off * DAY for day in named for off in (-1, 0, 1)})


def _candidates(edges: Sequence[dt.date]) -> list[dt.date]:
    """Return the days a plan names, a day either side, and the month ends around them, sorted."""
    years = range(max(FIRST.year, edges[0].year - 1), min(LAST.year, edges[-1].year + 1) + 1)
    turns = [dt.date(year, month, 1) for year in years for month in range(1, 13)]
    # 28 February and the 29th to 1st of every other month are where months go wrong.
    around = {day - off * DAY for day in turns for off in (0, 1, 2, 3)}
    return sorted(day for day in around.union(edges) if day >= FIRST)


def _window(plan: Plan, aim: Target) -> Window | None:
    """Return the window that a target is counted in; None where it has only a deadline."""
    if not aim.has_key("window"):
        return None
    return aim.window if isinstance(aim.window, Window) else plan.period


def _in_order(
    aim: Target, column: str, days: Sequence[dt.date], dates: Mapping[str, dt.date]
) -> Sequence[dt.date]:
    """Return those of the sorted days with which the case would not end before it starts."""
    start, end = getattr(aim, "start", ""), getattr(aim, "end", "")
    if isinstance(getattr(aim, "limit", None), Before):
        return days
    if column == end and start in dates:
        return days[bisect_left(days, dates[start]) :]
    if column == start and end in dates:
        return days[: bisect_right(days, dates[end])]
    return days


def _due_dates(
    plan: Plan, target: Target, start: dt.date, row: Mapping[str, object] | None = None
) -> Iterator[dt.date]:
    """Yield the days on which a case may be due, in every month-end mode; without pauses."""
    limit, calendar = target.limit_or_unit, oracle.calendar_of(target, plan)
    if limit is None:
        yield from (start + days * DAY for days in _own_numbers(target))
    for day in _unrolled(limit, calendar, start, row):
        yield day
        if (getattr(target, "roll", None) or plan.roll) != "none":
            yield oracle.next_working_day(day, calendar) or day


def _own_numbers(target: Target) -> Iterator[int]:
    """Yield the whole numbers that a user's own rule has, which are likely to be days."""
    for own in attrs.fields(type(target)):
        value = getattr(target, own.name)
        if type(value) is int and abs(value) < _FEW_YEARS:
            yield value


def _unrolled(
    limit: object, calendar: Calendar, start: dt.date, row: Mapping[str, object] | None
) -> Iterator[dt.date]:
    if isinstance(limit, Before):
        if limit.span.working_days:
            days = limit.span.working_days
            yield oracle.working_day_before(start, days, calendar) or start
        for mode in ("down", "up"):
            yield oracle.due_date_before(start, limit.span, mode) or start
    for span in spans_of(limit, row):
        if span.working_days:
            yield oracle.working_day_after(start, span.working_days, calendar) or start
            continue
        for mode in ("down", "up"):
            yield (oracle.due_date(start, span, mode) or start) + clock_of(span)


def spans_of(limit: object, row: Mapping[str, object] | None = None) -> Sequence[Span]:
    """Return the spans that may hold for a row; without a row, for any."""
    if isinstance(limit, Span):
        return (limit,)
    if isinstance(limit, Dated):
        return tuple(span for _, span in limit.periods_in_force())
    if not isinstance(limit, ByValue):
        return ()
    if row is None:
        return tuple(limit.limits.values())
    value = row.get(limit.column)
    return (limit.limits[value],) if isinstance(value, str) and value in limit.limits else ()


def is_by_the_clock(target: Target) -> bool:
    """Return whether every case is measured between instants, so that no day ends it (S3)."""
    return any(oracle.is_by_the_clock(span) for span in spans_of(target.limit_or_unit))


def reads_instants_of(target: Target, column: str) -> bool:
    """Return whether instants in a column may decide: by the clock, or a due instant (S3)."""
    limit = getattr(target, "limit", None)
    if isinstance(limit, DueColumn):
        return limit.by != "date" and column in (limit.column, getattr(target, "end", None))
    names = (getattr(target, "start", None), getattr(target, "end", None))
    return is_by_the_clock(target) and column in names


def clock_of(span: Span) -> dt.timedelta:
    """Return the hours and minutes of a span."""
    return dt.timedelta(hours=span.hours, minutes=span.minutes)


# Cells that hold no dates


def pools_of(plan: Plan, table: Table) -> dict[str, list[Value]]:
    """Return candidate values by plain column: those the plan compares with, and others."""
    pools: dict[str, list[Value]] = {
        column: list(VALUES.get(kind, ()))
        for column, kind in contents(plan, table).items()
        if kind not in ("date", "number")
    }
    for target in targets_of(plan, table):
        for condition in target.conditions():
            if condition.column in pools and isinstance(condition.test, OneOf | Range):
                pools[condition.column][:0] = _compared(condition.test)
        for column, pool in pools.items():
            pool[:0] = named_values(target, column)
        if target.count_as in pools:
            pools[target.count_as] = [*WEIGHTS]
    return {column: list(dict.fromkeys(pool)) for column, pool in pools.items()}


def _compared(test: OneOf | Range) -> list[Value]:
    if isinstance(test, OneOf):
        return [*test.values, *VALUES[TYPES[type(test.values[0])]]]
    bounds = (test.at_least, test.more_than, test.at_most, test.less_than)
    return [n + off for n in bounds if n is not None for off in (-1, 0, 1)]


def asks_null(aim: Target, column: str) -> bool:
    """Return whether only a row with a null in the column can be counted by a target (S34)."""
    return any(
        condition.column == column and condition.test == Missing(missing=True)
        for condition in aim.where
    )


def is_moved(aim: Target, column: str) -> bool:
    """Return whether a condition of a target bounds a date by another one, moved (S34)."""
    return any(
        isinstance(bound, DateOffset) and bound.date == column
        for condition in aim.conditions()
        if isinstance(condition.test, DateBounds)
        for bound in condition.test.bounds().values()
    )


def suits_cell(plan: Plan, aim: Target, column: str, value: Value) -> bool:
    """Return whether a row with that cell can still be counted, or met, by a target."""
    limit = getattr(aim, "limit", None)
    if column == aim.count_as and isinstance(value, int) and value < 1:
        return False
    if isinstance(limit, ByValue) and limit.column == column and value not in limit.limits:
        return False
    by_value = aim.threshold
    if isinstance(by_value, ThresholdByValue) and by_value.column == column:
        return value in by_value.thresholds and _fulfils(plan, aim, column, value)
    return _fulfils(plan, aim, column, value)


def _fulfils(plan: Plan, aim: Target, column: str, value: Value) -> bool:
    having = aim.having if isinstance(aim, Share) else Population()
    tests: list[Condition] = [c for c in (*aim.where, *having) if c.column == column]
    return all(oracle.holds(test, oracle.Case({column: value}), plan) for test in tests)
