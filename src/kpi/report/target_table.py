"""The table of targets in a terminal: titles in a column where there is room, else above the figures."""

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
"""From so many on, the share with the excluded rows is shown."""
_LIMITS = 72
"""From so many on, limits stand in a column of their own; else under the title."""
_EXCLUDED = 56
"""From so many on, the excluded rows are shown."""


def target_table(result: Result, width: int) -> RenderableType:
    """Every requirement and part, with title, weight, figures and verdict."""
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
    for goal, one, weight in words.weighed(result):
        if goal is not None:
            heads = [shown(goal.id, "bold"), shown(goal.title or "", "bold")]
            table.add_row(*heads, *([shown(words.weight(goal.weight))] if weighed else []))
        cells = [_id(one, parts), shown(one.title or "")]
        if weighed:
            cells.append(shown(weight))
        cells += [shown(words.value(one)), shown(one.requirement), _counted(one)]
        if left_out:
            cells += [_excluded(one), shown(words.share_range(one))]
        table.add_row(*cells, verdict(one.verdict))
    return table


def _parts(result: Result) -> frozenset[str]:
    return frozenset(part.id for target in result.targets for part in target.parts)


def _id(one: TargetResult, parts: frozenset[str]) -> Text:
    return shown(f"  {one.id}" if one.id in parts else one.id)


def _counted(one: TargetResult) -> Text:
    return shown("" if one.parts else words.count(one.counted))


def _excluded(one: TargetResult) -> Text:
    return shown(words.count(sum(one.excluded.values())) if one.excluded else "")


def _stacked(result: Result, width: int) -> RenderableType:
    """Titles on a line of their own, each above its figures; the columns are as wide throughout."""
    rows = list(words.weighed(result))
    parts = _parts(result)
    excluded = any(one.excluded for _, one, _ in rows)
    columns = [
        Column("Target", [_id(one, parts) for _, one, _ in rows], least=8),
        Column("Value", [shown(words.value(one)) for _, one, _ in rows], right=True),
    ]
    beside = width >= _LIMITS
    if beside:
        columns.append(Column("Limit", [shown(one.requirement) for _, one, _ in rows], least=8))
    columns.append(Column("Counted", [_counted(one) for _, one, _ in rows], right=True))
    if excluded and width >= _EXCLUDED:
        columns.append(Column("Excluded", [_excluded(one) for _, one, _ in rows], right=True))
    if excluded and width >= _RANGES:
        ranges = [shown(words.share_range(one)) for _, one, _ in rows]
        columns.append(Column("With them", ranges, right=True))
    columns.append(Column("Verdict", [verdict(one.verdict) for _, one, _ in rows], least=8))
    columns = fitted(columns, width)
    lines: list[RenderableType] = [heading(columns)]
    indent = columns[0].width + 2
    for n, (goal, one, weight) in enumerate(rows):
        if goal is not None:
            heads = bare()
            heads.show_header = False
            heads.add_column(width=columns[0].width, style="bold")
            heads.add_column(style="bold")
            heads.add_row(shown(goal.id), _title(goal.title, words.weight(goal.weight)))
            lines.append(heads)
        if one.title or weight:
            lines.append(Padding(_title(one.title, weight), (0, 0, 0, indent)))
        if not beside:
            lines.append(Padding(shown(one.requirement, "dim"), (0, 0, 0, indent)))
        lines.append(line(columns, [column.cells[n] for column in columns]))
    lacking = [
        *(["excluded rows"] if excluded and width < _EXCLUDED else []),
        *(["the share with the excluded rows"] if _with_range(rows) and width < _RANGES else []),
    ]
    return Group(*lines, *not_shown(lacking, _RANGES))


def _with_range(rows: Sequence[tuple[object, TargetResult, object]]) -> bool:
    return any(words.share_range(one) for _, one, _ in rows)


def _title(title: str | None, weight: str) -> Text:
    return shown(
        " ".join([*([title] if title else []), *([f"(weight {weight})"] if weight else [])])
    )


def totals(result: Result) -> Iterator[RenderableType]:
    """The line that sums up: "12 met, 6 missed, 1 not assessable"."""
    yield Text(f"\n{words.totals(result)}", style="bold")
