"""Changes since an earlier extract: the figures then and now, and what became of the cases (R6, F40 to F44)."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.evaluation.comparison.records import BucketChange, Step
from kpi.report import comparison_words
from kpi.report.page import values
from kpi.report.page.context import Context
from kpi.report.page.small_cells import hidden_rows
from kpi.report.page.view import Column, Shown, Table
from kpi.results.target_result import TargetResult


def changes(context: Context, record: TargetResult) -> Iterator[Table]:
    """Yield the tables of what moved in a requirement; nothing where nothing is compared."""
    comparison = context.figures.comparison
    if comparison is None:
        return
    texts, target = context.texts, comparison[record.id]
    if any(figure is not None and context.is_withheld(figure) for _, figure in target.figures):
        return
    rows: list[tuple[str | Shown, ...]] = []
    for name, figure in target.figures:
        day = texts.date(comparison.to if name == "now" else comparison.as_of)
        head = texts.text(f"changes.{name}", day=day)
        if figure is None:
            rows.append((head, context.none, "", ""))
            continue
        counted = values.counted(texts, figure)
        rows.append((head, values.value(texts, figure), counted, context.verdict(figure)))
    columns = (
        Column(texts.text("head.what")),
        Column(texts.text("head.value"), is_number=True),
        Column(texts.text("head.counted"), is_number=True),
        Column(texts.text("head.verdict")),
    )
    caption = texts.text("changes.figures")
    yield Table(kind="figures", caption=caption, columns=columns, rows=tuple(rows))
    for step in comparison_words.moves(target):
        yield _step(context, step)


def _step(context: Context, step: Step) -> Table:
    """Return what each bucket changed; a bucket of few cases is hidden, with what gives it away (R11)."""
    texts, buckets = context.texts, comparison_words.shown_buckets(step)
    hidden = hidden_rows([_counts(bucket) for bucket in buckets], context.hide_below)
    shown = [name for name in ("counted", "met") if any(b.change[name] for b in buckets)]
    rows = []
    for n, bucket in enumerate(buckets):
        named = texts.text(f"bucket.{bucket.bucket.replace(' ', '_')}")
        numbers = [bucket.cases, *(bucket.change[name] for name in shown)]
        cells = [_signed(context, number, signed=place > 0) for place, number in enumerate(numbers)]
        rows.append((named, *(context.none if n in hidden else cell for cell in cells)))
    keys = ["cases", *({"counted": "counted", "met": "met"}[name] for name in shown)]
    k = texts.count(context.hide_below)
    return Table(
        kind="changes",
        caption=texts.text(f"changes.{step.name}"),
        columns=(
            Column(texts.text("changes.bucket")),
            *(Column(texts.text(f"head.{key}"), is_number=True) for key in keys),
        ),
        rows=tuple(rows),
        notes=(texts.text("detail.hidden_cells", k=k),) if hidden else (),
    )


def _counts(bucket: BucketChange) -> tuple[int, ...]:
    change = bucket.change
    counted, met = (abs(change[name] or 0) for name in ("counted", "met"))
    late = abs((change["counted"] or 0) - (change["met"] or 0)) if change["met"] is not None else 0
    return bucket.cases or 0, counted, met, late


def _signed(context: Context, number: int | None, *, signed: bool) -> str:
    if number is None:
        return ""
    shown = context.texts.count(number)
    return f"+{shown}" if signed and number > 0 else shown
