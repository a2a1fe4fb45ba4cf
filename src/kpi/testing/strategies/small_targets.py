"""Strategies for targets on a window of 7 days, whose completions are few enough to try them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.date_bounds import CaseDate, DateBounds
from kpi.definitions.derived_dates import DateOffset
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn
from kpi.definitions.on_condition import OnCondition
from kpi.definitions.population import Condition, Missing, OneOf, OpenAt, Population
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.thresholds import ThresholdByValue
from kpi.definitions.time_units import Span
from kpi.definitions.windows import EndOf, Window
from kpi.rules._denominators import DENOMINATORS, OF_AN_EVENT
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.count import Count
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.rules.flow import INDICATORS, Flow
from kpi.rules.milestone import Milestone
from kpi.rules.percentile import Percentile
from kpi.rules.reported import Reported
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.testing.strategies.days import DAY, near
from kpi.testing.strategies.limits import bounds, month_end_modes
from kpi.testing.strategies.odds import seldom, sometimes
from kpi.testing.strategies.tables import REPORTED, SLOTS

PERMITS = Table(
    name="cases", key="case_id", entry="filed", events=("decided", "announced"), dates=("due",)
)
"""The table of generated situations: a case is filed, decided and announced, and has a due date."""

WAITS = Table(name="waits", key="case_id", entry="since", events="until", pauses="cases")
"""The table of their pauses."""

TYPES = ("visa", "asylum")
"""The types of case that generated situations name; another one and null stand beside them."""

_DEMANDS = ("100", "90", "75", "66.6", "66.7", "60", "50", "33.3")


@frozen
class Week:
    """The window of a generated situation, and the day at whose end it is looked at.

    Attributes:
        first: the first day of the window.
        final: its last day.
        as_of: the day of which the tables are known, before the last one.
    """

    first: dt.date
    final: dt.date
    as_of: dt.date

    def days(self) -> SearchStrategy[dt.date]:
        """Generate days on which something turns, or a day either side."""
        return near((self.first, self.as_of, self.as_of + DAY, self.final))


def thresholds() -> SearchStrategy[Decimal]:
    """Generate percentages that few rows reach or just miss, none so high that hundreds decide it."""
    return st.sampled_from(_DEMANDS).map(Decimal)


def short_spans() -> SearchStrategy[Span]:
    """Generate limits that end within days, or within a month of month ends (S3, S4, S7)."""
    return st.one_of(
        st.integers(0, 12).map(lambda n: Span(days=n)),
        st.sampled_from((Span(weeks=1), Span(months=1), Span(months=1), Span(months=1, days=2))),
        st.integers(0, 4).map(lambda n: Span(working_days=n)),
    )


def _days_alone() -> SearchStrategy[Span]:
    return st.one_of(
        st.integers(0, 9).map(lambda n: Span(days=n)),
        st.integers(0, 4).map(lambda n: Span(working_days=n)),
    )


def _windows(week: Week) -> SearchStrategy[Window]:
    return st.sampled_from(
        (
            Window(since=week.first, through=week.final),
            Window(after=week.first - DAY, before=week.final + DAY),
        )
    )


@st.composite
def _conditions(draw: DrawFn, week: Week) -> Condition:
    """Generate a condition on an event that may still come, on the start, or on a column (F4)."""
    event = draw(st.sampled_from(("announced", "decided", "announced")))
    other = "decided" if event == "announced" else "announced"
    word = draw(st.sampled_from(("since", "after", "before", "through")))
    bound: dict[str, Any] = {word: draw(week.days())}
    moved = DateOffset(other, Span(days=draw(st.sampled_from((0, 1, 2)))), back=draw(st.booleans()))
    tests: list[Condition] = [
        Condition("case_type", OneOf((draw(st.sampled_from(TYPES)),), draw(st.booleans()))),
        Condition(event, Window(**bound)),
        Condition(event, Window(**bound)),
        Condition(event, Missing(draw(st.booleans()))),
        Condition(event, DateBounds(**{word: CaseDate(draw(st.sampled_from((other, "filed"))))})),
        Condition(event, DateBounds(**{word: moved})),
        Condition("filed", Window(**bound)),
        Condition("due", Window(**bound)),
    ]
    return draw(st.sampled_from(tests))


@st.composite
def _of_all(draw: DrawFn, week: Week) -> dict[str, Any]:
    """Generate the fields of every target on cases: whom it counts."""
    where = draw(sometimes(_conditions(week).map(lambda one: Population((one,))), Population()))
    unless = draw(seldom(_conditions(week).map(lambda one: Population((one,))), Population()))
    if draw(st.integers(0, 9)) == 9:
        either = st.lists(
            _conditions(week).map(lambda one: Population((one,))), min_size=2, max_size=2
        )
        where = Population((), tuple(draw(either)))
    return {
        "table": PERMITS.name,
        "where": where,
        "unless": unless,
        "each": draw(seldom(st.just("case_type"))),
    }


@st.composite
def _of_intervals(draw: DrawFn, week: Week) -> dict[str, Any]:
    """Generate the fields of targets on the time between two dates, mostly filed and decided."""
    usual = ("filed", "decided")
    # A start that is unknown yet, or a planned one; an end that follows it or not (F5).
    pairs = (
        usual,
        usual,
        usual,
        usual,
        ("filed", "announced"),
        ("decided", "announced"),
        ("due", "decided"),
    )
    start, end = draw(st.sampled_from(pairs))
    return {**draw(_of_all(week)), "start": start, "end": end}


@st.composite
def _limits(draw: DrawFn, week: Week, *, backwards: bool) -> Any:
    """Generate limits of every kind: plain, by type, by day, a column, counted backwards."""
    kinds = ["plain"] * 5 + ["by type", "dated", "column"] + (["before"] if backwards else [])
    kind = draw(st.sampled_from(kinds))
    span = draw(short_spans())
    if kind == "by type":
        of_both = st.one_of(st.integers(0, 9).map(lambda n: Span(days=n)), st.just(Span(months=1)))
        return ByValue("case_type", {name: draw(of_both) for name in TYPES})
    if kind == "dated":
        column = draw(st.sampled_from(("filed", "decided")))
        return Dated(
            column, Span(days=3), ((draw(week.days()), Span(days=draw(st.integers(0, 6)))),)
        )
    if kind == "column":
        return DueColumn("due")
    return Before(span) if kind == "before" else span


@st.composite
def withins(draw: DrawFn, week: Week, name: str) -> Within:
    """Generate shares within a limit, of every denominator, limit and month-end mode."""
    denominator = draw(st.sampled_from(DENOMINATORS))
    fields = draw(_of_intervals(week))
    is_open = denominator == "open"
    limit = draw(_limits(week, backwards=not is_open))
    demand: dict[str, Any] = {"threshold": draw(thresholds())}
    if draw(st.integers(0, 7)) == 7:
        demand = {"late": draw(bounds((0, 1, 2, 3)))}
    elif draw(st.integers(0, 9)) == 9:
        by_type = ThresholdByValue("case_type", {name: draw(thresholds()) for name in TYPES})
        demand, fields = {"threshold": by_type}, {**fields, "each": "case_type"}
    elif draw(st.integers(0, 14)) == 14:
        demand = {}
    events = ("decided", "announced", "filed", None, None)
    return Within(
        id=name,
        **fields,
        **demand,
        denominator=denominator,
        limit=limit,
        on=draw(st.sampled_from(events)) if denominator in OF_AN_EVENT else None,
        at=EndOf(week.final) if is_open else None,
        window=None if is_open else draw(_windows(week)),
        month_end=draw(month_end_modes()),
        roll=draw(seldom(st.just("next working day"))),
    )


@st.composite
def averages(draw: DrawFn, week: Week, name: str) -> Average:
    """Generate averages, of all cases, of the fastest, or without those at both ends."""
    fastest = draw(sometimes(st.sampled_from(("50", "66.7", "75", "95")).map(Decimal)))
    trimmed = None if fastest else draw(seldom(st.sampled_from(("20", "34")).map(Decimal)))
    limits = _days_alone() if fastest or trimmed else short_spans()
    fields = draw(_of_intervals(week))
    if fastest is None and trimmed is None and draw(st.integers(0, 4)) == 4:
        limit: Any = ByValue(
            "case_type", {one: Span(days=draw(st.integers(1, 9))) for one in TYPES}
        )
    else:
        limit = draw(limits)
    return Average(
        id=name,
        **fields,
        window=draw(_windows(week)),
        limit=limit,
        month_end=draw(month_end_modes()),
        fastest=fastest,
        trimmed=trimmed,
        rounding=draw(st.sampled_from(("up", "up", "down", "nearest"))) if fastest else "up",
    )


@st.composite
def percentiles(draw: DrawFn, week: Week, name: str) -> Percentile:
    """Generate percentiles in days, working days and months."""
    limits = st.one_of(
        _days_alone(), _days_alone(), st.sampled_from((Span(months=1), Span(months=0)))
    )
    return Percentile(
        id=name,
        **draw(_of_intervals(week)),
        window=draw(_windows(week)),
        percentile=draw(st.sampled_from(("50", "75", "90", "95")).map(Decimal)),
        limit=draw(limits),
        month_end=draw(month_end_modes()),
    )


@st.composite
def clearances(draw: DrawFn, week: Week, name: str) -> Clearance:
    """Generate shares of a cohort that is cleared, of cases open at a day or of a population."""
    fields = draw(_of_intervals(week))
    if draw(st.integers(0, 2)) == 2:
        opened = None
        # A population that is fixed by its filing, mostly before the day (F6).
        when = draw(st.sampled_from((week.first, week.as_of, week.final)))
        fields["where"] = Population((Condition("filed", Window(before=when)),))
    else:
        opened = OpenAt(min(draw(week.days()), week.final))
    return Clearance(
        id=name,
        **fields,
        open_at=opened,
        deadline=draw(
            st.sampled_from((Window(through=week.final), Window(before=week.final + DAY)))
        ),
        threshold=draw(thresholds()),
    )


@st.composite
def stocks(draw: DrawFn, week: Week, name: str) -> Stock:
    """Generate stocks at the last day, alone or against another day, with bounds on either side."""
    wanted: dict[str, Any] = {"level": draw(bounds((0, 1, 2, 3, 4)))}
    if draw(st.booleans()):
        # A base that is known, or that is still to come.
        base = draw(st.sampled_from((week.as_of - DAY, week.first - DAY, week.as_of - 9 * DAY)))
        wanted = {"against": EndOf(base)}
        if draw(st.booleans()):
            wanted["change"] = draw(bounds((-100, -50, -33, 0, 50, 100)))
        else:
            wanted["difference"] = draw(bounds((-2, -1, 0, 1, 2)))
    return Stock(id=name, **draw(_of_intervals(week)), at=EndOf(week.final), **wanted)


@st.composite
def counts(draw: DrawFn, week: Week, name: str) -> Count:
    """Generate numbers of rows, of decisions, or of distinct values."""
    return Count(
        id=name,
        **draw(_of_all(week)),
        on=draw(st.sampled_from((None, "decided", "decided", "announced"))),
        window=draw(_windows(week)),
        distinct=draw(seldom(st.just("case_type"))),
        requires=draw(bounds((0, 1, 2, 3, 4))),
    )


@st.composite
def shares(draw: DrawFn, week: Week, name: str) -> Share:
    """Generate shares of the rows that fulfil a condition, also on an event that may come."""
    having = draw(
        st.lists(_conditions(week), min_size=1, max_size=2, unique_by=lambda one: one.column)
    )
    return Share(
        id=name,
        **draw(_of_all(week)),
        on=draw(st.sampled_from((None, "decided", "filed"))),
        window=draw(_windows(week)),
        having=Population(tuple(having)),
        threshold=draw(thresholds()),
    )


@st.composite
def flows(draw: DrawFn, week: Week, name: str) -> Flow:
    """Generate figures of intake, output and open cases, with bounds or without."""
    indicator = draw(st.sampled_from(INDICATORS))
    return Flow(
        id=name,
        **draw(_of_intervals(week)),
        window=draw(_windows(week)),
        limit=Span(days=draw(st.integers(0, 9))) if indicator == "backlog" else None,
        indicator=indicator,
        requires=draw(st.one_of(st.none(), bounds((0, 1, 2, 3, 50, 100)), bounds((0, 1, 2, 3)))),
    )


@st.composite
def every_working_days(draw: DrawFn, week: Week, name: str) -> EveryWorkingDay:
    """Generate measures of every working day of the week."""
    return EveryWorkingDay(
        id=name,
        table=SLOTS.name,
        start="day",
        end="next_free",
        window=draw(_windows(week)),
        limit=draw(_days_alone()),
    )


@st.composite
def milestones(draw: DrawFn, week: Week, name: str) -> Milestone:
    """Generate acts to be done by the last day."""
    deadlines = (Window(through=week.final), Window(before=week.final + DAY))
    return Milestone(id=name, table=REPORTED.name, deadline=draw(st.sampled_from(deadlines)))


@st.composite
def reported_numbers(draw: DrawFn, week: Week, name: str) -> Reported:
    """Generate numbers that people report."""
    requires = draw(bounds((1, 7, 90)))
    return Reported(id=name, table=REPORTED.name, window=draw(_windows(week)), requires=requires)


SMALL_TARGETS: Mapping[str, Callable[[Week, str], SearchStrategy[Target]]] = {
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
"""The strategy for each kind of target, called with a week and an id."""


@st.composite
def small_targets(
    draw: DrawFn, week: Week, name: str, rules: Sequence[str] = tuple(sorted(SMALL_TARGETS))
) -> Target:
    """Generate targets of some kinds on one week, shares within a limit most often.

    Args:
        draw: given by Hypothesis.
        week: their window, and the day it is looked at.
        name: the target's id.
        rules: the kinds of target that it may be.
    """
    often = [rule for rule in ("within", "within", "within", "average") if rule in rules]
    rule = draw(st.sampled_from((*often, *rules)))
    target = draw(SMALL_TARGETS[rule](week, name))
    more: dict[str, Any] = {}
    if target.table == PERMITS.name:
        weighs = target.has_key("count_as") and getattr(target, "distinct", None) is None
        divided = rule in ("within", "count", "average") and getattr(target, "window", None)
        if weighs and draw(st.integers(0, 6)) == 6:
            more["count_as"] = "persons"
        elif target.has_key("pauses") and draw(st.integers(0, 4)) == 4:
            backwards = isinstance(getattr(target, "limit", None), Before)
            leaves_out = backwards or draw(st.integers(0, 4)) == 4
            more["unless_paused" if leaves_out else "pauses"] = WAITS.name
        elif divided and draw(st.integers(0, 7)) == 7:
            more["every"] = "week"
    if draw(st.integers(0, 9)) == 9:
        more["on_condition"] = OnCondition("the law is passed", draw(st.sampled_from((None, "A"))))
    return evolve(target, **more)
