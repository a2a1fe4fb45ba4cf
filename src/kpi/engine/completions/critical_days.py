"""Days at which a row's outcome can change: the dates that a target names, and days beside them (F3).

The outcome of a row is piecewise constant in each of its dates. It changes only at dates that the
definition names, at the due date, and at other dates of the row that the date is compared with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import attrs

from kpi.definitions.calendars import Calendar
from kpi.definitions.plan import Plan
from kpi.definitions.population import OpenAt
from kpi.definitions.windows import EndOf, Window
from kpi.engine.completions.asked import Asked

_DAY = dt.timedelta(days=1)


def critical_days(
    plan: Plan, asked: Asked, as_of: dt.date, named: Iterable[dt.date]
) -> list[dt.date]:
    """Return the days after a day, through the last day of a target, at which outcomes can change.

    The first and the last of those days are among them.

    Args:
        plan: the plan.
        asked: the target.
        as_of: the day.
        named: the days that the target names (see `named_days`).
    """
    after, last = as_of + _DAY, asked.last
    days = {after, last, *named}
    window = asked.target.window_of(plan)
    for end in (window.first, plan.period.first, asked.target.calendar, plan.calendar):
        if isinstance(end, Calendar):
            days.update((end.coverage[1], end.coverage[1] + _DAY))
        elif end is not None:
            days.update((end - _DAY, end))
    return sorted(day for day in days if after <= day <= last)


def named_days(asked: Asked) -> set[dt.date]:
    """Return every day that a target names, of any time, with the days beside it."""
    steps = (-_DAY, dt.timedelta(0), _DAY)
    return {day + step for day in _dates_in(asked.target) for step in steps}


def _dates_in(value: object) -> Iterator[dt.date]:
    """Yield every date that stands in a definition, but for those of calendars and of readings."""
    if isinstance(value, dt.date):
        yield value
    elif isinstance(value, Window):
        yield from (day for day in (value.first, value.last) if day is not None)
    elif isinstance(value, EndOf | OpenAt):
        yield value.day
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _dates_in(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _dates_in(item)
    elif isinstance(value, Calendar):
        return
    elif attrs.has(kind := type(value)):
        for attribute in attrs.fields(kind):
            if attribute.name != "readings":
                yield from _dates_in(getattr(value, attribute.name))
