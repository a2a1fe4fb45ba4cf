"""Columns under the plan's names: which column of a source each name of an extract file means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.messages import Message
from kpi.errors import DataError, listed, suggest
from kpi.tables.quality import Remark
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.csv_parts import CsvPart, CsvParts
from kpi.tables.sources.source_table import SourceTable

_AROUND = "\ufeff \t\r\n\v\f\xa0"
"""Signs around a name that are forgiven: blanks, and a byte order mark."""


@frozen
class RenamedColumns:
    """Names of the columns of a source under the plan's names.

    Attributes:
        names: the plan's name of each column of the source, in the order of the source.
        left_out: columns whose name the plan uses for another column, which is declared.
    """

    names: Mapping[str, str]
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, present: Collection[str], declared: Mapping[str, str], origin: str
    ) -> RenamedColumns:
        """Return the names of the columns of a source.

        A declared column has the plan's name. Of the others, blanks and a byte order mark around
        the name are dropped where the name is then that of one column alone.

        Args:
            present: the columns of the source.
            declared: the name in the source of each of the plan's names.
            origin: the source in words, for messages.

        Raises:
            DataError: where a declared column is not in the source, or could be any of several.
        """
        problems: list[str] = []
        meant: dict[str, str] = {}
        for name, wanted in declared.items():
            fits = [wanted] if wanted in present else _alike(wanted, present)
            if len(fits) == 1:
                (column,) = fits
                if meant.setdefault(column, name) != name:
                    problems.append(
                        f"columns.{name}: {column!r} is {meant[column]} already; name a column once"
                    )
            elif fits:
                found = listed([repr(fit) for fit in fits])
                problems.append(
                    f"columns.{name}: {wanted!r} could be any of {found}; give the blanks too"
                )
            else:
                hint = suggest(wanted, present)
                found = listed(list(present))
                problems.append(
                    f"columns.{name}: no column {wanted!r} in {origin}{hint}; found {found}"
                )
        if problems:
            raise DataError("\n".join(problems))
        times = Counter(map(_bare, present))
        names: dict[str, str] = {}
        left_out: list[str] = []
        for column in present:
            bare = _bare(column)
            name = bare if bare and times[bare] == 1 else column
            if column in meant:
                names[column] = meant[column]
            elif name in declared:
                left_out.append(column)
            else:
                names[column] = name
        return cls(names, tuple(left_out))

    def remarks(self, declared: Mapping[str, str]) -> Iterator[Remark]:
        """Yield a note for each column that is left out."""
        for column in self.left_out:
            wanted = declared[_bare(column)] if column not in declared else declared[column]
            yield Remark(
                Message(
                    "column {column} of the source left out, for {wanted} is declared in its place",
                    column=repr(column),
                    wanted=repr(wanted),
                ),
                code="column-left-out",
            )

    def applied(self, source: SourceTable) -> SourceTable:
        """Return a source under the plan's names."""
        names = self.names
        if not self.left_out and all(column == name for column, name in names.items()):
            return source
        frame = source.frame
        unreadable = {names[c]: kind for c, kind in source.unreadable.items() if c in names}
        if isinstance(frame, CsvFile):
            return evolve(source, frame=_renamed_csv(frame, names), unreadable=unreadable)
        if isinstance(frame, CsvParts):
            return evolve(source, frame=_renamed_parts(frame, names), unreadable=unreadable)
        read = frame.collect_schema()
        columns = [pl.col(c).alias(name) for c, name in names.items() if c in read]
        return evolve(source, frame=frame.select(columns), unreadable=unreadable)


def _renamed_csv(file: CsvFile, names: Mapping[str, str]) -> CsvFile:
    # A name that is left out must not be that of another column.
    every = {name: names.get(name, f"{name} (left out)") for name in file.names}
    return evolve(
        file,
        key=tuple(every.get(name, name) for name in file.key),
        dates=frozenset(every.get(name, name) for name in file.dates),
        names=tuple(every.values()),
        columns=tuple(names[name] for name in file.columns if name in names),
    )


def _renamed_parts(table: CsvParts, names: Mapping[str, str]) -> CsvParts:
    parts = tuple(
        CsvPart(
            _renamed_csv(part.file, names),
            {names[key]: value for key, value in part.keys.items() if key in names},
        )
        for part in table.parts
    )
    return CsvParts(parts, tuple(names[name] for name in table.columns if name in names))


def _alike(wanted: str, present: Iterable[str]) -> list[str]:
    return [name for name in present if _bare(name) == _bare(wanted)]


def _bare(name: str) -> str:
    return name.strip(_AROUND)
