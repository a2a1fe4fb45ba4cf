"""The number of rows at the end of a day, alone or against another day (S22)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve

from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import in_population, within_bounds
from kpi.testing.oracle.dates import closing_day
from kpi.testing.oracle.limits import counted_row, excluded
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, outcome


def stock(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the rows that had entered and not left at the end of a day (S22).

    The value is the level, or the change from the stock at the end of another day.
    """
    day = closing_day(target.at)
    base_day = None if target.against is None else closing_day(target.against)
    days = [day] if base_day is None else [day, base_day]
    trail = []
    for case in cases:
        inside = in_population(target, at, case) and _concerns(target, case, days)
        if not inside:
            trail.append(OUTSIDE)
        else:
            trail.append(excluded(target, case) or counted_row(target, case, at))
    counted = [case for case, row in zip(cases, trail, strict=True) if row.bucket == "counted"]
    now = sum(_is_in_stock(target, case, day) for case in counted)
    base = (
        None if base_day is None else sum(_is_in_stock(target, case, base_day) for case in counted)
    )
    value, reached = _judged(target, now, base)
    shown = outcome(
        trail,
        day,
        at.as_of,
        reached=reached,
        value=value,
        figures={"stock": now, "base": base},
    )
    asks = (target.level, target.change, target.difference) != (None, None, None)
    return shown if asks else evolve(shown, verdict="indicator")


def _judged(target: Any, now: int, base: int | None) -> tuple[Fraction | None, bool | None]:
    """Return the value, and whether it keeps its bounds; two Nones for a change from zero.

    Without bounds nothing is kept or broken.
    """
    if target.against is None:
        level = target.level
        return Fraction(now), None if level is None else within_bounds(level, Fraction(now))
    if not base:
        return None, None
    if target.difference is not None:
        more = Fraction(now - base)
        return more, within_bounds(target.difference, more)
    change = Fraction(now - base, base)
    bounds = target.change
    return change, None if bounds is None else within_bounds(bounds, 100 * change)


def _concerns(target: Any, case: Case, days: Sequence[dt.date]) -> bool:
    """Return whether a row is in either stock, or would be but for a flaw of its own.

    A row without a start is taken as entered, and a row that left before it entered is kept: both
    are then excluded, with their reasons.
    """
    start, end = case.day(target.start), case.day(target.end)
    if start is not None and start > max(days):
        return False
    if start is not None and end is not None and end < start:
        return True
    return any(_is_in_stock(target, case, day) for day in days)


def _is_in_stock(target: Any, case: Case, day: dt.date) -> bool:
    start, end = case.day(target.start), case.day(target.end)
    return (start is None or start <= day) and (end is None or end > day)
