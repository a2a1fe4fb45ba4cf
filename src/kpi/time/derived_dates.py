"""Derived dates as Polars expressions, and the days between which they lie (S2, S4, S14)."""

from __future__ import annotations

from collections.abc import Mapping

from kpi.definitions.defaults import Defaults
from kpi.definitions.derived_dates import DateChoice, DateFraction, Derived
from kpi.definitions.spans import Span
from kpi.polars_on_demand import pl
from kpi.time import due_dates as deadlines
from kpi.time import working_days

Bounds = Mapping[str, tuple[int, int]]


def derived(
    plan: Defaults, derived: Mapping[str, Derived], bounds: Bounds
) -> tuple[dict[str, pl.Expr], dict[str, tuple[int, int]]]:
    """Return derived dates as expressions.

    Args:
        plan: the plan's month-end mode and calendar.
        derived: the derived dates to compute, by name, each after those that it is derived from.
        bounds: the smallest and largest day number of each date column, and of the columns of whole
            numbers that derived dates move by.

    Returns:
        an expression for each, over the snapshot of the table; the bounds with theirs.
    """
    known = dict(bounds)
    made = {}
    for name, one in derived.items():
        made[name] = _made(plan, one, known).alias(name)
        between = _bounds(plan, one, known)
        if between is not None:
            known[name] = between
    return made, known


def _made(plan: Defaults, one: Derived, bounds: Bounds) -> pl.Expr:
    if isinstance(one, DateChoice):
        if one.which == "earliest":
            return pl.min_horizontal(one.of)
        latest = pl.max_horizontal(one.of)
        if one.which == "latest":
            return latest
        return pl.when(pl.all_horizontal(pl.col(one.of).is_not_null())).then(latest)
    if isinstance(one, DateFraction):
        return _part_way(one)
    if isinstance(one.by, Span):
        between = bounds.get(one.date, (0, 0))
        return deadlines.due(
            one.date, between, one.by, plan.month_end, plan.calendar, backwards=one.back
        )
    amount = pl.col(one.by).cast(pl.Int64) * (-1 if one.back else 1)
    if one.unit == "days":
        return _day(pl.col(one.date).to_physical() + amount)
    return deadlines.months_later(pl.col(one.date), amount.cast(pl.Int32), plan.month_end)


def _part_way(one: DateFraction) -> pl.Expr:
    start = pl.col(one.start).to_physical().cast(pl.Int64)
    length = pl.col(one.end).to_physical().cast(pl.Int64) - start
    top, bottom = one.share.numerator, one.share.denominator
    # Floor division in whole numbers: a fraction of a day is rounded once, and never a float.
    days = (length * top) // bottom
    if one.rounded == "up":
        days = -((-length * top) // bottom)
    # What ends before it starts has no part of the way.
    return _day(pl.when(length >= 0).then(start + days))


def _day(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.Int32).cast(pl.Date)


def _bounds(plan: Defaults, one: Derived, bounds: Bounds) -> tuple[int, int] | None:
    """Days between which every such date lies, and perhaps more; None where there is no date."""
    if isinstance(one, DateChoice | DateFraction):
        names = one.of if isinstance(one, DateChoice) else (one.start, one.end)
        there = [bounds[name] for name in names if name in bounds]
        return (min(low for low, _ in there), max(high for _, high in there)) if there else None
    if one.date not in bounds or (isinstance(one.by, str) and one.by not in bounds):
        return None
    low, high = bounds[one.date]
    if isinstance(one.by, Span):
        if one.by.working_days:
            table = working_days.working_days_table(
                low, high, one.by.working_days, plan.calendar, backwards=one.back
            ).to_physical()
            found = [day for day in (table.min(), table.max()) if isinstance(day, int)]
            return (min(found), max(found)) if found else None
        less, more = 0, 31 * one.by.total_months + one.by.total_days
    else:
        less, more = ((31 if one.unit == "months" else 1) * n for n in bounds[one.by])
    if one.back:
        less, more = -more, -less
    return low + min(less, 0), high + max(more, 0)
