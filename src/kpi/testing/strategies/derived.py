"""Strategies for the derived dates of a table, of every kind, some made of each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.derived_dates import (
    PERIODS,
    ROUNDED_TO,
    WHICH,
    DateChoice,
    DateFraction,
    DateOffset,
    Derived,
)
from kpi.definitions.limits import ByValue
from kpi.definitions.table import Table
from kpi.definitions.time_options import ROLLS
from kpi.definitions.time_units import Span
from kpi.testing import oracle
from kpi.testing.strategies.calendars import calendars, danish
from kpi.testing.strategies.limits import by_values, spans, working_day_spans
from kpi.testing.strategies.odds import seldom
from kpi.testing.strategies.tables import CASES, COLUMNS, extract_dates, texts_of

_NAMES = ("ready", "awaited", "midway")
_SHARES = (Fraction(1, 2), Fraction(1, 3), Fraction(9, 10), Fraction(1), Fraction(1, 1000))
_CALENDAR = st.one_of(
    st.none(),
    st.none(),
    danish(),
    # Of other countries the oracle does not know the holidays of every year.
    calendars().filter(lambda calendar: calendar.name in (None, "denmark")),
)
_PERIOD = st.sampled_from((None, None, None, None, *PERIODS))


@st.composite
def derived_dates(draw: DrawFn, table: Table = CASES) -> dict[str, Derived]:
    """Generate one to three derived dates by name, of the table's dates and of those before."""
    columns = list(extract_dates(table))
    dates: dict[str, Derived] = {}
    for name in _NAMES[: draw(st.sampled_from((1, 1, 2, 3)))]:
        dates[name] = draw(_derived_date(table, columns))
        columns.append(name)
    return dates


def _derived_date(table: Table, columns: list[str]) -> SearchStrategy[Derived]:
    column = st.sampled_from(columns)
    several = st.lists(column, min_size=2, max_size=3, unique=True).map(tuple)
    chosen = st.builds(DateChoice, st.sampled_from(WHICH), several)
    choices = st.one_of(chosen, chosen, _before(chosen, column))
    short = st.sampled_from((Span(months=1), Span(weeks=1), Span(months=6), Span(days=1)))
    by_span = st.builds(
        DateOffset,
        column,
        st.one_of(short, short, spans(), working_day_spans(), _by_value(table)),
        back=st.booleans(),
        roll=st.sampled_from(ROLLS),
        end_of=_PERIOD,
        calendar=_CALENDAR,
    )
    by_span = st.one_of(by_span, _held_back(by_span, column))
    numbers = [column for column, kind in COLUMNS.items() if kind == "integer"]
    by_column = st.builds(
        DateOffset,
        column,
        st.sampled_from(numbers if table.name == CASES.name else ["granted"]),
        st.sampled_from(("days", "months")),
        st.booleans(),
        st.sampled_from(ROLLS),
        end_of=_PERIOD,
        calendar=_CALENDAR,
    )
    by_span = _day_ending_early(st.one_of(by_span, _held_back(by_span, column)), table)
    pairs = st.lists(column, min_size=2, max_size=2, unique=True)
    part_way = st.builds(
        lambda pair, share, rounded: DateFraction(pair[0], pair[1], share, rounded),
        # Most go forward in the order in which a case's dates come.
        st.one_of(pairs, pairs.map(lambda pair: sorted(pair, key=columns.index))),
        st.sampled_from(_SHARES),
        st.sampled_from(ROUNDED_TO),
    )
    return st.one_of(choices, choices, by_span, by_column, part_way)


def _before(
    choices: SearchStrategy[DateChoice], column: SearchStrategy[str]
) -> SearchStrategy[DateChoice]:
    """Generate choices of the dates that come before another, where the choice may have a bound."""
    return st.builds(
        lambda choice, end: (
            evolve(choice, before=end)
            if choice.which != "once_all" and end not in choice.of
            else choice
        ),
        choices,
        column,
    )


def _by_value(table: Table) -> SearchStrategy[Span | ByValue]:
    """Generate spans for some of the values of a column of texts, where a table has one."""
    texts = texts_of(table)
    return by_values(texts[0]) if texts else spans()


def _held_back(
    offsets: SearchStrategy[DateOffset], column: SearchStrategy[str]
) -> SearchStrategy[DateOffset]:
    """Generate offsets that do not lead beyond another date."""
    return st.builds(
        lambda offset, latest: evolve(
            offset, back=False, at_latest=latest if latest != offset.date else None
        ),
        offsets,
        column,
    )


def _day_ending_early(
    offsets: SearchStrategy[DateOffset], table: Table
) -> SearchStrategy[DateOffset]:
    """Generate offsets of which some count a time after the end of the day as the next day (S35)."""
    dates = extract_dates(table)
    return st.builds(
        lambda offset, day_ends: (
            evolve(offset, back=False, day_ends=day_ends)
            if day_ends is not None and offset.date in dates
            else offset
        ),
        offsets,
        seldom(st.sampled_from((dt.time(0), dt.time(12), dt.time(16, 30)))),
    )


def behind(table: Table, column: str) -> Iterator[str]:
    """Yield the date columns of the extract that a date is made of; itself, where it is one."""
    if column not in table.derived:
        yield column
        return
    for other in oracle.dates_behind(table.derived[column]):
        yield from behind(table, other)
