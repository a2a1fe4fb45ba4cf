"""Layout of the source of a table: the names and the form that the rows have where they come from."""

from __future__ import annotations

from attrs import frozen

from kpi.definitions.table import Encoding, Table


@frozen(kw_only=True)
class Layout:
    """Layout of the source of one table, as far as it is declared.

    Attributes:
        table: the name of the table, for messages.
        key: the names that the columns of the key have in the source.
        dates: the names that the declared dates have in the source.
        encoding: the character encoding of a text file (default: UTF-8).
        version: the version of a Delta table (default: the newest).
    """

    table: str
    key: tuple[str, ...]
    dates: tuple[str, ...] = ()
    encoding: Encoding | None = None
    version: int | None = None

    @classmethod
    def of(cls, table: Table) -> Layout:
        """Return the layout of a source that has the names of the plan."""
        return cls(
            table=table.name, key=table.key, dates=table.date_columns, encoding=table.encoding
        )
