"""Trials: the same question asked at earlier month ends, whose answers are known by now (F25)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from attrs import frozen

from kpi.definitions.windows import first_of_month

MOST = 36
"""Month ends at which the question is asked again."""

FEWEST_COUNTED = 20
"""Counted rows without which a trial says nothing."""

_DAY = dt.timedelta(days=1)


@frozen
class TrialDays:
    """The days of a trial.

    Attributes:
        moved: the days by which all dates of the target are moved back.
        as_of: the last day that was known.
        last: the day that the figure is of, a month end that is over.
    """

    moved: int
    as_of: dt.date
    last: dt.date


def trial_days(as_of: dt.date, last: dt.date) -> Iterator[TrialDays]:
    """Yield the days of each trial: month ends from the last one by the as-of date, back (F25).

    Args:
        as_of: the last day that is known.
        last: the last day of the target's window.
    """
    month = as_of.year * 12 + as_of.month - 1
    if first_of_month(month + 1) - _DAY > as_of:
        month -= 1
    for earlier in range(MOST):
        end = first_of_month(month - earlier + 1) - _DAY
        step = last - end
        yield TrialDays(step.days, as_of - step, end)
