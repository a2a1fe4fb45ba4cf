"""Table of targets in a terminal: titles in a column where there is room, else above figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kpi.report import words
from kpi.report.layout import Column, bare, fitted, heading, line, not_shown, shown, verdict
from kpi.results.result import Result
from kpi.results.target_result import TargetResult

_WIDE = 144
"""From so many columns on, titles stand in a column of their own."""
_RANGES = 96
"""From so many columns on, the share with the excluded rows is shown."""
_LIMITS = 72
"""From so many columns on, limits stand in a column of their own; else under the title."""
_EXCLUDED = 56
"""From so many columns on, the excluded rows are shown."""


def target_table(result: Result, width: int) -> RenderableType:
    """Return the table of all requirements and parts: title, weight, figures and verdict.

    Args:
        result: the result.
        width: the width of the terminal in characters.
    """
    if width >= _WIDE:
        return _wide(result)
    return _stacked(result, width)


def _wide(result: Result) -> Table:
    left_out = any(t.excluded for t in result.leaves())
    weighed = result.score is not None
    table = bare()
    table.add_column("Target", no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
    if weighed:
        table.add_column("Weight", justify="right", no_wrap=True)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("Limit", overflow="fold")
    table.add_column("Counted", justify="right", no_wrap=True)
    if left_out:
        table.add_column("Excluded", justify="right", no_wrap=True)
        table.add_column("With them", justify="right", no_wrap=True)
    table.add_column("Verdict", overflow="fold", min_width=8)
    parts = _parts(result)
    for goal, target, weight in words.weighed(result):
        if goal is not None:
            heads = [shown(goal.id, "bold"), shown(goal.title or "", "bold")]
            table.add_row(*heads, *([shown(words.weight(goal.weight))] if weighed else []))
        cells = [_id(target, parts), shown(target.title or "")]
        if weighed:
            cells.append(shown(weight))
        cells += [shown(words.value(target)), shown(target.requirement), _counted(target)]
        if left_out:
            cells += [_excluded(target), shown(words.share_range(target))]
        table.add_row(*cells, verdict(target.verdict))
    return table


def _parts(result: Result) -> frozenset[str]:
    return frozenset(part.id for target in result.targets for part in target.parts)


def _id(target: TargetResult, parts: frozenset[str]) -> Text:
    return shown(f"  {target.id}" if target.id in parts else target.id)


def _counted(target: TargetResult) -> Text:
    return shown("" if target.parts else words.counted(target))


def _excluded(target: TargetResult) -> Text:
    return shown(words.count(sum(target.excluded.values())) if target.excluded else "")


def _stacked(result: Result, width: int) -> RenderableType:
    """Return the table with titles above the figures; columns are as wide throughout."""
    rows = list(words.weighed(result))
    parts = _parts(result)
    excluded = any(target.excluded for _, target, _ in rows)
    columns = [
        Column("Target", [_id(target, parts) for _, target, _ in rows], least=8),
        Column("Value", [shown(words.value(target)) for _, target, _ in rows], right=True),
    ]
    beside = width >= _LIMITS
    if beside:
        columns.append(
            Column("Limit", [shown(target.requirement) for _, target, _ in rows], least=8)
        )
    columns.append(Column("Counted", [_counted(target) for _, target, _ in rows], right=True))
    if excluded and width >= _EXCLUDED:
        columns.append(Column("Excluded", [_excluded(target) for _, target, _ in rows], right=True))
    if excluded and width >= _RANGES:
        ranges = [shown(words.share_range(target)) for _, target, _ in rows]
        columns.append(Column("With them", ranges, right=True))
    columns.append(Column("Verdict", [verdict(target.verdict) for _, target, _ in rows], least=8))
    columns = fitted(columns, width)
    lines: list[RenderableType] = [heading(columns)]
    indent = columns[0].width + 2
    for n, (goal, target, weight) in enumerate(rows):
        if goal is not None:
            heads = bare()
            heads.show_header = False
            heads.add_column(width=columns[0].width, style="bold")
            heads.add_column(style="bold")
            heads.add_row(shown(goal.id), _title(goal.title, words.weight(goal.weight)))
            lines.append(heads)
        if target.title or weight:
            lines.append(Padding(_title(target.title, weight), (0, 0, 0, indent)))
        if not beside:
            lines.append(Padding(shown(target.requirement, "dim"), (0, 0, 0, indent)))
        lines.append(line(columns, [column.cells[n] for column in columns]))
    lacking = [
        *(["excluded rows"] if excluded and width < _EXCLUDED else []),
        *(["the share with the excluded rows"] if _with_range(rows) and width < _RANGES else []),
    ]
    return Group(*lines, *not_shown(lacking, _RANGES))


def _with_range(rows: Sequence[tuple[object, TargetResult, object]]) -> bool:
    return any(words.share_range(target) for _, target, _ in rows)


def _title(title: str | None, weight: str) -> Text:
    return shown(
        " ".join([*([title] if title else []), *([f"(weight {weight})"] if weight else [])])
    )


def totals(result: Result) -> Iterator[RenderableType]:
    """Yield the line that sums up the verdicts: "12 met, 6 missed, 1 not assessable"."""
    yield Text(f"\n{words.totals(result)}", style="bold")
