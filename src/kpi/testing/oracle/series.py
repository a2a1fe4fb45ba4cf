"""Targets that are asked for every period of a window, day by day (S30)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from attrs import evolve

from kpi.definitions.windows import EndOf, Window
from kpi.testing.oracle.against import has_base
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.dates import DAY, closing_day, first_day, months_later, opening_day
from kpi.testing.oracle.measures import verdict_day, window_of
from kpi.testing.oracle.outcomes import Outcome
from kpi.testing.oracle.parts import Rule, by_part

_WORST_FIRST = ("open", "missed", "not_assessable", "met", "indicator")


def by_period(rule: Rule, target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the whole, and beside it each period that must reach the target on its own."""
    whole = by_part(rule, target, cases, at)
    if target.every is None:
        return whole
    each, verdicts, trails, base_trails = {}, set(), {}, {}
    in_base = evolve(target, window=target.against) if has_base(target) else None
    bases = [] if in_base is None else [*_periods(in_base, at)]
    for n, (name, first, last) in enumerate(_periods(target, at)):
        asked = _asked_of(target, first, last)
        if in_base is not None:
            # The first period against the first of the base, the second against the second.
            asked = evolve(asked, against=_asked_of(in_base, *bases[n][1:]).window)
        of_period = by_part(rule, asked, cases, at)
        trails[name] = of_period.trail
        if of_period.base is not None:
            base_trails[bases[n][0]] = of_period.base.trail
        verdicts.add(of_period.verdict)
        for part, outcome in (of_period.each or {(): evolve(of_period, trail=())}).items():
            each[(*part, name)] = outcome
    verdict = next((word for word in _WORST_FIRST if word in verdicts), "lapsed")
    if whole.verdict == "indicator":
        verdict = "indicator"
    base = None if whole.base is None else evolve(whole.base, period_trails=base_trails)
    return evolve(whole, each=each, verdict=verdict, period_trails=trails, base=base)


def _periods(target: Any, at: Counting) -> Iterator[tuple[str, dt.date, dt.date]]:
    """Yield the name, the first and the last day of each period of the window that is divided."""
    first, last = _divided(target, at)
    starts = int(at.plan.year_starts)
    days = (first + n * DAY for n in range((last - first).days + 1))
    for name, of_period in groupby(days, lambda day: _name(day, target.every, starts)):
        inside = list(of_period)
        begins, ends = inside[0], inside[-1]
        cut = any(_name(day, target.every, starts) == name for day in (begins - DAY, ends + DAY))
        named = f"{begins} to {ends}" if cut and begins != ends else f"{begins}" if cut else name
        yield named, begins, ends


def _divided(target: Any, at: Counting) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of the window whose periods are asked for."""
    last = verdict_day(target, at.plan)
    cohort = target.open_at if hasattr(target, "deadline") else None
    if getattr(target, "at", None) is None and not hasattr(target, "deadline"):
        first = first_day(window_of(target, at.plan))
    elif cohort is not None:
        first = opening_day(cohort)
    else:
        first = first_day(at.plan.period)
        assert first is not None, "a plan's period has both ends"
        first = min(first, last)
        base = getattr(target, "against", None)
        if base is not None and closing_day(base) >= first:
            first = closing_day(base) + DAY
    assert first is not None, "a window that is divided has both ends"
    return first, last


def _name(day: dt.date, every: str, starts: int) -> str:
    """Return the name of the period that a day lies in."""
    if every == "week":
        return day.strftime("%G-W%V").zfill(8)
    if every == "month":
        return f"{day.year:04}-{day.month:02}"
    # The months of the year in their order: the first is the month that it begins in.
    months = [*range(starts, 13), *range(1, starts)]
    place = months.index(day.month)
    begun = day.year - 1 if day.month < starts else day.year
    year = f"{begun:04}" if starts == 1 else f"{begun:04}/{(begun + 1) % 100:02}"
    if every == "year":
        return year
    if every == "half-year":
        return f"{year}-H{1 if place < 6 else 2}"
    return f"{year}-Q{1 + place // 3}"


def _asked_of(target: Any, first: dt.date, last: dt.date) -> Any:
    """Return the target with a period, or the rolling window that ends with it, for a window."""
    if target.rolling is not None:
        span = target.rolling
        back = months_later(last + DAY, -(12 * span.years + span.months), "down")
        assert back is not None, "the mode `down` refuses no day"
        first = back - dt.timedelta(weeks=span.weeks, days=span.days)
    if getattr(target, "at", None) is not None:
        return evolve(target, at=EndOf(last))
    if hasattr(target, "deadline"):
        return evolve(target, deadline=Window(through=last))
    return evolve(target, window=Window(since=first, through=last))
