"""Dates that a plan derives, undone: values of the columns that they are made of."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping

from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset, Derived
from kpi.definitions.plan import Plan
from kpi.definitions.spans import Span
from kpi.sample.values import Row, day_of
from kpi.time.due_dates import back_from

_DAYS, _MONTHS = (30, 400), (2, 30)
_DAY = dt.timedelta(days=1)


def undo(plan: Plan, derived: Mapping[str, Derived], row: Row, rng: random.Random) -> None:
    """Fills in what the derived dates of a row are made of.

    Args:
        plan: the plan.
        derived: the derived dates, each after those that it is made of.
        row: a row that holds them.
        rng: where the choices come from.
    """
    for name, one in reversed(tuple(derived.items())):
        if name not in row:
            continue
        value = row[name]
        day = None if value is None else day_of(value)
        if isinstance(one, DateChoice):
            _choose(one, day, row, rng)
        elif isinstance(one, DateFraction):
            _span(one, day, row, rng)
        else:
            _move(plan, one, day, row, rng)


def _choose(one: DateChoice, day: dt.date | None, row: Row, rng: random.Random) -> None:
    # A date that another target has set already is the last to be changed.
    carrier = next((name for name in reversed(one.of) if name not in row), one.of[-1])
    row[carrier] = day
    for name in one.of:
        if name == carrier:
            continue
        other = None if row.get(name) is None else day_of(row[name])
        if day is None:
            # Without a date of all, or of any, there is none of the chosen one.
            row[name] = other if one.which == "once_all" else None
        elif other is not None:
            row[name] = max(other, day) if one.which == "earliest" else min(other, day)
        elif one.which == "once_all" or (name not in row and rng.random() < 0.5):
            beside = rng.randrange(30) * _DAY
            row[name] = day + beside if one.which == "earliest" else day - beside
        else:
            row[name] = None


def _span(one: DateFraction, day: dt.date | None, row: Row, rng: random.Random) -> None:
    if day is None:
        row[one.start] = row.get(one.start)
        row[one.end] = None
        return
    length = rng.randrange(*_DAYS)
    whole = length * one.share.numerator
    passed = whole // one.share.denominator
    if one.rounded == "up":
        passed = -(-whole // one.share.denominator)
    row[one.start] = day - passed * _DAY
    row[one.end] = row[one.start] + length * _DAY


def _move(plan: Plan, one: DateOffset, day: dt.date | None, row: Row, rng: random.Random) -> None:
    span = one.by if isinstance(one.by, Span) else Span(days=rng.randrange(*_DAYS))
    if isinstance(one.by, str):
        amount = rng.randrange(*(_DAYS if one.unit == "days" else _MONTHS))
        row[one.by] = amount
        span = Span(days=amount) if one.unit == "days" else Span(months=amount)
    found = None if day is None else back_from(day, span, plan.calendar, back=not one.back)
    row[one.date] = found
