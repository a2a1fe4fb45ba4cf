"""Overview of a page, for thirty seconds: counts of verdicts, the score, requirements by goal (R1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from kpi.report import words
from kpi.report.page import charts, expected, values
from kpi.report.page.context import Context
from kpi.report.page.figure import Figure
from kpi.report.page.requirement import requirement
from kpi.report.page.view import SIGNS, Card, GoalRows, Row
from kpi.results.result import Score
from kpi.results.score import score_range
from kpi.results.target_result import TargetResult, Verdict

_OPEN: tuple[Verdict, ...] = ("open", "secured", "lost")
_FINAL: tuple[Verdict, ...] = ("met", "missed")


def cards(context: Context) -> Iterator[Card]:
    """Yield the number of requirements that are met, missed, open, and what else there is."""
    texts = context.texts
    counts = Counter(record.verdict for record in context.figures.result)
    for kind in _FINAL:
        number = texts.count(counts[kind])
        yield Card(kind, SIGNS[kind], number, texts.text(f"page.{kind}"))
    is_open = sum(counts[kind] for kind in _OPEN)
    secured, lost = (texts.count(counts[kind]) for kind in ("secured", "lost"))
    beneath = texts.text("page.of_open", secured=secured, lost=lost) if is_open else ""
    yield Card("open", SIGNS["open"], texts.count(is_open), texts.text("page.open"), beneath)
    others = sum(n for kind, n in counts.items() if kind not in (*_FINAL, *_OPEN))
    if others:
        number = texts.count(others)
        yield Card("not_assessable", SIGNS["not_assessable"], number, texts.text("page.others"))


def summary(context: Context) -> str:
    """Return the number of requirements by verdict in a sentence."""
    texts = context.texts
    counts = Counter(record.verdict for record in context.figures.result)
    named = [
        texts.text(f"summary.{kind}", n=texts.count(counts[kind])) for kind in SIGNS if counts[kind]
    ]
    n = len(context.figures.result.targets)
    return texts.text("page.summary", n=texts.count(n), counts=texts.text("word.comma").join(named))


def score(context: Context) -> tuple[str, tuple[str, ...]]:
    """Return the score in a few words, and lines on its range and on what it rests on (S28, F13)."""
    texts, result = context.texts, context.figures.result
    earned = result.score
    if earned is None:
        return "", (texts.text("page.no_score"),)
    shown = texts.text(
        "page.score_of", met=_weight(context, earned.met), of=_weight(context, earned.of)
    )
    return shown, tuple(_score_lines(context, earned))


def _score_lines(context: Context, earned: Score) -> Iterator[str]:
    texts, result = context.texts, context.figures.result
    ends = score_range(result.plan, result.targets)
    assert ends is not None, "there is a score"
    if any(record.verdict in ("open", "secured", "not_assessable") for record in result):
        low, high, of = (_weight(context, end) for end in (ends.at_least, ends.at_most, ends.of))
        yield texts.text("page.score_range", low=low, high=high, of=of)
    else:
        yield texts.text("page.score_final")
    if earned.if_all != earned.if_split:
        if_all, if_split = (_weight(context, end) for end in (earned.if_all, earned.if_split))
        yield texts.text("page.score_if", if_all=if_all, if_split=if_split)
    if earned.reconstructed:
        yield texts.text("page.reconstructed")


def _weight(context: Context, weight: Decimal | None) -> str:
    """Return a weight as the plan writes it; a third of one with two decimals; empty for None."""
    if weight is None:
        return ""
    shown = round(weight, 2) if weight != round(weight, 4) else weight
    digits = words.weight(shown)
    return Figure.written(context.texts.number(digits), float(weight), digits)


def statement(context: Context) -> str:
    """Return which kinds of statement the page makes, and what could make them false (F1)."""
    is_open = any(record.verdict in _OPEN for record in context.figures.result)
    return context.texts.text("page.certain" if is_open else "page.certain_final")


def goals(context: Context) -> Iterator[GoalRows]:
    """Yield the requirements by goal, in the document's order.

    Requirements of a goal that do not follow one another are headed by it again.
    """
    texts = context.texts
    titles = {goal.id: goal for goal in context.plan.goals}
    runs: list[tuple[str | None, list[TargetResult]]] = []
    for record in context.figures.result:
        if not runs or runs[-1][0] != record.goal:
            runs.append((record.goal, []))
        runs[-1][1].append(record)
    for name, records in runs:
        goal = titles.get(name or "")
        heading, weight = "", ""
        if goal is not None:
            own = goal.title_da if texts.code == "da" else goal.title
            title = own or goal.title or goal.title_da or ""
            heading = f"{goal.id} {title}".strip()
            weight = _weight(context, goal.weight)
        elif titles:
            heading = texts.text("page.no_goal")
        rows = [row for record in records for row in _rows(context, record)]
        yield GoalRows(heading, weight, tuple(rows))


def _rows(context: Context, record: TargetResult) -> Iterator[Row]:
    yield _row(context, record, is_part=False)
    for part in record.parts:
        yield _row(context, part, is_part=True)


def _row(context: Context, record: TargetResult, *, is_part: bool) -> Row:
    texts, definition = context.texts, context.plan.target(record.id)
    asked = charts.asked_of(record, definition)
    outlook = expected.outlook_of(context, record.id)
    exact: Fraction | None = None if record.value is None else record.exact_value
    is_withheld = context.is_withheld(record)
    return Row(
        anchor=context.anchor(record),
        id=record.id,
        title=context.title(record),
        value=context.none if is_withheld else values.value(texts, record),
        limit=requirement(texts, definition),
        bar=None
        if is_withheld or record.unit == "parts" or record.base is not None
        else charts.bar(exact, asked, share=record.unit == "share"),
        counted=context.none if is_withheld else values.counted(texts, record),
        excluded=context.none
        if is_withheld
        else texts.count(sum(record.excluded.values()))
        if record.excluded
        else "",
        verdict=context.verdict(record),
        weight=_weight(context, record.weight),
        is_part=is_part,
        takes="" if outlook is None or is_withheld else expected.takes(texts, outlook),
        outlook="" if outlook is None else expected.word(texts, outlook),
    )
