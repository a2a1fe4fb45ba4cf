"""Layout of the source of a table: the names and the form that the rows have where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from kpi.definitions.extract_file import TableSource
from kpi.definitions.table import DateFormat, Table
from kpi.errors import DataError, listed

_FORM = ("encoding", "separator", "quote", "skip_lines", "footer_lines", "sheet", "version")
"""The keys of an extract file that say what form a source has."""


@frozen(kw_only=True)
class Layout:
    """Layout of the source of one table, as far as it is declared.

    Attributes:
        table: the name of the table, for messages.
        key: the names that the columns of the key have in the source.
        dates: the names that the declared dates have in the source.
        date_format: the format of dates that are texts; for the source's names where it is by column.
        encoding: the character encoding of a text file (default: UTF-8).
        separator: the sign between the fields of a CSV file (default: found by the header).
        quote: the sign around quoted fields of a CSV file, the empty text for none (default: `"`).
        skip_lines: number of lines, or of rows of a sheet, above the header.
        footer_lines: number of lines, or of rows of a sheet, below the rows.
        sheet: the sheet of a workbook, by name, or by number from 1 (default: the only one with rows).
        version: the version of a Delta table (default: the newest).
        declared: the keys of these that the extract file declares for this table alone; what is
            declared in a plan goes for sources of every kind.
    """

    table: str
    key: tuple[str, ...]
    dates: tuple[str, ...] = ()
    date_format: DateFormat | None = None
    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    skip_lines: int = 0
    footer_lines: int = 0
    sheet: str | int | None = None
    version: int | None = None
    declared: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Table) -> Layout:
        """Return the layout of a source that has the names of the plan."""
        return cls(
            table=table.name,
            key=table.key,
            dates=table.date_columns,
            date_format=table.date_format,
            encoding=table.encoding,
        )

    @classmethod
    def of_source(
        cls, table: Table, source: TableSource, key: Iterable[str], dates: Iterable[str]
    ) -> Layout:
        """Return the layout of a source as an extract file declares it.

        Args:
            table: the declaration of the table in the plan.
            source: the declaration of the source.
            key: the columns of the key, by the plan's names.
            dates: the date columns, by the plan's names.
        """
        named = source.columns.get
        return cls(
            table=table.name,
            key=tuple(named(name, name) for name in key),
            dates=tuple(named(name, name) for name in dates),
            date_format=_by_source(table, source),
            encoding=source.encoding or table.encoding,
            separator=source.separator,
            quote=source.quote,
            skip_lines=source.skip_lines,
            footer_lines=source.footer_lines,
            sheet=source.sheet,
            version=source.version,
            declared=tuple(name for name in _FORM if getattr(source, name) not in (None, 0)),
        )

    def require_used(self, where: str, what: str, used: Iterable[str] = ()) -> None:
        """Check that a source has all that the extract file declares of its form.

        Args:
            where: the source, in messages.
            what: the kind of source.
            used: the keys that say something of such a source.

        Raises:
            DataError: naming the keys that say nothing of it, which would be ignored.
        """
        accepted = tuple(used)
        ignored = [name for name in self.declared if name not in accepted]
        if ignored:
            raise DataError(
                f"{where}: {what}, for which the table {self.table} declares {listed(ignored)}; "
                f"accepted: {listed(accepted) or 'no key of a form'}"
            )

    def format_of(self, column: str) -> str | None:
        """Return the format of the dates of a column that are text; None for ISO 8601."""
        if isinstance(self.date_format, str):
            return self.date_format
        return (self.date_format or {}).get(column)


def _by_source(table: Table, source: TableSource) -> DateFormat | None:
    """Return the format of dates that are texts, by the source's names where it is by column."""
    formats = table.date_format if source.date_format is None else source.date_format
    if not isinstance(formats, Mapping):
        return formats
    return {source.columns.get(name, name): style for name, style in formats.items()}
