"""The average of the cases that ended in the window, or of the fastest of them (S16, S17)."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve

from kpi.definitions.limits import ByValue, Dated
from kpi.definitions.time_units import Span
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.conditions import happened_in, in_population
from kpi.testing.oracle.dates import has_months, is_by_the_clock
from kpi.testing.oracle.due import Due
from kpi.testing.oracle.limits import (
    by_the_clock,
    counted_row,
    due_of,
    due_without_pauses,
    excluded,
    in_working_days,
    is_uncovered,
    limit_of,
)
from kpi.testing.oracle.measures import verdict_day, window_of
from kpi.testing.oracle.outcomes import OUTSIDE, Outcome, Row, outcome
from kpi.testing.oracle.parts import values_of
from kpi.testing.oracle.pauses import left_out_as_paused


def average(target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the mean duration of the cases that ended in the window, in days (S16).

    With a limit in working days, durations are in working days; with a limit in hours or minutes
    they are elapsed time, of which the total is in microseconds. The total may be at most the sum of
    the counted cases' allowances: the days from the start to the due date without pauses, which the
    durations are without too, or a number of working days. For one limit in days or working days
    that is the limit times the count; for one in months it is the reading of S5. Without a limit the
    durations are in the target's unit, and nothing is asked (S31).
    """
    if target.limit is None:
        limited = evolve(target, limit=f"0 {target.unit or 'days'}", unit=None)
        return evolve(average(limited, cases, at), verdict="indicator")
    window = window_of(target, at.plan)
    trail = []
    for case in cases:
        inside = in_population(target, at, case) and not left_out_as_paused(target, case, at)
        if not inside or not happened_in(target, window, target.end, case):
            trail.append(OUTSIDE)
        elif (row := excluded(target, case, _due(target, case, at))) is not None:
            trail.append(row)
        elif target.mean_of_means is not None and case.text(target.mean_of_means) is None:
            trail.append(Row("excluded", f"{target.mean_of_means} missing"))
        else:
            due = None if _is_by_the_clock(target) else _due(target, case, at).day
            trail.append(counted_row(target, case, at, due=due))
    if target.fastest is not None or target.trimmed is not None:
        trail = _trimmed(target, cases, trail)
    if target.mean_of_means is not None:
        return _mean_of_means(target, cases, trail, at)
    counted = [case for case, row in zip(cases, trail, strict=True) if row.bucket == "counted"]
    of_clock, unit = _is_by_the_clock(target), _unit(target)
    amounts = [row.microseconds if of_clock else row.days for row in trail]
    total = sum(amount for amount in amounts if amount is not None)
    allowed = sum(_allowed(target, case, at) for case in counted)
    return outcome(
        trail,
        verdict_day(target, at.plan),
        at.as_of,
        reached=total <= allowed * unit if counted else None,
        value=Fraction(total, len(counted)) / unit if counted else None,
        total=total,
        figures={} if _is_plain(target) else {"allowed": allowed},
    )


def _mean_of_means(
    target: Any, cases: Sequence[Case], trail: Sequence[Row], at: Counting
) -> Outcome:
    """Return the mean of the means of each value of a column, each value alike."""
    groups: dict[str | None, list[int]] = defaultdict(list)
    for case, row in zip(cases, trail, strict=True):
        if row.bucket == "counted":
            groups[case.text(target.mean_of_means)].append(_amount(row))
    means = [Fraction(sum(amounts), len(amounts)) for amounts in groups.values()]
    mean = sum(means, Fraction(0)) / len(means) / _unit(target) if means else None
    return outcome(
        trail,
        verdict_day(target, at.plan),
        at.as_of,
        reached=None if mean is None else mean <= _most(target),
        value=mean,
        figures={"groups": len(means)},
    )


def _most(target: Any) -> Fraction:
    """Return a limit of one number, in the unit of the value."""
    limit = target.limit
    if _is_by_the_clock(target):
        minutes = 60 * limit.hours + limit.minutes
        return Fraction(minutes * 60 * 1_000_000, _unit(target))
    return Fraction(limit.working_days or 7 * limit.weeks + limit.days)


def _spans(target: Any) -> list[Span]:
    """Return every length of time that the limit names."""
    match target.limit:
        case ByValue(limits=limits):
            return [*limits.values()]
        case Dated(first=earliest, later=later):
            return [earliest, *(span for _, span in later)]
    return [target.limit]


def _is_by_the_clock(target: Any) -> bool:
    return any(is_by_the_clock(span) for span in _spans(target))


def _unit(target: Any) -> int:
    """Return the unit of the value in what is summed: days, or the microseconds of an hour or minute.

    It is the smallest unit that the limit names.
    """
    if not _is_by_the_clock(target):
        return 1
    minutes = any("minute" in str(span) for span in _spans(target))
    return (60 if minutes else 60 * 60) * 1_000_000


def _is_plain(target: Any) -> bool:
    """Return whether the limit is one number, of days, working days or time, for every case."""
    return isinstance(target.limit, Span) and not has_months(target.limit)


def _due(target: Any, case: Case, at: Counting) -> Due:
    """Return the due date that a case is compared with; none where its limit is in days.

    A number of days is no due date, for only the mean must keep it. Nor is a case's own number of
    working days, which are summed as they are.
    """
    if _is_by_the_clock(target):
        return due_of(target, case, at)
    if _is_plain(target) or in_working_days(target, case, at):
        return Due(uncovered=is_uncovered(target, case, at))
    return due_without_pauses(target, case, at)


def _allowed(target: Any, case: Case, at: Counting) -> int:
    """Return the most that a case may take, in the unit of its limit."""
    if in_working_days(target, case, at):
        limit = limit_of(target.limit, case, at.as_of)
        assert isinstance(limit, Span)
        return limit.working_days
    if by_the_clock(target, case, at):
        limit = limit_of(target.limit, case, at.as_of)
        assert isinstance(limit, Span)
        allowed = dt.timedelta(hours=limit.hours, minutes=limit.minutes)
        return allowed // dt.timedelta(microseconds=_unit(target))
    start, due = case.day(target.start), due_without_pauses(target, case, at).day
    assert start is not None
    assert due is not None
    return (due - start).days


def _trimmed(target: Any, cases: Sequence[Case], trail: Sequence[Row]) -> list[Row]:
    """Return the rows with the slowest of each value excluded, or those at both ends (S17).

    Ties stay in key order.
    """
    kept = list(trail)
    for group in values_of(target, cases).values():
        counted = [n for n in group if trail[n].bucket == "counted"]
        counted.sort(key=lambda n: (_amount(trail[n]), cases[n].place()))
        if target.trimmed is None:
            for n in counted[_how_many(target, len(counted)) :]:
                kept[n] = Row("excluded", f"beyond the fastest {target.fastest} %")
            continue
        share = Fraction(target.trimmed) / 100
        for place, n in enumerate(counted):
            # A case is left out where no more than so large a share of them are as far out.
            if place + 1 <= share * len(counted):
                kept[n] = Row("excluded", f"among the fastest {target.trimmed} %")
            elif len(counted) - place <= share * len(counted):
                kept[n] = Row("excluded", f"among the slowest {target.trimmed} %")
    return kept


def _amount(row: Row) -> int:
    """Return the time of a counted row, in what is summed: days, or microseconds by the clock."""
    amount = row.days if row.microseconds is None else row.microseconds
    assert amount is not None, "a counted case has both dates"
    return amount


def _how_many(target: Any, of: int) -> int:
    exact = Fraction(target.fastest) * of / 100
    if target.rounding == "up":
        return math.ceil(exact)
    if target.rounding == "down":
        return math.floor(exact)
    return math.floor(exact + Fraction(1, 2))
