"""A result as tables for a terminal, readable at once and in a narrow window too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from kpi.definitions.plan import Plan
from kpi.evaluation.month_ends import MonthEnds
from kpi.evaluation.readings import Readings
from kpi.report import words
from kpi.report.group_table import group_table
from kpi.report.layout import bare, not_shown, shown, verdict
from kpi.report.series_table import in_one_table, series_table
from kpi.report.target_table import target_table
from kpi.report.terminal_words import ENGLISH, TerminalWords
from kpi.results.result import Result

_ALL_OF_READINGS = 64
"""From so many columns on, readings are shown with limits and counted rows."""


def result_table(result: Result, width: int, texts: TerminalWords = ENGLISH) -> RenderableType:
    """Return a result for a terminal: a table of targets, score, tables of groups, and notes.

    Args:
        result: the result.
        width: the width of the terminal in characters.
        texts: the words.
    """
    plan_title = texts.plan_title(result)
    title = shown(plan_title, "bold").append("\n") if plan_title else Text()
    as_of = texts.text("as_of", plan=result.plan.id, day=texts.day(result))
    parts: list[RenderableType] = [title.append(shown(as_of)).append("\n")]
    parts.append(target_table(result, width, texts))
    parts.append(Text(f"\n{texts.totals(result)}", style="bold"))
    if result.score is not None:
        score = texts.text("score", score=texts.score(result.score))
        parts.append(Text(score, style="bold"))
    together = in_one_table(result)
    for records in together.values():
        parts += series_table(records, texts, width)
    shown_together = {record.id for records in together.values() for record in records}
    for target in result.leaves():
        groups = () if target.id in shown_together else target.groups
        parts += [group_table(target, of, width, texts) for of in (target.each, groups) if of]
    parts.append(Text())
    parts += [shown(f"• {t.id}: {texts.figures(t)}") for t in result.leaves() if t.figures]
    parts += [shown(f"• {texts.note(note)}", "dim") for note in result.notes]
    return Group(*parts)


def _heading(plan: Plan, as_of: dt.date) -> Text:
    title = shown(f"{plan.title}", "bold").append("\n") if plan.title else Text()
    return title.append(shown(f"{plan.id}, as of {as_of}")).append("\n")


def _cell(value: object) -> Text:
    return shown("–" if value is None else value)


def readings_table(
    readings: Readings, width: int, modes: MonthEnds | None = None
) -> RenderableType:
    """Return the table of targets under each reading; targets whose verdict turns are marked.

    With month-end modes, also the first of the cases that depend on them.
    """
    table = bare()
    table.add_column("Target", no_wrap=True)
    table.add_column("Reading", overflow="fold", ratio=2)
    table.add_column("Value", justify="right", no_wrap=True)
    if width >= _ALL_OF_READINGS:
        table.add_column("Limit", overflow="fold", ratio=2)
        table.add_column("Counted", justify="right", no_wrap=True)
    table.add_column("Verdict", overflow="fold", min_width=8)
    table.add_column("", no_wrap=True)
    for target in readings.targets:
        for name, record in target.records():
            own = name is None
            cells: list[RenderableType] = [shown(target.id if own else "")]
            cells.append(Text("default", style="dim") if own else shown(name or ""))
            cells.append(shown(words.value(record)))
            if width >= _ALL_OF_READINGS:
                cells += [shown(record.requirement), words.counted(record)]
            mark = Text("◀ turns" if own and target.turns else "", style="bold yellow")
            table.add_row(*cells, verdict(record.verdict), mark)
    turning = ", ".join(readings.turning) or "none"
    parts: list[RenderableType] = [_heading(readings.plan, readings.as_of), table]
    lacking = [] if width >= _ALL_OF_READINGS else ["limits", "counted rows"]
    parts += [*not_shown(lacking, _ALL_OF_READINGS), Text()]
    parts.append(shown(f"Targets whose verdict depends on the reading: {turning}", "bold"))
    if modes is not None:
        parts += _depending(modes.cases)
    parts += [shown(f"• {note}", "dim") for note in readings.notes]
    return Group(*parts)


_CASES_SHOWN = 20


def _depending(cases: pl.DataFrame) -> Iterator[RenderableType]:
    yield Text(
        f"\nCases whose outcome depends on the month-end mode: {cases.height:,}", style="bold"
    )
    if cases.height:
        table = bare()
        for name in cases.columns:
            table.add_column(shown(name.replace("_", " ")), overflow="fold")
        for row in cases.head(_CASES_SHOWN).iter_rows():
            table.add_row(*map(_cell, row))
        yield table
    if cases.height > _CASES_SHOWN:
        yield Text(
            f"{cases.height - _CASES_SHOWN:,} more; all of them with --format csv", style="dim"
        )


_CASE_HEADERS = ("Target", "Counted?", "Due", "Days", "In time?")


def case_heading(case: str, plan: Plan, as_of: dt.date) -> Text:
    """Return the heading of a case: the case, the plan and the as-of date."""
    return shown(case, "bold").append(shown(f" under {plan.id}, as of {as_of}", "not bold"))


def case_facts(row: Mapping[str, object]) -> Text:
    """Return the values of a case's row, as far as they are known at the as-of date."""
    values = [f"{name} {'–' if value is None else value}" for name, value in row.items()]
    return shown(", ".join(values)).append("\n")


def case_table(
    trail: pl.DataFrame, requirements: Mapping[str, str], ends: Collection[str]
) -> Table:
    """Return the table of one case's outcome under each target.

    Args:
        trail: the audit trail of the case.
        requirements: the requirement of each target in words, by id.
        ends: ids of the targets that look at the end of a duration.
    """
    table = bare()
    for header in _CASE_HEADERS:
        table.add_column(header, overflow="fold", no_wrap=header in ("Target", "Due"))
    # As text, for a due date may lie beyond the years that Python has.
    for row in trail.with_columns(pl.col("due").cast(pl.String)).iter_rows(named=True):
        table.add_row(*_case_cells(row, requirements, ends))
    return table


def _case_cells(
    row: dict[str, object], requirements: Mapping[str, str], ends: Collection[str]
) -> Iterator[RenderableType]:
    yield shown(row["target"])
    if row["bucket"] == "counted":
        yield shown(f"yes: {requirements[str(row['target'])]}")
    else:
        yield shown(f"{row['bucket']}, {row['reason'] or 'not certain yet'}", "dim")
    yield shown(row["due"] or "")
    yield shown(_time_taken(row))
    if row["met"] is False and row["days"] is None and row["target"] in ends:
        yield Text("not ended", "bold red")
    elif row["days"] is None and row["met"] is not None:
        yield Text("yes" if row["met"] else "no", "bold green" if row["met"] else "bold red")
    else:
        met = {True: ("in time", "bold green"), False: ("late", "bold red"), None: ("", "")}
        yield Text(*met[row["met"]])  # type: ignore[index]  # a Boolean column holds these three


def _time_taken(row: Mapping[str, object]) -> str:
    """Return the days, and how many were paused; or hours, minutes and seconds by the clock."""
    seconds = row["seconds"]
    if isinstance(seconds, int):
        sign = "-" if seconds < 0 else ""
        minutes, rest = divmod(abs(seconds), 60)
        return f"{sign}{minutes // 60}:{minutes % 60:02}:{rest:02}"
    if row["paused"] and row["days"] is not None:
        return f"{row['days']} ({row['gross']}, paused {row['paused']})"
    return "" if row["days"] is None else str(row["days"])


def plain(renderable: RenderableType, width: int = 120) -> str:
    """Return a renderable as text without colour, for a file."""
    console = Console(width=width, no_color=True, force_terminal=False, color_system=None)
    with console.capture() as captured:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
