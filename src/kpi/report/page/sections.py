"""Sections of a page, one for each requirement and part: the sentence, the figures beside it (R3 to R7)."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.target import Target
from kpi.report.page import beside_value, expected, values
from kpi.report.page.changes import changes
from kpi.report.page.charts import Chart
from kpi.report.page.context import Context
from kpi.report.page.counting import rules_of
from kpi.report.page.follow_charts import follow_charts
from kpi.report.page.group_tables import breakdown, each
from kpi.report.page.requirement import requirement
from kpi.report.page.sentence import sentence
from kpi.report.page.series_chart import drawn_series, series_chart
from kpi.report.page.times_chart import shown_bins, times_chart
from kpi.report.page.view import Section, Table
from kpi.results.target_result import TargetResult


def sections(context: Context) -> Iterator[Section]:
    """Yield the section of each requirement, each followed by those of its parts."""
    for record in context.figures.result.leaves(parents=True):
        yield _section(context, record)


def _section(context: Context, record: TargetResult) -> Section:
    texts, definition = context.texts, context.plan.target(record.id)
    target = definition if isinstance(definition, Target) else None
    outlook = expected.outlook_of(context, record.id)
    facts = tuple(
        (texts.text(f"detail.{key}"), text) for key, text in sentence(context, definition)
    )
    if context.is_withheld(record):
        return Section(
            anchor=context.anchor(record),
            id=record.id,
            title=context.title(record),
            value=context.none,
            limit=requirement(texts, definition),
            verdict=context.verdict(record),
            facts=facts,
            rules=("S28",) if target is None else rules_of(target),
            lines=(texts.text("detail.withheld", k=texts.count(context.hide_below)),),
        )
    return Section(
        anchor=context.anchor(record),
        id=record.id,
        title=context.title(record),
        value=values.value(texts, record),
        limit=requirement(texts, definition),
        verdict=context.verdict(record),
        facts=facts,
        rules=("S28",) if target is None else rules_of(target),
        figures=tuple(values.beside(texts, record)),
        possible=tuple(beside_value.possible(context, record)),
        charts=() if target is None else tuple(_charts(context, record, target)),
        tables=tuple(_tables(context, record)),
        lines=() if target is None else tuple(_lines(context, record)),
        estimate=() if outlook is None else tuple(expected.estimate(context, outlook)),
    )


def _tables(context: Context, record: TargetResult) -> Iterator[Table]:
    yield from changes(context, record)
    yield from breakdown(context, record)
    yield from each(context, record)
    if not record.parts:
        yield beside_value.left_out(context, record)
    yield from beside_value.beside(context, record)
    yield from beside_value.readings(context, record)


def _lines(context: Context, record: TargetResult) -> Iterator[str]:
    texts, outlook = context.texts, expected.outlook_of(context, record.id)
    if outlook is not None and outlook.assessment is not None:
        said = expected.assessment(texts, outlook)
        yield f"{texts.text('assessment.label')}: {said}"
    if not context.figures.has_cases:
        yield texts.text("detail.no_cases")
    if context.figures.readings is None and context.plan.target(record.id).leaves()[0].readings:
        yield texts.text("detail.not_worked_out")
    times = context.figures.times.get(record.id)
    if times is not None and not shown_bins(context, record)[1]:
        yield texts.text("detail.times_few")
    if times is not None and times.unended and not context.is_small(times.unended):
        yield texts.text("detail.times_unended", n=texts.count(times.unended))


def _charts(context: Context, record: TargetResult, of: Target) -> Iterator[tuple[Chart, Table]]:
    if context.figures.follow_up is not None:
        yield from follow_charts(context, record, of)
        return
    series = drawn_series(context, record.id)
    if series:
        yield series_chart(context, record, of, series)
    if record.id in context.figures.times and shown_bins(context, record)[1]:
        yield times_chart(context, record, of)
