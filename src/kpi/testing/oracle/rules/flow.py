"""Intake, output and open cases: the figures that stand beside a mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve

from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import in_population, within_bounds
from kpi.testing.oracle.dates import first_day
from kpi.testing.oracle.due import Due
from kpi.testing.oracle.limits import counted_row, due_of, excluded
from kpi.testing.oracle.measures import mean_of, percentile_of, verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, Row, outcome

_YEARS = (365, 366)


def flow(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate intake, output and open cases up to `as_of`; judged where there are bounds."""
    last = verdict_day(target, at.plan)
    first = first_day(window_of(target, at.plan))
    close = min(last, at.as_of)
    trail = []
    for case in cases:
        start, end = case.day(target.start), case.day(target.end)
        due = Due() if target.limit is None else due_of(target, case, at)
        entered_later = start is not None and start > close
        left_earlier = end is not None and first is not None and end < first
        if entered_later or left_earlier or not in_population(target, at, case):
            trail.append(OUTSIDE)
        elif (row := excluded(target, case, due)) is not None:
            trail.append(row)
        else:
            trail.append(counted_row(target, case, at, due=due.day))
    counted = [
        (case, row) for case, row in zip(cases, trail, strict=True) if row.bucket == "counted"
    ]
    figures = _figures(target, counted, first, close)
    figure = figures[target.indicator]
    value = None if figure is None else Fraction(figure)
    if target.requires is None:
        shown = outcome(trail, last, at.as_of, reached=None, value=value, figures=figures)
        return evolve(shown, verdict="indicator")
    reached = None
    if value is not None:
        in_percent = target.indicator == "clearance_rate"
        reached = within_bounds(target.requires, 100 * value if in_percent else value)
    return outcome(trail, last, at.as_of, reached=reached, value=value, figures=figures)


def _figures(
    target: Any,
    counted: Sequence[tuple[Case, Row]],
    first: dt.date | None,
    close: dt.date,
) -> dict[str, Fraction | int | None]:
    intake = output = open_start = 0
    ages = []
    backlog = 0
    for case, row in counted:
        start, end = case.day(target.start), case.day(target.end)
        assert start is not None, "a case without a start is excluded"
        if first is not None and start < first:
            open_start += 1
        else:
            intake += 1
        if end is not None and end <= close:
            output += 1
        else:
            ages.append((close - start).days)
            # Older than the limit is due before the day, not on it (S22).
            backlog += row.due is not None and row.due < close
    return {
        "intake": intake,
        "output": output,
        "open_start": open_start,
        "open_end": len(ages),
        "clearance_rate": Fraction(output, intake) if intake else None,
        "disposition_time": _disposition_time(len(ages), output, first, close),
        "mean_age": mean_of(ages),
        "median_age": percentile_of(ages, 50),
        "p90_age": percentile_of(ages, 90),
        "backlog": None if target.limit is None else backlog,
    }


def _disposition_time(
    open_end: int, output: int, first: dt.date | None, close: dt.date
) -> Fraction | None:
    """Return the days to close the open cases at the rate so far; a year counts 365."""
    if not output or first is None:
        return None
    days = (close - first).days + 1
    return Fraction(open_end, output) * (365 if days in _YEARS else days)
