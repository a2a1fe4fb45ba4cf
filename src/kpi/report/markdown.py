"""A result as Markdown, for a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kpi.evaluation.month_ends import MonthEnds
from kpi.evaluation.readings import Readings
from kpi.report import words
from kpi.results.result import Result, TargetResult

_HEADER = ("Value", "Limit", "Counted", "Excluded", "With the excluded", "Verdict")
_ALIGN = "rlrlrl"


def result_markdown(result: Result) -> str:
    """The whole result: a table of targets, their groups where asked for, and the notes."""
    title = result.plan.title or result.plan.id
    lines = [f"# {title}", "", f"Plan {result.plan.id}, as of {result.as_of}.", ""]
    weighed = result.score is not None
    header: tuple[str, ...] = ("Target", "", *(["Weight"] if weighed else []), *_HEADER)
    align = "ll" + ("r" if weighed else "") + _ALIGN
    lines += _table(header, align, _targets(result, weighed=weighed))
    if result.score is not None:
        lines += ["", f"Score: {words.score(result.score)}."]
    for target in result.leaves():
        for groups in (target.each, target.groups):
            if groups:
                names = list(dict.fromkeys(name for group in groups for name in group.group))
                header = (*names, *_HEADER)
                rows = (
                    [_shown(g.group.get(name)) for name in names] + _cells(g)
                    for g in groups
                    if g.rows != g.outside or g.verdict == "lapsed" or g in target.each
                )
                lines += ["", f"## {target.id} {target.title or ''}".rstrip(), ""]
                lines += _table(header, "l" * len(names) + _ALIGN, rows)
    figures = [f"- {t.id}: {words.figures(t)}" for t in result.leaves() if t.figures]
    lines += ["", *figures] if figures else []
    lines += ["", *(f"- {note}" for note in result.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _targets(result: Result, *, weighed: bool) -> Iterator[list[str]]:
    for goal, one, weight in words.weighed(result):
        if goal is not None:
            shared = [words.weight(goal.weight)] if weighed else []
            yield [f"**{goal.id}**", f"**{goal.title or ''}**", *shared, *[""] * len(_HEADER)]
        yield [one.id, one.title or "", *([weight] if weighed else []), *_cells(one)]


def _cells(target: TargetResult) -> list[str]:
    verdict = words.VERDICTS[target.verdict]
    counted = "" if target.unit == "parts" else words.count(target.counted)
    range_ = words.share_range(target)
    return [words.value(target), target.requirement, counted, target.reasons, range_, verdict]


def readings_markdown(found: Readings, modes: MonthEnds | None = None) -> str:
    """Every target under each of its readings; with month-end modes, the cases that depend on them."""
    title = found.plan.title or found.plan.id
    lines = [f"# {title}: readings", "", f"Plan {found.plan.id}, as of {found.as_of}.", ""]
    header = ("Target", "Reading", "Value", "Limit", "Counted", "Verdict", "")
    rows: list[list[str]] = []
    for target in found.targets:
        for name, record in target.records():
            verdict = words.VERDICTS[record.verdict]
            mark = "turns on the reading" if target.turns and name is None else ""
            cells = [words.value(record), record.requirement, words.count(record.counted)]
            rows.append([target.id, name or "default", *cells, verdict, mark])
    lines += _table(header, "llrlrll", rows)
    if modes is not None:
        columns = [name.replace("_", " ") for name in modes.cases.columns]
        shown = ([_shown(cell) for cell in row] for row in modes.cases.iter_rows())
        lines += ["", "## Cases whose outcome depends on the month-end mode", ""]
        lines += _table(columns, "l" * len(columns), shown)
    lines += ["", *(f"- {note}" for note in found.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _shown(value: object) -> str:
    return "–" if value is None else str(value)


def _table(header: Sequence[str], align: str, rows: Iterable[list[str]]) -> list[str]:
    rule = ["--:" if a == "r" else "---" for a in align]
    return [_row(header), f"|{'|'.join(rule)}|", *map(_row, rows)]


def _row(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"
