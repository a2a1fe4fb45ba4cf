"""Strategies for days and windows: bounds of every word, and month ends over-weighted."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.population import OpenAt
from kpi.definitions.windows import EndOf, Window

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(1970, 1, 1), dt.date(2099, 12, 31)
"""The days between which everything that is generated lies."""

YEARS = (2016, 2019)
"""The years of a target that is drawn by itself: its windows should meet, so they are few."""


def _month_ends(years: tuple[int, int]) -> SearchStrategy[dt.date]:
    return st.builds(
        lambda year, month, back: dt.date(year, month, calendar.monthrange(year, month)[1] - back),
        st.integers(*years),
        # February, and the months either side of it, more often than the others.
        st.sampled_from((1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
        st.integers(0, 2),
    )


def days(years: tuple[int, int] = (FIRST.year, LAST.year)) -> SearchStrategy[dt.date]:
    """Generate days from one year to another, both included, with month ends over-weighted."""
    first, last = dt.date(years[0], 1, 1), dt.date(years[1], 12, 31)
    turns = st.builds(dt.date, st.integers(*years), st.sampled_from((1, 3, 7, 12)), st.just(1))
    return st.one_of(st.dates(first, last), _month_ends(years), turns)


def near(anchors: Sequence[dt.date]) -> SearchStrategy[dt.date]:
    """Generate one of the days, or a day either side."""
    return st.builds(
        lambda day, off: day + off * DAY,
        st.sampled_from(anchors),
        st.sampled_from((0, 0, 1, -1)),
    )


def period_names(years: tuple[int, int] = (FIRST.year, LAST.year)) -> SearchStrategy[str]:
    """Generate names of years, half-years, quarters, months and weeks."""
    parts = ["", *(f"-H{n}" for n in (1, 2)), *(f"-Q{n}" for n in range(1, 5))]
    months = [f"-{n:02}" for n in range(1, 13)]
    # The first and the last weeks of a year may reach into another.
    weeks = [f"-W{n:02}" for n in range(2, 52)]
    return st.builds(
        lambda year, part: f"{year:04}{part}",
        st.integers(*years),
        st.one_of(
            st.just(""), st.sampled_from(parts), st.sampled_from(months), st.sampled_from(weeks)
        ),
    )


@st.composite
def windows(
    draw: DrawFn,
    years: tuple[int, int] = (FIRST.year, LAST.year),
    *,
    begins: bool = False,
    ends: bool = False,
) -> Window:
    """Generate windows by name or by bounds, in every word of a bound.

    Args:
        draw: given by Hypothesis.
        years: the first and last year of their bounds.
        begins: whether each must have a beginning.
        ends: whether each must have an end.
    """
    if draw(st.booleans()):
        return Window(draw(period_names(years)))
    low, high = sorted((draw(days(years)), draw(days(years))))
    first = draw(st.sampled_from(("since", "after") if begins else ("since", "after", None)))
    must = ends or first is None
    last = draw(st.sampled_from(("before", "through") if must else ("before", "through", None)))
    # `after` and `before` leave out their day, so two days more always hold one inside.
    bounds = {first: low, last: high + 2 * DAY}
    named: dict[str, Any] = {word: day for word, day in bounds.items() if word is not None}
    return Window(None, **named)


@st.composite
def short_windows(
    draw: DrawFn, years: tuple[int, int] = (FIRST.year, LAST.year), *, most: int = 21
) -> Window:
    """Generate windows of a few days, often over Easter, Ascension or the turn of a year.

    Args:
        draw: given by Hypothesis.
        years: the first and last year of their beginnings.
        most: how many days each has at most.
    """
    year = draw(st.integers(*years))
    holidays = (dt.date(year, month, day) for month, day in ((3, 25), (5, 1), (5, 28), (12, 20)))
    first = draw(st.one_of(days(years), st.sampled_from([*holidays])))
    length = draw(st.one_of(st.integers(1, most), st.sampled_from((7, 14))))
    since, through = draw(st.booleans()), draw(st.booleans())
    last = first + (length - 1) * DAY
    return Window(
        since=first if since else None,
        after=None if since else first - DAY,
        through=last if through else None,
        before=None if through else last + DAY,
    )


def moments(years: tuple[int, int]) -> SearchStrategy[OpenAt]:
    """Generate days at whose start a case must be open, and periods, for their first day."""
    return st.builds(OpenAt, st.one_of(period_names(years), days(years)))


def ends(years: tuple[int, int]) -> SearchStrategy[EndOf]:
    """Generate days at whose end rows are counted, and periods, for their last day."""
    return st.builds(EndOf, st.one_of(period_names(years), days(years)))


def maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Generate None as often as a value."""
    return st.one_of(st.none(), strategy)
