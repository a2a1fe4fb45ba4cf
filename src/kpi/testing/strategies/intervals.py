"""Strategies for targets on intervals: averages, percentiles, shares, stocks, flows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.limits import Before, ByValue, DueColumn
from kpi.definitions.population import Population
from kpi.definitions.ranks import ROUNDINGS
from kpi.definitions.table import Table
from kpi.definitions.thresholds import ThresholdByValue
from kpi.definitions.windows import EndOf, Window
from kpi.rules._denominators import DENOMINATORS, OF_AN_EVENT
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.rules.flow import INDICATORS, Flow
from kpi.rules.percentile import Percentile
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.testing import oracle
from kpi.testing.strategies.against import ASKED, bases, with_base
from kpi.testing.strategies.calendars import calendars, danish, rolls, with_hours
from kpi.testing.strategies.days import (
    DAY,
    YEARS,
    days,
    ends,
    maybe,
    moments,
    short_windows,
    windows,
)
from kpi.testing.strategies.limits import (
    befores,
    bounds,
    by_values,
    clock_spans,
    dated,
    limits,
    month_end_modes,
    spans,
    spans_in_days,
    spans_in_months,
    spans_of_days,
    thresholds,
    thresholds_by_value,
    working_day_spans,
    working_hours_spans,
)
from kpi.testing.strategies.odds import seldom, sometimes
from kpi.testing.strategies.populations import populations
from kpi.testing.strategies.tables import CASES, SLOTS, columns_of, date_columns, texts_of


@st.composite
def counted(draw: DrawFn, table: Table, years: tuple[int, int]) -> dict[str, Any]:
    """Generate the fields of every target: its table, its population and `each`."""
    columns = columns_of(table)
    texts = texts_of(table)
    return {
        "table": table.name,
        "where": draw(sometimes(populations(columns, years), Population())),
        "unless": draw(seldom(populations(columns, years), Population())),
        "each": draw(sometimes(st.sampled_from(texts))) if texts else None,
    }


@st.composite
def _interval(draw: DrawFn, table: Table, years: tuple[int, int]) -> dict[str, Any]:
    """Generate the fields of every target on an interval: also its start and end."""
    happened = [column for column in date_columns(table) if column not in table.dates]
    if len(happened) - len(table.derived) < 2:
        start, *later_ones = date_columns(table)
        end = draw(st.sampled_from((*later_ones[:1] * 2, *later_ones)))
    else:
        # The usual interval of a table first, so that examples shrink to it.
        usual = (happened[0], "decided" if "decided" in happened else happened[-1])
        later = [(a, b) for n, a in enumerate(happened) for b in happened[n + 1 :]]
        backwards = [(b, a) for a, b in later]
        start, end = draw(st.sampled_from([usual] * len(later) + later + later + backwards))
    fields = draw(counted(table, years))
    return {**fields, "start": start, "end": end, "open_at": draw(seldom(moments(years)))}


@st.composite
def averages(
    draw: DrawFn, table: Table = CASES, years: tuple[int, int] = YEARS, name: str = "1"
) -> Average:
    """Generate targets on the average time of one table, of all cases or of the fastest.

    Their windows have an end, as a verdict falls on a window's last day (S27).
    """
    fastest = draw(maybe(thresholds()))
    trimmed = draw(seldom(trims()))
    texts = texts_of(table)
    grouped = fastest is None and trimmed is None and texts
    column = draw(sometimes(st.sampled_from(texts))) if grouped else None
    some = (fastest, trimmed, column) != (None, None, None)
    # Units never convert: what is summed is in working days throughout, or nowhere (S16).
    clock = table.name == "contacts"
    each = clock_spans()
    if not clock:
        each = draw(st.sampled_from((spans(), spans(), working_day_spans())))
    of_each = limits((), by=texts_of(table), dates=date_columns(table), years=years, each=each)
    of_all = each if clock else st.one_of(spans_in_days(), working_day_spans())
    units = ("hours", "minutes") if clock else ("days", "working days")
    return Average(
        id=name,
        **draw(_interval(table, years)),
        window=draw(sometimes(windows(years, ends=True))),
        **draw(_limit_or_unit(of_all if some else of_each, units, years)),
        month_end=draw(month_end_modes()),
        calendar=draw(seldom(calendars(years))),
        fastest=fastest if trimmed is None else None,
        trimmed=trimmed,
        mean_of_means=column,
        rounding="up" if fastest is None or trimmed else draw(st.sampled_from(ROUNDINGS)),
    )


@st.composite
def _limit_or_unit(
    draw: DrawFn, limits: SearchStrategy[Any], units: tuple[str, ...], years: tuple[int, int]
) -> dict[str, Any]:
    """Generate the limit of an amount of time, or seldom none or a base, and then the unit."""
    demand: dict[str, Any] = draw(with_base({"limit": limits}, years))
    if demand.get("limit") is None:
        # Without a unit it is days, in which the tables of times are not.
        demand["unit"] = draw(st.sampled_from(units if units[0] != "days" else (None, *units)))
    return demand


def trims() -> SearchStrategy[Decimal]:
    """Generate percentages of cases that are left out at either end, for tables of few rows."""
    near = ("10", "20", "25", "33.3", "33.4", "49.9", "5")
    return st.sampled_from(near).map(Decimal)


@st.composite
def percentiles(
    draw: DrawFn, table: Table = CASES, years: tuple[int, int] = YEARS, name: str = "1"
) -> Percentile:
    """Generate targets on a percentile of the times of one table."""
    in_days = st.one_of(spans_in_days(), spans_in_days(), working_day_spans(), spans_in_months())
    clock = table.name == "contacts"
    units = ("hours", "minutes") if clock else ("days", "working days", "months")
    return Percentile(
        id=name,
        **draw(_interval(table, years)),
        window=draw(sometimes(windows(years, ends=True))),
        percentile=draw(thresholds()),
        **draw(_limit_or_unit(clock_spans() if clock else in_days, units, years)),
        month_end=draw(month_end_modes()),
        calendar=draw(seldom(calendars(years))),
    )


@st.composite
def withins(
    draw: DrawFn, table: Table = CASES, years: tuple[int, int] = YEARS, name: str = "1"
) -> Within:
    """Generate targets on the share of cases within a limit, of every limit and denominator.

    Their windows have an end, as a verdict falls on a window's last day (S27). Limits in hours and
    minutes are drawn for tables of contacts, whose dates are then times.
    """
    fields = draw(_interval(table, years))
    denominator = draw(st.sampled_from(DENOMINATORS))
    named, open_cases = denominator in OF_AN_EVENT, denominator == "open"
    return Within(
        id=name,
        denominator=denominator,
        on=draw(maybe(st.sampled_from(date_columns(table)))) if named else None,
        at=draw(ends(years)) if open_cases else None,
        window=None if open_cases else draw(sometimes(windows(years, ends=True))),
        month_end=draw(month_end_modes()),
        **{
            "calendar": draw(seldom(calendars(years))),
            **fields,
            **draw(_limit_and_threshold(table, years, fields, forwards=open_cases)),
        },
    )


@st.composite
def _limit_and_threshold(
    draw: DrawFn,
    table: Table,
    years: tuple[int, int],
    fields: dict[str, Any],
    *,
    forwards: bool,
) -> dict[str, Any]:
    dates, texts = date_columns(table), texts_of(table)
    clock = table.name == "contacts" and draw(st.sampled_from((True, True, True, False)))
    if clock and draw(st.booleans()):
        in_hours = working_hours_spans()
        return {
            "limit": draw(limits((), by=texts, dates=dates, years=years, each=in_hours)),
            "calendar": draw(with_hours(calendars(years))),
            "threshold": draw(thresholds()),
        }
    kind = draw(st.sampled_from(("plain",) * 4 + ("dated", "file", "by value", "before", "before")))
    if kind == "by value" and texts:
        by_value: ThresholdByValue = draw(thresholds_by_value(texts[0]))
        single = draw(limits(table.dates, dates=dates, years=years, clock=clock))
        roll = None if clock else draw(rolls())
        return {"limit": single, "each": texts[0], "threshold": by_value, "roll": roll}
    if kind == "file" and texts:
        column = texts[0]
        each = clock_spans() if clock else spans_of_days()
        of_file: ByValue = draw(by_values(column, each, thresholds_too=True))
        roll = None if clock else draw(rolls())
        return {"limit": of_file, "each": column, "threshold": None, "roll": roll}
    if kind == "before" and not clock and not forwards:
        limit: Before = draw(befores())
        # A planned date, where there is one, is what is counted back from.
        start = draw(st.sampled_from((*table.dates, fields["start"])))
        share: Decimal = draw(thresholds())
        return {"limit": limit, "start": start, "threshold": share, "roll": draw(rolls())}
    of_each = limits(table.dates, by=texts, dates=dates, years=years, clock=clock)
    shares = dated(dates, thresholds(), years) if kind == "dated" else thresholds()
    own_limit = draw(of_each)
    if isinstance(own_limit, DueColumn) and fields["end"] in table.derived:
        # A derived end has no time to stand beside a due instant.
        own_limit = DueColumn(own_limit.column, None if own_limit.by == "instant" else own_limit.by)
    roll = None if clock else draw(rolls())
    if not draw(ASKED):
        # Of open cases there is a day, and no window.
        base = {} if forwards else draw(seldom(bases(years), {}))
        return {"limit": own_limit, "threshold": None, "roll": roll, **base}
    if draw(seldom(st.just(value=True), otherwise=False)):
        late = draw(bounds((0, 1, 2, 3, Decimal("2.5"))))
        return {"limit": own_limit, "threshold": None, "late": late, "roll": roll}
    return {"limit": own_limit, "threshold": draw(shares), "roll": roll}


@st.composite
def clearances(
    draw: DrawFn, table: Table = CASES, years: tuple[int, int] = YEARS, name: str = "1"
) -> Clearance:
    """Generate targets on clearing a cohort by a deadline, of open cases or a population."""
    fields = draw(_interval(table, years))
    open_at = draw(maybe(moments(years)))
    if open_at is None:
        last = draw(days(years))
    else:
        # The deadline may be the day itself, and no earlier.
        last = oracle.opening_day(open_at) + draw(st.sampled_from((0, 1, 30, 180, 364))) * DAY
    through = draw(st.booleans())
    return Clearance(
        id=name,
        **{**fields, "open_at": open_at},
        deadline=Window(through=last) if through else Window(before=last + DAY),
        threshold=draw(maybe(thresholds())),
    )


@st.composite
def stocks(
    draw: DrawFn, table: Table = CASES, years: tuple[int, int] = YEARS, name: str = "1"
) -> Stock:
    """Generate targets on the rows of a table at the end of a day, or on their change."""
    at = draw(ends(years))
    if draw(st.booleans()):
        levels = bounds((0, 1, 2, 3, 5, Decimal("2.5")))
        wanted: dict[str, Any] = {"level": draw(levels) if draw(ASKED) else None}
    else:
        changes = (-100, -50, Decimal("-33.3"), -10, 0, 10, 50, 100, 200)
        before = oracle.closing_day(at) - draw(st.sampled_from((365, 1, 31, 366, 900, 900))) * DAY
        wanted = {
            "against": EndOf(before),
            "change": draw(bounds(changes)) if draw(ASKED) else None,
        }
    return Stock(id=name, **draw(_interval(table, years)), at=at, **wanted)


@st.composite
def every_working_days(
    draw: DrawFn, table: Table = SLOTS, years: tuple[int, int] = YEARS, name: str = "1"
) -> EveryWorkingDay:
    """Generate targets on a measure of every working day, mostly of a few days in Denmark."""
    short = short_windows(years)
    own = st.one_of(danish(years), danish(years), calendars(years, whole=True))
    return EveryWorkingDay(
        id=name,
        **draw(_interval(table, years)),
        window=draw(st.one_of(short, short, short, maybe(windows(years, begins=True, ends=True)))),
        limit=draw(spans_of_days()),
        month_end=draw(month_end_modes()),
        calendar=draw(st.one_of(own, own, st.none())),
    )


@st.composite
def flows(
    draw: DrawFn, table: Table = CASES, years: tuple[int, int] = YEARS, name: str = "1"
) -> Flow:
    """Generate figures of intake, output and open cases of one table, with or without bounds."""
    indicator = draw(st.sampled_from(INDICATORS))
    limit = spans() if indicator == "backlog" else maybe(spans())
    numbers = (0, 1, 2, 3, 5, 50, 90, 100, Decimal("66.7"), 150, 365)
    return Flow(
        id=name,
        **draw(_interval(table, years)),
        window=draw(sometimes(windows(years, begins=True, ends=True))),
        limit=draw(limit),
        month_end=draw(month_end_modes()),
        indicator=indicator,
        requires=draw(maybe(bounds(numbers))),
    )
