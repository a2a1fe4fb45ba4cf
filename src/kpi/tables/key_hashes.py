"""Hashes of the keys of a table: whether two extracts hold the same case, without the cases (S13)."""

from __future__ import annotations

import polars as pl

from kpi.tables.checked_table import CheckedTable
from kpi.tables.row_hashes import HASHES, hashes
from kpi.tables.table_fingerprint import cells_of

__all__ = ["HASHES", "key_hashes"]


def key_hashes(checked: CheckedTable) -> pl.DataFrame:
    """Return the two hashes of the key of each usable row, those with a repeated id among them.

    They are the same in every file format and version, and tell whoever knows an id whether it is there.

    Raises:
        DataError: where a large file has changed since it was checked.
    """
    if checked.fingerprint is not None:
        checked.fingerprint.require_unchanged()
    rows = checked.frame.lazy()
    present = rows.collect_schema().names()
    cells = [cell for name in checked.table.key for cell in cells_of(checked, name, present)]
    return hashes(rows, cells).unique().collect(engine="streaming").sort(HASHES)
