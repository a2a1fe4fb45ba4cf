"""Denominators: the cases of a population that enter, and the window of their events (S11)."""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeAlias

from attrs import frozen

from kpi.definitions.fields import choice
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl
from kpi.time.in_time import Due
from kpi.time.windows import between

Denominator: TypeAlias = Literal["closed", "cohort", "overdue", "due", "settled"]
"""Name of the cases of the population that enter the denominator (S11)."""

DENOMINATORS: tuple[Denominator, ...] = ("closed", "cohort", "overdue", "due", "settled")
OF_AN_EVENT: tuple[Denominator, ...] = ("cohort", "overdue")
"""Denominators whose event `on` can name: they take cases whether or not these have ended."""


def parse_denominator(value: object) -> Denominator:
    """Parse the name of a denominator.

    Raises:
        PlanError: where it is no such name, with those accepted.
    """
    return choice(value, DENOMINATORS)


@frozen(kw_only=True, eq=False, repr=False)
class DenominatorFilter:
    """The predicates and the event by which rows of the population enter the denominator.

    Attributes:
        tests: predicates with the words for failing them; a row is outside at the first that fails.
            A predicate on the due date passes where there is none, so that the row is excluded with
            the reason for that.
        undetermined: whether the outcome of a row is not certain yet; None where every one is.
        event: the date by which a row falls in the window.
    """

    tests: tuple[tuple[str, pl.Expr], ...]
    undetermined: pl.Expr | None = None
    event: pl.Expr


def by_event_date(event: str, window: tuple[str, pl.Expr]) -> DenominatorFilter:
    """Return the filter for cases whose event falls in the window (S11).

    `closed` takes the end of a case as the event, `cohort` another date.

    Args:
        event: the date column.
        window: the predicate that the event falls in the window, with the words for failing it.
    """
    return DenominatorFilter(tests=(window,), event=pl.col(event))


def overdue(
    event: str, window: tuple[str, pl.Expr], end: str, due: Due, as_of: dt.date
) -> DenominatorFilter:
    """Return the filter for a cohort whose open cases are misses once the due day is over (S11).

    Until then such a case is undetermined, as it is while a pause that is not over leaves it without
    a due date (S14).

    Args:
        event: the date column by which a case falls in the window.
        window: the predicate that the event falls in the window, with the words for failing it.
        end: the date column of the end, null for open cases.
        due: the due dates.
        as_of: the as-of date.
    """
    undetermined = _or_pending(pl.col(end).is_null() & (due.date > as_of), due)
    return DenominatorFilter(tests=(window,), undetermined=undetermined, event=pl.col(event))


def falling_due(due: Due, window: Window, as_of: dt.date) -> DenominatorFilter:
    """Return the filter for cases whose due date falls in the window and is over (S11).

    A case counts on the due date. A case that has no due date yet, for a pause that is not over, is
    outside (S14).
    """
    date = due.date
    undated = date.is_null() if due.pending is None else date.is_null() & ~due.pending
    return DenominatorFilter(
        tests=(
            (f"fails: due {window}", undated | between(date, window)),
            (f"fails: due by {as_of}", undated | (date <= as_of)),
        ),
        event=date,
    )


def settled(end: str, due: Due, met: pl.Expr, window: Window, as_of: dt.date) -> DenominatorFilter:
    """Return the filter for cases whose outcome became certain in the window (S11).

    The outcome is certain on the end of a case in time, else the day after the due date. A case
    that has no due date yet, for a pause that is not over, is undetermined (S14).

    Args:
        end: the date column of the end, null for open cases.
        due: the due dates.
        met: the mask of the cases in time.
        window: the window.
        as_of: the as-of date.
    """
    late_on = (due.date.to_physical() + 1).cast(pl.Date)
    settled_on = pl.when(met).then(pl.col(end)).otherwise(late_on)
    return DenominatorFilter(
        tests=((f"fails: settled {window}", settled_on.is_null() | between(settled_on, window)),),
        undetermined=_or_pending(settled_on > as_of, due),
        event=settled_on,
    )


def _or_pending(undetermined: pl.Expr, due: Due) -> pl.Expr:
    return undetermined if due.pending is None else undetermined | due.pending
