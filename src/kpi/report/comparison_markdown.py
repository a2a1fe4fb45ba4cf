"""A comparison of two extracts as Markdown, for a report (F40 to F45)."""

from __future__ import annotations

from kpi.evaluation.comparison.comparison import Comparison
from kpi.foreign_text import markdown_text as text
from kpi.report import comparison_words as words
from kpi.report.markdown import table


def comparison_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown: figures, what moved them, late registration, and the notes."""
    plan = comparison.plan
    lines = [f"# {text(plan.title or plan.id)}: OLD against NEW", ""]
    lines += [f"Plan {text(plan.id)}. {words.explanation(comparison)}", ""]
    names = words.headings(comparison)
    header = ["Target", ""]
    for heading in names.values():
        header += [heading, "Verdict"]
    rows = []
    for target in comparison:
        known, cells = dict(target.figures), [text(target.id), text(target.now.title or "")]
        for name in names:
            record = known.get(name)
            cells += [
                text(words.figure(record)),
                "–" if record is None else words.verdict_word(record.verdict),
            ]
        rows.append(cells)
    lines += table(header, "ll" + "rl" * len(names), rows)
    for target in comparison:
        for step in words.moves(target):
            buckets = words.shown_buckets(step)
            columns = words.columns(step, buckets)
            turned = words.turned(step)
            lines += ["", f"## {text(target.id)}, {step.name}", ""]
            lines += [f"{text(turned)}.", ""] if turned else []
            cells_of = [
                [text(bucket.bucket), *(text(column.cells[n]) for column in columns)]
                for n, bucket in enumerate(buckets)
            ]
            header = ["Bucket", *(text(column.header) for column in columns)]
            lines += table(header, "l" + "r" * len(columns), cells_of)
    still = words.without_moves(comparison)
    lines += ["", f"No figure moved: {text(', '.join(still))}."] if still else []
    tables, on_time = words.late_tables(comparison)
    for (name, date), months in tables.items():
        lines += ["", f"## Late registration: {text(f'{name}.{date}')}", ""]
        lines += table(words.LATE_HEADERS, "lrrrr", [list(map(text, cells)) for cells in months])
    lines += ["", f"Known then as now, by month: {text(', '.join(on_time))}."] if on_time else []
    lines += ["", *(f"- {text(note)}" for note in comparison.notes)]
    return "\n".join(lines).rstrip() + "\n"
