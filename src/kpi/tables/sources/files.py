"""Files as sources, each kind opened by the ending of the name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from kpi.errors import DataError, listed, reason
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.fingerprint import FileFingerprint
from kpi.tables.sources.foreign_columns import from_file, names_foreign_zone
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.uuids import byte_columns, uuids_of_file, with_uuid_texts


def _csv(path: Path, layout: Layout) -> SourceTable:
    file = CsvFile.of(path, layout)
    return SourceTable(file, file.decimal_comma)


def _parquet(path: Path, _: Layout) -> SourceTable:
    return _scanned(path, pl.scan_parquet)


def _arrow(path: Path, _: Layout) -> SourceTable:
    return _scanned(path, pl.scan_ipc)


def _scanned(path: Path, scan: Callable[..., pl.LazyFrame]) -> SourceTable:
    fingerprint = FileFingerprint.of(path)
    if names_foreign_zone(path):
        return SourceTable.of(from_file(path), fingerprint)
    # A name may hold signs that would be a pattern.
    frame = scan(path, glob=False)
    try:
        rows = frame.select(pl.len()).collect().item()
    except PanicException:
        return SourceTable.of(from_file(path), fingerprint)
    bytes_ = byte_columns(frame.collect_schema())
    uuids = set(uuids_of_file(path)).intersection(bytes_) if bytes_ else ()
    return SourceTable(with_uuid_texts(frame, uuids), rows=rows, fingerprint=fingerprint)


READERS: Mapping[str, Callable[[Path, Layout], SourceTable]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".arrow": _arrow,
    ".ipc": _arrow,
    ".feather": _arrow,
}
"""The reader of each kind of file, by the ending of the name in small letters."""

SUFFIXES = tuple(READERS)

ACCEPTED = f"accepted: {listed(SUFFIXES)}"


def open_file(path: Path, layout: Layout) -> SourceTable:
    """Return the source of a table in a file.

    Raises:
        DataError: where the file does not exist, is empty or cannot be read, or its ending is not
            that of a kind of file that is read.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a directory; expected a file for the table {layout.table}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    kind = path.suffix.lower()
    if kind not in READERS:
        what = "is a plan file (TOML), not a table" if kind == ".toml" else "unknown kind of file"
        raise DataError(f"{path}: {what}; {ACCEPTED}")
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise DataError(f"{path}: the file is empty")
        return READERS[kind](path, layout)
    except (PolarsError, OSError) as error:
        raise DataError(f"{path}: cannot be read: {reason(error)}") from error
