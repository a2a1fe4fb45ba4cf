"""Windows as expressions (S9), and the periods of a series."""

from __future__ import annotations

import datetime as dt

from kpi.definitions.periods import Every
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


def period(event: pl.Expr, every: Every, window: Window) -> pl.Expr:
    """Return the first day of the period that an event lies in; null outside the window.

    Args:
        event: dates.
        every: the length of the periods.
        window: the window that the periods divide.
    """
    inside = between(event, window)
    # A date that is the same for all rows has no column to look up by.
    if window.first is None or window.last is None or not event.meta.root_names():
        return pl.when(inside).then(event.dt.truncate(_TRUNCATE[every]))
    # A look-up by day takes a tenth of the time of truncating each row.
    first_days = pl.date_range(window.first, window.last, eager=True).dt.truncate(_TRUNCATE[every])
    index = event.to_physical() - (window.first - dt.date(1970, 1, 1)).days
    return pl.lit(first_days).gather(pl.when(inside).then(index))
