"""A comparison of two extracts for a terminal, readable in a narrow window too (F40 to F45)."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from kpi.evaluation.comparison.comparison import Comparison
from kpi.evaluation.comparison.records import Step, TargetComparison
from kpi.report import comparison_words as words
from kpi.report.layout import (
    Column,
    bare,
    fitted,
    heading,
    line,
    narrowest,
    not_shown,
    shown,
)

_SIDE_BY_SIDE = 72
"""From so many columns on, the figures of a target stand side by side."""


def comparison_table(comparison: Comparison, width: int) -> RenderableType:
    """Return a comparison for a terminal: figures, then what moved them, then late registration.

    Args:
        comparison: the comparison.
        width: the width of the terminal in characters.
    """
    plan = comparison.plan
    title = shown(plan.title, "bold").append("\n") if plan.title else Text()
    parts: list[RenderableType] = [
        title.append(shown(f"{plan.id}: OLD against NEW", "not bold")),
        shown(words.explanation(comparison), "dim"),
        Text(),
        _figures(comparison, width),
    ]
    for target in comparison:
        for step in words.moves(target):
            parts += _step(target, step, width)
    still = words.without_moves(comparison)
    if still:
        parts += [Text(), shown(f"No figure moved: {', '.join(still)}")]
    parts += _late(comparison)
    if comparison.notes:
        parts.append(Text())
    parts += [shown(f"• {note}", "dim") for note in comparison.notes]
    return Group(*parts)


def _figures(comparison: Comparison, width: int) -> RenderableType:
    table = bare()
    names = words.headings(comparison)
    wide = width >= _SIDE_BY_SIDE
    table.add_column("Target", no_wrap=True)
    if wide:
        for text in names.values():
            table.add_column(text.replace(", ", "\n"), overflow="fold")
    else:
        table.add_column("Figure", overflow="fold")
        table.add_column("Value", overflow="fold")
    table.add_column("Verdict", overflow="fold", min_width=8)
    for target in comparison:
        mark = "bold yellow" if target.contradicted else ""
        known = dict(target.figures)
        if wide:
            cells = [shown(words.figure(known.get(name))) for name in names]
            table.add_row(shown(target.id, mark), *cells, shown(words.verdicts(target)))
            continue
        for n, name in enumerate(names):
            record = known.get(name)
            word = "–" if record is None else words.verdict_word(record.verdict)
            table.add_row(
                shown("" if n else target.id, mark),
                shown(words.FIGURES[name]),
                shown(words.figure(record)),
                shown(word),
            )
    return table


def _step(target: TargetComparison, step: Step, width: int) -> Iterator[RenderableType]:
    buckets = words.shown_buckets(step)
    yield Text()
    turned = words.turned(step)
    head = shown(f"{target.id}, {step.name}", "bold")
    yield head.append(shown(f": {turned}", "not bold yellow")) if turned else head
    columns = [Column("Bucket", [shown(b.bucket) for b in buckets], least=12)]
    columns += [
        Column(column.header, [shown(cell) for cell in column.cells], right=True)
        for column in words.columns(step, buckets)
    ]
    left_out: list[str] = []
    # The bucket, its cases and the value after it are always there.
    while narrowest(columns) > width and len(columns) > 3:
        left_out.insert(0, columns.pop(-2).header)
    columns = fitted(columns, width)
    yield heading(columns)
    for n in range(len(buckets)):
        yield line(columns, [column.cells[n] for column in columns])
    yield from not_shown([name.lower() for name in left_out], 100)


def _late(comparison: Comparison) -> Iterator[RenderableType]:
    tables, on_time = words.late_tables(comparison)
    for (name, date), months in tables.items():
        yield Text()
        yield shown(f"Late registration: {name}.{date}", "bold")
        table = bare()
        for n, header in enumerate(words.LATE_HEADERS):
            table.add_column(header, justify="right" if n else "left", no_wrap=True)
        for cells in months:
            table.add_row(*map(shown, cells))
        yield table
    if on_time:
        yield Text()
        yield shown(f"Known then as now, by month: {', '.join(on_time)}")
