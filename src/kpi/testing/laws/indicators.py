"""Laws of indicators: what is measured does not depend on what is asked (S31)."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from attrs import evolve, fields

from kpi.definitions.amounts import amounts_of
from kpi.definitions.limits import Dated
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.definitions.thresholds import ThresholdByValue
from kpi.definitions.time_units import Span
from kpi.rules.average import Average
from kpi.rules.percentile import Percentile
from kpi.testing.comparable import Numbers, numbers
from kpi.testing.frames import Given, rows_of
from kpi.testing.laws.common import evaluated, same, with_targets

_DEMANDS = ("threshold", "late", "requires", "level", "change", "difference")
"""The keys that ask for something and measure nothing."""


def without_a_demand_no_number_changes(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """A target without its demand has the same numbers, and the verdict indicator (S31).

    The limit of an average and of a percentile goes too, and its unit stays; not where it is in
    months or differs from case to case, for it then decides which cases have one. Thresholds by
    value and by date divide the cases, and stay. A number of late cases becomes the share in time.
    """
    rows = rows_of(plan, tables)
    changed = {
        target.id: other
        for target in plan.leaves()
        if target.table in rows and (other := without_demand(target)) is not None
    }
    if not changed:
        return False
    asked = plan.only(*changed)
    before = numbers(evaluated(asked, rows, as_of))
    after = numbers(evaluated(with_targets(asked, changed), rows, as_of))
    for name, of_target in after.items():
        verdicts = {of_target.verdict, *(part.verdict for part in of_target.each.values())}
        if not verdicts <= {"indicator", "lapsed", "not_assessable"}:
            raise AssertionError(f"target {name}, without its demand: {sorted(verdicts)}")
    late = {name for name, target in changed.items() if getattr(plan.target(name), "late", None)}
    same(_measured(before, late), _measured(after, late), "without its demand")
    return any(of_target.counted for of_target in before.values())


def without_demand(target: Target) -> Target | None:
    """Return the target without its demand; None where it has none, or only one that divides."""
    if not target.has_requirement or isinstance(target.threshold, ThresholdByValue | Dated):
        return None
    own: dict[str, Any] = {"readings": (), "goal": None, "weight": None}
    if isinstance(target, Average | Percentile) and target.comparison is None:
        limit = target.limit
        months = isinstance(target, Percentile) and target.limit_or_unit.in_months
        in_months = isinstance(limit, Span) and (limit.total_months or limit.in_months)
        if not isinstance(limit, Span) or (in_months and not months):
            return None
        unit = "months" if months else amounts_of(limit).unit
        return evolve(target, limit=None, unit=unit, **own)
    # A reported number always stands beside what it must be.
    optional = {f.name for f in fields(type(target)) if f.default is None}
    present = [key for key in _DEMANDS if key in optional and getattr(target, key) is not None]
    if not present:
        return None
    other: Target = evolve(target, **dict.fromkeys(present), **own)
    return None if other.has_requirement else other


def _measured(numbers_of: dict[str, Numbers], late: set[str]) -> dict[str, Numbers]:
    """Return the numbers without verdicts, and without the value of a number of late cases."""
    return {name: _without_verdict(n, valued=name not in late) for name, n in numbers_of.items()}


def _without_verdict(n: Numbers, *, valued: bool) -> Numbers:
    each = {part: _without_verdict(of_part, valued=valued) for part, of_part in n.each.items()}
    return evolve(n, verdict="", value=n.value if valued else None, each=each, possible=None)
