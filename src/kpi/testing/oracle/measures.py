"""Measures of a list of durations, and the window and day of a target's verdict."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.windows import Window
from kpi.testing.oracle.dates import closing_day, end_of


def percentile_of(days: Sequence[int], percent: Fraction | int) -> int | None:
    """Return the smallest duration within which at least `percent` of all lie (S18)."""
    if not days:
        return None
    k = math.ceil(Fraction(percent) * len(days) / 100)
    return sorted(days)[k - 1]


def mean_of(days: Sequence[int]) -> Fraction | None:
    """Return the mean of the durations, exactly (S16)."""
    return Fraction(sum(days), len(days)) if days else None


def window_of(target: Any, plan: Plan) -> Window:
    """Return the target's own window, or the plan's period."""
    window: Window = target.window if target.window is not None else plan.period
    return window


def event_of(target: Any, table: Table) -> str:
    """Return the column of the date that must lie in the window: the target's, or the entry."""
    event: str | None = target.on if target.on is not None else table.entry
    assert event is not None, f"{table.name} declares no entry, and the target names no date"
    return event


def verdict_day(target: Any, plan: Plan) -> dt.date:
    """Return the day on which the verdict on a target falls (S27)."""
    if hasattr(target, "deadline"):
        return end_of(target.deadline)
    if getattr(target, "at", None) is not None:
        return closing_day(target.at)
    return end_of(window_of(target, plan))
