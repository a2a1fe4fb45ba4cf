"""CSV files that are one table: each is read and checked by itself, then all are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from attrs import evolve, field, frozen
from polars.exceptions import PolarsError

from kpi.errors import DataError, reason
from kpi.tables.sources.csv_files import CsvFile


@frozen(eq=False, repr=False)
class CsvPart:
    """CSV file of a table of many, with the values that the directories above the file give.

    Attributes:
        file: the file.
        keys: text or null of each column that directories `key=value` give, by name.
    """

    file: CsvFile
    keys: Mapping[str, str | None] = field(factory=dict)

    def collect(self, columns: Sequence[str], *, categories: bool) -> pl.DataFrame:
        """Read the rows in some of the columns.

        Raises:
            DataError: as `CsvFile.collect`; where a column contradicts the directory.
        """
        path, own = self.file.path, set(self.file.names)
        # A column of the file that the directory gives too is read, to be compared.
        read = [name for name in self.file.names if name in columns or name in self.keys]
        read = read or list(self.file.names[:1])
        try:
            frame = self.file.select(read).collect(categories=categories)
        except (PolarsError, OSError) as error:
            raise DataError(f"{path}: cannot be read: {reason(error)}") from error
        for name, value in self.keys.items():
            if name in own and _differs(frame[name].cast(pl.String), value):
                raise contradiction(str(path), name, value)
        given = {k: pl.lit(v, pl.String) for k, v in self.keys.items() if k not in own}
        return frame.with_columns(**given).select(columns)


def _differs(texts: pl.Series, value: str | None) -> bool:
    """Return whether a text is another than the value; whole numbers may have zeros before them."""
    if value is not None and value.isdecimal():
        value, texts = value.lstrip("0"), texts.str.strip_chars_start("0")
    return bool(texts.ne_missing(pl.Series([value], dtype=pl.String)).any())


def contradiction(part: str, column: str, value: str | None) -> DataError:
    """Return the error of a part whose column holds other values than its directory says."""
    return DataError(
        f"{part}: column {column} holds other values than its directory says "
        f"({column}={'null' if value is None else value}); remove one of both"
    )


@frozen(eq=False, repr=False)
class CsvParts:
    """CSV files of one table, in order; rows are read when they are collected.

    Attributes:
        parts: the files; all have the same columns, in any order.
        columns: the columns to read.
    """

    parts: tuple[CsvPart, ...]
    columns: tuple[str, ...]

    def collect_schema(self) -> pl.Schema:
        """Return the columns to read, as texts."""
        return pl.Schema(dict.fromkeys(self.columns, pl.String()))

    def select(self, columns: Sequence[str]) -> CsvParts:
        """Return the table with other columns to read."""
        return evolve(self, columns=tuple(columns))

    def collect(self, *, categories: bool = True) -> pl.DataFrame:
        """Read the rows of all files in the columns to read.

        Args:
            categories: whether texts that repeat in large files may be categories (`pl.Enum`).

        Raises:
            DataError: where a file cannot be read, with the file and the line.
        """
        frames = [part.collect(self.columns, categories=categories) for part in self.parts]
        kinds = {name: _common(name, frames) for name in self.columns}
        return pl.concat([frame.cast(pl.Schema(kinds)) for frame in frames])


def _common(name: str, frames: Sequence[pl.DataFrame]) -> pl.DataType:
    """Return the categories of all files together; text where a file holds the column as text."""
    words: dict[str, None] = {}
    for frame in frames:
        kind = frame.schema[name]
        if not isinstance(kind, pl.Enum):
            return pl.String()
        words.update(dict.fromkeys(kind.categories))
    return pl.Enum(list(words))
