"""A result as tables for a terminal, readable at once and in a narrow window too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from kpi.definitions.plan import Plan
from kpi.evaluation.month_ends import MonthEnds
from kpi.evaluation.readings import Readings
from kpi.report import words
from kpi.results.result import Result, TargetResult, Verdict

_STYLES: dict[Verdict, str] = {
    "met": "bold green",
    "missed": "bold red",
    "not_assessable": "yellow",
    "open": "cyan",
    "lapsed": "dim",
    "indicator": "dim",
}
_NARROW = 96
_TINY = 64
"""Narrower than this, the excluded rows stand in the notes alone."""


def result_table(result: Result, width: int) -> RenderableType:
    """The whole result: a table of targets, their groups where asked for, score and notes."""
    parts: list[RenderableType] = [_heading(result.plan, result.as_of), _targets(result, width)]
    if result.score is not None:
        parts.append(Text(f"\nScore {words.score(result.score)}", style="bold"))
    for target in result.leaves():
        parts += [_groups(target, groups) for groups in (target.each, target.groups) if groups]
    parts.append(Text())
    parts += [Text(f"• {t.id}: {words.figures(t)}") for t in result.leaves() if t.figures]
    parts += [Text(f"• {note}", style="dim") for note in result.notes]
    return Group(*parts)


def _heading(plan: Plan, as_of: dt.date) -> Text:
    title = f"{plan.title}\n" if plan.title else ""
    return Text.assemble((title, "bold"), f"{plan.id}, as of {as_of}\n")


def _bare(*, header: str = "bold") -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 1), header_style=header, show_edge=False)


def _targets(result: Result, width: int) -> Table:
    narrow = width < _NARROW
    left_out = width >= _TINY and any(t.excluded for t in result.leaves())
    weighed = width >= _TINY and result.score is not None
    table = _bare()
    table.add_column("Target", no_wrap=True)
    if not narrow:
        table.add_column("", overflow="fold", ratio=1)
    if weighed:
        table.add_column("Weight", justify="right", no_wrap=True)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("Limit", overflow="fold")
    table.add_column("Counted", justify="right", no_wrap=True)
    if left_out:
        table.add_column("Excluded", justify="right", no_wrap=True)
        if not narrow:
            table.add_column("With them", justify="right", no_wrap=True)
    table.add_column("Verdict", overflow="fold", min_width=8)
    parts = {part.id for target in result.targets for part in target.parts}
    for goal, one, weight in words.weighed(result):
        if goal is not None and goal.weight is not None and weighed:
            title = [] if narrow else [Text(goal.title or "", style="bold")]
            table.add_row(Text(goal.id, style="bold"), *title, words.weight(goal.weight))
        cells: list[RenderableType] = [escape(f"  {one.id}" if one.id in parts else one.id)]
        if not narrow:
            cells.append(escape(one.title or ""))
        if weighed:
            cells.append(weight)
        cells += [words.value(one), escape(one.requirement)]
        cells.append("" if one.parts else words.count(one.counted))
        if left_out:
            cells.append(words.count(sum(one.excluded.values())) if one.excluded else "")
            if not narrow:
                cells.append(words.share_range(one))
        table.add_row(*cells, verdict(one.verdict))
    return table


def _groups(target: TargetResult, groups: tuple[TargetResult, ...]) -> RenderableType:
    names = list(dict.fromkeys(name for group in groups for name in group.group))
    table = _bare()
    for name in names:
        table.add_column(name, overflow="fold")
    asked = any(group.threshold is not None for group in target.each) and groups is target.each
    for name in ("Value", *(["At least"] if asked else []), "Counted"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Verdict")
    hidden = 0
    for group in groups:
        if group.rows == group.outside and groups is target.groups:
            # Rows outside the window have no period: nothing is missing from the series.
            hidden += group.group.get("period", "") is not None
            continue
        cells = [_cell(group.group.get(name)) for name in names]
        cells.append(words.value(group))
        if asked:
            cells.append("" if group.threshold is None else f"{group.threshold:f} %")
        table.add_row(*cells, words.count(group.counted), verdict(group.verdict))
    title = Text(f"\n{target.id} {target.title or ''}".rstrip(), style="bold")
    note = Text(f"groups without a case of this target, not shown: {hidden}", style="dim")
    return Group(title, table, *([note] if hidden else []))


def _cell(value: object) -> str:
    return "–" if value is None else escape(str(value))


def readings_table(found: Readings, width: int, modes: MonthEnds | None = None) -> RenderableType:
    """Every target under each of its readings, those whose verdict turns marked.

    With month-end modes, also the first of the cases that depend on them.
    """
    table = _bare()
    table.add_column("Target", no_wrap=True)
    table.add_column("Reading", overflow="fold", ratio=2)
    table.add_column("Value", justify="right", no_wrap=True)
    if width >= _TINY:
        table.add_column("Limit", overflow="fold", ratio=2)
        table.add_column("Counted", justify="right", no_wrap=True)
    table.add_column("Verdict", overflow="fold", min_width=8)
    table.add_column("", no_wrap=True)
    for target in found.targets:
        for name, record in target.records():
            own = name is None
            cells: list[RenderableType] = [escape(target.id) if own else ""]
            cells.append(Text("default", style="dim") if own else escape(name or ""))
            cells.append(words.value(record))
            if width >= _TINY:
                cells += [escape(record.requirement), words.count(record.counted)]
            mark = Text("◀ turns" if own and target.turns else "", style="bold yellow")
            table.add_row(*cells, verdict(record.verdict), mark)
    turning = ", ".join(found.turning) or "none"
    parts: list[RenderableType] = [_heading(found.plan, found.as_of), table, Text()]
    parts.append(Text(f"Targets whose verdict depends on the reading: {turning}", style="bold"))
    if modes is not None:
        parts += _depending(modes.cases)
    parts += [Text(f"• {note}", style="dim") for note in found.notes]
    return Group(*parts)


_CASES_SHOWN = 20


def _depending(cases: pl.DataFrame) -> Iterator[RenderableType]:
    yield Text(
        f"\nCases whose outcome depends on the month-end mode: {cases.height:,}", style="bold"
    )
    if cases.height:
        table = _bare()
        for name in cases.columns:
            table.add_column(name.replace("_", " "), overflow="fold")
        for row in cases.head(_CASES_SHOWN).iter_rows():
            table.add_row(*map(_cell, row))
        yield table
    if cases.height > _CASES_SHOWN:
        yield Text(
            f"{cases.height - _CASES_SHOWN:,} more; all of them with --format csv", style="dim"
        )


def verdict(word: Verdict) -> Text:
    """A verdict in words and colour."""
    return Text(words.VERDICTS[word], style=_STYLES[word])


_CASE_HEADERS = ("Target", "Counted?", "Due", "Days", "In time?")


def case_facts(row: Mapping[str, object]) -> Text:
    """A case's own values, as far as they are known at the as-of date."""
    known = [f"{name} {'–' if value is None else value}" for name, value in row.items()]
    return Text(", ".join(known) + "\n")


def case_table(
    trail: pl.DataFrame, requirements: Mapping[str, str], ends: Collection[str]
) -> Table:
    """What became of one case under each target; `ends` are those that look at the end of a time."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    for header in _CASE_HEADERS:
        table.add_column(header, overflow="fold", no_wrap=header in ("Target", "Due"))
    # As text, for a due date may lie beyond the years that Python has.
    for row in trail.with_columns(pl.col("due").cast(pl.String)).iter_rows(named=True):
        table.add_row(*_case_cells(row, requirements, ends))
    return table


def _case_cells(
    row: dict[str, object], requirements: Mapping[str, str], ends: Collection[str]
) -> Iterator[RenderableType]:
    yield escape(str(row["target"]))
    if row["bucket"] == "counted":
        yield Text(f"yes: {requirements[str(row['target'])]}")
    else:
        yield Text(f"{row['bucket']}, {row['reason'] or 'not certain yet'}", style="dim")
    yield str(row["due"] or "")
    yield _time_taken(row)
    if row["met"] is False and row["days"] is None and row["target"] in ends:
        yield Text("not ended", "bold red")
    elif row["days"] is None and row["met"] is not None:
        yield Text("yes" if row["met"] else "no", "bold green" if row["met"] else "bold red")
    else:
        met = {True: ("in time", "bold green"), False: ("late", "bold red"), None: ("", "")}
        yield Text(*met[row["met"]])  # type: ignore[index]  # a Boolean column holds these three


def _time_taken(row: Mapping[str, object]) -> str:
    """The days, and which were paused; or the time by the clock, of limits in hours or minutes."""
    seconds = row["seconds"]
    if isinstance(seconds, int):
        sign = "-" if seconds < 0 else ""
        minutes, rest = divmod(abs(seconds), 60)
        return f"{sign}{minutes // 60}:{minutes % 60:02}:{rest:02}"
    if row["paused"] and row["days"] is not None:
        return f"{row['days']} ({row['gross']}, paused {row['paused']})"
    return "" if row["days"] is None else str(row["days"])


def plain(renderable: RenderableType, width: int = 120) -> str:
    """A renderable as text without colour, for a file."""
    console = Console(width=width, no_color=True, force_terminal=False, color_system=None)
    with console.capture() as captured:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
