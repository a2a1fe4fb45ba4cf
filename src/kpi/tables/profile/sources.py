"""A look at a source: the form, and a sample of the rows, whatever kind of source it is."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, field, frozen
from polars.exceptions import PanicException, PolarsError

from kpi.definitions.extract_file import ExtractFile, TableSource
from kpi.definitions.table import Table
from kpi.errors import DataError, first_line, reason
from kpi.tables.event_log.xes import SUFFIXES as LOGS
from kpi.tables.event_log.xes import read_xes
from kpi.tables.profile.form import Form
from kpi.tables.profile.sheets import find_sheet
from kpi.tables.profile.text_files import apart, sample_text
from kpi.tables.sources.compressed import PACKINGS, unpacked
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.declared import open_declared
from kpi.tables.sources.files import READERS, is_csv, kind_of, open_data
from kpi.tables.sources.foreign_columns import collect_readable
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.resolve import readable_table
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.standard_input import DASH, NAME, read_standard_input
from kpi.tables.sources.workbooks import sheet_texts, workbook

FIRST = 50_000
"""Rows that are read from the beginning of a table."""
SLICES, SLICE = 50, 1_000
"""Number and rows of the slices of a larger table that are read further on."""
WORKBOOKS = tuple(kind for kind, reader in READERS.items() if reader is workbook)


@frozen(kw_only=True, eq=False)
class Look:
    """Look at a source.

    Attributes:
        frame: the rows that were read.
        rows: number of rows in the source; None where only a part of a text file was read.
        path: the file; None for other sources.
        origin: what an extract file says of the source in place of a path; a `Path` in it is relative
            to the working directory.
        form: the form of the source.
        unreadable: the type of each column that cannot be read, by name.
        remarks: what a reader of the source should know, a sentence each.
    """

    frame: pl.DataFrame
    rows: int | None
    path: Path | None = None
    origin: Mapping[str, Any] = field(factory=dict)
    form: Form = field(factory=Form)
    unreadable: Mapping[str, str] = field(factory=dict)
    remarks: tuple[str, ...] = ()


@frozen(eq=False)
class DeclaredTable:
    """Table of an extract file, as a source to look at.

    Attributes:
        source: the declaration of the source.
        file: the extract file.
    """

    source: TableSource
    file: ExtractFile


def look(source: Any, name: str, known: Collection[str] = ()) -> Look:
    """Look at a source.

    Args:
        source: a path, `-` for standard input, a `DeclaredTable`, or an object of Python.
        name: the name of the table, for messages.
        known: names of columns that the table may well have.

    Raises:
        DataError: where the source is no table, does not exist or cannot be read at all.
    """
    layout = Layout(table=name, key=())
    if isinstance(source, DeclaredTable):
        return _declared(source, layout, known)
    if not isinstance(source, str | os.PathLike):
        return _as_for_evaluation(source, layout, known)
    path = Path(source)
    if path == DASH:
        kind, data = read_standard_input()
        return _of_kind(NAME, kind, layout, known, data)
    if path.name.lower().endswith(LOGS):
        log = read_xes(path)
        return Look(frame=log, rows=log.height, path=path, form=Form(is_log=True))
    if not path.is_file() or not (is_csv(path) or kind_of(path) in WORKBOOKS):
        return _as_for_evaluation(source, layout, known)
    try:
        packing = path.suffix.lower()
        if packing in PACKINGS:
            kind = kind_of(path).removesuffix(packing)
            return evolve(_of_kind(path, kind, layout, known, unpacked(path, packing)), path=path)
        return evolve(_of_kind(path, packing, layout, known, None), path=path)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {reason(error)}") from error


def _as_for_evaluation(source: Any, layout: Layout, known: Collection[str]) -> Look:
    """Look at a source that is opened as an evaluation opens it, or refused as there."""
    table = Table(layout.table, key=tuple(known)[:1] or ("case_id",))
    frame, unreadable = readable_table(source, table)
    opened = SourceTable(frame, unreadable=unreadable)
    if not isinstance(source, str | os.PathLike):
        paths = isinstance(source, list | tuple) and all(
            isinstance(one, str | os.PathLike) for one in source
        )
        origin = {"files": [Path(one) for one in source]} if paths else {}
        return evolve(_opened(opened, layout.table), origin=origin)
    seen = _opened(opened, str(source))
    path = Path(source)
    if path.exists():
        return evolve(seen, path=path)
    # A pattern names many files; an address is no path.
    return evolve(seen, origin={"path": str(source)} if "://" in str(source) else {"files": path})


def _of_kind(
    path: Path, kind: str, layout: Layout, known: Collection[str], data: bytes | None
) -> Look:
    """Look at a file of a kind, or at bytes that stand for one.

    Raises:
        DataError: where there is no table in it.
        OSError: where the file cannot be read.
    """
    if is_csv(Path(f"table{kind}")):
        return _text(path, known, data)
    if kind in WORKBOOKS:
        return _workbook(path, kind, layout, known, data)
    return _opened(open_data(kind, path, layout, data), str(path))


def _text(path: Path, known: Collection[str], data: bytes | None) -> Look:
    try:
        sample = sample_text(path if data is None else data, known)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    form = Form(
        encoding=sample.encoding,
        separator=sample.layout.separator,
        quote=sample.layout.quote,
        skip_lines=sample.layout.skip_lines,
        footer_lines=sample.footer_lines,
        has_header=sample.layout.has_header,
    )
    rows = sample.frame.height if sample.whole else None
    return Look(frame=sample.frame, rows=rows, form=form, remarks=sample.remarks)


def _workbook(
    path: Path, kind: str, layout: Layout, known: Collection[str], data: bytes | None
) -> Look:
    sheets = sheet_texts(path, data)
    form = find_sheet(sheets, known)
    declared = evolve(layout, sheet=form.sheet, skip_lines=form.skip_lines)
    try:
        opened = open_data(kind, path, declared, data)
        return evolve(_opened(opened, str(path)), form=form)
    except DataError as error:
        sheet = form.sheet or next((s for s, cells in sheets.items() if cells.height), None)
        if sheet is None:
            raise
        # What an evaluation refuses is looked at as texts, and named.
        texts = sheets[sheet].slice(form.skip_lines)
        names = apart([name or "" for name in texts.row(0)])
        frame = texts.slice(1).rename(dict(zip(texts.columns, names, strict=True)))
        remarks = tuple(str(error).splitlines())
        return Look(frame=frame, rows=frame.height, form=form, remarks=remarks)


def _declared(table: DeclaredTable, layout: Layout, known: Collection[str]) -> Look:
    """Look at a source of an extract file: at a file anew, at others as they are declared."""
    source, directory = table.source, table.file.directory
    if source.path is not None and "://" not in source.path and (directory / source.path).is_file():
        return look(directory / source.path, layout.table, known)
    layout = evolve(layout, encoding=source.encoding, separator=source.separator)
    layout = evolve(layout, quote=source.quote, skip_lines=source.skip_lines)
    layout = evolve(layout, sheet=source.sheet, version=source.version)
    opened = open_declared(source, layout, directory)
    keys = ("path", "files", "database", "query", "table", "version")
    origin = {key: getattr(source, key) for key in keys if getattr(source, key) not in (None, ())}
    return evolve(_opened(opened, source.origin), origin=origin)


def _opened(source: SourceTable, where: str) -> Look:
    """Look at a source that has been opened.

    Raises:
        DataError: where no column can be read.
    """
    unreadable = dict(source.unreadable)
    try:
        frame = source.frame
        lazy = frame.collect(categories=False).lazy() if isinstance(frame, CsvFile) else frame
        try:
            rows = int(lazy.select(pl.len()).collect().item())
            sample = _sample(lazy, rows)
        except (PolarsError, PanicException) as error:
            readable = collect_readable(lazy, error)
            unreadable |= readable.unreadable
            rows = readable.frame.height
            sample = _sample(readable.frame.lazy(), rows)
    except (PolarsError, PanicException, OSError) as error:
        raise DataError(f"{where}: cannot be read: {first_line(error)}") from error
    return Look(frame=sample, rows=rows, unreadable=unreadable)


def _sample(frame: pl.LazyFrame, rows: int) -> pl.DataFrame:
    """Return all rows of a small table; of a larger one the first, and slices of the others."""
    if rows <= FIRST + SLICES * SLICE:
        return frame.collect()
    step = (rows - FIRST - SLICE) / (SLICES - 1)
    slices = (frame.slice(FIRST + int(n * step), SLICE) for n in range(SLICES))
    return pl.concat([frame.head(FIRST).collect(), *(part.collect() for part in slices)])
