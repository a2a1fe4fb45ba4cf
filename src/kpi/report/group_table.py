"""Table of a target's groups in a terminal: names in columns, or above where there is no room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from kpi.report import words
from kpi.report.layout import Column, fitted, heading, line, narrowest, shown, verdict
from kpi.results.target_result import TargetResult

_LONGEST_WORD = 24
"""Characters; a longer word of a group's name is broken."""
_INDENT = 2


def group_table(target: TargetResult, groups: Sequence[TargetResult], width: int) -> RenderableType:
    """Return the table of a target's groups, of a break-down or a series, or of its segments.

    Segments, which must each reach the target, stand with their own limits and thresholds.

    Args:
        target: the record of the target.
        groups: either `target.groups` or `target.each`.
        width: the width of the terminal in characters.
    """
    each = groups is target.each
    listed = [group for group in groups if each or words.has_cases(group)]
    title = shown(f"{target.id} {target.title or ''}".rstrip(), "bold")
    lines: list[RenderableType] = [Text(), title]
    lines += with_names(listed, lambda _: _figures(target, listed, each=each), width)
    # Rows outside the window have no period: nothing is missing from the series.
    hidden = sum(
        group.group.get("period", "") is not None
        for group in groups
        if not each and not words.has_cases(group)
    )
    if hidden:
        lines.append(_note(f"groups without a case of this target, not shown: {hidden}"))
    if any(group.each for group in listed):
        lines.append(_note("the values within each group: --format csv, json or parquet"))
    return Group(*lines)


def with_names(
    groups: Sequence[TargetResult], figures: Callable[[int], Sequence[Column]], width: int
) -> Iterator[RenderableType]:
    """Yield the lines of groups: their names in columns, or above the figures without room for both.

    Args:
        groups: the records of the groups.
        figures: the function that gives the columns of figures for a width in characters.
        width: the width of the terminal in characters.
    """
    names = list(dict.fromkeys(name for group in groups for name in group.group))
    named = [_named(name, groups) for name in names]
    columns = [*named, *figures(width)]
    if narrowest(columns) <= width:
        columns = fitted(columns, width)
        yield heading(columns)
        for n in range(len(groups)):
            yield line(columns, [column.cells[n] for column in columns])
        return
    columns = fitted(figures(width - _INDENT), width - _INDENT)
    yield shown(", ".join(names), "bold")
    yield Padding(heading(columns), (0, 0, 0, _INDENT))
    for n in range(len(groups)):
        yield Text(", ").join(column.cells[n] for column in named)
        yield Padding(line(columns, [column.cells[n] for column in columns]), (0, 0, 0, _INDENT))


def _note(text: str) -> Text:
    return Text(text, style="dim")


def _named(name: str, groups: Sequence[TargetResult]) -> Column:
    cells = [_cell(group.group.get(name)) for group in groups]
    longest = max((len(word) for cell in (name, *cells) for word in str(cell).split()), default=0)
    return Column(shown(name).plain, cells, least=min(longest, _LONGEST_WORD))


def _figures(target: TargetResult, groups: Sequence[TargetResult], *, each: bool) -> list[Column]:
    columns = [Column("Value", [shown(words.value(group)) for group in groups], right=True)]
    if each and any(group.limit != target.limit for group in groups):
        columns.append(Column("Limit", [_cell(group.limit) for group in groups], least=8))
    if each and any(group.threshold is not None for group in groups):
        least = ["" if g.threshold is None else f"{g.threshold:f} %" for g in groups]
        columns.append(Column("At least", [shown(text) for text in least], right=True))
    counted = [shown(words.counted(group)) for group in groups]
    columns.append(Column("Counted", counted, right=True))
    if any(group.base is not None for group in groups):
        columns += _of_base(groups)
    columns.append(Column("Verdict", [verdict(group.verdict) for group in groups], least=10))
    return columns


def _of_base(groups: Sequence[TargetResult]) -> list[Column]:
    """Return the value of the base of each group, and what the groups are asked to change by (S33)."""
    bases = [shown(words.base_value(group)) for group in groups]
    moved = [shown(words.moved(group)) for group in groups]
    return [Column("Base", bases, right=True), Column("Against it", moved, right=True)]


def _cell(value: object) -> Text:
    return shown("–" if value is None else value)
