"""The oracle: a plan evaluated in plain Python, case by case, straight from the numbered rules.

The oracle is slow and obvious on purpose. It shares the words of a plan with the engine (the frozen
definitions) and none of the engine's arithmetic: windows, due dates, holidays and comparisons are
worked out here a second time, so that an error would have to be made twice to go unseen.

The oracle's function for a user's own rule comes in by the entry point group `kpi.oracles`, under
the rule's name; the function takes the target, the cases of its table and the circumstances, and
returns an outcome. Parts (`each`) and conditions are handled here, for every rule alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import entry_points
from typing import Any

from attrs import evolve

from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.errors import PlanError
from kpi.testing.oracle.against import beside_base
from kpi.testing.oracle.calendars import (
    calendar_of,
    covers,
    is_working_day,
    next_working_day,
    working_day_after,
    working_day_before,
    working_days,
)
from kpi.testing.oracle.cases import (
    Case,
    Counting,
    Pause,
    has_no_such_local_time,
    has_time_of_day,
    instant,
    known_at,
    local_date,
)
from kpi.testing.oracle.conditional import came_about
from kpi.testing.oracle.conditions import happened_in, holds, in_population, within_bounds
from kpi.testing.oracle.dates import (
    closing_day,
    due_date,
    due_date_before,
    end_of,
    first_day,
    has_months,
    in_window,
    is_by_the_clock,
    is_in_working_days,
    is_in_working_hours,
    last_day,
    opening_day,
)
from kpi.testing.oracle.days_off import easter_sunday, public_holidays
from kpi.testing.oracle.derived import dates_behind, offset_date, with_derived
from kpi.testing.oracle.due import Due
from kpi.testing.oracle.limits import (
    due_of,
    due_without_pauses,
    excluded,
    in_force,
    in_time,
    in_working_days,
    limit_of,
    threshold_of,
)
from kpi.testing.oracle.measures import mean_of, percentile_of, verdict_day, window_of
from kpi.testing.oracle.outcomes import Outcome, Row, combined, outcome
from kpi.testing.oracle.parts import Part, Rule, declared_values
from kpi.testing.oracle.pauses import deducted, paused_dates, paused_of, pauses_of
from kpi.testing.oracle.rules.average import average
from kpi.testing.oracle.rules.clearance import clearance
from kpi.testing.oracle.rules.count import count
from kpi.testing.oracle.rules.every_working_day import every_working_day
from kpi.testing.oracle.rules.facts import milestone, reported
from kpi.testing.oracle.rules.flow import flow
from kpi.testing.oracle.rules.percentile import percentile
from kpi.testing.oracle.rules.share import share
from kpi.testing.oracle.rules.stock import stock
from kpi.testing.oracle.rules.within import within
from kpi.testing.oracle.series import by_period
from kpi.testing.oracle.weights import by_person
from kpi.testing.oracle.working_hours import opening_times

__all__ = [
    "RULES",
    "Case",
    "Counting",
    "Due",
    "Outcome",
    "Part",
    "Pause",
    "Row",
    "Rule",
    "average",
    "calendar_of",
    "clearance",
    "closing_day",
    "count",
    "covers",
    "dates_behind",
    "deducted",
    "due_date",
    "due_date_before",
    "due_of",
    "due_without_pauses",
    "easter_sunday",
    "evaluate",
    "every_working_day",
    "excluded",
    "first_day",
    "flow",
    "happened_in",
    "has_months",
    "has_no_such_local_time",
    "has_time_of_day",
    "holds",
    "in_force",
    "in_population",
    "in_time",
    "in_window",
    "in_working_days",
    "instant",
    "is_by_the_clock",
    "is_in_working_days",
    "is_in_working_hours",
    "is_working_day",
    "known_at",
    "last_day",
    "limit_of",
    "local_date",
    "mean_of",
    "milestone",
    "next_working_day",
    "offset_date",
    "opening_day",
    "opening_times",
    "outcome",
    "outcome_of",
    "paused_dates",
    "paused_of",
    "pauses_of",
    "percentile",
    "percentile_of",
    "public_holidays",
    "reported",
    "share",
    "snapshots",
    "stock",
    "threshold_of",
    "verdict_day",
    "window_of",
    "with_derived",
    "within",
    "within_bounds",
    "working_day_after",
    "working_day_before",
    "working_days",
]


class _Rules(dict[str, Rule]):
    """Registry of the oracle's functions; another package's is loaded when it is first read.

    Not before, for a package with an oracle imports this one.
    """

    def __missing__(self, name: str) -> Rule:
        points = tuple(entry_points(group="kpi.oracles", name=name))
        values = {point.value for point in points}
        if not values:
            raise KeyError(name)
        if len(values) > 1:
            raise PlanError(f"two packages install an oracle named {name!r}; keep one of them")
        rule: Rule = points[0].load()
        return self.setdefault(name, rule)


RULES: dict[str, Rule] = _Rules(
    average=average,
    clearance=clearance,
    count=count,
    every_working_day=every_working_day,
    flow=flow,
    milestone=milestone,
    percentile=percentile,
    reported=reported,
    share=share,
    stock=stock,
    within=within,
)
"""The oracle's function for each kind of target; one of a user's own is looked up by its name."""


def evaluate(
    plan: Plan,
    tables: Mapping[str, Sequence[Mapping[str, object]]],
    as_of: dt.date | None = None,
) -> dict[str, Outcome]:
    """Evaluate every target of a plan, case by case.

    Args:
        plan: the plan.
        tables: the rows of each table; a target of a table that is lacking, or of pauses that are,
            is not assessable (S25).
        as_of: the day the tables are read as of (default: the last day of the plan's period, S15).

    Returns:
        The outcome of each target, by its id; a requirement of several parts stands before them.
    """
    day = as_of if as_of is not None else end_of(plan.period)
    return dict(_outcomes(plan, snapshots(plan, tables, day), day))


def snapshots(
    plan: Plan, tables: Mapping[str, Sequence[Mapping[str, object]]], as_of: dt.date
) -> dict[str, list[Case]]:
    """Return the snapshot of each table that is given, with its derived dates (S15)."""
    return {
        table.name: with_derived(
            plan, table, known_at(table, tables[table.name], plan.time_zone, as_of)
        )
        for table in plan.tables
        if table.name in tables
    }


def _outcomes(
    plan: Plan, cases: Mapping[str, Sequence[Case]], as_of: dt.date
) -> Iterator[tuple[str, Outcome]]:
    for requirement in plan.targets:
        if isinstance(requirement, Parts):
            parts = {part.id: outcome_of(part, plan, cases, as_of) for part in requirement.parts}
            yield requirement.id, _of_parts(requirement, parts)
            yield from parts.items()
        else:
            yield requirement.id, outcome_of(requirement, plan, cases, as_of)


def outcome_of(
    target: Any, plan: Plan, cases: Mapping[str, Sequence[Case]], as_of: dt.date
) -> Outcome:
    """Return the outcome of one target on the snapshots of the tables, without its weight.

    Args:
        target: a target that is measured, perhaps a part of a requirement.
        plan: the plan.
        cases: the snapshot of each table that is given.
        as_of: the day of the snapshots.
    """
    table = next(table for table in plan.tables if table.name == target.table)
    rule = beside_base(partial(by_person, RULES[target.rule]))
    at = Counting(plan, table, as_of, pauses_of(plan, cases))
    needed = (target.table, *getattr(target, "pauses", ()), *getattr(target, "unless_paused", ()))
    if all(name in cases for name in needed):
        result = by_period(rule, target, cases[target.table], at)
    else:
        none = rule(target, (), at)
        base = None if none.base is None else evolve(none.base, value=None, figures={})
        result = evolve(none, verdict="not_assessable", value=None, figures={}, base=base)
    if target.on_condition is None:
        return result
    came = came_about(target, cases)
    if came is False:
        return _judged(target, result, "lapsed")
    return result if came else _judged(target, result, "not_assessable")


def _judged(target: Any, whole: Outcome, verdict: str) -> Outcome:
    """Return an outcome with another verdict, on the whole and each part that has not lapsed.

    A declared value without a case has lapsed, also where a case of it may still come.
    """
    without = {(value,) for value in declared_values(target)}
    lapsed = {
        part
        for part, of_part in whole.each.items()
        if of_part.verdict == "lapsed" or (part in without and not of_part.rows)
    }
    each = {
        part: evolve(of_part, verdict="lapsed" if part in lapsed else verdict)
        for part, of_part in whole.each.items()
    }
    return evolve(whole, verdict=verdict, each=each)


def _of_parts(requirement: Parts, parts: Mapping[str, Outcome]) -> Outcome:
    """Return the outcome of a requirement of several parts: a verdict without rows (S28)."""
    left = [part for part in requirement.parts if parts[part.id].verdict != "lapsed"]
    verdicts = [parts[part.id].verdict for part in left]
    verdict = combined(verdicts)
    if requirement.must_hold == "any" and "met" in verdicts:
        verdict = "met"
    elif not left:
        verdict = "lapsed"
    elif "open" in verdicts:
        verdict = "open"
    elif set(verdicts) == {"indicator"}:
        verdict = "indicator"
    elif requirement.must_hold == "any":
        verdict = "not_assessable" if "not_assessable" in verdicts else "missed"
    return Outcome(
        rows=0,
        outside=0,
        counted=0,
        undetermined=0,
        excluded={},
        met=None,
        total=None,
        value=None,
        verdict=verdict,
        trail=(),
    )
