"""Dates of a synthetic row on either side of other dates of the row (S34)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from kpi.definitions.calendars import Calendar
from kpi.definitions.date_bounds import Bound, CaseDate, DateBounds
from kpi.definitions.derived_dates import DateOffset
from kpi.definitions.limits import ByValue
from kpi.definitions.table import Table
from kpi.definitions.time_units import Span
from kpi.sample.values import Row, between, day_of
from kpi.time.due_dates import back_from

_DAY = dt.timedelta(1)
_LOW = ("since", "after")
_NEAR = 60


def is_between(row: Row, column: str, test: DateBounds, calendar: Calendar) -> bool:
    """Return whether a date of a row lies between the bounds; null does not (S34)."""
    if row.get(column) is None:
        return False
    day = day_of(row[column])
    low, high = _ends(row, test, calendar)
    return None not in (*low, *high) and max([*low, day]) == day == min([*high, day])  # type: ignore[type-var]  # none is None


def place(
    row: Row,
    column: str,
    test: DateBounds,
    table: Table,
    calendar: Calendar,
    around: dt.date,
    rng: random.Random,
    *,
    kept: bool,
) -> None:
    """Fill a date, or the dates that bound it, so that the date lies between the bounds or not.

    Dates that the row holds already stay.

    Args:
        row: the row.
        column: the date that is compared.
        test: the bounds.
        table: the declaration of the table; dates that it derives are not filled.
        calendar: the calendar of the working days.
        around: the day near which dates lie that nothing else decides.
        rng: where the choices come from.
        kept: whether the date is to lie between the bounds.
    """
    if row.get(column) is not None:
        _place_bounds(row, day_of(row[column]), test, table, calendar, rng, kept=kept)
        return
    for name in _dates(test):
        if name not in row and name not in table.derived and name != column:
            row[name] = around - rng.randrange(_NEAR) * _DAY
    if column in row:
        return
    low_days, high_days = _ends(row, test, calendar)
    low = max([day for day in low_days if day is not None], default=None)
    high = min([day for day in high_days if day is not None], default=None)
    if not kept and high is not None:
        row[column] = high + rng.randint(1, _NEAR) * _DAY
    elif not kept and low is not None:
        row[column] = low - rng.randint(1, _NEAR) * _DAY
    else:
        first = low or (high or around) - _NEAR * _DAY
        row[column] = between(first, high or first + _NEAR * _DAY, rng)


def _place_bounds(
    row: Row,
    day: dt.date,
    test: DateBounds,
    table: Table,
    calendar: Calendar,
    rng: random.Random,
    *,
    kept: bool,
) -> None:
    """Fill the dates that bound a day and that the row does not hold yet."""
    for word, bound in test.bounds().items():
        if isinstance(bound, dt.date) or bound.date in row or bound.date in table.derived:
            continue
        # A bound that is kept from below lies before the day.
        before = (word in _LOW) == kept
        beside = rng.randint(1, _NEAR) * (-1 if before else 1) * _DAY
        source = _moved(bound, day, row, calendar, inverse=True) or day
        row[bound.date] = source + beside


def _dates(test: DateBounds) -> Iterator[str]:
    for bound in test.bounds().values():
        if isinstance(bound, CaseDate | DateOffset):
            yield bound.date


def _ends(
    row: Row, test: DateBounds, calendar: Calendar
) -> tuple[list[dt.date | None], list[dt.date | None]]:
    """Return the first days that the bounds leave, and the last; None for what is not known."""
    low: list[dt.date | None] = []
    high: list[dt.date | None] = []
    for word, bound in test.bounds().items():
        day: dt.date | None
        if isinstance(bound, dt.date):
            day = bound
        else:
            source = row.get(bound.date)
            day = None if source is None else _moved(bound, day_of(source), row, calendar)
        strict = {"after": _DAY, "before": -_DAY}.get(word, 0 * _DAY)
        (low if word in _LOW else high).append(None if day is None else day + strict)
    return low, high


def _moved(
    bound: Bound, day: dt.date, row: Row, calendar: Calendar, *, inverse: bool = False
) -> dt.date | None:
    """Return a day moved as a bound says; None where the time is not known."""
    if not isinstance(bound, DateOffset):
        return day
    span = bound.by
    if isinstance(span, ByValue):
        chosen = span.limits.get(str(row.get(span.column)))
        if chosen is None:
            return None
        span = chosen
    elif isinstance(span, str):
        amount = row.get(span)
        if not isinstance(amount, int) or amount < 0:
            return None
        span = Span(days=amount) if bound.unit == "days" else Span(months=amount)
    return back_from(day, span, calendar, back=bound.back != inverse)
