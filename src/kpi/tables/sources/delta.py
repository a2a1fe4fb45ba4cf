"""Delta tables: the rows that the log of a version says are there, never the files as they lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from kpi.errors import DataError, first_line
from kpi.tables.sources.fingerprint import FileFingerprint, FingerprintOfMany
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable


def open_delta(directory: Path, layout: Layout) -> SourceTable:
    """Return the source of a Delta table in a directory, in the version that is declared.

    Raises:
        DataError: where the extra is missing, the table cannot be read, or has no such version.
    """
    try:
        from deltalake import DeltaTable  # noqa: PLC0415 - an extra
        from deltalake.exceptions import DeltaError  # noqa: PLC0415 - as above
    except ImportError as error:
        raise DataError(
            f"{directory}: reading Delta tables needs an extra: pip install 'kpi[delta]'"
        ) from error
    try:
        table = DeltaTable(directory.resolve())
        if layout.version is not None:
            _require_version(table, layout.version, directory)
            table.load_as_version(layout.version)
        _require_plain_path(table, directory)
        frame = pl.scan_delta(table)
        files = [FileFingerprint.of(Path(uri)) for uri in table.file_uris()]
        rows = int(frame.select(pl.len()).collect().item())
    except (DeltaError, PolarsError, OSError) as error:
        raise DataError(f"{directory}: cannot be read: {first_line(error)}") from error
    return SourceTable(frame, rows=rows, fingerprint=FingerprintOfMany(tuple(files)))


def _require_version(table: Any, version: int, directory: Path) -> None:
    """Check that a Delta table has a version still.

    Raises:
        DataError: naming the versions that the table has.
    """
    known = [int(commit["version"]) for commit in table.history()]
    first, last = min(known), max(known)
    if not first <= version <= last:
        raise DataError(
            f"{directory}: no version {version}; the table has versions {first} to {last}"
        )


def _require_plain_path(table: Any, directory: Path) -> None:
    """Check that the path of a Delta table is written alike as a path and as a URL.

    Polars takes the one for the other (deltalake 1.6, Polars 2.1), and finds no file.

    Raises:
        DataError: where the path has blanks or letters beyond ASCII.
    """
    root = str(table.table_uri).removeprefix("file://")
    if Path(root) != directory.resolve():
        raise DataError(
            f"{directory}: a Delta table is read only where its path ({directory.resolve()}) has "
            "neither blanks nor letters such as æ; move it"
        )
