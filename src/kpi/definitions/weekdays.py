"""Days of the week by name, and the weekends made of them (S7)."""

from __future__ import annotations

from collections.abc import Sequence

from kpi.errors import PlanError, Problem, listed, suggest

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The days of the week as plan files name them, in the order of `date.weekday`."""


def parse_weekend(value: object) -> tuple[str, ...] | None:
    """Parse the days of a weekend, as plan files write them; None stays None.

    Raises:
        PlanError: naming what was found and what is accepted.
    """
    if value is None:
        return None
    accepted = f"accepted: a list of at most six of {listed(WEEKDAYS)}"
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise PlanError([Problem(("weekend",), f"found {value!r}; {accepted}")])
    for day in value:
        if day not in WEEKDAYS:
            hint = suggest(day, WEEKDAYS) if isinstance(day, str) else ""
            raise PlanError([Problem(("weekend",), f"unknown day {day!r}; {accepted}{hint}")])
    days = tuple(day for day in WEEKDAYS if day in value)
    if len(days) == len(WEEKDAYS) or len(days) < len(value):
        what = "every day" if len(days) == len(WEEKDAYS) else "a day twice"
        raise PlanError([Problem(("weekend",), f"found {what}; {accepted}")])
    return days
