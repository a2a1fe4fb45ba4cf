"""Windows as expressions (S9), and the periods of a series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kpi.definitions.periods import Every
from kpi.definitions.series import Series
from kpi.definitions.windows import Window
from kpi.polars_on_demand import pl


def between(date: pl.Expr, window: Window) -> pl.Expr:
    """Return the mask of the dates in a window; null where the date is."""
    bounds = []
    if window.first is not None:
        bounds.append(date >= window.first)
    if window.stop is not None:
        bounds.append(date < window.stop)
    return pl.all_horizontal(bounds) if len(bounds) > 1 else bounds[0]


_TRUNCATE: dict[Every, str] = {
    "week": "1w",
    "month": "1mo",
    "quarter": "3mo",
    "half-year": "6mo",
    "year": "1y",
}


def period(event: pl.Expr, series: Series, window: Window) -> pl.Expr:
    """Return the first day of the period that an event lies in; null outside the window.

    Args:
        event: dates.
        series: the periods.
        window: the window that the periods divide.
    """
    if window.first is None or window.last is None or not event.meta.root_names():
        # A date that is the same for all rows has no column to look up by.
        return pl.when(between(event, window)).then(_truncated(event, series))
    # A look-up by day takes a tenth of the time of truncating each row.
    days = pl.DataFrame({"day": pl.date_range(window.first, window.last, eager=True)})
    first_days = days.select(_truncated(pl.col("day"), series)).to_series()
    return _looked_up(event, window.first, first_days, between(event, window))


def segment_start(event: pl.Expr, bounds: Sequence[dt.date]) -> pl.Expr:
    """Return the first day of the segment that an event lies in; null after all segments.

    The days before all segments are a segment from the first day that there is.

    Args:
        event: dates.
        bounds: the first day of each segment, in order, and the day after the last segment.
    """
    *firsts, stop = bounds
    lengths = [(b - a).days for a, b in zip(firsts, bounds[1:], strict=True)]
    first_days = pl.Series(firsts, dtype=pl.Date).repeat_by(pl.Series(lengths)).explode()
    segment = _looked_up(event, firsts[0], first_days, (event >= firsts[0]) & (event < stop))
    # Days before all windows, where the whole has no beginning: a segment of the whole alone.
    return pl.when(event < firsts[0]).then(pl.lit(dt.date.min)).otherwise(segment)


def _looked_up(event: pl.Expr, first: dt.date, values: pl.Series, inside: pl.Expr) -> pl.Expr:
    """Return the value of each event's day in a table by day that begins on `first`, else null."""
    index = event.to_physical() - (first - dt.date(1970, 1, 1)).days
    return pl.lit(values).gather(pl.when(inside).then(index))


def _truncated(day: pl.Expr, series: Series) -> pl.Expr:
    length = _TRUNCATE[series.every]
    if series.every in ("week", "month") or series.year_starts == 1:
        return day.dt.truncate(length)
    moved = f"{series.year_starts - 1}mo"
    return day.dt.offset_by(f"-{moved}").dt.truncate(length).dt.offset_by(moved)
