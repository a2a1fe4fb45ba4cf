"""Predicates of the population: conditions, open cases, bounds (S10, S20, S21, S34)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from kpi.definitions.bounds import Bounds
from kpi.definitions.date_bounds import Bound, CaseDate, DateBounds
from kpi.definitions.plan import Plan
from kpi.definitions.population import Condition, Missing, OneOf, Population, Range
from kpi.definitions.table import Table
from kpi.definitions.windows import Window
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.dates import in_window, opening_day
from kpi.testing.oracle.derived import offset_date


def holds(condition: Condition, case: Case, plan: Plan) -> bool:
    """Return whether a condition holds for a case; a comparison never does on a null (S10, S34)."""
    value = case.cells.get(condition.column)
    test = condition.test
    if isinstance(test, Missing):
        return (value is None) == test.missing
    if value is None:
        return False
    if isinstance(test, Window):
        day = case.day(condition.column)
        assert day is not None
        return in_window(test, day)
    if isinstance(test, DateBounds):
        day = case.day(condition.column)
        assert day is not None
        return all(
            _is_on_the_right_side(word, day, _day_of(bound, case, plan))
            for word, bound in test.bounds().items()
        )
    if isinstance(test, OneOf):
        # By kind too: Python takes True for 1.
        equal = any(type(value) is type(other) and value == other for other in test.values)
        return not equal if test.negated else equal
    assert isinstance(value, int), f"{condition.column} holds {value!r}"
    return _between(test, value)


def _day_of(bound: Bound, case: Case, plan: Plan) -> dt.date | None:
    if isinstance(bound, dt.date):
        return bound
    return case.day(bound.date) if isinstance(bound, CaseDate) else offset_date(bound, case, plan)


def _is_on_the_right_side(word: str, day: dt.date, bound: dt.date | None) -> bool:
    if bound is None:
        return False
    match word:
        case "since":
            return not day < bound
        case "after":
            return bound < day
        case "before":
            return day < bound
        case "through":
            return not bound < day
        case unknown:
            raise TypeError(f"the oracle knows no bound of a date named {unknown}")


def within_bounds(bounds: Bounds, value: Fraction) -> bool:
    """Return whether a number lies within the bounds, compared exactly (S20)."""
    return _between(bounds, value)


def _between(test: Range | Bounds, value: Fraction | int) -> bool:
    return (
        (test.at_least is None or value >= Fraction(test.at_least))
        and (test.more_than is None or value > Fraction(test.more_than))
        and (test.at_most is None or value <= Fraction(test.at_most))
        and (test.less_than is None or value < Fraction(test.less_than))
    )


def fulfils(population: Population, case: Case, plan: Plan, *, excused: str | None = None) -> bool:
    """Return whether a case fulfils every condition, and one population of `any_of` (S10, S34).

    Args:
        population: the conditions.
        case: the case.
        plan: the plan.
        excused: a column on which no window fails.
    """
    for condition in population.conditions:
        if condition.column == excused and isinstance(condition.test, Window):
            continue
        if not holds(condition, case, plan):
            return False
    if not population.any_of:
        return True
    for alternative in population.any_of:
        if fulfils(alternative, case, plan, excused=excused):
            return True
    return False


def in_population(target: Any, at: Counting, case: Case) -> bool:
    """Return whether a row is in the population of a target (S10)."""
    start = getattr(target, "start", None)
    no_start = start is not None and case.day(start) is None
    # S10's exception: a null start fails no window on the start; it is excluded later.
    if not fulfils(target.where, case, at.plan, excused=start if no_start else None):
        return False
    if target.unless and fulfils(target.unless, case, at.plan):
        return False
    return getattr(target, "open_at", None) is None or _was_open(target, at.table, case)


def _was_open(target: Any, table: Table, case: Case) -> bool:
    day = opening_day(target.open_at)
    entry = table.entry if table.entry is not None else target.start
    entered, ended = case.day(entry), case.day(target.end)
    # S10's exception again, where the entry is the start.
    has_entered = entry == target.start if entered is None else entered < day
    return has_entered and (ended is None or ended >= day)


def happened_in(target: Any, window: Window, event: str, case: Case) -> bool:
    """Return whether an event of the case lies in a window."""
    day = case.day(event)
    # S10's exception a third time, where the event is the start.
    return event == getattr(target, "start", None) if day is None else in_window(window, day)
