"""Derived dates, computed from the snapshot at `as_of` (S1, S4, S15)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pendulum
from attrs import evolve

from kpi.definitions.limits import ByValue
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.testing.oracle.calendars import next_working_day, working_day_after, working_day_before
from kpi.testing.oracle.cases import Case
from kpi.testing.oracle.dates import DAY, due_date, due_date_before, last_of_period, months_later

if TYPE_CHECKING:
    # For the type alone: a calendar also counts, for the engine.
    from kpi.definitions.calendars import Calendar
    from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset
    from kpi.definitions.time_units import Span


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
            if derived.before is not None:
                yield derived.before
        case "DateOffset":
            yield derived.date
            if derived.at_latest is not None:
                yield derived.at_latest
        case "DateFraction":
            yield from (derived.start, derived.end)
        case unknown:
            raise TypeError(f"the oracle knows no derived date of the kind {unknown}")


def _choice(choice: DateChoice, case: Case, plan: Plan) -> dt.date | None:  # noqa: ARG001 - as the others
    days = [day for column in choice.of if (day := case.day(column)) is not None]
    end = None if choice.before is None else case.day(choice.before)
    if end is not None:
        days = [day for day in days if not day > end]
    if not days or (choice.which == "once_all" and len(days) < len(choice.of)):
        return None
    return min(days) if choice.which == "earliest" else max(days)


def offset_date(offset: DateOffset, case: Case, plan: Plan) -> dt.date | None:
    """Return a date of the case moved by some time; None where it or the time is missing (S34)."""
    day = _moved(offset, case, plan)
    if day is not None and offset.end_of is not None:
        day = last_of_period(day, offset.end_of, int(plan.year_starts))
    if day is not None and offset.roll != "none":
        day = next_working_day(day, _calendar(offset, plan))
    latest = None if offset.at_latest is None else case.day(offset.at_latest)
    if day is None or latest is None or day <= latest:
        return day
    # Held back, but never moved to before the day itself.
    start = case.day(offset.date)
    assert start is not None, "a day was moved from there"
    if latest >= start:
        return latest
    return min(day, start)


def _day_counted(offset: DateOffset, case: Case, plan: Plan) -> dt.date | None:
    """Return the day as which the time of an offset's date counts: the next, where its day is over (S35)."""
    day = case.day(offset.date)
    moment = case.instant(offset.date)
    if day is None or day == dt.date.max or offset.day_ends is None or moment is None:
        return day
    time = pendulum.instance(moment).in_timezone(plan.time_zone).time()
    return day + DAY if time > offset.day_ends else day


def _moved(offset: DateOffset, case: Case, plan: Plan) -> dt.date | None:
    day = _day_counted(offset, case, plan)
    if day is None:
        return None
    span = _own_span(offset, case)
    if span is None and not isinstance(offset.by, str):
        return None
    mode = plan.month_end
    if offset.end_of in ("month", "quarter", "half-year", "year") and not _counts_days(
        offset, span
    ):
        # The end of a month asks for no day that a month could lack (S4).
        mode = "down"
    if isinstance(offset.by, str):
        number = case.cells.get(offset.by)
        if number is None:
            return None
        assert isinstance(number, int), f"{offset.by} holds {number!r}"
        steps = -number if offset.back else number
        return day + steps * DAY if offset.unit == "days" else months_later(day, steps, mode)
    assert span is not None, "what is not counted by a column is counted by a span"
    if span.working_days:
        step = working_day_before if offset.back else working_day_after
        return step(day, span.working_days, _calendar(offset, plan))
    move = due_date_before if offset.back else due_date
    return move(day, span, mode)


def _own_span(offset: DateOffset, case: Case) -> Span | None:
    """Return the span that a case's date moves by: the only one, or that of its value."""
    if isinstance(offset.by, str):
        return None
    if isinstance(offset.by, ByValue):
        value = case.text(offset.by.column)
        return None if value is None else offset.by.limits.get(value)
    return offset.by


def _calendar(offset: DateOffset, plan: Plan) -> Calendar:
    return plan.calendar if offset.calendar is None else offset.calendar


def _counts_days(offset: DateOffset, span: Span | None) -> bool:
    """Return whether an offset counts days or weeks, after months or alone."""
    if span is None:
        return offset.unit == "days"
    return bool(span.weeks or span.days)


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
