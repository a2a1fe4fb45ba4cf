"""Source of one table, opened and ready to be collected."""

from __future__ import annotations

from collections.abc import Mapping

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
        """The file that the rows come from, of many the first; None for other sources."""
        if isinstance(self.frame, CsvFile):
            paths = [self.frame.path]
        elif isinstance(self.frame, CsvParts):
            paths = [part.file.path for part in self.frame.parts]
        elif isinstance(self.fingerprint, FingerprintOfMany):
            paths = [file.path for file in self.fingerprint.files]
        else:
            paths = [] if self.fingerprint is None else [self.fingerprint.path]
        if not paths:
            return None
        return str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1:,} more"

    @classmethod
    def of(cls, readable: Readable, fingerprint: Fingerprint | None = None) -> SourceTable:
        """Return the source of a table whose readable columns are in memory."""
        return cls(readable.frame.lazy(), fingerprint=fingerprint, unreadable=readable.unreadable)
