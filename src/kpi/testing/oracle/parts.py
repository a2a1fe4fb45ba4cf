"""Parts that must each hold: values of a column, and periods in force (S28)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import evolve

from kpi.definitions.limits import ByValue, Dated
from kpi.definitions.thresholds import ThresholdByValue
from kpi.testing.oracle.cases import Case, Counting
from kpi.testing.oracle.limits import in_force
from kpi.testing.oracle.outcomes import Outcome, combined

Rule: TypeAlias = Callable[[Any, Sequence[Case], Counting], Outcome]
"""A function for one kind of target: of the target, its table's cases and the circumstances."""

Part: TypeAlias = tuple[str | None, ...]


def by_part(rule: Rule, target: Any, cases: Sequence[Case], at: Counting) -> Outcome:
    """Evaluate the whole, and beside it each part that must hold on its own."""
    whole = rule(target, cases, at)
    if target.each is None and not _changes(target):
        return whole
    groups: dict[Part, list[Case]] = defaultdict(list)
    for case in cases:
        groups[_part_of(target, case, at)].append(case)
    each = {}
    for part, group in groups.items():
        of_part = rule(target, group, at)
        if any(one is not None and one.rows > one.outside for one in (of_part, of_part.base)):
            each[part] = evolve(of_part, trail=())
    seen = {part[0] for part in each}
    for value in declared_values(target):
        if value not in seen:
            none = rule(target, (), at)
            # Before the last day a case may still come (F13).
            verdict = "open" if none.verdict == "open" else "lapsed"
            each[(value,)] = evolve(none, verdict=verdict, trail=())
    if whole.verdict in ("open", "indicator"):
        return evolve(whole, each=each)
    return evolve(whole, each=each, verdict=combined([part.verdict for part in each.values()]))


def _changes(target: Any) -> bool:
    """Return whether each period in force has a threshold of its own."""
    return isinstance(getattr(target, "threshold", None), Dated)


def _part_of(target: Any, case: Case, at: Counting) -> Part:
    value = () if target.each is None else (case.text(target.each),)
    period = (in_force(target.threshold, case, at.as_of)[0],) if _changes(target) else ()
    return (*value, *period)


def declared_values(target: Any) -> Sequence[str]:
    """Return the values of `each` that the plan names a limit or a threshold for."""
    limit = getattr(target, "limit", None)
    if isinstance(limit, ByValue) and limit.column == target.each:
        return tuple(limit.limits)
    threshold = getattr(target, "threshold", None)
    return tuple(threshold.thresholds) if isinstance(threshold, ThresholdByValue) else ()


def values_of(target: Any, cases: Sequence[Case]) -> Mapping[str | None, Sequence[int]]:
    """Return the positions of the cases by the value of `each`; under None without `each`."""
    groups: dict[str | None, list[int]] = defaultdict(list)
    for n, case in enumerate(cases):
        groups[None if target.each is None else case.text(target.each)].append(n)
    return groups
