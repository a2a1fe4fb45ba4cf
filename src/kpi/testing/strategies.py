"""Hypothesis strategies for plans, tables and `as_of` days, aimed at the edges of the rules.

Everything generated is valid by construction, and everything derived from a plan is drawn near
what the plan says: a table's dates lie on the bounds of the plan's windows, on the due dates of
its limits, and a day either side. What is generated shrinks to few rows and to plain dates.

    plan = data.draw(plans())
    tables = data.draw(tables_for(plan))
    as_of = data.draw(as_ofs(plan))
"""

from __future__ import annotations

import calendar
import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from attrs import evolve, frozen
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.conditions import Condition, Kind, OneOf, OpenAt, Population, Range, Value
from kpi.denominators import DENOMINATORS, OF_AN_EVENT
from kpi.limits import MONTH_ENDS, DueColumn, Span
from kpi.periods import Window
from kpi.plan import Plan, Table, Target
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.within import Within
from kpi.testing import oracle

Rows: TypeAlias = list[dict[str, object]]
"""A table as the oracle takes it: a mapping from column to cell for each row."""

CASES = Table(
    name="cases",
    key="case_id",
    entry="filed",
    events=("documented", "decided", "announced_on"),
    dates=("due",),
)
"""The table that generated plans read, or with a key of two columns."""

APPEALS = Table(name="appeals", key="appeal", events=("lodged", "closed"))
"""The table that some generated plans read as well; it declares no entry."""

COLUMNS: dict[str, Kind] = {"case_type": "text", "months": "integer", "flag": "boolean"}
"""The columns of `CASES` that generated conditions test, beside its dates."""

ZONES = ("Europe/Copenhagen", "UTC", "America/New_York", "America/Sao_Paulo", "Pacific/Apia")
"""The time zones of generated plans; São Paulo's clocks jumped at midnight, Apia's over a day."""

_DAY = dt.timedelta(days=1)
_FIRST, _LAST = dt.date(1970, 1, 1), dt.date(2099, 12, 31)

_VALUES: dict[Kind, tuple[Value, ...]] = {
    "text": ("asylum", "visa", "Ærø", ""),
    "integer": (0, 1, 7, 210),
    "boolean": (False, True),
}
_TYPES: dict[type, Kind] = {str: "text", int: "integer", bool: "boolean"}

_TIMES = (
    dt.time(0),
    dt.time(12),
    dt.time(23, 59, 59, 999_999),
    dt.time(0, 30),
    dt.time(22, 30),
)


# Days


def _month_ends(years: tuple[int, int]) -> SearchStrategy[dt.date]:
    return st.builds(
        lambda year, month, back: dt.date(year, month, calendar.monthrange(year, month)[1] - back),
        st.integers(*years),
        # February, and the months either side of it, more often than the others.
        st.sampled_from((1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
        st.integers(0, 2),
    )


def days(years: tuple[int, int] = (_FIRST.year, _LAST.year)) -> SearchStrategy[dt.date]:
    """Days from one year to another, both included, with the ends of months over-weighted."""
    first, last = dt.date(years[0], 1, 1), dt.date(years[1], 12, 31)
    turns = st.builds(dt.date, st.integers(*years), st.sampled_from((1, 3, 7, 12)), st.just(1))
    return st.one_of(st.dates(first, last), _month_ends(years), turns)


def _near(anchors: Sequence[dt.date]) -> SearchStrategy[dt.date]:
    """One of the days, or a day either side."""
    return st.builds(
        lambda day, off: day + off * _DAY,
        st.sampled_from(anchors),
        st.sampled_from((0, 0, 1, -1)),
    )


# The words of a plan


def period_names(years: tuple[int, int] = (_FIRST.year, _LAST.year)) -> SearchStrategy[str]:
    """Names of years, half-years, quarters and months."""
    parts = ["", *(f"-H{n}" for n in (1, 2)), *(f"-Q{n}" for n in range(1, 5))]
    months = [f"-{n:02}" for n in range(1, 13)]
    return st.builds(
        lambda year, part: f"{year:04}{part}",
        st.integers(*years),
        st.one_of(st.just(""), st.sampled_from(parts), st.sampled_from(months)),
    )


@st.composite
def windows(
    draw: DrawFn,
    years: tuple[int, int] = (_FIRST.year, _LAST.year),
    *,
    begins: bool = False,
    ends: bool = False,
) -> Window:
    """Windows by name or by bounds, in every word of a bound.

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
    bounds = {first: low, last: high + 2 * _DAY}
    return Window(None, **{word: day for word, day in bounds.items() if word is not None})


def spans() -> SearchStrategy[Span]:
    """Lengths of time in every unit and in several at once; small ones are drawn most."""
    usual = st.sampled_from(
        (
            Span(days=0),
            Span(days=1),
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


def limits(due_columns: Sequence[str] = ("due",)) -> SearchStrategy[Span | DueColumn]:
    """Limits as spans or, where there are such columns, as the due date in the table."""
    if not due_columns:
        return spans()
    column = st.sampled_from(due_columns).map(DueColumn)
    return st.one_of(spans(), column, column)


def thresholds() -> SearchStrategy[Decimal]:
    """Percentages as exact decimals (S19): those that small tables reach, or just miss."""
    near = ("100", "90", "50", "33.3", "33.4", "66.6", "66.7", "75", "25", "12.5", "0.01")
    return st.one_of(
        st.sampled_from(near).map(Decimal),
        st.integers(1, 10_000).map(lambda n: Decimal(n) / 100),
    )


def _one_of(kind: Kind) -> SearchStrategy[OneOf]:
    values = st.lists(st.sampled_from(_VALUES[kind]), min_size=1, max_size=3, unique=True)
    return st.builds(OneOf, values.map(tuple), st.booleans())


@st.composite
def _ranges(draw: DrawFn) -> Range:
    low = draw(st.sampled_from((None, "at_least", "more_than")))
    words = ("at_most", "less_than") if low is None else (None, "at_most", "less_than")
    high = draw(st.sampled_from(words))
    bounds = {low: draw(st.integers(0, 8)), high: draw(st.integers(0, 8))}
    return Range(**{word: n for word, n in bounds.items() if word is not None})


def conditions(
    column: str, kind: Kind, years: tuple[int, int] = (_FIRST.year, _LAST.year)
) -> SearchStrategy[Condition]:
    """Conditions on one column that holds one kind of value."""
    if kind == "date":
        # A whole year is likelier to meet the target's other windows than a part of one.
        wide = st.integers(*years).map(lambda year: Window(f"{year:04}"))
        return st.builds(Condition, st.just(column), st.one_of(wide, windows(years)))
    tests: SearchStrategy[Any] = _one_of(kind)
    if kind == "integer":
        tests = st.one_of(tests, _ranges())
    return st.builds(Condition, st.just(column), tests)


@st.composite
def populations(
    draw: DrawFn,
    columns: Mapping[str, Kind] | None = None,
    years: tuple[int, int] = (_FIRST.year, _LAST.year),
    *,
    most: int = 2,
) -> Population:
    """Conjunctions of up to `most` conditions, at most one a column.

    Args:
        draw: given by Hypothesis.
        columns: what each column holds (default: those of `CASES`).
        years: the first and last year of their windows.
        most: how many conditions at most.
    """
    known = columns if columns is not None else columns_of(CASES)
    if not known:
        return Population()
    # Each kind of value as often as the others, though most columns hold dates.
    by_kind = [sorted(c for c in known if known[c] == kind) for kind in sorted({*known.values()})]
    column = st.one_of([st.sampled_from(same) for same in by_kind])
    chosen = draw(st.lists(column, max_size=most, unique=True))
    return Population(tuple(draw(conditions(column, known[column], years)) for column in chosen))


def columns_of(table: Table) -> dict[str, Kind]:
    """What each column holds that generated conditions on a table may test."""
    dates: dict[str, Kind] = dict.fromkeys(_date_columns(table), "date")
    return {**dates, **COLUMNS} if table.name == CASES.name else dates


def _date_columns(table: Table) -> tuple[str, ...]:
    return (*([table.entry] if table.entry is not None else []), *table.events, *table.dates)


# Targets


@st.composite
def _interval(draw: DrawFn, table: Table, years: tuple[int, int]) -> dict[str, Any]:
    """What every target on an interval has: who is counted, and its two dates."""
    happened = [column for column in _date_columns(table) if column not in table.dates]
    columns = columns_of(table)
    # The usual interval of a table first, so that examples shrink to it.
    usual = (happened[0], "decided" if "decided" in happened else happened[-1])
    others = [(a, b) for a in happened for b in happened if a != b]
    start, end = draw(st.sampled_from([usual] * len(others) + others))
    return {
        "table": table.name,
        "start": start,
        "end": end,
        "where": draw(_sometimes(populations(columns, years), Population())),
        "unless": draw(_sometimes(populations(columns, years), Population())),
    }


def _moments(years: tuple[int, int]) -> SearchStrategy[OpenAt]:
    return st.builds(OpenAt, st.one_of(period_names(years), days(years)))


def _maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def _sometimes(strategy: SearchStrategy[Any], otherwise: object = None) -> SearchStrategy[Any]:
    return st.one_of(st.just(otherwise), st.just(otherwise), strategy)


def _month_end_modes() -> SearchStrategy[str | None]:
    return st.sampled_from((None, *MONTH_ENDS))


@st.composite
def averages(
    draw: DrawFn,
    table: Table = CASES,
    years: tuple[int, int] = (2016, 2019),
    name: str = "1",
) -> Average:
    """Targets on the average time of one table.

    Their windows have an end, as a verdict falls on a window's last day (S27).
    """
    return Average(
        id=name,
        **draw(_interval(table, years)),
        open_at=draw(_sometimes(_moments(years))),
        window=draw(_sometimes(windows(years, ends=True))),
        limit=draw(spans()),
        month_end=draw(_month_end_modes()),
    )


@st.composite
def withins(
    draw: DrawFn,
    table: Table = CASES,
    years: tuple[int, int] = (2016, 2019),
    name: str = "1",
) -> Within:
    """Targets on the share of one table's cases within a limit, of every denominator.

    Their windows have an end, as a verdict falls on a window's last day (S27).
    """
    denominator = draw(st.sampled_from(DENOMINATORS))
    named = denominator in OF_AN_EVENT
    on = draw(_maybe(st.sampled_from(_date_columns(table)))) if named else None
    return Within(
        id=name,
        **draw(_interval(table, years)),
        open_at=draw(_sometimes(_moments(years))),
        denominator=denominator,
        on=on,
        window=draw(_sometimes(windows(years, ends=True))),
        limit=draw(limits(table.dates)),
        month_end=draw(_month_end_modes()),
        threshold=draw(thresholds()),
    )


@st.composite
def clearances(
    draw: DrawFn,
    table: Table = CASES,
    years: tuple[int, int] = (2016, 2019),
    name: str = "1",
) -> Clearance:
    """Targets on clearing a cohort of one table by a deadline, of open cases or of a population."""
    open_at = draw(_maybe(_moments(years)))
    if open_at is None:
        last = draw(days(years))
    else:
        # The deadline may be the day itself, and no earlier.
        last = oracle.opening_day(open_at) + draw(st.sampled_from((0, 1, 30, 180, 364))) * _DAY
    through = draw(st.booleans())
    return Clearance(
        id=name,
        **draw(_interval(table, years)),
        open_at=open_at,
        deadline=Window(through=last) if through else Window(before=last + _DAY),
        threshold=draw(thresholds()),
    )


TARGETS: dict[str, Callable[..., SearchStrategy[Target]]] = {
    "average": averages,
    "clearance": clearances,
    "within": withins,
}
"""The strategy for each kind of target, called with a table, a pair of years and an id."""


def targets(
    table: Table = CASES, years: tuple[int, int] = (2016, 2019), name: str = "1"
) -> SearchStrategy[Target]:
    """Targets of every kind on one table."""
    return st.one_of([TARGETS[rule](table, years, name) for rule in sorted(TARGETS)])


# Plans


@st.composite
def plans(draw: DrawFn, *, most: int = 4) -> Plan:
    """Plans of up to `most` targets, on one table or on two.

    A plan's dates keep to two or three years, so that its windows meet.
    """
    # Its due dates come before 2100, from when zone databases disagree on summer time.
    year = draw(st.one_of(st.sampled_from((2017, 2017, 2019, 2011, 1999)), st.integers(1971, 2089)))
    years = (year, year + draw(st.sampled_from((1, 2))))
    key = draw(st.sampled_from((("case_id",), ("case_id", "part"))))
    tables = (evolve(CASES, key=key), *([APPEALS] if draw(st.integers(0, 3)) == 3 else []))
    count = draw(st.integers(1, most))
    return Plan(
        id="generated",
        period=draw(
            st.one_of(st.just(Window(f"{year:04}")), windows(years, begins=True, ends=True))
        ),
        time_zone=draw(st.one_of(st.just(ZONES[0]), st.sampled_from(ZONES))),
        month_end=draw(st.sampled_from(MONTH_ENDS)),
        tables=tables,
        targets=[
            draw(targets(draw(st.sampled_from(tables)), years, str(n + 1))) for n in range(count)
        ],
    )


def as_ofs(plan: Plan) -> SearchStrategy[dt.date | None]:
    """None, or a day at which the plan's verdicts or populations turn, or a day either side."""
    lasts = [last for window in _windows(plan) if (last := oracle.last_day(window)) is not None]
    ends = _near(sorted({*lasts, *_plan_days(plan)}))
    return st.one_of(st.none(), st.just(max(lasts)), st.just(max(lasts) + _DAY), _near(lasts), ends)


def _windows(plan: Plan) -> Iterator[Window]:
    """The period, and every window that a target is counted in."""
    yield plan.period
    for target in plan.targets:
        for name in ("window", "deadline"):
            window = getattr(target, name, None)
            if isinstance(window, Window):
                yield window


def _plan_days(plan: Plan) -> Iterator[dt.date]:
    """The days that a plan names: the bounds of its windows, and those of its conditions."""
    tests = (c.test for t in plan.targets for p in (t.where, t.unless) for c in p.conditions)
    for window in (*_windows(plan), *(test for test in tests if isinstance(test, Window))):
        yield from _bounds(window)
    for target in plan.targets:
        moment = getattr(target, "open_at", None)
        if isinstance(moment, OpenAt):
            yield oracle.opening_day(moment)


def _bounds(window: Window) -> Iterator[dt.date]:
    if window.name is not None:
        yield oracle.opening_day(OpenAt(window.name))
    last = oracle.last_day(window)
    bounds = (window.since, window.after, window.before, window.through, last)
    yield from (day for day in bounds if day is not None)


# Tables


@st.composite
def tables_for(
    draw: DrawFn, plan: Plan, *, most: int = 12, repeats: bool = True
) -> dict[str, Rows]:
    """Rows for every table of a plan.

    A date column holds dates, or naive times, or times in UTC, throughout one table. Every
    column but the key holds nulls, and a table may have no rows.

    Args:
        draw: given by Hypothesis.
        plan: the plan.
        most: how many rows a table has at most.
        repeats: whether ids may be repeated.
    """
    return {table.name: draw(_rows(plan, table, most, repeats)) for table in plan.tables}


@frozen
class _Setting:
    """What the rows of one table are drawn from.

    Attributes:
        plan: the plan.
        table: the table.
        edges: the days that the plan names, and a day either side.
        days: the days that its dates are drawn from, earliest first.
        pools: what the cells of each plain column may hold.
        aims: the targets that read the table.
        forms: how each date column writes its days.
        suiting: by target and column, the days that suit; filled as rows are drawn.
    """

    plan: Plan
    table: Table
    edges: Sequence[dt.date]
    days: Sequence[dt.date]
    pools: Mapping[str, Sequence[Value]]
    aims: Sequence[Target]
    forms: Mapping[str, _Form]
    suiting: dict[tuple[str, str], Sequence[dt.date]]


@st.composite
def _rows(draw: DrawFn, plan: Plan, table: Table, most: int, repeats: bool) -> Rows:
    setting = _Setting(
        plan=plan,
        table=table,
        edges=_edges(plan),
        days=_candidates(plan),
        pools=_cells(plan, table),
        aims=tuple(target for target in plan.targets if target.table == table.name),
        forms={column: draw(st.sampled_from(_FORMS)) for column in _date_columns(table)},
        suiting={},
    )
    # Left to itself a list is short; it still shrinks to nothing.
    least = min(most, draw(st.sampled_from((0, 0, 4, 8))))
    found = draw(st.lists(_row(setting), min_size=least, max_size=most))
    keys = draw(_keys(table, len(found), repeats))
    return [{**key, **row} for key, row in zip(keys, found, strict=True)]


_WAYS = st.sampled_from(("aimed",) * 8 + ("free", "free", "null"))
"""How a cell comes about: to suit the target that its row aims at, anyhow, or missing."""


@st.composite
def _row(draw: DrawFn, setting: _Setting) -> dict[str, object]:
    """A row that mostly suits one target, so that rows are counted and not only left out."""
    aim = draw(st.sampled_from(setting.aims)) if setting.aims else None
    known: dict[str, dt.date] = {}
    row: dict[str, object] = {}
    for column, form in setting.forms.items():
        row[column] = None
        way = draw(_WAYS)
        if way != "null":
            suits = aim if way == "aimed" else None
            day = draw(st.sampled_from(_days_for(setting, suits, column, known)))
            row[column] = form(draw, day, setting.plan.time_zone)
            known[column] = oracle.local_date(row[column], setting.plan.time_zone) or day
    for column, pool in setting.pools.items():
        row[column] = None
        way = draw(_WAYS)
        if way != "null":
            suits = aim if way == "aimed" else None
            suiting = [v for v in pool if suits is None or _suits_cell(suits, column, v)]
            row[column] = draw(st.sampled_from(suiting or pool))
    return row


def _edges(plan: Plan) -> list[dt.date]:
    named = set(_plan_days(plan))
    return sorted({day + off * _DAY for day in named for off in (-1, 0, 1)})


def _candidates(plan: Plan) -> list[dt.date]:
    """The days a plan names and a day either side, and the ends of the months around them."""
    edges = _edges(plan)
    years = range(max(_FIRST.year, edges[0].year - 1), min(_LAST.year, edges[-1].year + 1) + 1)
    turns = [dt.date(year, month, 1) for year in years for month in range(1, 13)]
    # 28 February and the 29th to 1st of every other month are where months go wrong.
    around = {day - off * _DAY for day in turns for off in (0, 1, 2, 3)}
    return sorted(day for day in around.union(edges) if day >= _FIRST)


def _days_for(
    setting: _Setting, aim: Target | None, column: str, known: Mapping[str, dt.date]
) -> Sequence[dt.date]:
    """The days to choose from: those that suit the aim, with the telling ones many times over.

    Telling are the due dates, what the row has already and what the plan names, with a day either
    side. Where no day suits, or there is no aim, any day will do.
    """
    near = [
        day + off * _DAY
        for day in (*_dues(setting, aim, column, known), *known.values())
        for off in (0, 1, -1)
    ]
    edges, days = setting.edges, setting.days
    if aim is not None:
        near = [day for day in near if _suits_day(setting, aim, column, day)]
        near = [day for day in near if _in_order(aim, column, day, known)]
        days = _suiting_days(setting, aim, column)
        days = [day for day in days if _in_order(aim, column, day, known)]
        if column == getattr(aim, "start", None) and not near:
            # A limit goes wrong first where its month lacks the due day.
            near = [day for day in days if len({*_due_dates(day, getattr(aim, "limit", None))}) > 1]
        edges = sorted(set(edges).intersection(days))
    return [*_often(near, days), *_often(edges, days), *days] or setting.days


def _often(some: Sequence[dt.date], others: Sequence[dt.date]) -> list[dt.date]:
    """Some days as many times over as there are others."""
    return [*some] * (len(others) // len(some) + 1) if some else []


def _in_order(aim: Target, column: str, day: dt.date, known: Mapping[str, dt.date]) -> bool:
    """Whether the case would not end before it starts."""
    start, end = getattr(aim, "start", ""), getattr(aim, "end", "")
    if column == end and start in known:
        return day >= known[start]
    return column != start or end not in known or day <= known[end]


def _suiting_days(setting: _Setting, aim: Target, column: str) -> Sequence[dt.date]:
    key = (aim.id, column)
    if key not in setting.suiting:
        setting.suiting[key] = [d for d in setting.days if _suits_day(setting, aim, column, d)]
    return setting.suiting[key]


def _dues(
    setting: _Setting, aim: Target | None, column: str, known: Mapping[str, dt.date]
) -> Iterator[dt.date]:
    """The due dates of the row so far, where the column ends the time or holds due dates."""
    for target in setting.aims if aim is None else (aim,):
        start, limit = getattr(target, "start", ""), getattr(target, "limit", None)
        if start in known and column in (getattr(target, "end", None), *setting.table.dates):
            yield from _due_dates(known[start], limit)


def _due_dates(start: dt.date, limit: object) -> Iterator[dt.date]:
    if isinstance(limit, Span):
        for mode in ("down", "up"):
            due = oracle.due_date(start, limit, mode)
            assert due is not None, "only refuse refuses"
            yield due


def _suits_day(setting: _Setting, aim: Target, column: str, day: dt.date) -> bool:
    """Whether a row with that day can still be counted by a target."""
    tests = [c.test for c in aim.where.conditions if c.column == column]
    if not all(oracle.in_window(test, day) for test in tests if isinstance(test, Window)):
        return False
    start, end = getattr(aim, "start", None), getattr(aim, "end", None)
    moment = getattr(aim, "open_at", None)
    if isinstance(moment, OpenAt):
        opening = oracle.opening_day(moment)
        entered = setting.table.entry or start
        if (column == entered and day >= opening) or (column == end and day < opening):
            return False
    window, event = _window(setting.plan, aim), _event(setting.table, aim)
    if window is None:
        return True
    if column == start and event == end:
        # A case should fall due where it is counted, or its limit is never near.
        dues = list(_due_dates(day, getattr(aim, "limit", None)))
        return not dues or any(oracle.in_window(window, due) for due in dues)
    return column != event or oracle.in_window(window, day)


def _window(plan: Plan, aim: Target) -> Window | None:
    """The window that a target is counted in, where it has one and not only a deadline."""
    if not hasattr(aim, "window"):
        return None
    return aim.window if isinstance(aim.window, Window) else plan.period


def _event(table: Table, aim: Target) -> str | None:
    """The column that a target's window is about."""
    if getattr(aim, "denominator", "closed") in OF_AN_EVENT:
        return getattr(aim, "on", None) or table.entry or getattr(aim, "start", None)
    return getattr(aim, "end", None)


def _suits_cell(aim: Target, column: str, value: Value) -> bool:
    tests = [c for c in aim.where.conditions if c.column == column]
    return all(oracle.holds(test, oracle.Case({column: value})) for test in tests)


_Form: TypeAlias = Callable[[DrawFn, dt.date, str], object]
"""How a column writes a day of a zone: draws a cell that stands for it."""

_A_TIME = st.sampled_from(_TIMES)
_ONE_IN_SIX = st.integers(0, 5).map(lambda n: n == 5)


def _as_date(_draw: DrawFn, day: dt.date, _zone: str) -> object:
    return day


def _as_wall_clock(draw: DrawFn, day: dt.date, zone: str) -> object:
    """A naive time on the day; now and then one of that year that never was, or was twice."""
    odd = odd_times(zone, day.year)
    is_odd = draw(_ONE_IN_SIX) if odd else False
    return draw(st.sampled_from(odd)) if is_odd else dt.datetime.combine(day, draw(_A_TIME))


def _as_instant(draw: DrawFn, day: dt.date, zone: str) -> object:
    """An instant in UTC that is on the day in the zone, near its midnights as anywhere."""
    wall = dt.datetime.combine(day, draw(_A_TIME), tzinfo=zoneinfo.ZoneInfo(zone))
    return wall.astimezone(dt.UTC)


_FORMS: tuple[_Form, ...] = (_as_date, _as_wall_clock, _as_instant)


@cache
def odd_times(zone: str, year: int) -> tuple[dt.datetime, ...]:
    """Local times of a year that a zone's clocks jumped over, or showed twice (S1)."""
    place = zoneinfo.ZoneInfo(zone)
    found: list[dt.datetime] = []
    day = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    while day.year == year:
        before, after = _offset(place, day), _offset(place, day + _DAY)
        if before != after:
            # The times between the two offsets, whichever is ahead: the first and the middle one.
            turn = _turn(place, day).replace(tzinfo=None)
            first, last = sorted((turn + before, turn + after))
            found += [first, first + (last - first) / 2]
        day += _DAY
    return tuple(found)


def _offset(place: zoneinfo.ZoneInfo, instant: dt.datetime) -> dt.timedelta:
    offset = instant.astimezone(place).utcoffset()
    assert offset is not None, "a time in a zone has an offset"
    return offset


def _turn(place: zoneinfo.ZoneInfo, day: dt.datetime) -> dt.datetime:
    """The minute, within a day of `day`, from which the zone's offset is another."""
    low, high = 0, 24 * 60
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(place, day + dt.timedelta(minutes=middle)) == _offset(place, day)
        low, high = (middle, high) if same else (low, middle)
    return day + dt.timedelta(minutes=high)


def _cells(plan: Plan, table: Table) -> dict[str, list[Value]]:
    """What the cells of each plain column may hold: what the plan compares them with, and else."""
    pools: dict[str, list[Value]] = {}
    if table.name == CASES.name:
        pools = {column: list(_VALUES[kind]) for column, kind in COLUMNS.items()}
    for target in plan.targets:
        if target.table != table.name:
            continue
        for condition in (*target.where.conditions, *target.unless.conditions):
            if not isinstance(condition.test, Window):
                pools.setdefault(condition.column, []).extend(_compared(condition.test))
    return {column: _distinct(pool) for column, pool in pools.items()}


def _compared(test: OneOf | Range) -> list[Value]:
    if isinstance(test, OneOf):
        return [*test.values, *_VALUES[_TYPES[type(test.values[0])]]]
    bounds = (test.at_least, test.more_than, test.at_most, test.less_than)
    return [n + off for n in bounds if n is not None for off in (-1, 0, 1)]


def _distinct(values: Sequence[Value]) -> list[Value]:
    return list(dict.fromkeys(values))


@st.composite
def _keys(
    draw: DrawFn,
    table: Table,
    count: int,
    repeats: bool,
) -> list[dict[str, object]]:
    """Keys for the rows: each its own, or now and then drawn from few."""
    numbers = list(range(count))
    if repeats and count and draw(st.integers(0, 3)) == 3:
        numbers = draw(st.lists(st.integers(0, max(1, count // 2)), min_size=count, max_size=count))
    first, *others = table.key
    if not others:
        return [{first: f"c{n}"} for n in numbers]
    # Where a key has several columns, neither names a row alone.
    return [{first: f"c{n // 2}", **dict.fromkeys(others, n % 2)} for n in numbers]
