"""A follow-up as tables for a terminal: what is certain, what depends, what is expected, apart (F1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from kpi.evaluation.follow_up import FollowUp, Outlook
from kpi.report import follow_words, words, work_words
from kpi.report.group_table import with_names
from kpi.report.layout import Column, fitted, heading, line, not_shown, shown, verdict

_ALL = 108
"""From so many columns on, everything is shown."""
_CONDITIONS = 64
"""From so many columns on, what holds under a condition is shown, and what it takes."""

_Cell: TypeAlias = Callable[[Outlook], str]


def follow_table(follow_up: FollowUp, width: int) -> RenderableType:
    """Return a follow-up for a terminal: requirements, score range, groups, assumptions and notes.

    Args:
        follow_up: the follow-up.
        width: the width of the terminal in characters.
    """
    plan = follow_up.plan
    title = shown(plan.title, "bold").append("\n") if plan.title else Text()
    title.append(shown(f"{plan.id}, follow-up as of {follow_up.as_of}", "not bold")).append("\n")
    parts: list[RenderableType] = [title, *_requirements(follow_up, width)]
    parts.append(Text(f"\n{words.totals(follow_up.result)}", style="bold"))
    score = follow_words.score_range(follow_up)
    if score is not None:
        parts.append(Text(f"Score at the end, certain: {score}", style="bold"))
    parts += _assessments(follow_up)
    parts += _estimates(follow_up)
    parts += _loads(follow_up)
    for leaf in follow_words.leaves(follow_up):
        parts += _groups(leaf, width)
    parts.append(Text())
    parts += [Text(f"{kind}: {text}") for kind, text in follow_words.legend(follow_up)]
    parts.append(Text("What is certain takes for granted that"))
    parts += [shown(f"• {text}") for text in follow_up.assumes]
    for method, assumed in follow_words.assumed(follow_up).items():
        parts.append(shown(f"An estimate ({method}) takes for granted that"))
        parts += [shown(f"• {text}") for text in assumed]
    if follow_up.notes:
        parts.append(Text("\nNotes"))
    parts += [shown(f"• {note}", "dim") for note in follow_up.notes]
    return Group(*parts)


def _requirements(follow_up: FollowUp, width: int) -> Iterator[RenderableType]:
    """Yield the lines of the requirements and their parts, titles above the figures."""
    outlooks = follow_words.leaves(follow_up)
    parts = {part.id for outlook in follow_up.targets for part in outlook.parts}
    names = [shown(f"  {o.id}" if o.id in parts else o.id) for o in outlooks]
    unfitted = [Column("Target", names, least=8), *_figures(outlooks, width)]
    if width >= _ALL and follow_words.has_estimates(follow_up):
        # An estimate stands last. Narrow windows have it below the table alone.
        expected = [shown(follow_words.expected(outlook)) for outlook in outlooks]
        unfitted.append(Column(follow_words.EXPECTED, expected, least=10))
    columns = fitted(unfitted, width)
    yield heading(columns)
    indent = columns[0].width + 2
    rows = zip(words.weighed(follow_up.result), outlooks, strict=True)
    for n, ((goal, record, weight), _) in enumerate(rows):
        if goal is not None:
            above = f"{goal.id}  {goal.title or ''}".rstrip()
            yield shown(_with_weight(above, words.weight(goal.weight)), "bold")
        text = shown(_with_weight(record.title or "", weight))
        text.append(shown(f"{', ' if text.plain else ''}{record.requirement}", "dim"))
        yield Padding(text, (0, 0, 0, indent))
        yield line(columns, [column.cells[n] for column in columns])
    yield from not_shown(_lacking(width), _ALL)


def _with_weight(title: str, weight: str) -> str:
    return " ".join([*([title] if title else []), *([f"(weight {weight})"] if weight else [])])


def _figures(outlooks: Sequence[Outlook], width: int) -> list[Column]:
    """Return the columns of a follow-up: status, what is certain, what holds under a condition."""

    def column(header: str, cell: _Cell, *, right: bool = True, least: int | None = None) -> Column:
        return Column(header, [shown(cell(o)) for o in outlooks], right=right, least=least)

    everything = width >= _ALL
    columns = [column("Value", lambda outlook: words.value(outlook.status))]
    if everything:
        columns.insert(0, column("Counted", lambda outlook: follow_words.status(outlook.status)))
    columns.append(Column("Verdict", [verdict(o.verdict) for o in outlooks], least=8))
    columns.append(column(follow_words.CERTAIN, follow_words.certain, least=14))
    if width >= _CONDITIONS:
        # What it takes is certain as well, and stands beside the bounds.
        columns.append(column("It takes", follow_words.takes, right=False, least=10))
    if everything:
        columns.append(column("Last day", follow_words.last_day, right=False))
    if width >= _CONDITIONS:
        columns.append(column(follow_words.IF_NO_NEW_CASE, follow_words.if_no_new_case, least=14))
    return columns


def _lacking(width: int) -> list[str]:
    """Return what a narrow window leaves out, in words."""
    conditions = ["what it takes", "what holds if no new case is counted"]
    return [
        *(["counted cases", "last days"] if width < _ALL else []),
        *(conditions if width < _CONDITIONS else []),
    ]


def _assessments(follow_up: FollowUp) -> Iterator[RenderableType]:
    """Yield the lines of the agency's own assessments, beside the outlook and apart from it (F30)."""
    leaves = follow_words.leaves(follow_up)
    assessed = [(leaf.id, leaf.assessment) for leaf in leaves if leaf.assessment is not None]
    if assessed:
        yield Text("\nThe agency's own assessment", style="bold")
    for target, assessment in assessed:
        yield shown(f"• {target}: {follow_words.assessment(assessment)}")


def _estimates(follow_up: FollowUp) -> Iterator[RenderableType]:
    """Yield the lines of the estimates, apart from all that is certain (F20 to F28)."""
    if not follow_words.has_estimates(follow_up):
        return
    yield Text("\nEstimates", style="bold")
    for leaf in follow_words.leaves(follow_up):
        if leaf.estimate is not None:
            line, below = follow_words.estimate(leaf)
            yield shown(f"• {leaf.id}: {line}")
            for text in below:
                yield Padding(shown(text, "dim"), (0, 0, 0, 4))


def _loads(follow_up: FollowUp) -> Iterator[RenderableType]:
    """Yield the lines of the open cases, what is certain of them and what holds under a condition."""
    loads = work_words.loads(follow_up)
    if loads:
        yield Text(f"\n{work_words.HEADING}", style="bold")
    for leaf, load in loads:
        line, below = work_words.load(leaf, load)
        yield shown(f"• {leaf.id}: {line}")
        for text in below:
            yield Padding(shown(text, "dim"), (0, 0, 0, 4))


def _groups(outlook: Outlook, width: int) -> Iterator[RenderableType]:
    """Yield the tables of a target's segments, and of its groups by the break-down."""
    each = len(outlook.status.each)
    for groups in (outlook.groups[:each], outlook.groups[each:]):
        listed = [group for group in groups if _is_shown(group)]
        if not listed:
            continue
        yield Text()
        yield shown(f"{outlook.id} {outlook.status.title or ''}".rstrip(), "bold")
        records = [group.status for group in listed]
        yield from with_names(records, partial(_figures_of_groups, listed), width)
        hidden = len(groups) - len(listed)
        if hidden:
            yield Text(f"groups without a case of this target, not shown: {hidden}", style="dim")


def _is_shown(group: Outlook) -> bool:
    return words.has_cases(group.status) or group.verdict not in ("open", "not_assessable")


def _figures_of_groups(groups: Sequence[Outlook], width: int) -> list[Column]:
    columns = [column for column in _figures(groups, width) if column.header != "Last day"]
    limits = [shown(group.status.requirement) for group in groups]
    # Segments have limits and thresholds of their own.
    if len(set(map(str, limits))) > 1:
        columns.insert(0, Column("Limit", limits, least=8))
    return columns
