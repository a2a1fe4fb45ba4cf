"""Strategies for plans: targets and requirements of parts, goals, weights; `as_of` days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.goals import SHARINGS, Goal
from kpi.definitions.on_condition import OnCondition
from kpi.definitions.parts import MUST_HOLD, Parts
from kpi.definitions.plan import WEIGHTS, Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Requirement, Target
from kpi.definitions.time_options import MONTH_ENDS, ROLLS
from kpi.definitions.windows import Window
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.testing import oracle
from kpi.testing.strategies.calendars import calendars
from kpi.testing.strategies.case_weights import with_case_weights
from kpi.testing.strategies.days import DAY, FIRST, LAST, near, windows
from kpi.testing.strategies.derived import derived_dates
from kpi.testing.strategies.pauses import pause_tables, with_pauses
from kpi.testing.strategies.plan_days import plan_days, windows_of
from kpi.testing.strategies.series import with_series, with_split_years
from kpi.testing.strategies.tables import CASES, REPORTED, SLOTS, Rows
from kpi.testing.strategies.targets import TARGETS, tables_of

SKIP_MIDNIGHT = (
    "America/Sao_Paulo",
    "America/Santiago",
    "Atlantic/Azores",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Havana",
    "America/Scoresbysund",
)
"""Time zones whose clocks have gone forward at midnight, so that a day has no such time (S1)."""

ZONES = ("Europe/Copenhagen", "UTC", "America/New_York", "Pacific/Apia", *SKIP_MIDNIGHT)
"""The time zones of generated plans; Apia's clocks jumped over a day."""

_KEYS = {
    CASES.name: (("case_id",), ("case_id", "part")),
    SLOTS.name: (("slot",), ("day",), ("day", "office")),
}
_OFTEN = ("within", "within", "average")
"""The kinds of target that have most to them, which are drawn more often than the others."""

_PAUSED = ("cases", "appeals", "contacts")
"""The tables whose cases may be paused."""

_UNDERIVED = ("contacts", "reported")
"""The tables without derived dates: of times to the minute, and of reported facts."""

_ONE_IN_THREE = st.sampled_from((False, False, True))
_ONE_IN_FOUR = st.sampled_from((False,) * 3 + (True,))
_ONE_IN_SIX = st.sampled_from((False,) * 5 + (True,))


@st.composite
def plans(
    draw: DrawFn,
    *,
    most: int = 4,
    rules: Sequence[str] = tuple(sorted(TARGETS)),
    elaborate: bool | None = None,
) -> Plan:
    """Generate plans of up to `most` requirements, on the tables that they read.

    A plan's dates keep to two or three years, so that its windows meet.

    Args:
        draw: given by Hypothesis.
        most: how many requirements a plan has at most.
        rules: the kinds of target that it may have.
        elaborate: whether it counts time in other ways than the plainest: in a calendar of its own,
            rolling, less pauses, from derived dates (default: one time in three).
    """
    # Its due dates come before 2100, from when zone databases disagree on summer time.
    year = draw(st.one_of(st.sampled_from((2017, 2017, 2019, 2011, 1999)), st.integers(1971, 2089)))
    years = (year, year + draw(st.sampled_from((1, 2))))
    tables: dict[str, Table] = {}
    rule = st.sampled_from((*rules, *(often for often in _OFTEN if often in rules)))
    # A plan that counts its time otherwise does so throughout, so that the ways meet.
    otherwise = draw(_ONE_IN_THREE) if elaborate is None else elaborate
    requirements: list[Requirement] = []
    for n in range(draw(st.integers(1, most))):
        name = str(n + 1)
        if draw(_ONE_IN_SIX):
            parts = [f"{name}{letter}" for letter in "abc"[: draw(st.integers(2, 3))]]
            # The parts of a requirement may lapse together.
            condition = OnCondition("the offices move", "B") if draw(_ONE_IN_FOUR) else None
            of_parts = [
                _leaf(draw, draw(rule), tables, years, part, condition, otherwise=otherwise)
                for part in parts
            ]
            must_hold = draw(st.sampled_from(MUST_HOLD))
            requirements.append(Parts(id=name, must_hold=must_hold, parts=of_parts))
        else:
            requirements.append(_leaf(draw, draw(rule), tables, years, name, otherwise=otherwise))
    if draw(_ONE_IN_SIX):
        # A table that no target reads.
        tables.setdefault(CASES.name, CASES)
    goals, weighed = _weighed(draw, requirements)
    plan = Plan(
        id="generated",
        period=draw(
            st.one_of(st.just(Window(f"{year:04}")), windows(years, begins=True, ends=True))
        ),
        time_zone=draw(st.one_of(st.just(ZONES[0]), st.sampled_from(ZONES))),
        month_end=draw(st.sampled_from(MONTH_ENDS)),
        # A calendar must cover every working day of a window that is judged day by day.
        calendar=draw(calendars(years, whole=_asks_every_day(requirements)))
        if otherwise
        else "denmark",
        roll=draw(st.sampled_from(ROLLS)) if otherwise else "none",
        weights=draw(st.sampled_from(WEIGHTS)),
        tables=tables.values(),
        goals=goals,
        targets=weighed,
        year_starts=draw(st.sampled_from(("01", "01", "04", "07", "10", "12"))),
    )
    return with_case_weights(draw, with_series(draw, with_split_years(draw, plan)))


def _leaf(
    draw: DrawFn,
    rule: str,
    tables: dict[str, Table],
    years: tuple[int, int],
    name: str,
    condition: OnCondition | None = None,
    *,
    otherwise: bool = False,
) -> Target:
    """Draw a target, and add its table and those of its pauses to the tables.

    The table of facts is added too, where a fact decides a condition.
    """
    table = draw(st.sampled_from(tables_of(rule)))
    if table.name not in tables:
        keys = _KEYS.get(table.name, (table.key,))
        table = evolve(table, key=draw(st.sampled_from(keys)))
        if otherwise and table.name not in _UNDERIVED and draw(st.booleans()):
            table = evolve(table, derived=draw(derived_dates(table)))
        tables[table.name] = table
        if otherwise and table.name in _PAUSED and draw(st.sampled_from((True, True, False))):
            tables |= {paused.name: paused for paused in pause_tables(draw, table)}
    target = draw(TARGETS[rule](tables[table.name], years, name))
    target = with_pauses(draw, target, tuple(tables.values()))
    if condition is None and draw(_ONE_IN_SIX):
        fact = draw(st.sampled_from((None, None, "A")))
        condition = OnCondition("the law is passed", fact)
    if condition is None:
        return target
    tables.setdefault(REPORTED.name, REPORTED)
    return evolve(target, on_condition=condition)


def _asks_every_day(requirements: Sequence[Requirement]) -> bool:
    leaves = (leaf for requirement in requirements for leaf in requirement.leaves())
    return any(isinstance(leaf, EveryWorkingDay) and leaf.calendar is None for leaf in leaves)


def _weighed(
    draw: DrawFn, requirements: Sequence[Requirement]
) -> tuple[tuple[Goal, ...], tuple[Requirement, ...]]:
    """Draw goals, and the requirements with their goals; some of both have weights."""
    weight = st.one_of(
        st.none(), st.sampled_from((0, 5, 40, 100)).map(Decimal), st.just(Decimal("12.5"))
    )
    ids = [str(n + 1) for n in range(draw(st.sampled_from((0, 1, 2))))]
    goal_of = [draw(st.sampled_from((None, *ids, *ids))) for _ in requirements]
    # A goal of indicators alone has no weight, for nothing could earn it.
    judged = [any(leaf.has_requirement for leaf in r.leaves()) for r in requirements]
    earned = {goal for goal, is_judged in zip(goal_of, judged, strict=True) if is_judged}
    goals = [
        Goal(
            id=name,
            weight=draw(weight) if name in earned else None,
            sharing=draw(st.sampled_from(SHARINGS)),
        )
        for name in ids
    ]
    shared = {goal.id for goal in goals if goal.weight is not None}
    return tuple(goals), tuple(
        evolve(r, goal=goal, weight=None if goal in shared or not is_judged else draw(weight))
        for r, goal, is_judged in zip(requirements, goal_of, judged, strict=True)
    )


def as_ofs(plan: Plan, tables: Mapping[str, Rows] | None = None) -> SearchStrategy[dt.date | None]:
    """Generate None, or days at which verdicts or populations turn, or a day either side.

    Args:
        plan: the plan.
        tables: its tables; where they are given, also the days of their dates, and a day either
            side.
    """
    lasts = [last for window in windows_of(plan) if (last := oracle.last_day(window)) is not None]
    ends = near(sorted({*lasts, *plan_days(plan)}))
    latest = max(lasts)
    # Most days come before something that the plan asks for: at the latest all of it has happened.
    late = (latest, latest + DAY, latest + 400 * DAY)
    kinds = [st.none(), st.sampled_from(late), st.sampled_from(late), near(lasts), ends]
    cells = (cell for rows in (tables or {}).values() for row in rows for cell in row.values())
    dates = {day for cell in cells if (day := _local_date(cell, plan.time_zone)) is not None}
    happened = {day for day in dates if FIRST <= day <= LAST}
    if happened:
        kinds += [near(sorted(happened))] * 2
    return st.one_of(kinds)


def _local_date(cell: object, zone: str) -> dt.date | None:
    return oracle.local_date(cell, zone) if isinstance(cell, dt.date) else None
