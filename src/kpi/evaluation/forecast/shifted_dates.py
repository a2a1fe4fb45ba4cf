"""A target with all of its dates moved: the same question asked at another time (F25)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
from attrs import evolve

from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.defaults import Defaults
from kpi.definitions.limits import Dated
from kpi.definitions.population import Condition, OpenAt, Population
from kpi.definitions.target import Target
from kpi.definitions.windows import BOUNDS, EndOf, Window


def shifted(target: Target, plan: Defaults, days: int) -> Target:
    """Return a target with every date of its definition moved by so many days (F25).

    Its window (that of the plan, where it has none), the day of an open cohort or of a stock, a
    deadline, the bounds in its conditions, and the dates on which a limit or a threshold changes.
    The dates in the table stay, and so do calendars and lengths of time.

    Args:
        target: the target.
        plan: the plan, whose period is the window of a target without one.
        days: the days to move by, below 0 for back.
    """
    values = attrs.asdict(target, recurse=False)
    if target.has_key("window"):
        values["window"] = target.window_of(plan)
        if target.has_key("at") and values["at"] is not None:
            # Of open cases the day alone says when (S29).
            values["window"] = None
    moved = {name: _moved(value, days) for name, value in values.items()}
    own = attrs.asdict(target, recurse=False)
    return evolve(target, **{n: value for n, value in moved.items() if value is not own[n]})


def _moved(value: Any, days: int) -> Any:
    """Return a value of a target's key moved by days; the value itself where it holds no date."""
    step = dt.timedelta(days)
    if isinstance(value, Window):
        return moved_window(value, days)
    if isinstance(value, EndOf):
        return EndOf(value.day + step)
    if isinstance(value, OpenAt):
        return OpenAt(value.day + step)
    if isinstance(value, Population):
        return _moved_population(value, days)
    if isinstance(value, Dated):
        later = tuple((since + step, in_force) for since, in_force in value.later)
        return evolve(value, later=later)
    return value


def moved_window(window: Window, days: int) -> Window:
    """Return the window moved by days; one of a name becomes one of bounds."""
    step = dt.timedelta(days)
    bounds: dict[str, Any] = {"since": window.first, "through": window.last}
    return Window(**{word: day + step for word, day in bounds.items() if day is not None})


def _moved_population(population: Population, days: int) -> Population:
    """Return the population with the dates in its conditions moved; the same where it has none."""
    conditions = tuple(_moved_condition(condition, days) for condition in population.conditions)
    any_of = tuple(_moved_population(alternative, days) for alternative in population.any_of)
    if conditions == population.conditions and any_of == population.any_of:
        return population
    return Population(conditions, any_of)


def _moved_condition(condition: Condition, days: int) -> Condition:
    test = condition.test
    if isinstance(test, Window):
        return evolve(condition, test=moved_window(test, days))
    if isinstance(test, DateBounds):
        step = dt.timedelta(days)
        given = {word: getattr(test, word) for word in BOUNDS}
        dates = {word: bound + step for word, bound in given.items() if isinstance(bound, dt.date)}
        return evolve(condition, test=evolve(test, **dates))
    return condition
