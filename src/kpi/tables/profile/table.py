"""Profile of one table: layout, sample, columns, likely keys, and the order of the dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, field, frozen

from kpi.tables.profile.columns import ColumnProfile, profile_column
from kpi.tables.profile.form import Form
from kpi.tables.profile.sources import look

_CODES = ("text", "number")
"""Texts that are numbers, such as 007, may be a key; a column of numbers with a fraction is none."""


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
        origin: what an extract file says of the source in place of a path.
        form: the form of the source.
        unreadable: (name, type) of the columns that cannot be read.
        orders: the date columns in their likely order, each with the next.
        remarks: what a reader of the table should know, a sentence each.
    """

    path: Path | None
    rows: int | None
    sampled: int
    columns: tuple[ColumnProfile, ...]
    origin: Mapping[str, Any] = field(factory=dict)
    form: Form = field(factory=Form)
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
        source: what `look` takes.
        name: the name of the table, for messages.
        known: names of columns that the table may well have.

    Raises:
        DataError: where the source is no table, does not exist or cannot be read at all.
    """
    seen = look(source, name, known)
    columns = profile_columns(seen.frame)
    return TableProfile(
        path=seen.path,
        origin=seen.origin,
        rows=seen.rows,
        sampled=seen.frame.height,
        columns=tuple(evolve(column, days=None) for column in columns),
        form=seen.form,
        unreadable=tuple(seen.unreadable.items()),
        orders=date_orders([column for column in columns if column.is_date]),
        remarks=seen.remarks,
    )


def profile_columns(frame: pl.DataFrame) -> list[ColumnProfile]:
    """Return the profiles of the columns of a sample."""
    return [profile_column(column) for column in frame.iter_columns()]


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
