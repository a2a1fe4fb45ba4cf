"""Profile of one table: layout, sample, columns, likely keys, and the order of the dates."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, field, frozen
from polars.exceptions import PanicException, PolarsError

from kpi.errors import DataError, first_line, reason
from kpi.tables.profile.columns import ColumnProfile, profile_column
from kpi.tables.profile.text_files import TextSample, sample_text
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.files import READERS, open_file
from kpi.tables.sources.foreign_columns import collect_readable
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.objects import open_object
from kpi.tables.sources.source_table import SourceTable

FIRST = 50_000
"""Rows that are read from the beginning of a table."""
SLICES, SLICE = 50, 1_000
"""Number and rows of the slices of a larger table that are read further on."""
_CODES = ("text", "number")
"""Texts that are numbers, such as 007, may be a key; a column of numbers with a fraction is none."""
_TEXTS = (".csv", ".tsv", ".txt")
"""Endings of text files, whose layout is found by looking."""


@frozen(kw_only=True)
class DateOrder:
    """Order of two date columns by the rows that have both.

    Attributes:
        first, second: the columns.
        in_order: number of rows in which the first is not after the second.
        rows: number of rows that have both.
    """

    first: str
    second: str
    in_order: int
    rows: int


@frozen(kw_only=True)
class TableProfile:
    """Profile of a table.

    Attributes:
        path: the file; None for an object of Python.
        rows: number of rows in the source; None where only a part of a text file was read.
        sampled: number of rows that were read.
        columns: the profiles of the columns, in the order of the source.
        text: layout and remarks of a text file; None for other sources.
        unreadable: (name, type) of the columns that cannot be read.
        orders: the date columns in their likely order, each with the next.
        remarks: what a reader of the table should know, a sentence each.
    """

    path: Path | None
    rows: int | None
    sampled: int
    columns: tuple[ColumnProfile, ...]
    text: TextSample | None = field(default=None, repr=False, eq=False)
    unreadable: tuple[tuple[str, str], ...] = ()
    orders: tuple[DateOrder, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_sample(self) -> bool:
        """Whether only some of the rows were read."""
        return self.rows != self.sampled

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that may be the key: a value in each row, and none twice."""
        return tuple(
            c.name
            for c in self.columns
            if c.is_unique and (c.holds in ("text", "integer") or (c.type, c.holds) == _CODES)
        )

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of a column, by name."""
        return next(column for column in self.columns if column.name == name)


def profile_table(source: Any, name: str, known: Collection[str] = ()) -> TableProfile:
    """Return the profile of a table, in whatever form it is handed over.

    Args:
        source: the path of a file, or an object of Python that holds a table.
        name: the name of the table, for messages.
        known: names of columns that the table may well have.

    Raises:
        DataError: where the source is no table, does not exist or cannot be read at all.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if path.suffix.lower() in set(_TEXTS) & set(READERS) and path.is_file():
            return _of_text(path, known)
        opened = open_file(path, Layout(table=name, key=()))
        return _of_source(opened, name, path)
    return _of_source(open_object(source, Layout(table=name, key=())), name, None)


def _of_text(path: Path, known: Collection[str]) -> TableProfile:
    try:
        sample = sample_text(path, known)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {reason(error)}") from error
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    rows = sample.frame.height if sample.whole else None
    profile = _profile(sample.frame, path, rows)
    return evolve(profile, text=sample, remarks=(*sample.remarks, *profile.remarks))


def _of_source(source: SourceTable, name: str, path: Path | None) -> TableProfile:
    where = name if path is None else str(path)
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
    return evolve(_profile(sample, path, rows), unreadable=tuple(unreadable.items()))


def _sample(frame: pl.LazyFrame, rows: int) -> pl.DataFrame:
    """Return all rows of a small table; of a larger one the first, and slices of the others."""
    if rows <= FIRST + SLICES * SLICE:
        return frame.collect()
    step = (rows - FIRST - SLICE) / (SLICES - 1)
    slices = (frame.slice(FIRST + int(n * step), SLICE) for n in range(SLICES))
    return pl.concat([frame.head(FIRST).collect(), *(part.collect() for part in slices)])


def profile_columns(frame: pl.DataFrame) -> list[ColumnProfile]:
    """Return the profiles of the columns of a sample."""
    return [profile_column(column) for column in frame.iter_columns()]


def _profile(frame: pl.DataFrame, path: Path | None, rows: int | None) -> TableProfile:
    columns = profile_columns(frame)
    orders = date_orders([column for column in columns if column.is_date])
    return TableProfile(
        path=path,
        rows=rows,
        sampled=frame.height,
        columns=tuple(evolve(column, days=None) for column in columns),
        orders=orders,
    )


def date_orders(dates: Sequence[ColumnProfile]) -> tuple[DateOrder, ...]:
    """Return date columns in their likely order, each with the next.

    A column comes before those that it is not after in most of the rows that have both.
    """
    pairs = {(a.name, b.name): _order(a, b) for a in dates for b in dates if a.name != b.name}
    before = {
        a.name: sum(
            _share(pairs[a.name, b.name]) - _share(pairs[b.name, a.name])
            for b in dates
            if b.name != a.name
        )
        for a in dates
    }
    ranked = sorted(before, key=lambda name: -before[name])
    return tuple(pairs[a, b] for a, b in pairwise(ranked))


def _order(first: ColumnProfile, second: ColumnProfile) -> DateOrder:
    assert first.days is not None, "the formats of the dates are known"
    assert second.days is not None, "the formats of the dates are known"
    in_order = first.days <= second.days
    rows = in_order.len() - in_order.null_count()
    return DateOrder(
        first=first.name, second=second.name, in_order=int(in_order.sum() or 0), rows=rows
    )


def _share(order: DateOrder) -> float:
    return order.in_order / order.rows if order.rows else 0.0
