"""Targets asked month by month: the same cases and rules, other windows (F51 to F53).

Nothing is counted here: a question is a target of a plan of questions, which `kpi.evaluate` answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from kpi.definitions.limits import Before, ByValue
from kpi.definitions.periods import period_start
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.definitions.windows import EndOf, Window, first_of_month
from kpi.evaluation.forecast.method import Method, without_windows
from kpi.rules._interval import IntervalTarget
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.flow import Flow
from kpi.rules.percentile import Percentile
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.time.in_time import is_clock

MONTHS = 24
"""Months that a series goes back, that of the as-of date included."""

_BY_END = (Average, Percentile, Share, Within)
_OF_CASES = (Average, Clearance, Flow, Percentile, Stock, Within)
_NOTHING_ASKED: Mapping[str, Any] = {
    "threshold": None,
    "late": None,
    "against": None,
    "change": None,
    "difference": None,
    "each": None,
    "every": None,
    "rolling": None,
    "on_condition": None,
    "readings": (),
    "goal": None,
    "weight": None,
}
"""What is left out of a target of which only the figure is asked."""


def months_back(as_of: dt.date) -> Window:
    """Return the window of the months that a series goes back, up to the as-of date (F51, F52)."""
    month = as_of.year * 12 + as_of.month - 1
    first = first_of_month(max(month - MONTHS + 1, 12))
    return Window(since=period_start(first, "month"), through=as_of)


@frozen
class Questions:
    """What is asked about a target beside the target itself; None for what cannot be asked of it.

    Attributes:
        target: the target.
        by_end: its figure over the cases that ended in a month; of a share of rows, over the rows
            of the month (F51).
        cases: all its cases with their due dates, whenever they started and ended (F52, F53).
        chooses_dates: whether its conditions choose cases by their start, end or entry, so that those
            that ended in one month are not like those of another.
    """

    target: Target
    by_end: Target | None
    cases: Within | Flow | None
    chooses_dates: bool

    @classmethod
    def about(cls, plan: Plan, target: Target, as_of: dt.date) -> Questions:
        """Return the questions about a target of a plan, as of a day."""
        by_end, bare = _by_end(target, months_back(as_of)), _without_windows(plan, target)
        chooses = bare is not None and (bare.where, bare.unless) != (target.where, target.unless)
        return cls(target, by_end, _cases(target, bare, as_of), chooses)


def plan_of(plan: Plan, questions: Sequence[Target], as_of: dt.date) -> Plan:
    """Return the plan of some questions: tables and options of a plan, the months for a period."""
    return evolve(plan, goals=(), targets=questions, period=months_back(as_of))


def _by_end(target: Target, window: Window) -> Target | None:
    """Return the target as it is asked of the cases that ended in each month (F51)."""
    if type(target) not in _BY_END or (isinstance(target, Within) and target.at is not None):
        return None
    keys = {name: value for name, value in _NOTHING_ASKED.items() if target.has_key(name)}
    if isinstance(target, Within):
        keys |= {"denominator": "closed", "on": None, "limit": _without_thresholds(target.limit)}
    return evolve(target, **keys, id=f"{target.id}, by end", window=window)  # type: ignore[call-arg]  # each has one


def _without_windows(plan: Plan, target: Target) -> IntervalTarget | None:
    """Return the target without its conditions on start, end and entry; None where it has no interval."""
    if type(target) not in _OF_CASES or not isinstance(target, IntervalTarget):
        return None
    table = next(table for table in plan.tables if table.name == target.table)
    bare = without_windows(target, Method("life table", target.start, target.end), table)
    assert isinstance(bare, IntervalTarget), "it is the same target"
    return bare


def _cases(target: Target, bare: IntervalTarget | None, as_of: dt.date) -> Within | Flow | None:
    """Return the target about all its cases, with the due dates of its limit where it has one (F52).

    None where a target is not about cases from a start to an end, and where its time runs to the date
    that it is counted from: no case is open after that.
    """
    if bare is None or (isinstance(target, Within) and isinstance(target.limit, Before)):
        return None
    names = ("table", "where", "unless", "start", "end")
    own = {name: getattr(bare, name) for name in names} | {"id": f"{target.id}, cases"}
    if not isinstance(target, Average | Flow | Percentile | Within) or target.limit is None:
        return Flow(**own)
    # Of a mean too, whose time is net of pauses, a pause moves the day until which a case is in time.
    options = ("month_end", "calendar", "roll", "pauses", "unless_paused")
    own |= {name: getattr(target, name) for name in options if target.has_key(name)}
    limit = _without_thresholds(target.limit)
    if not isinstance(target, Within) and not is_clock(limit):
        # No other rule moves a due day that is no working day (S8).
        own["roll"] = "none"
    return Within(denominator="open", at=EndOf(as_of), limit=limit, **own)


def _without_thresholds(limit: Any) -> Any:
    """Return a limit without the thresholds that its file has."""
    return evolve(limit, thresholds={}) if isinstance(limit, ByValue) else limit
