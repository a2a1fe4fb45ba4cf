"""A follow-up as tables for a terminal: what is certain, and what holds under a condition, apart (F1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from kpi.evaluation.follow_up import FollowUp, Outlook
from kpi.report import follow_words, words
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
    for outlook in follow_up.targets:
        for leaf in outlook.leaves():
            parts += _groups(leaf, width)
    parts.append(Text())
    parts += [Text(f"{kind}: {text}") for kind, text in follow_words.LEGEND]
    parts.append(Text("What is certain takes for granted that"))
    parts += [shown(f"• {text}") for text in follow_up.assumes]
    if follow_up.notes:
        parts.append(Text("\nNotes"))
    parts += [shown(f"• {note}", "dim") for note in follow_up.notes]
    return Group(*parts)


def _requirements(follow_up: FollowUp, width: int) -> Iterator[RenderableType]:
    """Yield the lines of the requirements and their parts, titles above the figures."""
    outlooks = [leaf for outlook in follow_up.targets for leaf in outlook.leaves()]
    parts = {part.id for outlook in follow_up.targets for part in outlook.parts}
    names = [shown(f"  {o.id}" if o.id in parts else o.id) for o in outlooks]
    columns = fitted([Column("Target", names, least=8), *_figures(outlooks, width)], width)
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
    # What is expected, an estimate, stands last.
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
    leaves = [leaf for outlook in follow_up.targets for leaf in outlook.leaves()]
    assessed = [(leaf.id, leaf.assessment) for leaf in leaves if leaf.assessment is not None]
    if assessed:
        yield Text("\nThe agency's own assessment", style="bold")
    for target, assessment in assessed:
        yield shown(f"• {target}: {follow_words.assessment(assessment)}")


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
