"""Table of targets in a terminal: titles in a column where there is room, else above figures."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kpi.report import words
from kpi.report.bars import limit_bar
from kpi.report.layout import (
    Column,
    bare,
    fitted,
    heading,
    line,
    natural,
    not_shown,
    shown,
    style,
    verdict,
)
from kpi.report.page import charts
from kpi.report.terminal_words import ENGLISH, TerminalWords
from kpi.results.result import Result
from kpi.results.target_result import TargetResult

_WIDE = 144
"""From so many columns on, titles stand in a column of their own."""
_WIDE_BARS = 164
"""From so many columns on, bars stand beside titles in a column of their own."""
_RANGES = 96
"""From so many columns on, the share with the excluded rows is shown."""
_LIMITS = 72
"""From so many columns on, limits stand in a column of their own; else under the title."""
_EXCLUDED = 56
"""From so many columns on, the excluded rows are shown."""


def target_table(result: Result, width: int, texts: TerminalWords = ENGLISH) -> RenderableType:
    """Return the table of all requirements and parts: title, weight, figures and verdict.

    Args:
        result: the result.
        width: the width of the terminal in characters.
        texts: the words.
    """
    if width >= _WIDE:
        return _wide(result, width, texts)
    return _stacked(result, width, texts)


def _wide(result: Result, width: int, texts: TerminalWords) -> Table:
    left_out = any(t.excluded for t in result.leaves())
    weighed = result.score is not None
    has_bars = width >= _WIDE_BARS and any(_bar(result, t).plain for t in result.leaves())
    table = bare()
    table.add_column(texts.text("target"), no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
    if weighed:
        table.add_column(texts.text("weight"), justify="right", no_wrap=True)
    table.add_column(texts.text("value"), justify="right", no_wrap=True)
    table.add_column(texts.text("limit"), overflow="fold")
    if has_bars:
        table.add_column(texts.text("bar"), no_wrap=True)
    table.add_column(texts.text("counted"), justify="right", no_wrap=True)
    if left_out:
        table.add_column(texts.text("excluded"), justify="right", no_wrap=True)
        table.add_column(texts.text("range"), justify="right", no_wrap=True)
    table.add_column(texts.text("verdict"), overflow="fold", min_width=8)
    parts = _parts(result)
    for goal, target, weight in words.weighed(result):
        if goal is not None:
            heads = [shown(goal.id, "bold"), shown(texts.goal_title(goal), "bold")]
            own = texts.weight(words.weight(goal.weight))
            table.add_row(*heads, *([shown(own)] if weighed else []))
        cells = [_id(target, parts), shown(texts.title(target))]
        if weighed:
            cells.append(shown(texts.weight(weight)))
        cells += [shown(texts.value(target)), shown(texts.requirement(target))]
        if has_bars:
            cells.append(_bar(result, target))
        cells.append(_counted(target, texts))
        if left_out:
            cells += [_excluded(target, texts), shown(texts.share_range(target))]
        table.add_row(*cells, verdict(target.verdict, texts))
    return table


def _parts(result: Result) -> frozenset[str]:
    return frozenset(part.id for target in result.targets for part in target.parts)


def _id(target: TargetResult, parts: frozenset[str]) -> Text:
    return shown(f"  {target.id}" if target.id in parts else target.id)


def _counted(target: TargetResult, texts: TerminalWords) -> Text:
    return shown("" if target.parts else texts.counted(target))


def _excluded(target: TargetResult, texts: TerminalWords) -> Text:
    return shown(texts.count(sum(target.excluded.values())) if target.excluded else "")


def _bar(result: Result, target: TargetResult) -> Text:
    """Return the bar of a target's value against its limit, in the colour of the verdict."""
    asked = charts.asked_of(target, result.plan.target(target.id))
    return Text(limit_bar(target, asked), style=style(target.verdict))


def _stacked(result: Result, width: int, texts: TerminalWords) -> RenderableType:
    """Return the table with titles above the figures; columns are as wide throughout."""
    rows = list(words.weighed(result))
    targets = [target for _, target, _ in rows]
    parts = _parts(result)
    excluded = any(target.excluded for target in targets)

    def column(key: str, cells: Iterable[Text], *, right: bool = True) -> Column:
        return Column(texts.text(key), list(cells), right=right)

    columns = [
        Column(texts.text("target"), [_id(target, parts) for target in targets], least=8),
        column("value", (shown(texts.value(target)) for target in targets)),
    ]
    beside = width >= _LIMITS
    if beside:
        limits = [shown(texts.requirement(target)) for target in targets]
        columns.append(Column(texts.text("limit"), limits, least=8))
    columns.append(column("counted", (_counted(target, texts) for target in targets)))
    if excluded and width >= _EXCLUDED:
        columns.append(column("excluded", (_excluded(target, texts) for target in targets)))
    if excluded and width >= _RANGES:
        ranges = (shown(texts.share_range(target)) for target in targets)
        columns.append(column("range", ranges))
    verdicts = [verdict(target.verdict, texts) for target in targets]
    columns.append(Column(texts.text("verdict"), verdicts, least=8))
    bars = [_bar(result, target) for target in targets]
    with_bars = [*columns[:3], column("bar", bars, right=False), *columns[3:]]
    if beside and any(bar.plain for bar in bars) and natural(with_bars) <= width:
        columns = with_bars
    columns = fitted(columns, width)
    lines: list[RenderableType] = [heading(columns)]
    indent = columns[0].width + 2
    for n, (goal, target, weight) in enumerate(rows):
        if goal is not None:
            heads = bare()
            heads.show_header = False
            heads.add_column(width=columns[0].width, style="bold")
            heads.add_column(style="bold")
            own = words.weight(goal.weight)
            heads.add_row(shown(goal.id), _title(texts.goal_title(goal), own, texts))
            lines.append(heads)
        title = texts.title(target)
        if title or weight:
            lines.append(Padding(_title(title, weight, texts), (0, 0, 0, indent)))
        if not beside:
            lines.append(Padding(shown(texts.requirement(target), "dim"), (0, 0, 0, indent)))
        lines.append(line(columns, [column.cells[n] for column in columns]))
    lacking = []
    if excluded and width < _EXCLUDED:
        lacking.append(texts.text("excluded_rows"))
    if width < _RANGES and any(texts.share_range(target) for target in targets):
        lacking.append(texts.text("share_range"))
    return Group(*lines, *not_shown(lacking, _RANGES, texts))


def _title(title: str, weight: str, texts: TerminalWords) -> Text:
    of = texts.text("with_weight", weight=texts.weight(weight)) if weight else ""
    return shown(" ".join(part for part in (title, of) if part))
