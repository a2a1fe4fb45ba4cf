"""Strategies for calendars: a country's with further days off, and a plan's own days (S7)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.calendars import Calendar
from kpi.definitions.days_off import NAMED, Yearly, names_of
from kpi.definitions.time_options import ROLLS
from kpi.definitions.weekdays import WEEKDAYS
from kpi.definitions.windows import Window
from kpi.testing import oracle
from kpi.testing.strategies.days import DAY, YEARS, days, windows

COUNTRIES = ("netherlands", "sweden", "germany", "european central bank")
"""The countries beside Denmark whose holidays the oracle works out, from 2000."""

LOOKED_UP = (
    ("united states", None),
    ("saudi arabia", None),
    ("hungary", None),
    ("germany", "BE"),
    ("united kingdom", ("ENG", "SCT")),
)
"""Countries and regions of which the library is asked: weekends, and Saturdays that are worked."""

_FROM = 2003
"""The first year of plans with those calendars: their dates reach back some years."""


def calendars(years: tuple[int, int] = YEARS, *, whole: bool = False) -> SearchStrategy[Calendar]:
    """Generate calendars of every kind whose working days the oracle knows.

    Args:
        years: the years of the plan.
        whole: whether each must cover those years; a calendar of a plan's own days may else end
            within them.
    """
    kinds = [danish(years), danish(years), _own(years, whole=whole), _own(years, whole=whole)]
    if years[0] >= _FROM:
        kinds.append(_country(years))
    return st.one_of(kinds)


@st.composite
def _country(draw: DrawFn, years: tuple[int, int]) -> Calendar:
    """Generate calendars of other countries, with days of every kind off, and days worked."""
    reckoned = st.tuples(st.sampled_from(COUNTRIES), st.none())
    name, region = draw(st.one_of(reckoned, reckoned, st.sampled_from(LOOKED_UP)))
    words = names_of(name) if region is None else []
    named = st.lists(st.sampled_from(words), max_size=1) if words else st.just([])
    off = [*draw(named), *draw(st.lists(_entries(years), max_size=2, unique=True))]
    worked = draw(st.lists(days(years), max_size=2, unique=True))
    return Calendar(
        name,
        off,
        region=region,
        worked=[day for day in worked if day not in off],
        **draw(_weekends()),
    )


def _entries(years: tuple[int, int]) -> SearchStrategy[Any]:
    """Generate days off as they are listed: dates, days of every year, and periods."""
    of_year = days(years).map(lambda day: f"{day:%m-%d}")
    yearly = st.builds(Yearly, of_year, days(years).map(lambda day: f"{day:%m-%d}"))
    short = yearly.filter(lambda span: span.since[:2] == span.through[:2])
    months = days(years).map(lambda day: Window(f"{day:%Y-%m}"))
    return st.one_of(_weekdays(years), _weekdays(years), of_year.map(_single), short, months)


def _single(day: str) -> Yearly:
    return Yearly(day, day)


def _weekends() -> SearchStrategy[dict[str, Any]]:
    """Generate what a calendar says of its weekends, mostly nothing."""
    week = st.lists(st.sampled_from(WEEKDAYS), max_size=3, unique=True)
    some = week.map(lambda days: {"weekend": days})
    return st.one_of(st.just({}), st.just({}), st.just({"saturdays": True}), some)


def danish(years: tuple[int, int] = YEARS) -> SearchStrategy[Calendar]:
    """Generate Denmark's calendars, with some days off by name or by date."""
    named = st.lists(st.sampled_from(list(NAMED["denmark"])), max_size=2, unique=True)
    dates = st.lists(_weekdays(years), max_size=2, unique=True)
    off = st.one_of(named, st.builds(lambda some, others: [*some, *others], named, dates))
    return st.builds(Calendar, st.just("denmark"), off.map(tuple), saturdays=st.booleans())


@st.composite
def _own(draw: DrawFn, years: tuple[int, int], *, whole: bool) -> Calendar:
    """Generate calendars of a plan's own: without holidays, and for a number of days only."""
    wide = Window(since=dt.date(years[0] - 1, 1, 1), before=dt.date(years[1] + 2, 1, 1))
    narrow = windows(years, begins=True, ends=True)
    covers = draw(st.just(wide) if whole else st.one_of(st.just(wide), narrow))
    first, last = oracle.first_day(covers), oracle.last_day(covers)
    assert first is not None, "it has both ends"
    assert last is not None, "it has both ends"
    # Days at the ends of the covered days, and some between.
    edges = st.sampled_from((first, last, min(first + DAY, last)))
    some = st.one_of(edges, st.dates(first, last), st.dates(first, last))
    off = draw(st.lists(some, max_size=6, unique=True))
    yearly = draw(st.lists(some.map(lambda day: _single(f"{day:%m-%d}")), max_size=1))
    worked = [day for day in draw(st.lists(some, max_size=2, unique=True)) if day not in off]
    return Calendar(None, [*off, *yearly], covers=covers, worked=worked, **draw(_weekends()))


@st.composite
def with_hours(draw: DrawFn, calendars: SearchStrategy[Calendar]) -> Calendar:
    """Generate calendars with opening hours, of days that are not always off (S35)."""
    calendar = draw(calendars)
    day = st.one_of(_INTERVALS, _INTERVALS, st.just([]))
    hours: dict[str, object] = {"weekdays": draw(_INTERVALS)}
    worked = [name for n, name in enumerate(WEEKDAYS) if n not in calendar.weekdays_off]
    some = draw(st.lists(st.sampled_from(worked), max_size=2, unique=True))
    # At least one day of the week is open, whatever the calendar's weekend.
    hours |= {name: draw(day) for name in some} | {worked[0]: draw(_INTERVALS)}
    return evolve(calendar, hours=hours)


_INTERVALS: SearchStrategy[object] = st.sampled_from(
    (
        "08:00-16:00",
        "08:00-16:00",
        ["08:00-12:00", "13:00-15:30"],
        "00:00-24:00",
        ["00:00-02:30", "22:00-24:00"],
        "00:30-23:59",
    )
)


def _weekdays(years: tuple[int, int]) -> SearchStrategy[dt.date]:
    return days(years).map(lambda day: day - max(0, day.weekday() - 4) * DAY)


def rolls() -> SearchStrategy[Any]:
    """Generate what becomes of due days that are no working days; None for the plan's (S8)."""
    return st.sampled_from((None, None, None, *ROLLS, ROLLS[-1]))
