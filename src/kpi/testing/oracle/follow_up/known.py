"""Rows as they are known at the end of a day, with the cells of the extract (S15, F2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from kpi.definitions.table import Table
from kpi.testing.oracle import local_date

Cells: TypeAlias = dict[str, object]
"""A row of the extract: the cell of each column."""


def known_rows(
    table: Table, rows: Iterable[Mapping[str, object]], zone: str, as_of: dt.date
) -> list[Cells]:
    """Return the rows that exist at the end of `as_of`, with later events null (S15).

    A row without an entry stays. Columns that are neither entry nor event stay as they stand.
    """

    def is_later(cell: object) -> bool:
        day = local_date(cell, zone)
        return day is not None and day > as_of

    return [
        {
            column: None if column in table.events and is_later(cell) else cell
            for column, cell in row.items()
        }
        for row in rows
        if table.entry is None or not is_later(row.get(table.entry))
    ]
