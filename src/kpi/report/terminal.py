"""A result as tables for a terminal, readable at once and in a narrow window too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from kpi.report import words
from kpi.result import Result, TargetResult, Verdict

_STYLES: dict[Verdict, str] = {
    "met": "bold green",
    "missed": "bold red",
    "not_assessable": "yellow",
    "open": "cyan",
}
_NARROW = 96
_TINY = 64
"""Narrower than this, the excluded rows stand in the notes alone."""


def result_table(result: Result, width: int) -> RenderableType:
    """The whole result: a table of targets, their groups where asked for, and the notes."""
    parts: list[RenderableType] = [_heading(result), _targets(result, width)]
    parts += [_groups(target) for target in result.targets if target.groups]
    parts.append(Text())
    parts += [Text(f"• {note}", style="dim") for note in result.notes]
    return Group(*parts)


def _heading(result: Result) -> Text:
    title = f"{result.plan.title}\n" if result.plan.title else ""
    return Text.assemble((title, "bold"), f"{result.plan.id}, as of {result.as_of}\n")


def _targets(result: Result, width: int) -> Table:
    narrow = width < _NARROW
    left_out = width >= _TINY and any(t.excluded for t in result.targets)
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold", show_edge=False)
    table.add_column("Target", no_wrap=True)
    if not narrow:
        table.add_column("", overflow="fold", ratio=1)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("Limit", overflow="fold")
    table.add_column("Counted", justify="right", no_wrap=True)
    if left_out:
        table.add_column("Excluded", justify="right", no_wrap=True)
        if not narrow:
            table.add_column("With them", justify="right", no_wrap=True)
    table.add_column("Verdict", overflow="fold", min_width=8)
    for target in result.targets:
        cells = [escape(target.id)]
        if not narrow:
            cells.append(escape(target.title or ""))
        cells += [words.value(target), escape(target.requirement), words.count(target.counted)]
        if left_out:
            cells.append(words.count(sum(target.excluded.values())) if target.excluded else "")
            if not narrow:
                cells.append(words.share_range(target))
        table.add_row(*cells, verdict(target.verdict))
    return table


def _groups(target: TargetResult) -> RenderableType:
    names = list(target.groups[0].group)
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for name in ("Value", "Counted"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Verdict")
    hidden = 0
    for group in target.groups:
        if group.rows == group.outside:
            # Rows outside the window have no period: nothing is missing from the series.
            hidden += group.group.get("period", "") is not None
            continue
        cells = ["–" if group.group[n] is None else escape(str(group.group[n])) for n in names]
        counted = words.count(group.counted)
        table.add_row(*cells, words.value(group), counted, verdict(group.verdict))
    title = Text(f"\n{target.id} {target.title or ''}".rstrip(), style="bold")
    note = Text(f"groups without a case of this target, not shown: {hidden}", style="dim")
    return Group(title, table, *([note] if hidden else []))


def verdict(word: Verdict) -> Text:
    """A verdict in words and colour."""
    return Text(words.VERDICTS[word], style=_STYLES[word])


_CASE_HEADERS = ("Target", "Counted?", "Due", "Days", "In time?")


def case_facts(row: Mapping[str, object]) -> Text:
    """A case's own values, as far as they are known at the as-of date."""
    known = [f"{name} {'–' if value is None else value}" for name, value in row.items()]
    return Text(", ".join(known) + "\n")


def case_table(trail: pl.DataFrame, requirements: Mapping[str, str]) -> Table:
    """What became of one case under each target."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    for header in _CASE_HEADERS:
        table.add_column(header, overflow="fold", no_wrap=header in ("Target", "Due", "Days"))
    # As text, for a due date may lie beyond the years that Python has.
    for row in trail.with_columns(pl.col("due").cast(pl.String)).iter_rows(named=True):
        table.add_row(*_case_cells(row, requirements))
    return table


def _case_cells(
    row: dict[str, object], requirements: Mapping[str, str]
) -> Iterator[RenderableType]:
    yield escape(str(row["target"]))
    if row["bucket"] == "counted":
        yield Text(f"yes: {requirements[str(row['target'])]}")
    else:
        yield Text(f"{row['bucket']}, {row['reason'] or 'not certain yet'}", style="dim")
    yield str(row["due"] or "")
    yield "" if row["days"] is None else str(row["days"])
    if row["met"] is False and row["days"] is None:
        yield Text("not ended", "bold red")
    else:
        met = {True: ("in time", "bold green"), False: ("late", "bold red"), None: ("", "")}
        yield Text(*met[row["met"]])  # type: ignore[index]  # a Boolean column holds these three


def plain(renderable: RenderableType, width: int = 120) -> str:
    """A renderable as text without colour, for a file."""
    console = Console(width=width, no_color=True, force_terminal=False, color_system=None)
    with console.capture() as captured:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
