"""Days that a plan names, on which its numbers turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.limits import Dated
from kpi.definitions.plan import Plan
from kpi.definitions.population import OpenAt
from kpi.definitions.windows import EndOf, Window
from kpi.testing import oracle


def windows_of(plan: Plan) -> Iterator[Window]:
    """Yield the period, and every window that a target is judged in."""
    yield plan.period
    for target in plan.leaves():
        for name in ("window", "deadline", "against"):
            window = getattr(target, name, None)
            if isinstance(window, Window):
                yield window
        moment = getattr(target, "at", None)
        if isinstance(moment, EndOf):
            yield Window(through=oracle.closing_day(moment))


def plan_days(plan: Plan) -> Iterator[dt.date]:
    """Yield the days that a plan names: bounds of windows, conditions and calendars."""
    tests = [c.test for target in plan.leaves() for c in target.conditions()]
    for window in (*windows_of(plan), *(test for test in tests if isinstance(test, Window))):
        yield from _bounds(window)
    for test in tests:
        if isinstance(test, DateBounds):
            yield from (day for day in test.bounds().values() if isinstance(day, dt.date))
    for target in plan.leaves():
        for field in attrs.fields(type(target)):
            value = getattr(target, field.name)
            if isinstance(value, OpenAt):
                yield oracle.opening_day(value)
            elif isinstance(value, EndOf):
                yield oracle.closing_day(value)
            elif isinstance(value, Dated):
                yield from (since for since, _ in value.later)
    dates = (date for table in plan.tables for date in table.derived.values())
    of_their_own = (getattr(owner, "calendar", None) for owner in (*plan.leaves(), *dates))
    for calendar in (plan.calendar, *of_their_own):
        if calendar is not None and calendar.covers is not None:
            yield from _bounds(calendar.covers)


def _bounds(window: Window) -> Iterator[dt.date]:
    yield from (day for day in (oracle.first_day(window), oracle.last_day(window)) if day)
    bounds = (window.since, window.after, window.before, window.through)
    yield from (day for day in bounds if day is not None)
