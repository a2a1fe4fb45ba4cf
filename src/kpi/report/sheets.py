"""Sheets of results and readings for a workbook."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpi.definitions.notes import Note
from kpi.evaluation.comparison.comparison import Comparison
from kpi.evaluation.month_ends import MonthEnds
from kpi.evaluation.readings import Readings
from kpi.report.workbook import Sheet
from kpi.results.provenance import Provenance
from kpi.results.result import Result, target_frame

_SHARES = pl.col("unit").is_in(["share", "change"])


def result_sheets(result: Result) -> list[Sheet]:
    """Return the sheets `targets`, `groups` (where a break-down or series was asked) and `notes`."""
    origin = Provenance.of(result.plan, result.as_of)
    masks = {"value": _SHARES, "low": _SHARES, "high": _SHARES}
    frames = {"targets": target_frame(result), "groups": result.groups}
    sheets = [
        Sheet(name=name, frame=frame.with_columns(origin.columns()), shares=masks)
        for name, frame in frames.items()
        if frame.height or name == "targets"
    ]
    return [*sheets, notes_sheet(result.notes, origin)]


def readings_sheets(readings: Readings, modes: MonthEnds | None = None) -> list[Sheet]:
    """Return the sheets `readings`, `cases` (of month-end modes) and `notes`."""
    origin = Provenance.of(readings.plan, readings.as_of)
    frame = readings.frame.with_columns(origin.columns())
    sheets = [Sheet(name="readings", frame=frame, shares={"value": _SHARES})]
    if modes is not None:
        sheets.append(Sheet(name="cases", frame=modes.cases.with_columns(origin.columns())))
    return [*sheets, notes_sheet(readings.notes, origin)]


def notes_sheet(notes: Sequence[Note], origin: Provenance) -> Sheet:
    """Return the sheet of notes: the code and the sentence of each."""
    rows = [(note.code, str(note)) for note in notes]
    frame = pl.DataFrame(rows, schema={"code": pl.String, "note": pl.String}, orient="row")
    return Sheet(name="notes", frame=frame.with_columns(origin.columns()))


def comparison_sheets(comparison: Comparison) -> list[Sheet]:
    """Return the sheets `figures`, `buckets`, `late` and `notes`."""
    origin = Provenance.of(comparison.plan, comparison.as_of)
    frames = {
        "figures": comparison.frame,
        "buckets": comparison.buckets,
        "late": comparison.late,
    }
    sheets = [
        Sheet(name=name, frame=frame.with_columns(origin.columns()))
        for name, frame in frames.items()
    ]
    return [*sheets, notes_sheet(comparison.notes, origin)]
