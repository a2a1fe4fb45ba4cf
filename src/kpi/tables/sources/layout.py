"""Layout of the source of a table: the names and the form that the rows have where they come from."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from kpi.definitions.extract_file import TableSource
from kpi.definitions.table import Table


@frozen(kw_only=True)
class Layout:
    """Layout of the source of one table, as far as it is declared.

    Attributes:
        table: the name of the table, for messages.
        key: the names that the columns of the key have in the source.
        dates: the names that the declared dates have in the source.
        encoding: the character encoding of a text file (default: UTF-8).
        separator: the sign between two fields of a text file (default: found in the header).
        quote: the sign around quoted fields of a text file (default: the double quote).
        skip_lines: number of lines of a text file above the header.
        footer_lines: number of lines of a text file below the rows.
        sheet: the sheet of a workbook, by its name or its number from 1.
        version: the version of a Delta table (default: the newest).
    """

    table: str
    key: tuple[str, ...]
    dates: tuple[str, ...] = ()
    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    skip_lines: int = 0
    footer_lines: int = 0
    sheet: str | int | None = None
    version: int | None = None

    @classmethod
    def of(cls, table: Table) -> Layout:
        """Return the layout of a source that has the names of the plan."""
        return cls(
            table=table.name, key=table.key, dates=table.date_columns, encoding=table.encoding
        )

    @classmethod
    def declared(
        cls, table: Table, source: TableSource, key: Iterable[str], dates: Iterable[str]
    ) -> Layout:
        """Return the layout of a source as an extract file declares it.

        Args:
            table: the declaration of the table in the plan.
            source: the declaration of the source.
            key: the columns of the key, by the plan's names.
            dates: the date columns, by the plan's names.
        """
        of_source = source.columns.get
        return cls(
            table=table.name,
            key=tuple(of_source(name, name) for name in key),
            dates=tuple(of_source(name, name) for name in dates),
            encoding=source.encoding or table.encoding,
            separator=source.separator,
            quote=source.quote,
            skip_lines=source.skip_lines,
            footer_lines=source.footer_lines,
            sheet=source.sheet,
            version=source.version,
        )
