"""A limit of any kind as expressions: each case's due date, and whether it was kept (S3-S6, S12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import polars as pl
from attrs import frozen

from kpi import deadlines
from kpi.columns import Columns, instant_name
from kpi.limits import Before, ByValue, Dated, DueColumn, Limit, MonthEnd, Span

T = TypeVar("T")


@frozen(kw_only=True)
class Due:
    """When a case is due.

    Attributes:
        date: the last day in time; null where there is none.
        missing: whether the case has no limit; None where each has (S12).
        refused: whether a month-end mode refuses it a due date, where it has a start and a limit;
            None where none does.
        kept: whether a date of the case is in time, given the column's name; null dates are not.
        reversed: whether one column's date or instant is before another's.
        seconds: the seconds from one column's instant to another's; null where days are counted.
    """

    date: pl.Expr
    missing: pl.Expr | None = None
    refused: pl.Expr | None = None
    kept: Callable[[str], pl.Expr]
    reversed: Callable[[str, str], pl.Expr] | None
    seconds: Callable[[str, str], pl.Expr] = lambda _start, _end: pl.lit(None, pl.Int64)


def due(columns: Columns, start: str, limit: Limit, mode: MonthEnd | None) -> Due:
    """When each case is due by a limit that is counted from a date column.

    Args:
        columns: the table's columns.
        start: the date that the limit is counted from.
        limit: the limit.
        mode: the target's month-end mode (default: the plan's).
    """
    missing = None
    if isinstance(limit, DueColumn):
        missing = pl.col(limit.column).is_null()
    elif isinstance(limit, ByValue):
        missing = ~pl.col(limit.column).is_in(list(limit.limits)).fill_null(value=False)
    if is_clock(limit):
        return _clock_due(columns, start, limit, missing)
    date = _date(columns, start, limit, mode or columns.plan.month_end)
    return Due(
        date=date,
        missing=missing,
        refused=date.is_null() if has_months(limit) else None,
        kept=lambda column: (pl.col(column) <= date).fill_null(value=False),
        # What is counted backwards may well end before its start.
        reversed=None if isinstance(limit, Before) else reversed_days,
    )


def reversed_days(start: str, end: str) -> pl.Expr:
    """Whether the end's date is before the start's."""
    return (pl.col(end) < pl.col(start)).fill_null(value=False)


def is_clock(limit: Limit) -> bool:
    """Whether a limit is elapsed time between instants (S3)."""
    return any(span.is_clock for span in _spans(limit))


def _spans(limit: Limit) -> list[Span]:
    if isinstance(limit, Span):
        return [limit]
    if isinstance(limit, Before):
        return [limit.span]
    if isinstance(limit, ByValue):
        return list(limit.limits.values())
    return [span for _, span in limit.stretches()] if isinstance(limit, Dated) else []


def has_months(limit: Limit) -> bool:
    """Whether a limit is in months or years for some case, so that a month-end mode may matter."""
    return any(span.total_months for span in _spans(limit))


def _date(columns: Columns, start: str, limit: Limit, mode: MonthEnd) -> pl.Expr:
    if isinstance(limit, DueColumn):
        return pl.col(limit.column)
    # A column without a date has no bounds, and no due date either.
    bounds = columns.bounds.get(start, (0, 0))
    if isinstance(limit, Before):
        return deadlines.due(start, bounds, limit.span, mode, backwards=True)
    return _chosen(columns, limit, lambda span: deadlines.due(start, bounds, span, mode), pl.Date())


def _chosen(
    columns: Columns,
    limit: Span | ByValue | Dated[Span],
    made: Callable[[Span], pl.Expr],
    kind: pl.DataType,
) -> pl.Expr:
    """What is made of the span that is each case's own; null where it has none."""
    if isinstance(limit, Span):
        return made(limit)
    if isinstance(limit, Dated):
        return in_force(limit, columns.as_of, made)
    chosen = pl.lit(None, kind)
    for span in dict.fromkeys(limit.limits.values()):
        values = [value for value, its in limit.limits.items() if its == span]
        chosen = pl.when(pl.col(limit.column).is_in(values)).then(made(span)).otherwise(chosen)
    return chosen


def in_force(dated: Dated[T], as_of: dt.date, made: Callable[[T], pl.Expr]) -> pl.Expr:
    """What is made of the value in force on each case's date, or at the as-of date without one."""
    date = pl.col(dated.column).fill_null(pl.lit(as_of, pl.Date))
    chosen = made(dated.first)
    for since, value in dated.later:
        chosen = pl.when(date >= since).then(made(value)).otherwise(chosen)
    return chosen


def _clock_due(columns: Columns, start: str, limit: Limit, missing: pl.Expr | None) -> Due:
    assert isinstance(limit, Span | ByValue | Dated), "only these are in hours or minutes"
    allowed = _chosen(
        columns, limit, lambda s: pl.lit(dt.timedelta(minutes=s.total_minutes)), pl.Duration("us")
    )
    begun = pl.col(instant_name(start))
    at = begun + allowed
    return Due(
        date=at.dt.convert_time_zone(columns.plan.time_zone).dt.date(),
        missing=missing,
        kept=lambda column: (pl.col(instant_name(column)) <= at).fill_null(value=False),
        reversed=lambda a, b: (_elapsed(a, b) < 0).fill_null(value=False),
        seconds=lambda a, b: _elapsed(a, b) // 1_000_000,
    )


def _elapsed(start: str, end: str) -> pl.Expr:
    """Microseconds between two instants."""
    return (pl.col(instant_name(end)) - pl.col(instant_name(start))).dt.total_microseconds()
