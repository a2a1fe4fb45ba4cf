"""Dates that a plan derives from others, made of what is known at `as_of` (S1, S4, S15)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.testing.oracle.calendars import working_day_after, working_day_before
from kpi.testing.oracle.cases import Case
from kpi.testing.oracle.dates import DAY, due_date, due_date_before, months_later

if TYPE_CHECKING:
    from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset


def with_derived(plan: Plan, table: Table, cases: Iterable[Case]) -> list[Case]:
    """The cases with their derived dates beside the others, each made of those before it."""
    return [_derived(plan, table, case) for case in cases]


def _derived(plan: Plan, table: Table, case: Case) -> Case:
    for name, one in table.derived.items():
        day = _KINDS[type(one).__name__](one, case, plan)
        # Of a local time that never was, the date that is written is taken: no clock is read (S1).
        case = evolve(case, cells={**case.cells, name: day})
    return case


def dates_behind(one: Any) -> Iterator[str]:
    """The date columns that a derived date is made of."""
    match type(one).__name__:
        case "DateChoice":
            yield from one.of
        case "DateOffset":
            yield one.date
        case "DateFraction":
            yield from (one.start, one.end)
        case unknown:
            raise TypeError(f"the oracle knows no derived date of the kind {unknown}")


def _choice(one: DateChoice, case: Case, plan: Plan) -> dt.date | None:  # noqa: ARG001 - as the others
    days = [day for column in one.of if (day := case.day(column)) is not None]
    if not days or (one.which == "once_all" and len(days) < len(one.of)):
        return None
    return min(days) if one.which == "earliest" else max(days)


def _offset(one: DateOffset, case: Case, plan: Plan) -> dt.date | None:
    day = case.day(one.date)
    if day is None:
        return None
    if isinstance(one.by, str):
        number = case.cells.get(one.by)
        if number is None:
            return None
        assert isinstance(number, int), f"{one.by} holds {number!r}"
        steps = -number if one.back else number
        return day + steps * DAY if one.unit == "days" else months_later(day, steps, plan.month_end)
    if one.by.working_days:
        step = working_day_before if one.back else working_day_after
        return step(day, one.by.working_days, plan.calendar)
    move = due_date_before if one.back else due_date
    return move(day, one.by, plan.month_end)


def _fraction(one: DateFraction, case: Case, plan: Plan) -> dt.date | None:  # noqa: ARG001 - as the others
    start, end = case.day(one.start), case.day(one.end)
    if start is None or end is None or end < start:
        return None
    days = one.share * (end - start).days
    return start + (math.ceil(days) if one.rounded == "up" else math.floor(days)) * DAY


_KINDS: Mapping[str, Any] = {
    "DateChoice": _choice,
    "DateOffset": _offset,
    "DateFraction": _fraction,
}
