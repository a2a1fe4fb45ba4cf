"""Derived dates, computed from the snapshot at `as_of` (S1, S4, S15)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.testing.oracle.calendars import next_working_day, working_day_after, working_day_before
from kpi.testing.oracle.cases import Case
from kpi.testing.oracle.dates import DAY, due_date, due_date_before, months_later

if TYPE_CHECKING:
    from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset


def with_derived(plan: Plan, table: Table, cases: Iterable[Case]) -> list[Case]:
    """Return the cases with their derived dates, each computed from those before it."""
    return [_derived(plan, table, case) for case in cases]


def _derived(plan: Plan, table: Table, case: Case) -> Case:
    for name, date in table.derived.items():
        day = _KINDS[type(date).__name__](date, case, plan)
        # A local time that never was has the date that is written: no clock is read (S1).
        case = evolve(case, cells={**case.cells, name: day})
    return case


def dates_behind(derived: Any) -> Iterator[str]:
    """Yield the date columns that a derived date is made of.

    Raises:
        TypeError: for a kind of derived date that the oracle does not know.
    """
    match type(derived).__name__:
        case "DateChoice":
            yield from derived.of
        case "DateOffset":
            yield derived.date
        case "DateFraction":
            yield from (derived.start, derived.end)
        case unknown:
            raise TypeError(f"the oracle knows no derived date of the kind {unknown}")


def _choice(choice: DateChoice, case: Case, plan: Plan) -> dt.date | None:  # noqa: ARG001 - as the others
    days = [day for column in choice.of if (day := case.day(column)) is not None]
    if not days or (choice.which == "once_all" and len(days) < len(choice.of)):
        return None
    return min(days) if choice.which == "earliest" else max(days)


def offset_date(offset: DateOffset, case: Case, plan: Plan) -> dt.date | None:
    """Return a date of the case moved by some time; None where it or the time is missing (S34)."""
    day = _moved(offset, case, plan)
    if day is None or offset.roll == "none":
        return day
    return next_working_day(day, plan.calendar)


def _moved(offset: DateOffset, case: Case, plan: Plan) -> dt.date | None:
    day = case.day(offset.date)
    if day is None:
        return None
    if isinstance(offset.by, str):
        number = case.cells.get(offset.by)
        if number is None:
            return None
        assert isinstance(number, int), f"{offset.by} holds {number!r}"
        steps = -number if offset.back else number
        return (
            day + steps * DAY if offset.unit == "days" else months_later(day, steps, plan.month_end)
        )
    if offset.by.working_days:
        step = working_day_before if offset.back else working_day_after
        return step(day, offset.by.working_days, plan.calendar)
    move = due_date_before if offset.back else due_date
    return move(day, offset.by, plan.month_end)


def _fraction(fraction: DateFraction, case: Case, plan: Plan) -> dt.date | None:  # noqa: ARG001 - as the others
    start, end = case.day(fraction.start), case.day(fraction.end)
    if start is None or end is None or end < start:
        return None
    days = fraction.share * (end - start).days
    return start + (math.ceil(days) if fraction.rounded == "up" else math.floor(days)) * DAY


_KINDS: Mapping[str, Any] = {
    "DateChoice": _choice,
    "DateOffset": offset_date,
    "DateFraction": _fraction,
}
