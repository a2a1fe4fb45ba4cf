"""Targets that are asked of days after the as-of date, whole or in a period of their own series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from kpi.definitions.plan import Plan
from kpi.definitions.series import bounded
from kpi.definitions.target import Target


@frozen(eq=False, repr=False)
class Asked:
    """A target in its window, or in a period of its own series, that ends after the as-of date.

    Attributes:
        id: the id of the target.
        period: the first day of the period; None for the window of the target itself.
        target: the target as it is asked of that window alone, under an id of its own.
        last: the last day, on which the verdict falls (z in the rules F).
    """

    id: str
    period: dt.date | None
    target: Target
    last: dt.date


def asked_after(plan: Plan, targets: Iterable[Target], as_of: dt.date) -> Iterator[Asked]:
    """Yield the targets, and the periods of their own series, whose last day is after a day.

    Targets that require nothing, and those whose figure cannot be told before the end, are left out.

    Args:
        plan: the plan.
        targets: the targets.
        as_of: the day.
    """
    for target in targets:
        if not target.has_requirement or target.figure is None:
            continue
        last = target.window_of(plan).last
        assert last is not None, "a target's window has an end"
        if last > as_of:
            yield Asked(target.id, None, _alone(target, None), last)
        series = plan.series_of(target)
        if series is None:
            continue
        for period in series.periods(bounded(target.series_window(plan), plan)):
            if period.last > as_of:
                of_period = _alone(target.in_period(period.window), period.first)
                yield Asked(target.id, period.first, of_period, period.last)


def _alone(target: Target, period: dt.date | None) -> Target:
    """Return a target without its series, whose fact stays reported under the target's id."""
    own = target.reported_under(target.id)
    return evolve(own, id=f"{target.id}\x1f{period}", every=None, rolling=None)
