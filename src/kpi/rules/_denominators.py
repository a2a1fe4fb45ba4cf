"""Which cases of a population enter the denominator, and in which window (S11)."""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeAlias

from attrs import frozen

from kpi.definitions.fields import choice
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl
from kpi.time.limits import Due
from kpi.time.windows import between

Denominator: TypeAlias = Literal["closed", "cohort", "overdue", "due", "settled"]
"""Which cases of the population enter the denominator (S11)."""

DENOMINATORS: tuple[Denominator, ...] = ("closed", "cohort", "overdue", "due", "settled")
OF_AN_EVENT: tuple[Denominator, ...] = ("cohort", "overdue")
"""Those that take the cases by an event of their own, ended or not."""


def parse_denominator(value: object) -> Denominator:
    """A denominator by its name.

    Raises:
        PlanError: where it is none, with those accepted.
    """
    return choice(value, DENOMINATORS)


@frozen(kw_only=True, eq=False, repr=False)
class DenominatorFilter:
    """Which rows of the population enter.

    Attributes:
        tests: a row is outside at the first that fails; each with the words for failing it. Where
            there is no due date a test of it passes, so that the row is excluded with its reason.
        undetermined: whether a row's outcome is not certain yet; None where it always is.
        event: the date by which a row falls in the window.
    """

    tests: tuple[tuple[str, pl.Expr], ...]
    undetermined: pl.Expr | None = None
    event: pl.Expr


def by_event_date(event: str, window: tuple[str, pl.Expr]) -> DenominatorFilter:
    """Cases whose event falls in the window: `closed` with the end, `cohort` with another."""
    return DenominatorFilter(tests=(window,), event=pl.col(event))


def overdue(
    event: str, window: tuple[str, pl.Expr], end: str, due: Due, as_of: dt.date
) -> DenominatorFilter:
    """As a cohort, where an open case is a miss once its due day is over, and until then open.

    It is open too while a pause that is not over leaves it without a due date (S14).
    """
    undetermined = _or_pending(pl.col(end).is_null() & (due.date > as_of), due)
    return DenominatorFilter(tests=(window,), undetermined=undetermined, event=pl.col(event))


def falling_due(due: Due, window: Window, as_of: dt.date) -> DenominatorFilter:
    """Cases whose due date falls in the window and is over; each counts on its due date.

    A case that has none yet, for a pause that is not over, is outside (S14).
    """
    date = due.date
    none = date.is_null() if due.pending is None else date.is_null() & ~due.pending
    return DenominatorFilter(
        tests=(
            (f"fails: due {window}", none | between(date, window)),
            (f"fails: due by {as_of}", none | (date <= as_of)),
        ),
        event=date,
    )


def settled(end: str, due: Due, met: pl.Expr, window: Window, as_of: dt.date) -> DenominatorFilter:
    """Cases whose outcome became certain in the window: on the end in time, else a day after due.

    A case that has no due date yet, for a pause that is not over, is undetermined (S14).
    """
    late_on = (due.date.to_physical() + 1).cast(pl.Date)
    on = pl.when(met).then(pl.col(end)).otherwise(late_on)
    return DenominatorFilter(
        tests=((f"fails: settled {window}", on.is_null() | between(on, window)),),
        undetermined=_or_pending(on > as_of, due),
        event=on,
    )


def _or_pending(undetermined: pl.Expr, due: Due) -> pl.Expr:
    return undetermined if due.pending is None else undetermined | due.pending
