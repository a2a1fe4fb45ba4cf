"""Sentence of a requirement: what the plan says, in the words of a language."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.limits import Before
from kpi.definitions.parts import Parts
from kpi.definitions.target import Requirement, Target
from kpi.report.page import conditions, periods
from kpi.report.page.context import Context
from kpi.report.page.requirement import own_options, requirement
from kpi.rules._interval import IntervalTarget
from kpi.rules.within import Within


def sentence(context: Context, of: Requirement) -> Iterator[tuple[str, str]]:
    """Yield what the plan says of a requirement: key of the label, and text."""
    texts = context.texts
    yield "asked", requirement(texts, of)
    if isinstance(of, Target):
        yield from _measured(context, of)
        if of.on_condition is not None:
            yield "condition", of.on_condition.that
    else:
        assert isinstance(of, Parts), "a requirement is a target, or has parts"
        yield "measured", texts.text("rule.parts")
    if of.source is not None:
        yield "source", of.source
    if of.note is not None:
        yield "note", of.note
    if isinstance(of, Target) and of.readings:
        yield "reading", texts.text("detail.own_reading")


def _measured(context: Context, of: Target) -> Iterator[tuple[str, str]]:
    texts = context.texts
    named = {"start": getattr(of, "start", ""), "end": getattr(of, "end", "")}
    known = texts.optional(f"rule.{of.rule}")
    if known is None:
        yield "measured", texts.text("rule.other", rule=of.rule)
    else:
        yield "measured", known.format(on=getattr(of, "on", None) or _entry(context, of), **named)
    where = conditions.population(texts, of.where)
    if isinstance(of, IntervalTarget) and of.open_at is not None:
        day = periods.day_or_period(texts, of.open_at.start_of)
        where = texts.text("word.and").join(
            [*([where] if where else []), texts.text("when.start_of", day=day)]
        )
    yield "population", where or texts.text("condition.all_rows", table=of.table)
    if of.unless:
        yield "unless", conditions.population(texts, of.unless)
    yield "window", periods.window_name(texts, of.window_of(context.plan))
    if isinstance(of, Within):
        on = of.on or _entry(context, of)
        yield "counted_how", texts.text(f"denominator.{of.denominator}", on=on)
    if of.limit is not None:
        shown = conditions.limit(texts, of.limit) + own_options(texts, of)
        if isinstance(of.limit, Before) and isinstance(of, IntervalTarget):
            shown = f"{shown} {of.start}"
        yield "limit", shown
    if context.plan.table(of.table).key:
        yield "table", of.table


def _entry(context: Context, of: Target) -> str:
    return context.plan.table(of.table).entry or context.texts.text("denominator.entry")
