"""The inverse of derived dates: values of the columns that they are made of."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping

from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset, Derived
from kpi.definitions.limits import ByValue
from kpi.definitions.plan import Plan
from kpi.definitions.time_units import Span
from kpi.sample.values import Row, day_of
from kpi.time.due_dates import back_from

_DAYS, _MONTHS = (30, 400), (2, 30)
_DAY = dt.timedelta(days=1)


def undo(
    plan: Plan, derived: Mapping[str, Derived], entry: str | None, row: Row, rng: random.Random
) -> None:
    """Fill in the columns that the derived dates of a row are made of.

    Args:
        plan: the plan.
        derived: the derived dates by name, each after those that it is made of.
        entry: the entry of the table, which is not left empty where another date can be; or None.
        row: a row that holds derived dates.
        rng: where the choices come from.
    """
    for name, date in reversed(tuple(derived.items())):
        if name not in row:
            continue
        value = row[name]
        day = None if value is None else day_of(value)
        if isinstance(date, DateChoice):
            _undo_choice(date, day, entry, row, rng)
        elif isinstance(date, DateFraction):
            _undo_fraction(date, day, row, rng)
        else:
            _undo_offset(plan, date, day, row, rng)


def _undo_choice(
    choice: DateChoice, day: dt.date | None, entry: str | None, row: Row, rng: random.Random
) -> None:
    # A date that another target has set already is the last to be changed.
    carrier = next((name for name in reversed(choice.of) if name not in row), choice.of[-1])
    row[carrier] = day
    for name in choice.of:
        if name == carrier:
            continue
        other = None if row.get(name) is None else day_of(row[name])
        if day is None:
            # A choice is null where one of all, or where every one, is null.
            row[name] = other if choice.which == "once_all" else None
        elif other is not None:
            row[name] = max(other, day) if choice.which == "earliest" else min(other, day)
        elif (
            choice.which == "once_all" or name == entry or (name not in row and rng.random() < 0.5)
        ):
            beside = rng.randrange(30) * _DAY
            row[name] = day + beside if choice.which == "earliest" else day - beside
        else:
            row[name] = None


def _undo_fraction(
    fraction: DateFraction, day: dt.date | None, row: Row, rng: random.Random
) -> None:
    if day is None:
        row[fraction.start] = row.get(fraction.start)
        row[fraction.end] = None
        return
    length = rng.randrange(*_DAYS)
    whole = length * fraction.share.numerator
    passed = whole // fraction.share.denominator
    if fraction.rounded == "up":
        passed = -(-whole // fraction.share.denominator)
    row[fraction.start] = day - passed * _DAY
    row[fraction.end] = row[fraction.start] + length * _DAY


def _undo_offset(
    plan: Plan, offset: DateOffset, day: dt.date | None, row: Row, rng: random.Random
) -> None:
    span = offset.by if isinstance(offset.by, Span) else Span(days=rng.randrange(*_DAYS))
    if isinstance(offset.by, ByValue):
        column, limits = offset.by.column, offset.by.limits
        if row.get(column) not in limits:
            row[column] = rng.choice(list(limits))
        span = limits[row[column]]
    if isinstance(offset.by, str):
        amount = rng.randrange(*(_DAYS if offset.unit == "days" else _MONTHS))
        row[offset.by] = amount
        span = Span(days=amount) if offset.unit == "days" else Span(months=amount)
    calendar = offset.calendar or plan.calendar
    source = None if day is None else back_from(day, span, calendar, back=not offset.back)
    row[offset.date] = source
