"""Tables of the groups of a break-down, of periods and of values, small cells hidden (R11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from kpi.definitions.reserved import PERIOD
from kpi.report import words
from kpi.report.page import periods, values
from kpi.report.page.context import Context
from kpi.report.page.small_cells import ListedGroup, listed_groups
from kpi.report.page.view import Column, Shown, Table, TableKind
from kpi.results.target_result import TargetResult

MOST_GROUPS = 200
"""The most groups of a break-down that a page lists; the others are counted."""


def breakdown(context: Context, record: TargetResult) -> Iterator[Table]:
    """Yield the table of the groups of a break-down, where one was asked for."""
    texts, names = context.texts, context.figures.result.by
    groups = [group for group in record.groups if words.has_cases(group)]
    if not names or not groups:
        return
    listed = listed_groups(groups, context.hide_below, MOST_GROUPS)
    shown = [name for name in names if any(name in group.group for group in groups)]
    heads = [
        (name, [_plain(context, one.record.group.get(name)) for one in listed]) for name in shown
    ]
    caption = texts.text("detail.breakdown", column=texts.text("word.comma").join(shown))
    table = group_table(context, "groups", caption, heads, listed)
    more = len(groups) - len(listed)
    lines = table.notes
    if more:
        column = " --by ".join(shown)
        lines += (texts.text("detail.groups_left_out", n=texts.count(more), column=column),)
    yield evolve(table, notes=lines)


def each(context: Context, record: TargetResult) -> Iterator[Table]:
    """Yield the table of the values, or stretches of time, that must each reach it (S28, S30)."""
    if not record.each:
        return
    names = list(dict.fromkeys(name for one in record.each for name in one.group))
    if names == [PERIOD] and context.figures.series.get(record.id):
        # The series says the same already.
        return
    listed = listed_groups(record.each, context.hide_below, MOST_GROUPS)
    heads = [
        (
            context.texts.text("head.period") if name == PERIOD else name,
            [_of_segment(context, name, one.record.group.get(name)) for one in listed],
        )
        for name in names
    ]
    table = group_table(context, "each", context.texts.text("detail.each"), heads, listed)
    more = len(record.each) - len(listed)
    if not more:
        yield table
        return
    n = context.texts.count(more)
    line = context.texts.text("detail.groups_left_out", n=n, column=" --by ".join(names))
    yield evolve(table, notes=(*table.notes, line))


def _of_segment(context: Context, name: str, value: object) -> str:
    if name == PERIOD and value is not None:
        return periods.period(context.texts, str(value))
    return _plain(context, value)


def _plain(context: Context, value: object) -> str:
    return context.none if value is None else str(value)


def group_table(
    context: Context,
    kind: TableKind,
    caption: str,
    heads: Sequence[tuple[str, Sequence[str]]],
    listed: Sequence[ListedGroup],
) -> Table:
    """Return the table of records of groups, with a sign for what is hidden of them (R11)."""
    texts = context.texts
    records = [one.record for one in listed]
    has_met = any(one.met is not None and one.unit == "share" for one in records)
    has_excluded = any(one.excluded for one in records)
    has_threshold = len({one.threshold for one in records}) > 1
    columns = [Column(name) for name, _ in heads]
    keys = ["value", *(["met"] if has_met else []), "counted"]
    keys += [*(["excluded"] if has_excluded else []), *(["threshold"] if has_threshold else [])]
    columns += [Column(texts.text(f"head.{key}"), is_number=True) for key in keys]
    columns.append(Column(texts.text("head.verdict")))
    rows: list[tuple[str | Shown, ...]] = []
    for n, one in enumerate(listed):
        cells = _cells(context, one)
        verdict = context.none if one.is_hidden else context.verdict(one.record)
        rows.append((*(named[n] for _, named in heads), *(cells[key] for key in keys), verdict))
    hidden = any(one.is_hidden or (has_excluded and one.hides_excluded) for one in listed)
    notes = (
        (texts.text("detail.hidden_cells", k=texts.count(context.hide_below)),) if hidden else ()
    )
    return Table(kind=kind, caption=caption, columns=tuple(columns), rows=tuple(rows), notes=notes)


def _cells(context: Context, one: ListedGroup) -> dict[str, str]:
    """Return the cells of a group by the key of their column."""
    texts, record = context.texts, one.record
    threshold = ""
    if record.threshold is not None:
        threshold = texts.percent(f"{record.threshold:f}", float(record.threshold / 100))
    excluded = context.none if one.hides_excluded else texts.count(sum(record.excluded.values()))
    if one.is_hidden:
        hidden = dict.fromkeys(("value", "met", "counted"), context.none)
        return {**hidden, "excluded": excluded, "threshold": threshold}
    return {
        "value": values.value(texts, record),
        "met": "" if record.met is None else texts.count(record.met),
        "counted": values.counted(texts, record),
        "excluded": excluded,
        "threshold": threshold,
    }
