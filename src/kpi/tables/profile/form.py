"""Form of a source, as far as an extract file can declare it."""

from __future__ import annotations

from attrs import frozen

from kpi.tables.profile.encodings import FoundEncoding


@frozen(kw_only=True)
class Form:
    """Form of a source as it was found; what a kind of source does not have is None or 0.

    Attributes:
        encoding: the encoding of a text file.
        separator: the separator of fields of a text file.
        quote: the quote of a text file.
        skip_lines: number of lines, or of rows of a sheet, above the header.
        footer_lines: number of lines below the rows.
        has_header: whether a line names the columns.
        sheet: the sheet of a workbook where several hold rows.
        other_sheets: the other sheets that hold rows.
        is_log: whether the source is an event log in XES.
    """

    encoding: FoundEncoding | None = None
    separator: str | None = None
    quote: str | None = None
    skip_lines: int = 0
    footer_lines: int = 0
    has_header: bool = True
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    is_log: bool = False
