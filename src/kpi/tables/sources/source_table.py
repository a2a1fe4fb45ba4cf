"""Source of one table, opened and ready to be collected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from attrs import field, frozen

from kpi.definitions.extract_file import TableSource
from kpi.tables.event_log.conversion import LogConversion
from kpi.tables.quality import Remark
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.csv_parts import CsvParts
from kpi.tables.sources.fingerprint import Fingerprint, FingerprintOfMany
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
        declared: the declaration of the source in an extract file; None without one.
        remarks: notes on how the source is read.
        log: what became of the event log that the table is made of; None for other tables.
        is_read: whether the rows have been read, for another plan.
    """

    frame: pl.LazyFrame | CsvFile | CsvParts
    decimal_comma: bool = False
    rows: int = 0
    fingerprint: Fingerprint | None = None
    unreadable: Mapping[str, str] = field(factory=dict)
    declared: TableSource | None = None
    remarks: tuple[Remark, ...] = ()
    log: LogConversion | None = None
    is_read: bool = False

    @property
    def name(self) -> str | None:
        """The path of the file that the rows come from, or of the first of many; None for others."""
        if isinstance(self.frame, CsvFile):
            return str(self.frame.path)
        if isinstance(self.frame, CsvParts):
            return _first_of(len(self.frame.parts), self.frame.parts[0].file.path)
        if isinstance(self.fingerprint, FingerprintOfMany):
            return _first_of(len(self.fingerprint.files), self.fingerprint.files[0].path)
        return None if self.fingerprint is None else str(self.fingerprint.path)

    @classmethod
    def of(cls, readable: Readable, fingerprint: Fingerprint | None = None) -> SourceTable:
        """Return the source of a table whose readable columns are in memory."""
        return cls(readable.frame.lazy(), fingerprint=fingerprint, unreadable=readable.unreadable)


def _first_of(files: int, first: Path) -> str:
    return str(first) if files == 1 else f"{first} and {files - 1:,} more"
