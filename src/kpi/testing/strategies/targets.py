"""Strategies for targets of every kind: on intervals, on events, and on reported facts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.population import Population
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.rules.count import Count
from kpi.rules.milestone import Milestone
from kpi.rules.reported import Reported
from kpi.rules.share import Share
from kpi.testing.strategies.against import with_base
from kpi.testing.strategies.days import DAY, YEARS, days, maybe, period_names, windows
from kpi.testing.strategies.intervals import (
    averages,
    clearances,
    counted,
    every_working_days,
    flows,
    percentiles,
    stocks,
    withins,
)
from kpi.testing.strategies.limits import bounds, thresholds, thresholds_by_value
from kpi.testing.strategies.odds import sometimes
from kpi.testing.strategies.populations import populations
from kpi.testing.strategies.tables import (
    APPEALS,
    CASES,
    CONTACTS,
    REPORTED,
    SLOTS,
    columns_of,
    date_columns,
    texts_of,
)


def _on(table: Table) -> SearchStrategy[Any]:
    """Generate the date that must fall in the window: a named one, or None for the entry."""
    named = st.sampled_from(date_columns(table))
    return named if table.entry is None else maybe(named)


@st.composite
def counts(
    draw: DrawFn, table: Table = CASES, years: tuple[int, int] = YEARS, name: str = "1"
) -> Count:
    """Generate targets on the rows of one table, or on the distinct values of a column."""
    # A column that others read as dates is one too; so is the key, or a part of it.
    columns = (*columns_of(table), *table.key)
    return Count(
        id=name,
        **draw(counted(table, years)),
        on=draw(_on(table)),
        window=draw(sometimes(windows(years, ends=True))),
        distinct=draw(maybe(st.sampled_from(columns))),
        **draw(with_base({"requires": bounds((0, 1, 2, 3, 5, Decimal("2.5")))}, years)),
    )


@st.composite
def shares(
    draw: DrawFn, table: Table = CASES, years: tuple[int, int] = YEARS, name: str = "1"
) -> Share:
    """Generate targets on the share of the rows of one table that fulfil a condition."""
    demand = draw(with_base({"threshold": maybe(thresholds())}, years))
    fields = draw(counted(table, years))
    if (
        "against" not in demand
        and texts_of(table)
        and draw(st.sampled_from((False, False, False, True)))
    ):
        threshold = draw(thresholds_by_value(texts_of(table)[0]))
        fields, demand = {**fields, "each": threshold.column}, {"threshold": threshold}
    return Share(
        id=name,
        **fields,
        on=draw(_on(table)),
        window=draw(sometimes(windows(years, ends=True))),
        having=draw(populations(columns_of(table), years, least=1)),
        **demand,
    )


@st.composite
def _fact(draw: DrawFn, table: Table, years: tuple[int, int]) -> dict[str, Any]:
    """Generate the fields of targets on facts: the fact, now and then a population."""
    # Most facts are asked for as they are.
    plain = {"table": table.name, "where": Population(), "unless": Population(), "each": None}
    odd = draw(st.integers(0, 3)) == 3
    fields = draw(counted(table, years)) if odd else plain
    return {**fields, "fact": draw(sometimes(st.sampled_from(("A", "B"))))}


@st.composite
def milestones(
    draw: DrawFn, table: Table = REPORTED, years: tuple[int, int] = YEARS, name: str = "1"
) -> Milestone:
    """Generate targets on acts to be done before a date, through it, or in a period."""
    last = draw(days(years))
    deadlines = st.sampled_from((Window(through=last), Window(before=last + DAY)))
    named = period_names(years).map(Window)
    return Milestone(
        id=name,
        **draw(_fact(table, years)),
        deadline=draw(st.one_of(deadlines, named, windows(years, ends=True))),
    )


@st.composite
def reported_numbers(
    draw: DrawFn, table: Table = REPORTED, years: tuple[int, int] = YEARS, name: str = "1"
) -> Reported:
    """Generate targets on a number that people report."""
    numbers = (7, 0, 1, 90, Decimal("7.1"), Decimal("6.9"), Decimal("-0.3"), Decimal("97.05"))
    return Reported(
        id=name,
        **draw(_fact(table, years)),
        window=draw(sometimes(windows(years, ends=True))),
        requires=draw(bounds(numbers)),
    )


TARGETS: dict[str, Callable[..., SearchStrategy[Target]]] = {
    "average": averages,
    "clearance": clearances,
    "count": counts,
    "every_working_day": every_working_days,
    "flow": flows,
    "milestone": milestones,
    "percentile": percentiles,
    "reported": reported_numbers,
    "share": shares,
    "stock": stocks,
    "within": withins,
}
"""The strategy for each kind of target, called with a table, a pair of years and an id."""

_TABLES = {
    "average": (CASES, CASES, CASES, APPEALS, CONTACTS),
    "every_working_day": (SLOTS, SLOTS, SLOTS, CASES),
    "milestone": (REPORTED,),
    "percentile": (CASES, CASES, CASES, APPEALS, CONTACTS),
    "reported": (REPORTED,),
    "within": (CASES, CASES, CONTACTS, CONTACTS, CONTACTS, APPEALS),
}


def tables_of(rule: str) -> tuple[Table, ...]:
    """Return the tables that a kind of target is drawn for, the usual ones more than once."""
    return _TABLES.get(rule, (CASES, CASES, CASES, APPEALS))


def targets(
    table: Table = CASES, years: tuple[int, int] = YEARS, name: str = "1"
) -> SearchStrategy[Target]:
    """Generate targets of every kind on one table."""
    facts = table.name == REPORTED.name
    rules = [rule for rule in sorted(TARGETS) if facts == (rule in ("milestone", "reported"))]
    return st.one_of([TARGETS[rule](table, years, name) for rule in rules])
