"""Strategies for limits of every kind, thresholds and bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.bounds import Bounds
from kpi.definitions.limits import BYS as DUE_BY
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn, Limit
from kpi.definitions.thresholds import ThresholdByValue
from kpi.definitions.time_options import MONTH_ENDS
from kpi.definitions.time_units import Span
from kpi.testing.strategies.days import YEARS, days
from kpi.testing.strategies.tables import VALUES


def spans() -> SearchStrategy[Span]:
    """Generate spans in every unit of the calendar and in several at once, mostly small."""
    usual = st.sampled_from(
        (
            Span(days=0),
            Span(days=1),
            Span(months=0),
            Span(days=30),
            Span(days=210),
            Span(weeks=2),
            Span(months=1),
            Span(months=6),
            Span(months=7),
            Span(months=12),
            Span(years=1),
            Span(months=1, days=10),
        )
    )
    amounts = st.builds(
        Span,
        years=st.integers(0, 3),
        months=st.integers(0, 25),
        weeks=st.integers(0, 5),
        days=st.integers(0, 100),
    )
    return st.one_of(usual, amounts)


def spans_in_days() -> SearchStrategy[Span]:
    """Generate spans in days and weeks alone."""
    usual = st.sampled_from((Span(days=30), Span(days=0), Span(weeks=0), Span(weeks=2)))
    return st.one_of(usual, st.builds(Span, weeks=st.integers(0, 5), days=st.integers(0, 200)))


def working_day_spans() -> SearchStrategy[Span]:
    """Generate spans in working days; over a holiday or a weekend they differ most (S7)."""
    usual = st.sampled_from(
        (
            Span(working_days=5),
            Span(working_days=1),
            Span(working_days=0),
            Span(working_days=10),
        )
    )
    return st.one_of(usual, usual, st.builds(Span, working_days=st.integers(1, 60)))


def spans_of_days() -> SearchStrategy[Span]:
    """Generate spans whose due moment is a day: mostly of the calendar, or working days."""
    return st.one_of(spans(), spans(), spans(), working_day_spans())


def spans_in_months() -> SearchStrategy[Span]:
    """Generate spans in months and years alone (S18)."""
    usual = st.sampled_from((Span(months=1), Span(months=2), Span(months=0), Span(years=1)))
    return st.one_of(usual, st.builds(Span, years=st.integers(0, 1), months=st.integers(1, 13)))


def clock_spans() -> SearchStrategy[Span]:
    """Generate spans in hours and minutes; a day of them spans a night when clocks turn (S3)."""
    usual = st.sampled_from(
        (
            Span(hours=1),
            Span(minutes=12),
            Span(hours=24),
            Span(minutes=1),
            Span(minutes=0),
            Span(hours=0),
            Span(hours=1, minutes=30),
            Span(hours=25),
        )
    )
    amounts = st.builds(Span, hours=st.integers(0, 72), minutes=st.integers(1, 120))
    return st.one_of(usual, amounts)


def working_hours_spans() -> SearchStrategy[Span]:
    """Generate spans in working hours and minutes, that end within a day or go over some (S35)."""
    usual = st.sampled_from(
        (
            Span(working_hours=8),
            Span(working_hours=1),
            Span(working_hours=0),
            Span(working_minutes=90),
            Span(working_hours=24),
        )
    )
    amounts = st.builds(Span, working_hours=st.integers(0, 60), working_minutes=st.integers(1, 120))
    return st.one_of(usual, amounts)


def by_values(
    column: str, each: SearchStrategy[Span] | None = None, *, thresholds_too: bool = False
) -> SearchStrategy[ByValue]:
    """Generate limits by some of the values of a column.

    Args:
        column: a column of texts.
        each: the limits (default: of every unit of days).
        thresholds_too: whether each value has a threshold as well, as a file of limits may say.
    """
    spans_each = spans_of_days() if each is None else each
    values = st.sampled_from(VALUES["text"]).map(str)
    limits_of = st.dictionaries(values, spans_each, min_size=1, max_size=3)
    if not thresholds_too:
        return st.builds(ByValue, st.just(column), limits_of)
    both = st.dictionaries(values, st.tuples(spans_each, thresholds()), min_size=1, max_size=3)
    return both.map(
        lambda pairs: ByValue(
            column,
            {value: limit for value, (limit, _) in pairs.items()},
            {value: threshold for value, (_, threshold) in pairs.items()},
            "limits.csv",
        )
    )


@st.composite
def dated(
    draw: DrawFn,
    columns: Sequence[str],
    values: SearchStrategy[Any],
    years: tuple[int, int] = YEARS,
) -> Dated[Any]:
    """Generate values that change once or twice over the years, by a column of dates."""
    since = sorted(draw(st.lists(days(years), min_size=1, max_size=2, unique=True)))
    column = draw(st.sampled_from(columns))
    later: list[tuple[dt.date, Any]] = [(day, draw(values)) for day in since]
    return Dated(column, draw(values), tuple(later))


def limits(
    due_columns: Sequence[str] = ("due",),
    *,
    by: Sequence[str] = (),
    dates: Sequence[str] = (),
    years: tuple[int, int] = YEARS,
    clock: bool = False,
    each: SearchStrategy[Span] | None = None,
) -> SearchStrategy[Limit]:
    """Generate limits of the kinds that a table has columns for.

    Args:
        due_columns: the columns with due dates of their own.
        by: the columns of texts whose values may have limits of their own.
        dates: the columns of dates by which a limit may change over time.
        years: the years in which it changes.
        clock: whether the limits are in hours and minutes.
        each: the lengths of time (default: of every unit of days, or of hours and minutes).
    """
    spans_each = each if each is not None else clock_spans() if clock else spans_of_days()
    kinds: list[SearchStrategy[Limit]] = [spans_each, spans_each]
    if due_columns and not clock:
        kinds += [due_columns_of(due_columns)] * 2
    kinds += [by_values(column, spans_each) for column in by]
    if dates:
        kinds.append(dated(dates, spans_each, years))
    return st.one_of(kinds)


def due_columns_of(columns: Sequence[str]) -> SearchStrategy[DueColumn]:
    """Generate columns of due dates, mostly read value by value, else as days or instants (S3)."""
    by = st.sampled_from((None, None, None, *DUE_BY))
    return st.builds(DueColumn, st.sampled_from(columns), by)


def befores() -> SearchStrategy[Before]:
    """Generate limits that are counted backwards (S6)."""
    usual = st.sampled_from((Span(months=1), Span(days=0), Span(months=2), Span(weeks=1)))
    return st.builds(Before, st.one_of(usual, spans(), working_day_spans()))


def thresholds() -> SearchStrategy[Decimal]:
    """Generate percentages as exact decimals (S19), many that small tables reach or just miss."""
    near = ("100", "90", "50", "33.3", "33.4", "66.6", "66.7", "75", "25", "12.5", "0.01")
    return st.one_of(
        st.sampled_from(near).map(Decimal),
        st.integers(1, 10_000).map(lambda n: Decimal(n) / 100),
    )


def thresholds_by_value(column: str) -> SearchStrategy[ThresholdByValue]:
    """Generate percentages for some of the values of a column of texts."""
    values = st.sampled_from(VALUES["text"]).map(str)
    of_values = st.dictionaries(values, thresholds(), min_size=1, max_size=3)
    return st.builds(ThresholdByValue, st.just(column), of_values)


@st.composite
def bounds(draw: DrawFn, numbers: Sequence[Decimal | int]) -> Bounds:
    """Generate one bound or two, out of some numbers; strict ones too (S20)."""
    low, high = sorted((draw(st.sampled_from(numbers)), draw(st.sampled_from(numbers))))
    above = st.sampled_from(("at_least", "more_than"))
    below = st.sampled_from(("at_most", "less_than"))
    which = draw(st.sampled_from(("low", "high", "both")))
    given: dict[str, Any] = {}
    if which != "high" or low == high:
        given[draw(above)] = low
    if which != "low" and (low < high or not given):
        given[draw(below)] = high
    return Bounds(**given)


def month_end_modes() -> SearchStrategy[str | None]:
    """Generate a target's own month-end mode, or None for the plan's."""
    return st.sampled_from((None, *MONTH_ENDS, "refuse"))
