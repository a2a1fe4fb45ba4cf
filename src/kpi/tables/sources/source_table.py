"""Source of one table, opened and ready to be collected."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from attrs import field, frozen

from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.csv_parts import CsvParts
from kpi.tables.sources.fingerprint import Fingerprint
from kpi.tables.sources.foreign_columns import Readable


@frozen(eq=False, repr=False)
class SourceTable:
    """Source of one table, ready to be collected.

    Attributes:
        frame: the rows, to be collected.
        decimal_comma: whether the comma in texts of numbers is that of decimals, as in a file whose
            separator is the semicolon.
        rows: number of rows of files that can be read in chunks; else 0.
        fingerprint: the fingerprint of Parquet or Arrow files; None for other sources.
        unreadable: the type of each column that cannot be read, by name; they are not in `frame`.
    """

    frame: pl.LazyFrame | CsvFile | CsvParts
    decimal_comma: bool = False
    rows: int = 0
    fingerprint: Fingerprint | None = None
    unreadable: Mapping[str, str] = field(factory=dict)

    @classmethod
    def of(cls, readable: Readable, fingerprint: Fingerprint | None = None) -> SourceTable:
        """Return the source of a table whose readable columns are in memory."""
        return cls(readable.frame.lazy(), fingerprint=fingerprint, unreadable=readable.unreadable)
