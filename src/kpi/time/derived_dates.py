"""Derived dates as Polars expressions, and the days that bound them (S2, S4, S14)."""

from __future__ import annotations

from collections.abc import Mapping

from kpi.definitions.calendars import Calendar
from kpi.definitions.defaults import Defaults
from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset, Derived
from kpi.definitions.time_units import Span
from kpi.polars_on_demand import pl
from kpi.time import due_dates as deadlines
from kpi.time import working_days

Bounds = Mapping[str, tuple[int, int]]
_MOVED = "moved"


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
        an expression for each, over the snapshot of the table; the bounds with those of the derived
        dates, where these can be dates at all.
    """
    all_bounds = dict(bounds)
    expressions = {}
    for name, date in derived.items():
        expression = _expression(plan, date, all_bounds)
        between = _bounds(plan, date, all_bounds)
        if isinstance(date, DateOffset) and date.roll != "none" and between is not None:
            expression = working_days.roll_forward(expression.to_physical(), between, plan.calendar)
            between = _rolled_bounds(between, plan.calendar)
        expressions[name] = expression.alias(name)
        if between is not None:
            all_bounds[name] = between
    return expressions, all_bounds


def moved(plan: Defaults, offset: DateOffset, bounds: Bounds) -> pl.Expr:
    """Return a date moved by some time, as a derived date is; null where that is null.

    Args:
        plan: the plan's month-end mode and calendar.
        offset: the date and the time.
        bounds: as for `derived`.
    """
    expressions, _ = derived(plan, {_MOVED: offset}, bounds)
    return expressions[_MOVED]


def _expression(plan: Defaults, derived: Derived, bounds: Bounds) -> pl.Expr:
    if isinstance(derived, DateChoice):
        if derived.which == "earliest":
            return pl.min_horizontal(derived.of)
        latest = pl.max_horizontal(derived.of)
        if derived.which == "latest":
            return latest
        return pl.when(pl.all_horizontal(pl.col(derived.of).is_not_null())).then(latest)
    if isinstance(derived, DateFraction):
        return _part_way(derived)
    if isinstance(derived.by, Span):
        between = bounds.get(derived.date, (0, 0))
        return deadlines.due(
            derived.date, between, derived.by, plan.month_end, plan.calendar, backwards=derived.back
        )
    amount = pl.col(derived.by).cast(pl.Int64) * (-1 if derived.back else 1)
    if derived.unit == "days":
        return _day(pl.col(derived.date).to_physical() + amount)
    return deadlines.months_later(pl.col(derived.date), amount.cast(pl.Int32), plan.month_end)


def _part_way(fraction: DateFraction) -> pl.Expr:
    start = pl.col(fraction.start).to_physical().cast(pl.Int64)
    length = pl.col(fraction.end).to_physical().cast(pl.Int64) - start
    top, bottom = fraction.share.numerator, fraction.share.denominator
    # Floor division in whole numbers: a fraction of a day is rounded once, and never a float.
    days = (length * top) // bottom
    if fraction.rounded == "up":
        days = -((-length * top) // bottom)
    # A case that ends before it starts has no part of the way: null.
    return _day(pl.when(length >= 0).then(start + days))


def _day(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.Int32).cast(pl.Date)


def _rolled_bounds(bounds: tuple[int, int], calendar: Calendar) -> tuple[int, int] | None:
    """Return day numbers that bound the rolled dates; None where the calendar rolls none of them."""
    rolled = working_days.roll_forward_table(*working_days.covered(bounds, calendar), calendar)
    return _range_of(rolled)


def _bounds(plan: Defaults, derived: Derived, bounds: Bounds) -> tuple[int, int] | None:
    """Return day numbers that bound a derived date, perhaps loosely; None where no row has it."""
    if isinstance(derived, DateChoice | DateFraction):
        names = derived.of if isinstance(derived, DateChoice) else (derived.start, derived.end)
        dated = [bounds[name] for name in names if name in bounds]
        return (min(low for low, _ in dated), max(high for _, high in dated)) if dated else None
    if derived.date not in bounds or (isinstance(derived.by, str) and derived.by not in bounds):
        return None
    low, high = bounds[derived.date]
    if isinstance(derived.by, Span):
        if derived.by.working_days:
            table = working_days.working_days_table(
                low, high, derived.by.working_days, plan.calendar, backwards=derived.back
            )
            return _range_of(table)
        less, more = 0, 31 * derived.by.total_months + derived.by.total_days
    else:
        less, more = ((31 if derived.unit == "months" else 1) * n for n in bounds[derived.by])
    if derived.back:
        less, more = -more, -less
    return low + min(less, 0), high + max(more, 0)


def _range_of(days: pl.Series) -> tuple[int, int] | None:
    """Return the smallest and the largest day number of dates; None where all are null."""
    ends = (days.to_physical().min(), days.to_physical().max())
    known = [day for day in ends if isinstance(day, int)]
    return (min(known), max(known)) if known else None
