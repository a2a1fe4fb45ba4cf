"""Files as sources, each kind opened by the ending of the name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from polars.exceptions import PolarsError

from kpi.errors import DataError, reason
from kpi.tables.sources.columnar_files import arrow, parquet
from kpi.tables.sources.compressed import PACKINGS, unpacked
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.json_lines import json_lines
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.workbooks import workbook


class Reader(Protocol):
    """Reader of a kind of file."""

    def __call__(self, path: Path, layout: Layout, data: bytes | None = None, /) -> SourceTable:
        """Return the source of a table in a file, or in bytes that stand for one."""


def _csv(path: Path, layout: Layout, data: bytes | None = None) -> SourceTable:
    file = CsvFile.of(path, layout, data)
    return SourceTable(file, file.decimal_comma)


READERS: Mapping[str, Reader] = {
    ".parquet": parquet,
    ".pq": parquet,
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _csv,
    ".jsonl": json_lines,
    ".ndjson": json_lines,
    ".arrow": arrow,
    ".ipc": arrow,
    ".feather": arrow,
    ".xlsx": workbook,
    ".xlsm": workbook,
    ".xls": workbook,
    ".xlsb": workbook,
    ".ods": workbook,
}
"""The reader of each kind of file, by the ending of the name in small letters."""

_LOGS = (".xes", ".xes.gz")
_CSV = (".csv", ".tsv", ".txt")
TEXTS = (*_CSV, ".jsonl", ".ndjson")
"""Endings of text files, which may be compressed."""

SUFFIXES = (*READERS, *(kind + packing for kind in TEXTS for packing in PACKINGS))
"""Endings of the files that are read."""

ACCEPTED = (
    "accepted: .parquet, .pq, .csv, .tsv, .txt, .jsonl, .ndjson, .arrow, .ipc, .feather, .xlsx, "
    ".xlsm, .xls, .xlsb, .ods, and .csv.gz, .csv.zst, .csv.zip or other text so compressed"
)


def kind_of(path: Path) -> str:
    """Return the ending of a name in small letters; of a compressed file both, as `.csv.gz`."""
    kind = path.suffix.lower()
    return Path(path.stem).suffix.lower() + kind if kind in PACKINGS else kind


def table_name(path: Path) -> str:
    """Return the name of the table that a file would be by its own name, which has no ending."""
    return path.name[: len(path.name) - len(kind_of(path))]


def is_csv(path: Path) -> bool:
    """Return whether a file is read as CSV, compressed or not."""
    kind = kind_of(path)
    return kind in SUFFIXES and kind.startswith(_CSV)


_OF_TEXT = ("encoding", "skip_lines", "footer_lines")
_OF_SHEETS = ("sheet", "skip_lines", "footer_lines")
_FORMS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_CSV, (*_OF_TEXT, "separator", "quote")),
    **dict.fromkeys((".jsonl", ".ndjson"), _OF_TEXT),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), _OF_SHEETS),
}
"""What can be declared of the form of a file, by the ending, of compressed text that of the text."""


def require_form(path: Path, layout: Layout) -> None:
    """Check that a file of a kind that is read has the form that is declared.

    Raises:
        DataError: where it is of a kind without what is declared, such as a separator.
    """
    kind = kind_of(path)
    used = _FORMS.get(kind if kind in READERS else Path(kind).stem, ())
    layout.require_used(str(path), f"a {kind} file", used)


def reader_of(kind: str) -> Reader | None:
    """Return the reader of an ending, of compressed text that of the text; None for other kinds."""
    return READERS.get(kind) or READERS.get(Path(kind).stem)


def open_file(path: Path, layout: Layout) -> SourceTable:
    """Return the source of a table in a file.

    Raises:
        DataError: where the file does not exist, is empty or cannot be read, or its ending is not
            that of a kind of file that is read.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a directory; expected a file for the table {layout.table}")
    if not path.is_file():
        raise DataError(f"{path}: {absent(path)}")
    kind = kind_of(path)
    if path.name.lower().endswith(_LOGS):
        raise DataError(
            f"{path}: is an event log; an extract file says what it is made of: "
            "[tables.cases.from_events], see docs/how-to/extract-files/"
        )
    if kind not in SUFFIXES:
        raise DataError(f"{path}: {unknown_kind(path)}; {ACCEPTED}")
    require_form(path, layout)
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise DataError(f"{path}: the file is empty")
        data = unpacked(path, path.suffix.lower()) if kind not in READERS else None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {reason(error)}") from error
    return open_data(kind, path, layout, data)


def open_data(kind: str, path: Path, layout: Layout, data: bytes | None) -> SourceTable:
    """Return the source of a table in a file of a kind, or in bytes that stand for one.

    Args:
        kind: the ending of the kind, in small letters; for compressed text, of the whole.
        path: the path of the file, or its name in messages.
        layout: what is declared of the file.
        data: the unpacked bytes of the file where they are not those of the path itself.

    Raises:
        DataError: where the file is empty or cannot be read.
    """
    if data is not None and not data:
        raise DataError(f"{path}: the file is empty")
    reader = reader_of(kind)
    assert reader is not None, "the kind is read"
    try:
        return reader(path, layout, data)
    except (PolarsError, OSError) as error:
        raise DataError(f"{path}: cannot be read: {reason(error)}") from error


def absent(path: Path) -> str:
    """Return what is wrong with a path at which there is no file."""
    # These are false for a name that is too long, at which methods of a path raise.
    if os.path.exists(path):  # noqa: PTH110
        return "no file that can be read"
    is_link = os.path.islink(path)  # noqa: PTH114
    return "a link to a file that does not exist" if is_link else "no such file"


def unknown_kind(path: Path) -> str:
    """Return what is wrong with the kind of a file that is not read, and what to do."""
    if path.suffix.lower() == ".toml":
        return "is a plan file (TOML), not a table"
    if path.suffix.lower() in PACKINGS:
        packing = path.suffix.lower()
        return (
            "unknown kind of file; the name of compressed text says what it is, such as "
            f"{table_name(path) or 'cases'}.csv{packing}"
        )
    return "unknown kind of file"
