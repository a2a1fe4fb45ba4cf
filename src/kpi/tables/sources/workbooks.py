"""Workbooks of Excel and LibreOffice: one sheet as a table, each cell with its own type.

A column whose cells have one type has that type: whole numbers, dates, truth values. Where types are
mixed, it holds texts, and none of its cells is lost: a date stands there as a date is written, an
error as Excel shows it (`#N/A`).
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from attrs import frozen

from kpi.errors import DataError, first_line, listed, suggest
from kpi.tables.sources.extras import load_extra
from kpi.tables.sources.headers import below_others, require_names
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.sheet_columns import Cells, column_of
from kpi.tables.sources.source_table import SourceTable

T = TypeVar("T")

_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of a workbook: of a zip archive, or of the older compound files."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PREAMBLE = 50
"""Rows from the top among which the names of the columns are looked for."""

_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}


def workbook(path: Path, layout: Layout, data: bytes | None = None) -> SourceTable:
    """Read a sheet of a workbook; rows without any value are no rows.

    Args:
        path: the path of the file, or its name in messages.
        layout: what is declared of the file: the sheet, and the rows to leave out.
        data: the bytes of the file where they are not those of the path itself.

    Raises:
        DataError: where the extra `excel` is absent; where the file is no workbook, or is protected
            by a password; where several sheets hold rows and none is declared; where the header is
            missing.
        OSError: where the file cannot be read.
    """
    content = path.read_bytes() if data is None else data
    book = _Workbook.of(path, content)
    sheet, cells = _chosen(book, layout)
    where = f"{path}, sheet {sheet}"
    if not cells.texts.width:
        raise DataError(f"{where}: holds no rows; the names of the columns stand above the rows")
    filled = cells.filled().arg_true().to_list()
    header = next((n for n in filled if n >= layout.skip_lines), None)
    if header is None:
        raise DataError(
            f"{where}: {cells.texts.height} rows, and none is left of them; the table "
            f"{layout.table} declares skip_lines = {layout.skip_lines}"
        )
    names = [text or "" for text in cells.texts.row(header)]
    first = f"{where}, row {header + 1}"
    if not set(layout.key) <= set(names):
        _refuse_preamble(cells, filled, header, where, layout)
    rows = [n for n in filled if n > header]
    rows = rows[: len(rows) - layout.footer_lines] if layout.footer_lines else rows
    body = cells.rows(rows)
    # Columns that hold nothing at all were formatted, and never filled.
    used = [n for n, name in enumerate(names) if name or body.texts.to_series(n).count()]
    names = [names[n] for n in used]
    require_names(names, path, first, layout)
    columns = {name: column_of(name, body, n, layout) for name, n in zip(names, used, strict=True)}
    return SourceTable(pl.DataFrame(columns).lazy())


@frozen
class _Workbook:
    """Workbook that has been opened.

    Attributes:
        path: the name of the file in messages.
        content: the bytes of the file.
        reader: the reader of fastexcel.
    """

    path: Path
    content: bytes
    reader: Any

    @classmethod
    def of(cls, path: Path, content: bytes) -> _Workbook:
        """Open a workbook.

        Raises:
            DataError: where the extra is absent, or the file is no workbook that can be opened.
        """
        fastexcel = load_extra("fastexcel", "excel", f"{path}: reading a workbook")
        if not content.startswith(_MAGIC):
            start = content[:40].decode("latin-1").lstrip("\ufeffï»¿ \r\n\t")
            hint = "a page of HTML" if start.startswith("<") else "perhaps a file of texts"
            raise DataError(
                f"{path}: no workbook, whatever its name says, but {hint}; open it in Excel and save "
                "it as .xlsx, or rename it after what it is, such as .csv"
            )
        if _ENCRYPTED in content:
            raise _protected(path)
        return cls(path, content, _guarded(path, lambda: fastexcel.read_excel(content)))

    @property
    def sheets(self) -> list[str]:
        """The names of the sheets, in their order."""
        return list(self.reader.sheet_names)

    def cells(self, sheet: str) -> Cells:
        """Read the cells of a sheet, from its first row on.

        Raises:
            DataError: where the sheet cannot be read, or its errors cannot be told from nothing.
        """
        return _guarded(self.path, lambda: self._cells(sheet))

    def _cells(self, sheet: str) -> Cells:
        def load(kind: str) -> Any:
            return self.reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=kind)

        batch, lost = load("string").to_arrow_with_errors()
        texts = pl.DataFrame(batch)
        if not texts.width:
            return Cells(texts, texts, texts, lambda: texts)
        # Of an empty text, as many a formula gives, no sheet shows anything.
        texts = texts.with_columns(pl.all().replace("", None))
        if lost is not None:
            texts = _with_lost(texts, lost.errors)
        if self._has_errors_of_libreoffice(sheet):
            raise DataError(
                f"{self.path}, sheet {sheet}: a cell holds an error such as #DIV/0!, which an .ods "
                "file does not tell from an empty cell; correct it, or save the file as .xlsx"
            )
        plain, dates = (
            pl.DataFrame(load(kind)).select(pl.all().is_not_null()) for kind in ("boolean", "date")
        )
        return Cells(texts, plain, dates, lambda: pl.DataFrame(load("float")))

    def _has_errors_of_libreoffice(self, sheet: str) -> bool:
        """Return whether a cell of a sheet of an .ods file holds an error, which is read as ''."""
        if not self.content.startswith(_MAGIC[0]):
            return False
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            if "content.xml" not in archive.namelist():
                return False
            content = archive.read("content.xml")
        for part in content.split(b"<table:table ")[1:]:
            name = re.match(rb'[^>]*?table:name="([^"]*)"', part)
            if name and html.unescape(name[1].decode()) == sheet:
                return b'calcext:value-type="error"' in part
        return False


def _with_lost(texts: pl.DataFrame, errors: Sequence[Any]) -> pl.DataFrame:
    """Return the texts of cells with those that are none: errors as Excel shows them.

    Args:
        texts: the texts of the cells.
        errors: the cells that could not be read as texts, with position and detail.
    """
    columns = texts.get_columns()
    for place in {error.position[1] for error in errors}:
        values = columns[place].to_list()
        for error in errors:
            row, column = error.position
            if column == place:
                values[row] = _shown(error.detail)
        columns[place] = pl.Series(columns[place].name, values, pl.String)
    return pl.DataFrame(columns)


def _shown(detail: str) -> str:
    """Return the text of a cell that could not be read as one, from what the reader says of it."""
    error = re.search(r"Error\((\w+)\)", detail)
    if error:
        return _ERRORS.get(error[1], f"#{error[1].upper()}")
    duration = re.search(r'DurationIso\("PT(\d+)H(\d+)M(\d+)', detail)
    if duration:
        return ":".join(part.zfill(2) for part in duration.groups())
    return detail


def _chosen(book: _Workbook, layout: Layout) -> tuple[str, Cells]:
    """Return the name and the cells of the declared sheet, else of the only one that holds rows.

    Raises:
        DataError: where the declared sheet does not exist; where none is declared, and none or
            several hold rows.
    """
    sheets, declared = book.sheets, layout.sheet
    if isinstance(declared, int):
        if not 1 <= declared <= len(sheets):
            raise DataError(
                f"{book.path}: no sheet {declared}; it has {len(sheets)}: {listed(sheets)}"
            )
        declared = sheets[declared - 1]
    if declared is not None:
        if declared not in sheets:
            hint = suggest(declared, sheets)
            raise DataError(f"{book.path}: no sheet {declared!r}; it has {listed(sheets)}{hint}")
        return declared, book.cells(declared)
    cells = {sheet: book.cells(sheet) for sheet in sheets}
    filled = [sheet for sheet in sheets if cells[sheet].filled().any()]
    if not filled:
        raise DataError(f"{book.path}: no sheet holds rows; it has {listed(sheets)}")
    if len(filled) > 1:
        raise DataError(
            f"{book.path}: {len(filled)} sheets hold rows ({listed(filled)}); declare which is the "
            f'table {layout.table} in an extract file, such as sheet = "{filled[0]}"'
        )
    return filled[0], cells[filled[0]]


def _refuse_preamble(
    cells: Cells, filled: Sequence[int], header: int, where: str, layout: Layout
) -> None:
    """Check that no row below the first holds the names of the key, which the first does not.

    Raises:
        DataError: where a row does, as below a heading.
    """
    for n in filled:
        if header < n < header + _PREAMBLE and set(layout.key) <= set(cells.texts.row(n)):
            raise below_others(f"{where}, row {n + 1}", n, layout)


def _protected(path: Path) -> DataError:
    return DataError(f"{path}: is protected by a password; save it without one")


def _guarded(path: Path, read: Callable[[], T]) -> T:
    """Call the reader of workbooks.

    Raises:
        DataError: where the reader fails, even with a panic, which is no `Exception`.
    """
    import fastexcel  # noqa: PLC0415 - an extra

    try:
        return read()
    except BaseException as error:
        if not isinstance(error, fastexcel.FastExcelError | zipfile.BadZipFile) and (
            type(error).__name__ != "PanicException"
        ):
            raise
        if "password" in str(error).lower():
            raise _protected(path) from None
        raise DataError(
            f"{path}: cannot be read as a workbook: {first_line(error)}; open it in Excel and save it "
            "again"
        ) from error


def sheet_texts(path: Path, data: bytes | None = None) -> dict[str, pl.DataFrame]:
    """Return the cells of each sheet of a workbook as texts, from its first row on; null for none.

    Args:
        path: the path of the file, or its name in messages.
        data: the bytes of the file where they are not those of the path itself.

    Raises:
        DataError: where the extra `excel` is absent, or the file is no workbook that can be opened.
        OSError: where the file cannot be read.
    """
    book = _Workbook.of(path, path.read_bytes() if data is None else data)
    return {sheet: book.cells(sheet).texts for sheet in book.sheets}
