"""Counting rules that a target rests on, as S-numbers, from its definition."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.limits import Before, DueColumn, spans_of
from kpi.definitions.target import Target
from kpi.rules._interval import IntervalTarget
from kpi.rules.average import Average
from kpi.rules.within import Within

_OF_EVERY = ("S9", "S10", "S12", "S13", "S15", "S25", "S27")
_OF_RULE = {
    "average": ("S16",),
    "percentile": ("S18",),
    "within": ("S11", "S19"),
    "share": ("S19",),
    "clearance": ("S19", "S21"),
    "stock": ("S22",),
    "count": ("S23",),
    "every_working_day": ("S7", "S24"),
}


def rules_of(target: Target) -> tuple[str, ...]:
    """Return the S-numbers of the counting rules that a target rests on, in order."""
    return tuple(sorted({*_rules(target)}, key=lambda rule: int(rule[1:])))


def _rules(target: Target) -> Iterator[str]:
    yield from _OF_EVERY
    yield from _OF_RULE.get(target.rule, ())
    if isinstance(target, IntervalTarget):
        yield "S2"
    yield from _of_limit(target)
    if isinstance(target, Average) and (target.fastest is not None or target.trimmed is not None):
        yield "S17"
    if isinstance(target, Within) and target.denominator == "open":
        yield "S29"
    if any(isinstance(condition.test, DateBounds) for condition in target.conditions()):
        yield "S34"
    options = {
        "S7": target.calendar is not None,
        "S8": target.roll is not None,
        "S14": bool(target.pauses),
        "S20": target.bounds is not None,
        "S26": bool(target.readings),
        "S28": target.on_condition is not None or target.each is not None,
        "S30": target.every is not None,
        "S31": not target.has_requirement,
        "S32": target.count_as is not None,
        "S33": target.comparison is not None,
    }
    yield from (rule for rule, holds in options.items() if holds)


def _of_limit(target: Target) -> Iterator[str]:
    limit = target.limit
    if isinstance(limit, Before):
        yield "S6"
    if isinstance(limit, DueColumn) or limit is None:
        return
    spans = (limit.span,) if isinstance(limit, Before) else spans_of(limit)
    for span in spans:
        if span.in_working_hours:
            yield "S35"
        elif span.working_days:
            yield "S7"
        else:
            yield "S4" if span.total_months else "S3"
