"""Figures that stand beside a value: what can still come, what was left out, who waits, other readings."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.target import Target
from kpi.evaluation.readings import TargetReadings
from kpi.report.page import values
from kpi.report.page.context import Context
from kpi.report.page.requirement import requirement
from kpi.report.page.view import Column, Shown, Table
from kpi.results.possible import Possibilities
from kpi.results.target_result import TargetResult
from kpi.rules.within import Within


def possible(context: Context, record: TargetResult) -> Iterator[str]:
    """Yield what can still come of a requirement, each line of one kind of statement (F1)."""
    texts, possible = context.texts, record.possible
    if possible is None:
        return
    if record.base is None:
        range_ = values.bounds(texts, possible.possible, record)
        yield texts.text("detail.possible_certain", range=range_)
        if possible.known != possible.possible:
            known = values.bounds(texts, possible.known, record)
            yield texts.text("detail.possible_if", range=known)
    yield from _takes(context, record, possible)


def _takes(context: Context, record: TargetResult, possible: Possibilities) -> Iterator[str]:
    """Yield what it takes, or what room there is, of a share of cases in time (F16)."""
    if record.verdict != "open" or record.rule != "within" or record.unit != "share":
        return
    if possible.need:
        yield context.texts.text("detail.need", n=context.texts.count(possible.need))
    elif possible.room:
        yield context.texts.text("detail.room", n=context.texts.count(possible.room))


def left_out(context: Context, record: TargetResult) -> Table:
    """Return the table of the rows that were left out, by reason (S12)."""
    texts = context.texts
    rows: list[tuple[str, str]] = [
        (values.reason(texts, why), texts.count(n)) for why, n in record.excluded.items()
    ]
    if record.undetermined:
        rows.append((texts.text("detail.undetermined"), texts.count(record.undetermined)))
    notes = []
    if not rows:
        notes.append(texts.text("detail.nothing_left_out"))
    rows.append((texts.text("detail.outside"), texts.count(record.outside)))
    range_ = values.with_excluded(texts, record)
    if range_ is not None:
        notes.append(texts.text("detail.with_excluded", range=range_))
    return Table(
        kind="left_out",
        caption=texts.text("detail.left_out"),
        columns=(
            Column(texts.text("head.reason")),
            Column(texts.text("head.rows"), is_number=True),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def beside(context: Context, record: TargetResult) -> Iterator[Table]:
    """Yield what must be known beside a figure of ended cases (R5)."""
    texts, load = context.texts, context.figures.caseloads.get(record.id)
    if load is None:
        return
    if context.is_small(
        load.intake, load.output, load.open, load.late or 0, load.open - (load.late or 0)
    ):
        return
    rows: list[tuple[str, str]] = [
        ("intake", texts.count(load.intake)),
        ("output", texts.count(load.output)),
    ]
    rows.append(("open_cases", texts.count(load.open)))
    if load.late is not None:
        has_due_dates = isinstance(context.plan.target(record.id), Within)
        rows.append(("late" if has_due_dates else "late_of_mean", texts.count(load.late)))
    if load.mean_age is not None:
        rows.append(("mean_age", values.days(texts, load.mean_age)))
    yield Table(
        kind="beside",
        caption=texts.text("detail.beside"),
        columns=(
            Column(texts.text("head.what")),
            Column(texts.text("head.number_of"), is_number=True),
        ),
        rows=tuple((texts.text(f"detail.{key}"), shown) for key, shown in rows),
        notes=(texts.text("detail.beside_intro", day=texts.date(load.day)),),
    )


def readings(context: Context, record: TargetResult) -> Iterator[Table]:
    """Yield the target under its other readings, and whether one of them turns the verdict (S26)."""
    texts = context.texts
    read = _readings_of(context, record.id)
    if read is None or not read.others:
        return
    if any(context.is_withheld(one) for _, one in read.records()):
        return
    definition = context.plan.target(record.id)
    assert isinstance(definition, Target), "only targets have readings"
    rows: list[tuple[str | Shown, ...]] = []
    changed = {reading.name: definition.with_reading(reading) for reading in definition.readings}
    for name, one in read.records():
        turns = one.verdict != read.default.verdict
        own = name is None
        limit = requirement(texts, definition if name is None else changed[name])
        row = (
            texts.text("detail.own_reading") if name is None else name,
            limit,
            values.value(texts, one),
            values.counted(texts, one),
            context.verdict(one),
            "" if own else texts.text("detail.turns_yes" if turns else "detail.turns_no"),
        )
        rows.append(row)
    keys = (("reading", False), ("limit", False), ("value", True), ("counted", True))
    line = "detail.readings_turn" if read.turns else "detail.readings_none_turn"
    yield Table(
        kind="readings",
        caption=texts.text("detail.readings"),
        columns=(
            *(Column(texts.text(f"head.{key}"), is_number=number) for key, number in keys),
            Column(texts.text("head.verdict")),
            Column(texts.text("head.turns")),
        ),
        rows=tuple(rows),
        notes=(texts.text(line),),
    )


def _readings_of(context: Context, name: str) -> TargetReadings | None:
    read = context.figures.readings
    if read is None:
        return None
    return next((target for target in read.targets if target.id == name), None)
