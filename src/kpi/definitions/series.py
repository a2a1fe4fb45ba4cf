"""Series: the periods for which a target is asked, each with the window that it is asked in (S30)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, get_args

from attrs import frozen

from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import choice
from kpi.definitions.periods import Every, days_name, period_end, period_name, period_start
from kpi.definitions.time_units import CALENDAR_UNITS, Span, parse_span
from kpi.definitions.windows import EndOf, Window, first_of_month, window_name
from kpi.errors import PlanError, Problem, listed

if TYPE_CHECKING:
    from kpi.definitions.target import Target

EVERY: tuple[Every, ...] = get_args(Every)
MONTHS = tuple(f"{month:02}" for month in range(1, 13))
"""The months that a year may begin in."""

_DAY = dt.timedelta(days=1)


@frozen
class Period:
    """A period of a series.

    Attributes:
        name: the name of the period, or the days that a window leaves of it.
        first: the first day of the period that lies in the window of the series.
        last: the last day of the period that lies in the window of the series.
        window: the days that the target is asked of: those of the period, or of a rolling window
            that ends with it.
    """

    name: str
    first: dt.date
    last: dt.date
    window: Window


@frozen
class Series:
    """The periods that a target is asked for (S30).

    Attributes:
        every: the length of the periods.
        rolling: the length of the window that ends with each period; None for the period itself.
        year_starts: the month that years begin in, 1 to 12.
    """

    every: Every
    rolling: Span | None = None
    year_starts: int = 1

    def period_of(self, day: dt.date, window: Window) -> Period:
        """Return the period that a day of the window lies in, as far as the window leaves it.

        Args:
            day: a day inside the window.
            window: the window of the series; an end may be open.
        """
        begins = period_start(day, self.every, self.year_starts)
        ends = period_end(begins, self.every)
        first = begins if window.first is None else max(begins, window.first)
        last = ends if window.last is None else min(ends, window.last)
        whole = (first, last) == (begins, ends)
        name = (
            period_name(begins, self.every, self.year_starts) if whole else days_name(first, last)
        )
        since = first if self.rolling is None else rolling_start(last, self.rolling)
        return Period(name, first, last, Window(since=since, through=last))

    def is_whole(self, period: Period) -> bool:
        """Return whether a window leaves the whole of a period."""
        begins = period_start(period.first, self.every, self.year_starts)
        return (period.first, period.last) == (begins, period_end(begins, self.every))

    def periods(self, window: Window) -> Iterator[Period]:
        """Yield the periods of a window with both ends, in order."""
        day, last = window.closed
        while True:
            period = self.period_of(day, window)
            yield period
            if period.last >= last:
                return
            day = period.last + _DAY


def rolling_start(last: dt.date, span: Span) -> dt.date:
    """Return the first day of the window of a length that ends with `last`.

    Twelve months that end with 31 March begin on 1 April: the months are counted back from the day
    after, so that a window that ends with a month begins with one.
    """
    after = last + _DAY
    months = after.year * 12 + after.month - 1 - span.total_months
    if months < 12:
        return dt.date.min
    last_of_month = first_of_month(months + 1) - _DAY
    back = last_of_month.replace(day=min(after.day, last_of_month.day))
    return dt.date.fromordinal(max(back.toordinal() - span.total_days, 1))


def segment_bounds(series: Series, window: Window, plan: Defaults) -> tuple[dt.date, ...]:
    """Return the first days of the segments of a rolling series, and the day after the last.

    Segments are the days between the bounds of the series' windows, so that each window is whole
    segments, and so is the window that the series divides.

    Args:
        series: a rolling series.
        window: the window that the series divides; where it has no beginning the periods begin with
            the plan's period.
        plan: the plan.
    """
    bounds = {bound for bound in (window.first, window.stop) if bound is not None}
    for period in series.periods(bounded(window, plan)):
        first, last = period.window.closed
        bounds |= {first, last + _DAY}
    return tuple(sorted(bounds))


def periods_of_base(series: Series, window: Window, base: Window) -> dict[dt.date, Period] | None:
    """Return the period of the base that each period of a window stands against (S33).

    The first against the first, and so on: March 2025 against March 2024.

    Args:
        series: the series.
        window: the window that the series divides.
        base: the window of the base.

    Returns:
        the period of the base by the first day of that of the window; None where the two windows do
        not divide into as many periods, each of them whole.
    """
    pairs: dict[dt.date, Period] = {}
    if window.first is None or base.first is None:
        return None
    for period, of_base in zip_longest(series.periods(window), series.periods(base)):
        if not (period and of_base and series.is_whole(period) and series.is_whole(of_base)):
            return None
        pairs[period.first] = of_base
    return pairs


def bounded(window: Window, plan: Defaults) -> Window:
    """Return a window with both ends: the periods of a window without a beginning begin with the plan's.

    The day alone where the window ends before the plan's period begins.
    """
    if window.first is not None:
        return window
    last = window.last
    assert last is not None, "a target's window has an end"
    return Window(since=min(plan.period.closed.first, last), through=last)


def through_moment(plan: Defaults, moment: EndOf) -> Window:
    """Return the window from the plan's period on through the day of a moment (S30)."""
    return bounded(Window(through=moment.day), plan)


def optional_every(value: object) -> Every | None:
    """Parse the length of the periods of a series; None stays None.

    Raises:
        PlanError: where the value names no length.
    """
    return None if value is None else choice(value, EVERY)


def optional_rolling(value: object) -> Span | None:
    """Parse the length of a rolling window, in months, weeks or days; None stays None.

    Raises:
        PlanError: where the value is no length of at least a day.
    """
    if value is None:
        return None
    span = parse_span(value, CALENDAR_UNITS)
    if not (span.total_months or span.total_days):
        raise PlanError(f"found {span}; accepted: a length of at least a day, such as '12 months'")
    return span


def parse_year_starts(value: object) -> str:
    """Parse the month that years begin in: "04" for April.

    Raises:
        PlanError: where the value is no month of two digits.
    """
    return choice(value, MONTHS)


def misplaced_series(target: Target, plan: Defaults) -> Iterator[Problem]:
    """Yield a problem for every key of a target's series that the target cannot have (S30)."""
    if target.every is None:
        if target.rolling is not None:
            message = f"missing; accepted with a rolling window: {listed(EVERY)}"
            yield Problem(("every",), message)
        return
    if target.has_one_period or not (target.has_key("window") or target.counts_in_several_periods):
        message = f"found {target.every!r} with the rule {target.rule}; accepted: a rule of cases in a window"
        yield Problem(("every",), message)
    elif target.series_window(plan).first is None:
        window = target.series_window(plan)
        message = f"found periods of a window {window}; accepted: of a window with both ends"
        yield Problem(("every",), message)
    elif target.comparison is not None:
        window, base = target.series_window(plan), target.comparison.window
        series = Series(target.every, target.rolling, int(plan.year_starts))
        if periods_of_base(series, window, base) is None:
            message = (
                f"found periods of {window_name(window)} against {window_name(base)}; accepted: windows "
                f"of as many whole periods, each {target.every} against that in its place (S33)"
            )
            yield Problem(("every",), message)
    if target.rolling is not None and not target.has_key("window"):
        message = f"found {target.rolling} with the rule {target.rule}, which is about the end of a day; accepted: a rule with a window"
        yield Problem(("rolling",), message)
