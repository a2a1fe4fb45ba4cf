"""A result as Markdown, for a report."""

from __future__ import annotations

from collections.abc import Iterable

from kpi.report import words
from kpi.result import Result, TargetResult

_HEADER = ("Value", "Limit", "Counted", "Excluded", "With the excluded", "Verdict")
_ALIGN = "rlrlrl"


def result_markdown(result: Result) -> str:
    """The whole result: a table of targets, their groups where asked for, and the notes."""
    title = result.plan.title or result.plan.id
    lines = [f"# {title}", "", f"Plan {result.plan.id}, as of {result.as_of}.", ""]
    header: tuple[str, ...] = ("Target", "", *_HEADER)
    lines += _table(
        header, "ll" + _ALIGN, ([t.id, t.title or "", *_cells(t)] for t in result.targets)
    )
    for target in result.targets:
        if target.groups:
            names = list(target.groups[0].group)
            header = (*names, *_HEADER)
            rows = ([_shown(v) for v in g.group.values()] + _cells(g) for g in target.groups)
            lines += ["", f"## {target.id} {target.title or ''}".rstrip(), ""]
            lines += _table(header, "l" * len(names) + _ALIGN, rows)
    lines += ["", *(f"- {note}" for note in result.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _cells(target: TargetResult) -> list[str]:
    verdict = words.VERDICTS[target.verdict]
    counted = words.count(target.counted)
    range_ = words.share_range(target)
    return [words.value(target), target.requirement, counted, target.reasons, range_, verdict]


def _shown(value: object) -> str:
    return "–" if value is None else str(value)


def _table(header: Iterable[str], align: str, rows: Iterable[list[str]]) -> list[str]:
    rule = ["--:" if a == "r" else "---" for a in align]
    return [_row(header), f"|{'|'.join(rule)}|", *map(_row, rows)]


def _row(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"
