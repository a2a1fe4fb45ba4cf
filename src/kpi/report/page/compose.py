"""Composition of a page: the view of a report's figures in a language (R1, R7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kpi import __version__
from kpi.definitions.notes import code_of
from kpi.evaluation.report_figures.figures import ReportFigures
from kpi.planfile.fingerprint import plan_fingerprint, short
from kpi.report.page import expected, overview, periods
from kpi.report.page.catalogue import catalogue
from kpi.report.page.context import Context
from kpi.report.page.messages import line
from kpi.report.page.sections import sections
from kpi.report.page.view import Column, NoteLine, Section, Table, View
from kpi.results.fingerprint import library_versions


def compose(
    figures: ReportFigures,
    language: str,
    hide_below: int,
    command: str | None = None,
    *,
    hide_headlines: bool = False,
) -> View:
    """Return the view of a report.

    Args:
        figures: the figures.
        language: the code of the language of the texts.
        hide_below: the least count above 0 that a break-down shows (R11); 0 shows all.
        command: the command that makes the report again; None where it is not known.
        hide_headlines: whether the figures of a requirement are withheld too where they are of fewer.

    Raises:
        KpiError: where there are no texts in the language.
    """
    texts = catalogue(language)
    context = Context(figures, texts, hide_below, hide_headlines)
    result, plan = figures.result, context.plan
    heading = (plan.title_da if language == "da" else plan.title) or plan.title or plan.id
    shown = tuple(sections(context))
    score, score_lines = overview.score(context)
    goals = tuple(overview.goals(context))
    return View(
        language=language,
        day=result.as_of,
        title=texts.text("page.title", plan=heading, day=texts.date(result.as_of)),
        heading=heading,
        facts=tuple((texts.text(f"page.{key}"), text) for key, text in _facts(context)),
        note=plan.note or "",
        cards=tuple(overview.cards(context)),
        summary=overview.summary(context),
        score=score,
        score_lines=score_lines,
        statement=overview.statement(context),
        goals=goals,
        weighed=result.score is not None,
        follows=figures.follow_up is not None,
        assumes=()
        if figures.follow_up is None
        else tuple(expected.assumes(texts, figures.follow_up)),
        sections=shown,
        notes=tuple(_notes(context)),
        methods=tuple(_methods(context, shown)),
        tables=_tables(context),
        origin=tuple(_origin(context)),
        command=command,
    )


def _facts(context: Context) -> Iterator[tuple[str, str]]:
    texts, result, plan = context.texts, context.figures.result, context.plan
    yield "plan", plan.id
    yield "period", periods.window_name(texts, plan.period)
    day: str = texts.date(result.as_of)
    if not result.as_of_given:
        day = texts.text("word.with_value", value=day, of=texts.text("page.as_of_default"))
    yield "as_of", day
    if plan.source is not None:
        yield "source", plan.source


def _notes(context: Context) -> Iterator[NoteLine]:
    withheld = 0
    for note in context.figures.result.notes:
        if context.is_small(*_numbers(str(note))):
            withheld += 1
            continue
        label = context.texts.optional(f"note.{code_of(note)}") or ""
        yield line(context.texts, label, note)
    if withheld:
        yield NoteLine(context.texts.text("end.withheld", n=context.texts.count(withheld)), "")


def _numbers(note: str) -> Iterator[int]:
    """Yield the whole numbers that stand by themselves in a note: any of them may be a count."""
    yield from (
        int(n.replace(",", "")) for n in re.findall(r"(?<![\w.,-])\d[\d,]*(?!\w|-|\.\d)", note)
    )


def _methods(context: Context, shown: tuple[Section, ...]) -> Iterator[tuple[str, str]]:
    """Yield the counting rules that any section names, with their sentences, and those of all dates."""
    named = {"S1", "S5"} | {rule for section in shown for rule in section.rules}
    if context.figures.result.score is not None:
        named.add("S28")
    for rule in sorted(named, key=lambda rule: int(rule[1:])):
        yield rule, context.texts.text(f"counting.{rule}")


def _tables(context: Context) -> Table:
    texts = context.texts
    keys = ("rows", "rejected", "hidden")
    return Table(
        kind="tables",
        caption=texts.text("end.data"),
        columns=(
            Column(texts.text("head.table")),
            *(Column(texts.text(f"head.{key}"), is_number=True) for key in keys),
        ),
        rows=tuple(
            (
                name,
                *(
                    context.none if context.is_small(n) else texts.count(n)
                    for n in (facts.rows, sum(facts.rejected.values()), facts.hidden)
                ),
            )
            for name, facts in context.figures.result.facts.items()
        ),
        notes=(texts.text("end.data_intro"),),
    )


def _origin(context: Context) -> Iterator[tuple[str, str]]:
    texts, result = context.texts, context.figures.result
    yield "kpi", __version__
    yield from library_versions().items()
    digest = plan_fingerprint(context.plan).digest
    yield texts.text("end.plan_fingerprint", plan=context.plan.id), short(digest)
    prints = result.fingerprints
    for name in result.facts:
        found = None if prints is None else prints.get(name)
        shown = texts.text("end.no_fingerprint") if found is None else short(found.digest)
        yield texts.text("end.table_fingerprint", table=name), shown
