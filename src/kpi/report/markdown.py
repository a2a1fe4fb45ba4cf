"""A result as Markdown, for a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from kpi.definitions.plan import Plan
from kpi.evaluation.month_ends import MonthEnds
from kpi.evaluation.readings import Readings
from kpi.foreign_text import markdown_text as text
from kpi.report import words
from kpi.results.result import Result
from kpi.results.target_result import TargetResult

_HEADER = ("Value", "Limit", "Counted", "Excluded", "With the excluded", "Verdict")
_ALIGN = "rlrlrl"
_OF_BASE = ("Base", "Against it")


def result_markdown(result: Result) -> str:
    """Return a result as Markdown: a table of targets, tables of groups, and the notes."""
    lines = _heading(result.plan, result.as_of, "")
    weighed = result.score is not None
    header: tuple[str, ...] = ("Target", "", *(["Weight"] if weighed else []), *_HEADER)
    align = "ll" + ("r" if weighed else "") + _ALIGN
    lines += table(header, align, _targets(result, weighed=weighed))
    lines += ["", f"{words.totals(result)[:1].upper()}{words.totals(result)[1:]}."]
    if result.score is not None:
        lines += ["", f"Score: {words.score(result.score)}."]
    for target in result.leaves():
        for groups in (target.each, target.groups):
            if groups:
                names = list(dict.fromkeys(name for group in groups for name in group.group))
                # What groups are compared with stands beside them (S33).
                compared = any(group.base is not None for group in groups)
                header = (*map(text, names), *_HEADER, *(_OF_BASE if compared else ()))
                rows = (
                    [_shown(g.group.get(name)) for name in names]
                    + _cells(g)
                    + ([words.base_value(g), words.moved(g)] if compared else [])
                    for g in groups
                    if words.has_cases(g) or g.verdict == "lapsed" or g in target.each
                )
                lines += ["", f"## {text(target.id)} {text(target.title or '')}".rstrip(), ""]
                align = "l" * len(names) + _ALIGN + ("rr" if compared else "")
                lines += table(header, align, rows)
                if any(group.each for group in groups):
                    lines += ["", "The values within each group are in CSV, JSON and Parquet."]
    figures = [f"- {text(f'{t.id}: {words.figures(t)}')}" for t in result.leaves() if t.figures]
    lines += ["", *figures] if figures else []
    lines += ["", *(f"- {text(note)}" for note in result.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _heading(plan: Plan, as_of: dt.date, behind: str) -> list[str]:
    title = f"# {text(plan.title or plan.id)}{behind}"
    return [title, "", f"Plan {text(plan.id)}, as of {as_of}.", ""]


def _targets(result: Result, *, weighed: bool) -> Iterator[list[str]]:
    for goal, target, weight in words.weighed(result):
        if goal is not None:
            shared = [words.weight(goal.weight)] if weighed else []
            title = f"**{text(goal.title)}**" if goal.title else ""
            yield [f"**{text(goal.id)}**", title, *shared, *[""] * len(_HEADER)]
        weights = [text(weight)] if weighed else []
        yield [text(target.id), text(target.title or ""), *weights, *_cells(target)]


def _cells(target: TargetResult) -> list[str]:
    verdict = words.VERDICTS[target.verdict]
    counted = "" if target.unit == "parts" else words.counted(target)
    range_ = words.share_range(target)
    requirement, reasons = text(target.requirement), text(target.reasons)
    return [words.value(target), requirement, counted, reasons, range_, verdict]


def readings_markdown(readings: Readings, modes: MonthEnds | None = None) -> str:
    """Return the readings as Markdown; with month-end modes, also the cases that depend on them."""
    lines = _heading(readings.plan, readings.as_of, ": readings")
    header = ("Target", "Reading", "Value", "Limit", "Counted", "Verdict", "")
    rows: list[list[str]] = []
    for target in readings.targets:
        for name, record in target.records():
            verdict = words.VERDICTS[record.verdict]
            mark = "turns on the reading" if target.turns and name is None else ""
            cells = [words.value(record), text(record.requirement), words.counted(record)]
            rows.append([text(target.id), text(name or "default"), *cells, verdict, mark])
    lines += table(header, "llrlrll", rows)
    if modes is not None:
        columns = [text(name.replace("_", " ")) for name in modes.cases.columns]
        shown = ([_shown(cell) for cell in row] for row in modes.cases.iter_rows())
        lines += ["", "## Cases whose outcome depends on the month-end mode", ""]
        lines += table(columns, "l" * len(columns), shown)
    lines += ["", *(f"- {text(note)}" for note in readings.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _shown(value: object) -> str:
    return "–" if value is None else text(str(value))


def table(header: Sequence[str], align: str, rows: Iterable[list[str]]) -> list[str]:
    """Return a table of Markdown, a line each; `align` has l or r for each column."""
    rule = ["--:" if a == "r" else "---" for a in align]
    return [_row(header), f"|{'|'.join(rule)}|", *map(_row, rows)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
