"""A report as Markdown: the same tables and words, charts left out, to be pasted elsewhere (R12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kpi.foreign_text import markdown_text as text
from kpi.report.page.catalogue import Catalogue, catalogue
from kpi.report.page.view import Section, Shown, Table, View


def markdown(view: View) -> str:
    """Return a view as Markdown; every text of the data and the plan is escaped.

    The overview comes first, as one table that can be pasted alone; notes stand below it.
    """
    texts = catalogue(view.language)
    lines = [f"# {text(view.heading)}", ""]
    lines += [f"- {text(label)}: {text(value)}" for label, value in view.facts]
    lines += ["", text(view.summary), ""]
    score = f"{texts.text('page.score')}: {view.score}. " if view.score else ""
    lines += [text(f"{score}{'; '.join(view.score_lines)}."), "", text(view.statement), ""]
    lines += _overview(view, texts)
    if view.note:
        lines += ["", f"{texts.text('page.agency_note')}: {text(view.note)}"]
    lines += ["", f"## {texts.text('end.markdown_notes')}", ""]
    for note in view.notes:
        label = f"**{text(note.label)}:** " if note.label else ""
        lines.append(f"- {label}{text(note.text)}")
    if not view.notes:
        lines.append(texts.text("end.no_notes"))
    lines += ["", f"## {texts.text('page.requirements')}"]
    for section in view.sections:
        lines += ["", *_section(section, texts)]
    if view.assumes:
        lines += ["", f"## {texts.text('outlook.assumes')}", ""]
        lines += [f"- {text(line.label)}: {text(line.text)}" for line in view.assumes]
    lines += ["", f"## {texts.text('end.method')}", ""]
    lines += [f"- {rule}: {text(sentence)}" for rule, sentence in view.methods]
    lines += ["", f"## {texts.text('end.origin')}", "", *_table(view.tables)]
    lines += ["", *(f"- {text(label)}: {text(value)}" for label, value in view.origin)]
    if view.command:
        lines += ["", f"{texts.text('end.command')}: {text(view.command)}"]
    lines += ["", texts.text("end.no_ids")]
    return "\n".join(lines).rstrip() + "\n"


def _overview(view: View, texts: Catalogue) -> Iterator[str]:
    keys = ["number", "requirement", "value", "limit", "counted", "excluded", "verdict"]
    keys += ["takes", "outlook"] if view.follows else []
    keys += ["weight"] if view.weighed else []
    heads = [texts.text(f"head.{key}") for key in keys]
    rows: list[list[str]] = []
    for goal in view.goals:
        if goal.heading:
            weight = [goal.weight] if view.weighed else []
            blank = [""] * (7 if view.follows else 5)
            rows.append(["", f"**{text(goal.heading)}**", *blank, *weight])
        for row in goal.rows:
            cells = [row.id, row.title, row.value, row.limit, row.counted, row.excluded]
            weight = [row.weight] if view.weighed else []
            follows = [text(row.takes), _estimate(row.outlook)] if view.follows else []
            rows.append([*map(text, cells), _cell(row.verdict), *follows, *weight])
    yield from _lines(heads, "llrlrrl" + "ll" * view.follows + "r" * view.weighed, rows)


def _estimate(said: str) -> str:
    """Return what is an estimate, in italics (R13)."""
    return f"*{text(said)}*" if said else ""


def _section(of: Section, texts: Catalogue) -> Iterator[str]:
    yield f"### {text(of.id)} {text(of.title)}".rstrip()
    yield ""
    yield f"**{text(of.value)}** · {text(of.limit)} · {_cell(of.verdict)}"
    yield ""
    for label, value in of.facts:
        yield f"- {text(label)}: {text(value)}"
    yield f"- {texts.text('detail.rules')}: {', '.join(of.rules)}"
    for line in (*of.figures, *of.possible, *of.lines):
        yield f"- {text(line)}"
    for said in of.estimate:
        yield f"- {_estimate(said.label)}{': ' if said.text else ''}{text(said.text)}"
    for table in (*(table for _, table in of.charts), *of.tables):
        yield ""
        yield from _table(table)


def _table(of: Table) -> Iterator[str]:
    yield f"**{text(of.caption)}**"
    yield ""
    align = "".join("r" if column.is_number else "l" for column in of.columns)
    rows = ([_cell(cell) for cell in row] for row in of.rows)
    yield from _lines([text(column.head) for column in of.columns], align, rows)
    for note in of.notes:
        yield ""
        yield text(note)


def _cell(cell: str | Shown) -> str:
    return text(cell) if isinstance(cell, str) else f"{cell.sign} {text(cell.word)}"


def _lines(heads: Sequence[str], align: str, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join('--:' if sign == 'r' else '---' for sign in align)}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
