"""Delta tables: the rows that the log of a version says are there, never the files as they lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from kpi.errors import DataError, first_line, speakable_cause, without_credentials
from kpi.tables.sources.extras import load_extra
from kpi.tables.sources.fingerprint import FileFingerprint, FingerprintOfMany
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable


def open_delta(place: Path | str, layout: Layout) -> SourceTable:
    """Return the source of a Delta table, in the version that is declared.

    Args:
        place: the directory, or the URL in an object store; at a URL nothing is left there.
        layout: the layout of the table.

    Raises:
        DataError: where the extra is missing, the table cannot be read, or has no such version.
    """
    shown = without_credentials(str(place))
    layout.require_used(shown, "a Delta table", ("version",))
    delta = load_extra("deltalake", "delta", f"{shown}: reading Delta tables")
    from deltalake.exceptions import DeltaError  # noqa: PLC0415 - an extra, which is there

    try:
        table = delta.DeltaTable(place.resolve() if isinstance(place, Path) else place)
        if layout.version is not None:
            _load_version(table, layout.version, shown)
        if isinstance(place, str):
            return SourceTable(pl.scan_delta(table))
        _require_plain_path(table, place)
        frame = pl.scan_delta(table)
        files = [FileFingerprint.of(Path(uri)) for uri in table.file_uris()]
        rows = int(frame.select(pl.len()).collect().item())
    except (DeltaError, PolarsError, OSError) as error:
        cause = speakable_cause(error)
        raise DataError(f"{shown}: cannot be read: {first_line(error)}") from cause
    return SourceTable(frame, rows=rows, fingerprint=FingerprintOfMany(tuple(files)))


def _load_version(table: Any, version: int, shown: str) -> None:
    """Load a version of a Delta table.

    Raises:
        DataError: where the table has no such version (any more), naming the versions that it has.
        DeltaError: where the version cannot be read.
    """
    from deltalake.exceptions import DeltaError  # noqa: PLC0415 - an extra

    last, cause = table.version(), None
    if 0 <= version <= last:
        try:
            table.load_as_version(version)
        except DeltaError as error:
            cause = error
        else:
            return
    first = min(int(commit["version"]) for commit in table.history())
    if cause is not None and version >= first:
        raise cause
    raise DataError(f"{shown}: no version {version}; the table has versions {first} to {last}")


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
