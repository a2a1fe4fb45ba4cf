"""Workload: what of the open cases can still be in time, by week, and what the late ones would take (F33, F34)."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.engine import compile as compiled
from kpi.engine.completions.deciding import decided_column
from kpi.engine.completions.decisions import CASES, Decisions
from kpi.engine.target_query import columns_of
from kpi.errors import PlanError
from kpi.evaluation.work_list.schedule import in_time_at_most
from kpi.results.possible import Counts, pair
from kpi.rules import _population as population
from kpi.rules._interval import IntervalTarget
from kpi.tables.as_of import Snapshot

_WEEK = dt.timedelta(days=7)
_WEEKS = 13
"""The weeks whose mean of decisions is the capacity where none is given."""


@frozen(kw_only=True)
class Week:
    """Week of the load, and the weeks up to it.

    Attributes:
        last: its last day; the last week ends with the window.
        due: cases whose last day in time lies in it.
        due_by_then: cases whose last day in time is this day or earlier, cumulated.
        most_in_time: the greatest number that can have been decided in time by then, cumulated.
    """

    last: dt.date
    due: int
    due_by_then: int
    most_in_time: int


@frozen(kw_only=True)
class Load:
    """What the open cases of a target are, and what can be in time of them (F33, F34).

    What is counted is certain; what can be in time holds if so many are decided a week, and what the
    late cases take if all of them are decided.

    Attributes:
        target: the id of the target.
        in_time: open cases that can be in time, or help otherwise.
        late: open cases that are late already and count as late once they are decided.
        against: open cases that count against the target once they are decided.
        paused: open cases without a due date while their pause runs.
        not_started: open cases whose start is not known.
        no_effect: open cases whose deciding changes nothing, which are in no list.
        waiting: decided cases that wait for another date, which are in no list.
        untold: open cases of which it cannot be told, which are in no list.
        late_days: the days from the start of the late cases to the as-of date, added up.
        capacity: decisions a week.
        capacity_given: whether the caller gave it; else it is the mean of the last 13 weeks.
        weeks: the weeks after the as-of date, of seven days each.
        room: most further late cases that still keep the threshold; None without one (F16).
        in_time_needed: further cases in time that it would take if every late case were decided; None
            without a threshold, or where none is enough.
        by_due_date: beside a share of the decided cases, met and counted of the same cases by due
            date (denominator `due`), which nobody can steer by whom they decide; else None.
    """

    target: str
    in_time: int
    late: int
    against: int
    paused: int
    not_started: int
    no_effect: int
    waiting: int
    untold: int
    late_days: int
    capacity: Fraction
    capacity_given: bool
    weeks: tuple[Week, ...] = field(repr=False)
    room: int | None = None
    in_time_needed: int | None = None
    by_due_date: Counts | None = None

    @property
    def most_in_time(self) -> int:
        """The greatest number that can still be in time with that capacity."""
        return self.weeks[-1].most_in_time

    @property
    def late_age(self) -> Fraction | None:
        """The mean age of the late cases in days; None without any."""
        return Fraction(self.late_days, self.late) if self.late else None

    def certain(self) -> dict[str, Any]:
        """Return what is certain as plain data (F61)."""
        return {
            "in_time": self.in_time,
            "late": self.late,
            "against": self.against,
            "paused": self.paused,
            "not_started": self.not_started,
            "no_effect": self.no_effect,
            "waiting": self.waiting,
            "untold": self.untold,
            "late_age": pair(self.late_age),
            "weeks": [
                {"last": week.last.isoformat(), "due": week.due, "due_by_then": week.due_by_then}
                for week in self.weeks
            ],
            "by_due_date": None if self.by_due_date is None else [*self.by_due_date],
        }

    def conditional(self) -> list[dict[str, Any]]:
        """Return what holds under a condition, as plain data, each with its condition (F61)."""
        found: list[dict[str, Any]] = [
            {
                "condition": self.condition,
                "most_in_time": self.most_in_time,
                "most_in_time_by_week": [week.most_in_time for week in self.weeks],
            }
        ]
        if self.in_time_needed is not None and self.late:
            found.append({"condition": self.late_decided, "in_time_needed": self.in_time_needed})
        return found

    @property
    def condition(self) -> str:
        """The condition of what can be in time, in words."""
        return f"{decimal_text(self.capacity)} decision{'' if self.capacity == 1 else 's'} a week"

    @property
    def late_decided(self) -> str:
        """The condition of what the late cases take, in words."""
        if self.late == 1:
            return "the late case is decided"
        return f"all {self.late:,} late cases are decided"


def weeks_frame(loads: Iterable[Load]) -> pl.DataFrame:
    """Return a row per target and week: what is due by then, and what can be in time (F33).

    Columns: `target`, `week_end`, `due`, `due_by_then`, `capacity`, `most_in_time`.
    """
    rows = [
        (
            load.target,
            week.last,
            week.due,
            week.due_by_then,
            float(load.capacity),
            week.most_in_time,
        )
        for load in loads
        for week in load.weeks
    ]
    schema = {
        "target": pl.String(),
        "week_end": pl.Date(),
        "due": pl.Int64(),
        "due_by_then": pl.Int64(),
        "capacity": pl.Float64(),
        "most_in_time": pl.Int64(),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def decimal_text(number: Fraction) -> str:
    """Return a number with at most one digit behind the point, cut, and never 0 for more than 0."""
    tenths = math.floor(number * 10)
    if not tenths and number:
        return "fewer than 0.1"
    return f"{tenths // 10:,}" + (f".{tenths % 10}" if tenths % 10 else "")


def parse_capacity(value: object) -> Fraction | None:
    """Parse decisions a week; None stands for the mean of the last 13 weeks.

    Raises:
        PlanError: where it is not a number above 0.
    """
    if value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal(0)
    if isinstance(value, bool) or not number.is_finite() or number <= 0:
        raise PlanError(
            f"capacity: found {value!r}; accepted: a number of decisions a week above 0"
        )
    return Fraction(number)


def load_of(
    plan: Plan,
    snapshot: Snapshot,
    of: Decisions,
    capacity: Fraction | None,
    status: Counts | None,
    room: int | None,
) -> Load:
    """Return the load that the open cases of a target are.

    Args:
        plan: the plan.
        snapshot: its table at the as-of date.
        of: what deciding its open cases does.
        capacity: decisions a week; None for the mean of the last 13 weeks.
        status: met and counted as of the date, of a share; else None.
        room: most further late cases that keep the threshold (F16).
    """
    late = of.rows.filter(pl.col("group") == "late")
    age = (pl.lit(snapshot.as_of) - pl.col("start")).dt.total_days()
    days = int(late.select((age * pl.col(CASES)).sum()).item())
    pace = _pace(plan, snapshot, of.asked.target) if capacity is None else capacity
    return Load(
        target=of.asked.id,
        in_time=of.cases("in time"),
        late=of.cases("late"),
        against=of.cases("against"),
        paused=of.cases("paused"),
        not_started=of.cases("not started"),
        no_effect=of.no_effect,
        waiting=of.waiting,
        untold=of.untold,
        late_days=days,
        capacity=pace,
        capacity_given=capacity is not None,
        weeks=_weeks(of, snapshot.as_of, pace),
        room=room,
        in_time_needed=_needed(of, status),
        by_due_date=_by_due_date(plan, snapshot, of.asked.target),
    )


def _weeks(of: Decisions, as_of: dt.date, capacity: Fraction) -> tuple[Week, ...]:
    """Return the weeks of seven days after a day, through the last day of the target."""
    number = -(-(of.asked.last - as_of).days // 7)
    week = {
        name: (pl.col(name) - pl.lit(as_of)).dt.total_days().add(6).floordiv(7)
        for name in ("first_day", "last_day")
    }
    in_time = of.rows.filter(pl.col("group") == "in time").with_columns(**week)
    counted = in_time.group_by("first_day", "last_day").agg(pl.col(CASES).sum())
    cases = {(first, last): n for first, last, n in counted.iter_rows()}
    due: Counter[int] = Counter()
    for (_, last), n in cases.items():
        due[last] += n
    weeks, by_then = [], 0
    for n, most in enumerate(in_time_at_most(cases, capacity, number), 1):
        by_then += due[n]
        last = min(as_of + n * _WEEK, of.asked.last)
        weeks.append(Week(last=last, due=due[n], due_by_then=by_then, most_in_time=most))
    return tuple(weeks)


def _pace(plan: Plan, snapshot: Snapshot, target: Target) -> Fraction:
    """Return the mean number of cases of the population that were decided in each of 13 weeks."""
    columns, end = columns_of(plan, snapshot), decided_column(target)
    if isinstance(target, IntervalTarget):
        tests = target.population(columns)
    else:
        tests = population.tests(columns, target.where, target.unless, None)
    if end is None or end not in snapshot.columns:
        return Fraction(0)
    since = snapshot.as_of - _WEEKS * _WEEK
    decided = snapshot.frame.filter(
        *(test.fill_null(value=False) for _, test in tests), pl.col(end) > since
    )
    return Fraction(decided.select(pl.len()).collect(engine="streaming").item(), _WEEKS)


def _needed(of: Decisions, status: Counts | None) -> int | None:
    """Return the further cases in time that it takes if every late case were decided (F34)."""
    target = of.asked.target
    threshold = None if target.each else target.threshold_of(())
    figure = target.figure
    if status is None or threshold is None or figure is None or figure.kind != "share":
        return None
    met, counted = status
    # By `late_counted`, so that a case counts as what it counts as (S32).
    late = of.rows.filter(pl.col("group") == "late")
    more = int(late.select((pl.col("late_counted") * pl.col(CASES)).sum()).item())
    share = Fraction(threshold) / 100
    if share == 1:
        return 0 if met == counted + more else None
    needed = (share * (counted + more) - met) / (1 - share)
    return max(0, math.ceil(needed))


def _by_due_date(plan: Plan, snapshot: Snapshot, target: Target) -> Counts | None:
    """Return met and counted by due date of the cases of a share of the decided ones (F34)."""
    if getattr(target, "denominator", None) != "closed" or target.rule != "within":
        return None
    of_due = evolve(target, denominator="due")  # type: ignore[call-arg]  # within has it
    sums = compiled.aggregate(
        plan, snapshot, [of_due], by=(), series=None, with_periods=False, engine="auto"
    )
    met, counted = (
        int(sums.filter(pl.col("quantity") == name)["n"].sum()) for name in ("met", "counted")
    )
    return met, counted
