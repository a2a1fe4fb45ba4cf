"""Derived dates as Polars expressions, and the days that bound them (S2, S4, S14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import evolve

from kpi.definitions.calendars import Calendar
from kpi.definitions.defaults import Defaults
from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset, Derived
from kpi.definitions.limits import ByValue
from kpi.definitions.reserved import counted_name, instant_name
from kpi.definitions.time_options import MonthEnd
from kpi.definitions.time_units import Span
from kpi.polars_on_demand import pl
from kpi.time import due_dates as deadlines
from kpi.time import working_days
from kpi.time.period_ends import LONGEST, period_end

Bounds = Mapping[str, tuple[int, int]]
_MOVED = "moved"
_LAST_DAY = dt.date.max.toordinal() - dt.date(1970, 1, 1).toordinal()


def derived(
    plan: Defaults, derived: Mapping[str, Derived], bounds: Bounds
) -> tuple[dict[str, pl.Expr], dict[str, tuple[int, int]]]:
    """Return derived dates as expressions.

    Args:
        plan: the plan's month-end mode, and the calendar of the dates that name none.
        derived: the derived dates to compute, by name, each after those that it is derived from.
        bounds: the smallest and largest day number of each date column, and of the columns of whole
            numbers that derived dates move by.

    Returns:
        an expression for each, over the snapshot of the table; the bounds with those of the derived
        dates, where these can be dates at all.
    """
    all_bounds = dict(bounds)
    expressions = {}
    for name, declared in derived.items():
        date = declared
        if isinstance(date, DateOffset) and date.day_ends is not None:
            counted = counted_name(name)
            expressions[counted] = _counted_day(plan, date.date, date.day_ends).alias(counted)
            if date.date in all_bounds:
                low, high = all_bounds[date.date]
                all_bounds[counted] = low, min(high + 1, _LAST_DAY)
            date = evolve(date, date=counted)
        expression = _expression(plan, date, all_bounds)
        between = _bounds(plan, date, all_bounds)
        if isinstance(declared, DateOffset) and between is not None:
            expression, between = _moved_on(plan, declared, expression, all_bounds, between)
        expressions[name] = expression.alias(name)
        if between is not None:
            all_bounds[name] = between
    return expressions, all_bounds


def _counted_day(plan: Defaults, column: str, day_ends: dt.time) -> pl.Expr:
    """Return the date as which a time counts: the next day's after the end of the day (S35).

    A local time that never was has no time of day, and counts as its date.
    """
    clock = pl.col(instant_name(column)).dt.convert_time_zone(plan.time_zone).dt.time()
    day = pl.col(column).to_physical()
    is_late = (clock > day_ends) & (day < _LAST_DAY)
    return _day(day + is_late.fill_null(value=False).cast(pl.Int32))


def _moved_on(
    plan: Defaults, offset: DateOffset, day: pl.Expr, bounds: Bounds, between: tuple[int, int]
) -> tuple[pl.Expr, tuple[int, int] | None]:
    """Return an offset's date at the end of a period, rolled and held back, with the date's bounds."""
    if offset.end_of is not None:
        day = period_end(day, offset.end_of, int(plan.year_starts))
        between = between[0], between[1] + LONGEST[offset.end_of]
    moved: tuple[int, int] | None = between
    if offset.roll != "none":
        calendar = offset.calendar or plan.calendar
        day = working_days.roll_forward(day.to_physical(), between, calendar)
        moved = _rolled_bounds(between, calendar)
    if offset.at_latest is not None and moved is not None:
        day = _held_back(day, offset.date, offset.at_latest)
        moved = min(moved[0], bounds[offset.date][0]), moved[1]
    return day, moved


def _held_back(day: pl.Expr, start: str, latest: str) -> pl.Expr:
    """Return a date that was moved on from a start: at most another date, but not before the start.

    Null stays null, and where the other date is null nothing holds the date back.
    """
    end = pl.max_horizontal(start, latest)
    return pl.when(pl.col(latest).is_not_null() & (day > end)).then(end).otherwise(day)


def _mode(plan: Defaults, offset: DateOffset, span: Span | None = None) -> MonthEnd:
    """Return the month-end mode of an offset by a span, or by a column.

    Where months alone lead to the end of a month or of a longer period, no day of the month is asked
    for, and so none is lacking (S4).
    """
    of_month = offset.end_of not in (None, "week")
    months_alone = span is None or span.total_days == 0
    return "down" if of_month and months_alone else plan.month_end


def _later(plan: Defaults, offset: DateOffset, span: Span, bounds: Bounds) -> pl.Expr:
    """Return the date that is a span after the date of an offset, or before it."""
    return deadlines.due(
        offset.date,
        bounds.get(offset.date, (0, 0)),
        span,
        _mode(plan, offset, span),
        offset.calendar or plan.calendar,
        backwards=offset.back,
    )


def _by_value(plan: Defaults, offset: DateOffset, by_value: ByValue, bounds: Bounds) -> pl.Expr:
    """Return the date that is the span of a case's value later; null for any other value."""
    chosen = pl.lit(None, pl.Date)
    for span in dict.fromkeys(by_value.limits.values()):
        values = [value for value, own in by_value.limits.items() if own == span]
        later = _later(plan, offset, span, bounds)
        chosen = pl.when(pl.col(by_value.column).is_in(values)).then(later).otherwise(chosen)
    return chosen


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
        return _choice(derived)
    if isinstance(derived, DateFraction):
        return _part_way(derived)
    if isinstance(derived.by, Span):
        return _later(plan, derived, derived.by, bounds)
    if isinstance(derived.by, ByValue):
        return _by_value(plan, derived, derived.by, bounds)
    amount = pl.col(derived.by).cast(pl.Int64) * (-1 if derived.back else 1)
    if derived.unit == "days":
        return _day(pl.col(derived.date).to_physical() + amount)
    return deadlines.months_later(pl.col(derived.date), amount.cast(pl.Int32), _mode(plan, derived))


def _choice(choice: DateChoice) -> pl.Expr:
    dates = [pl.col(name) for name in choice.of]
    if choice.before is not None:
        # On the day of the end itself nothing tells the order: only a later day comes after it.
        end = pl.col(choice.before)
        dates = [pl.when(end.is_null() | (date <= end)).then(date) for date in dates]
    if choice.which == "earliest":
        return pl.min_horizontal(dates)
    latest = pl.max_horizontal(dates)
    if choice.which == "latest":
        return latest
    return pl.when(pl.all_horizontal(pl.col(choice.of).is_not_null())).then(latest)


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
    if isinstance(derived.by, str):
        least, most = ((31 if derived.unit == "months" else 1) * n for n in bounds[derived.by])
        return _widened((low, high), least, most, backwards=derived.back)
    each = [_bounds_of_span(plan, derived, span, (low, high)) for span in derived.spans]
    known = [between for between in each if between is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def _bounds_of_span(
    plan: Defaults, offset: DateOffset, span: Span, bounds: tuple[int, int]
) -> tuple[int, int] | None:
    if not span.working_days:
        most = 31 * span.total_months + span.total_days
        return _widened(bounds, 0, most, backwards=offset.back)
    calendar = offset.calendar or plan.calendar
    n = span.working_days
    table = working_days.working_days_table(*bounds, n, calendar, backwards=offset.back)
    return _range_of(table)


def _widened(bounds: tuple[int, int], least: int, most: int, *, backwards: bool) -> tuple[int, int]:
    """Return the bounds of days and of what lies from `least` to `most` days after, or before."""
    if backwards:
        least, most = -most, -least
    return bounds[0] + min(least, 0), bounds[1] + max(most, 0)


def _range_of(days: pl.Series) -> tuple[int, int] | None:
    """Return the smallest and the largest day number of dates; None where all are null."""
    ends = (days.to_physical().min(), days.to_physical().max())
    known = [day for day in ends if isinstance(day, int)]
    return (min(known), max(known)) if known else None
