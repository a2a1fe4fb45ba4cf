"""Table of a target's groups in a terminal: names in columns, or above where there is no room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from kpi.definitions.reserved import PERIOD
from kpi.report import words
from kpi.report.layout import Column, fitted, heading, line, narrowest, shown, verdict
from kpi.report.terminal_words import ENGLISH, TerminalWords
from kpi.results.target_result import TargetResult

_LONGEST_WORD = 24
"""Characters; a longer word of a group's name is broken."""
_INDENT = 2


def group_table(
    target: TargetResult,
    groups: Sequence[TargetResult],
    width: int,
    texts: TerminalWords = ENGLISH,
) -> RenderableType:
    """Return the table of a target's groups, of a break-down or a series, or of its segments.

    Segments, which must each reach the target, stand with their own limits and thresholds.

    Args:
        target: the record of the target.
        groups: either `target.groups` or `target.each`.
        width: the width of the terminal in characters.
        texts: the words.
    """
    each = groups is target.each
    listed = [group for group in groups if each or words.has_cases(group)]
    title = shown(f"{target.id} {texts.title(target)}".rstrip(), "bold")
    lines: list[RenderableType] = [Text(), title]
    lines += with_names(listed, lambda _: _figures(target, listed, texts, each=each), width, texts)
    # Rows outside the window have no period: nothing is missing from the series.
    hidden = sum(
        group.group.get("period", "") is not None
        for group in groups
        if not each and not words.has_cases(group)
    )
    if hidden:
        lines.append(_note(texts.text("no_cases", n=hidden)))
    if any(group.each for group in listed):
        lines.append(_note(texts.text("within_groups")))
    return Group(*lines)


def with_names(
    groups: Sequence[TargetResult],
    figures: Callable[[int], Sequence[Column]],
    width: int,
    texts: TerminalWords = ENGLISH,
) -> Iterator[RenderableType]:
    """Yield the lines of groups: their names in columns, or above the figures without room for both.

    Args:
        groups: the records of the groups.
        figures: the function that gives the columns of figures for a width in characters.
        width: the width of the terminal in characters.
        texts: the words.
    """
    names = list(dict.fromkeys(name for group in groups for name in group.group))
    named = [_named(name, groups, texts) for name in names]
    columns = [*named, *figures(width)]
    if narrowest(columns) <= width:
        columns = fitted(columns, width)
        yield heading(columns)
        for n in range(len(groups)):
            yield line(columns, [column.cells[n] for column in columns])
        return
    columns = fitted(figures(width - _INDENT), width - _INDENT)
    yield shown(", ".join(column.header for column in named), "bold")
    yield Padding(heading(columns), (0, 0, 0, _INDENT))
    for n in range(len(groups)):
        yield Text(", ").join(column.cells[n] for column in named)
        yield Padding(line(columns, [column.cells[n] for column in columns]), (0, 0, 0, _INDENT))


def _note(text: str) -> Text:
    return Text(text, style="dim")


def _named(name: str, groups: Sequence[TargetResult], texts: TerminalWords) -> Column:
    header, values = name, [group.group.get(name) for group in groups]
    if name == PERIOD and texts is not ENGLISH:
        header = texts.text("period")
        values = [None if value is None else texts.period(str(value)) for value in values]
    cells = [_cell(value) for value in values]
    longest = max((len(word) for cell in (header, *cells) for word in str(cell).split()), default=0)
    return Column(shown(header).plain, cells, least=min(longest, _LONGEST_WORD))


def _figures(
    target: TargetResult, groups: Sequence[TargetResult], texts: TerminalWords, *, each: bool
) -> list[Column]:
    def column(key: str, cells: Iterable[str], *, right: bool = True) -> Column:
        return Column(texts.text(key), [shown(cell) for cell in cells], right=right)

    columns = [column("value", map(texts.value, groups))]
    if each and any(group.limit != target.limit for group in groups):
        limits = [_cell(texts.limit(group)) for group in groups]
        columns.append(Column(texts.text("limit"), limits, least=8))
    if each and any(group.threshold is not None for group in groups):
        columns.append(column("threshold", map(texts.percent, groups)))
    columns.append(column("counted", map(texts.counted, groups)))
    if any(group.base is not None for group in groups):
        # The value of the base of each group, and what the groups are asked to change by (S33).
        columns.append(column("base", map(texts.base_value, groups)))
        columns.append(column("against", map(texts.moved, groups)))
    verdicts = [verdict(group.verdict, texts) for group in groups]
    columns.append(Column(texts.text("verdict"), verdicts, least=10))
    return columns


def _cell(value: object) -> Text:
    return shown("–" if value is None else value)
