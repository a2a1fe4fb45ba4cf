"""Which cases of a population enter the denominator, and in which window (S11)."""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeAlias

from attrs import frozen

from kpi.definitions.fields import choice
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl
from kpi.rules._population import between

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
class Entering:
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


def by_event(event: str, window: tuple[str, pl.Expr]) -> Entering:
    """Cases whose event falls in the window: `closed` with the end, `cohort` with another."""
    return Entering(tests=(window,), event=pl.col(event))


def overdue(
    event: str, window: tuple[str, pl.Expr], end: str, due: pl.Expr, as_of: dt.date
) -> Entering:
    """As a cohort, where an open case is a miss once its due day is over, and until then open."""
    undetermined = pl.col(end).is_null() & (due > as_of)
    return Entering(tests=(window,), undetermined=undetermined, event=pl.col(event))


def falling_due(due: pl.Expr, window: Window, as_of: dt.date) -> Entering:
    """Cases whose due date falls in the window and is over; each counts on its due date."""
    return Entering(
        tests=(
            (f"fails: due {window}", due.is_null() | between(due, window)),
            (f"fails: due by {as_of}", due.is_null() | (due <= as_of)),
        ),
        event=due,
    )


def settled(end: str, due: pl.Expr, met: pl.Expr, window: Window, as_of: dt.date) -> Entering:
    """Cases whose outcome became certain in the window: on the end in time, else a day after due."""
    late_on = (due.to_physical() + 1).cast(pl.Date)
    on = pl.when(met).then(pl.col(end)).otherwise(late_on)
    return Entering(
        tests=((f"fails: settled {window}", on.is_null() | between(on, window)),),
        undetermined=on > as_of,
        event=on,
    )
