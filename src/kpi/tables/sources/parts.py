"""Many files as one table: parts of one kind with the same columns, read in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path

import polars as pl
from attrs import frozen
from polars.exceptions import PanicException, PolarsError

from kpi.errors import DataError
from kpi.tables.sources.common_columns import (
    PartColumns,
    common_schema,
    different_names,
    raise_problems,
)
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.csv_parts import CsvPart, CsvParts, contradiction
from kpi.tables.sources.files import kind_of, open_file, reader_of, require_form
from kpi.tables.sources.fingerprint import FileFingerprint, FingerprintOfMany
from kpi.tables.sources.foreign_columns import names_foreign_zone
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.part_files import partition_keys
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.uuids import byte_columns

_PLAIN = re.compile(r"\w+=[\w .:-]+")
"""Directories whose keys and values Polars reads as they are: no second `=`, no sign of a pattern."""


_PARQUET = (".parquet", ".pq")


@frozen(eq=False)
class _Part:
    """Part of a table, opened.

    Attributes:
        path: the path of the file.
        source: the rows.
        keys: the values that directories `key=value` give, by name.
        is_scan: whether the part is a Parquet file that Polars reads as the file stands.
    """

    path: Path
    source: SourceTable
    keys: Mapping[str, str | None]
    is_scan: bool

    @property
    def frame(self) -> pl.LazyFrame:
        """The rows of a part that Polars reads."""
        frame = self.source.frame
        assert isinstance(frame, pl.LazyFrame)
        return frame

    @cached_property
    def kinds(self) -> pl.Schema:
        """The types of the columns, by name."""
        return self.frame.collect_schema()

    @cached_property
    def rows(self) -> int:
        """The number of rows."""
        return self.source.rows or int(self.frame.select(pl.len()).collect().item())

    def keys_as_polars(self) -> bool:
        """Return whether Polars reads the same values from the path, or might read others."""
        directories = self.path.parent.parts
        own = directories[len(directories) - len(self.keys) :]
        return (
            # Directories further up would give columns too.
            [name for name in directories if "=" in name] == [*own]
            and all(_PLAIN.fullmatch(name) for name in own)
            and not any(key in self.kinds for key in self.keys)
        )


def open_parts(paths: Sequence[Path], layout: Layout) -> SourceTable:
    """Return the source of a table in many files, in the order given.

    A value of a directory `key=value` is a column of texts.

    Raises:
        DataError: where a file cannot be read, the files are of more than one kind, or differ in
            their columns; each with the file.
    """
    _require_one_kind(paths)
    require_form(paths[0], layout)
    at_once = _scans(paths)
    sources = at_once or _each(paths, layout)
    parts = [
        _Part(path, source, partition_keys(path), is_scan=at_once is not None)
        for path, source in zip(paths, sources, strict=True)
    ]
    _require_same_keys(parts)
    if len(parts) == 1 and not parts[0].keys:
        return parts[0].source
    files = [part.source.frame for part in parts]
    csv_files = [file for file in files if isinstance(file, CsvFile)]
    if len(csv_files) == len(files):
        return _csv_parts(parts, csv_files)
    return _scanned(parts)


def _scans(paths: Sequence[Path]) -> list[SourceTable] | None:
    """Open Parquet files all at once, a fifth of the time of each by itself.

    None where the files are others, or Polars does not read one of them as it stands.
    """
    if not all(kind_of(path) in _PARQUET for path in paths):
        return None
    try:
        fingerprints = [FileFingerprint.of(path) for path in paths]
        if any(names_foreign_zone(path, "parquet") for path in paths):
            return None
        frames = [pl.scan_parquet(path, glob=False) for path in paths]
        if any(byte_columns(frame.collect_schema()) for frame in frames):
            # Bytes may be UUIDs, which are read as texts.
            return None
        rows = pl.collect_all([frame.select(pl.len()) for frame in frames])
    except (PolarsError, PanicException, OSError):
        # Opened by itself, a file says what is wrong.
        return None
    return [
        SourceTable(frame, rows=count.item(), fingerprint=fingerprint)
        for frame, count, fingerprint in zip(frames, rows, fingerprints, strict=True)
    ]


def _each(paths: Sequence[Path], layout: Layout) -> list[SourceTable]:
    """Open each file by itself.

    Raises:
        DataError: naming the files that cannot be read.
    """
    sources: list[SourceTable] = []
    problems: list[str] = []
    for path in paths:
        try:
            sources.append(open_file(path, layout))
        except DataError as error:
            problems.append(str(error))
    raise_problems(problems)
    return sources


def _require_one_kind(paths: Sequence[Path]) -> None:
    first = paths[0]
    for path in paths:
        if reader_of(kind_of(path)) is not reader_of(kind_of(first)):
            raise DataError(
                f"{path}: another kind of file than {first}; the parts of a table are of one kind"
            )


def _require_same_keys(parts: Sequence[_Part]) -> None:
    first = parts[0]
    for part in parts:
        if list(part.keys) != list(first.keys):
            raise DataError(
                f"{part.path}: stands in {_directories(part)}, and {first.path} in "
                f"{_directories(first)}; the parts of a table are partitioned alike"
            )


def _directories(part: _Part) -> str:
    keys = [f"{key}=" for key in part.keys]
    return f"directories {'/'.join(keys)}" if keys else "no directory key=value"


def _csv_parts(parts: Sequence[_Part], files: Sequence[CsvFile]) -> SourceTable:
    first = files[0]
    raise_problems(
        [
            line
            for file in files[1:]
            for line in different_names(str(file.path), file.names, str(first.path), first.names)
        ]
    )
    for file in files:
        if file.decimal_comma != first.decimal_comma:
            raise DataError(
                f"{file.path}: the separator is {file.separator!r}, and {first.separator!r} in "
                f"{first.path}; a comma may be that of decimals in one of both only"
            )
    joined = CsvParts(
        tuple(CsvPart(file, part.keys) for file, part in zip(files, parts, strict=True)),
        tuple(dict.fromkeys([*first.names, *parts[0].keys])),
    )
    return SourceTable(joined, first.decimal_comma)


def _scanned(parts: Sequence[_Part]) -> SourceTable:
    """Return the source of parts that Polars reads.

    Raises:
        DataError: where columns differ, or contradict the directories.
    """
    unreadable = _unreadable(parts)
    schema = common_schema([PartColumns(str(part.path), part.frame, part.kinds) for part in parts])
    for part in parts:
        _require_agreement(part)
    keys = {key: pl.String() for key in parts[0].keys if key not in schema}
    # Spark writes parts without a row, whose types may be any.
    filled = [part for part in parts if part.rows] or list(parts[:1])
    pieces = [_typed(piece, schema, keys) for piece in _pieces(filled, keys)]
    frame = pieces[0] if len(pieces) == 1 else pl.concat(pieces)
    fingerprints = [part.source.fingerprint for part in parts]
    files = tuple(f for f in fingerprints if isinstance(f, FileFingerprint))
    if unreadable or len(files) < len(parts):
        return SourceTable(frame, unreadable=unreadable)
    rows = sum(part.rows for part in parts)
    return SourceTable(frame, rows=rows, fingerprint=FingerprintOfMany(files))


def _unreadable(parts: Sequence[_Part]) -> Mapping[str, str]:
    """Return the type of each column that cannot be read, which is the same in every part.

    Raises:
        DataError: where it is not the same.
    """
    first = parts[0]
    unreadable = first.source.unreadable
    for part in parts[1:]:
        for name in dict.fromkeys([*unreadable, *part.source.unreadable]):
            kinds = [str(p.source.unreadable.get(name, p.kinds.get(name))) for p in (part, first)]
            if kinds[0] != kinds[1]:
                raise DataError(
                    f"{part.path}: column {name} holds {kinds[0]}, which is {kinds[1]} in "
                    f"{first.path}; write both parts with one type"
                )
    return unreadable


def _require_agreement(part: _Part) -> None:
    """Check that a column of a part holds what the directory says, where both have the column.

    Raises:
        DataError: naming the part and the column.
    """
    for name in (name for name in part.keys if name in part.kinds):
        value = part.keys[name]
        if value is not None and part.kinds[name].is_integer() and value.isdecimal():
            # A month may be 01 in the directory, and 1 in the file.
            value = str(int(value))
        differs = pl.col(name).cast(pl.String).ne_missing(pl.lit(value, pl.String)).any()
        if part.frame.select(differs).collect(engine="streaming").item():
            raise contradiction(str(part.path), name, part.keys[name])


@frozen(eq=False)
class _Piece:
    """Consecutive parts with the same columns, as one frame.

    Attributes:
        frame: the rows.
        kinds: the types of the columns in the files, by name.
        keys: the values of the directories that are not in `frame` yet.
    """

    frame: pl.LazyFrame
    kinds: pl.Schema
    keys: Mapping[str, str | None]


def _pieces(parts: Sequence[_Part], keys: Mapping[str, pl.DataType]) -> Iterator[_Piece]:
    """Yield the parts, as few frames as possible: slices of one scan are read without the rest."""
    by_path = bool(keys) and all(part.is_scan and part.keys_as_polars() for part in parts)

    def alike(numbered: tuple[int, _Part]) -> object:
        number, part = numbered
        values = None if by_path else tuple(part.keys.values())
        return tuple(part.kinds.items()), values, None if part.is_scan else number

    for _, group in groupby(enumerate(parts), alike):
        members = [part for _, part in group]
        first = members[0]
        if not first.is_scan:
            yield _Piece(first.frame, first.kinds, first.keys)
            continue
        scan = pl.scan_parquet(
            [part.path for part in members],
            glob=False,
            hive_partitioning=by_path,
            hive_schema=dict(keys) if by_path else None,
            try_parse_hive_dates=False,
        )
        yield _Piece(scan, first.kinds, {} if by_path else first.keys)


def _typed(piece: _Piece, schema: pl.Schema, keys: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """Return the rows with the columns of the table in order, in the types of the table."""
    columns = [
        pl.col(name) if piece.kinds[name] == kind else pl.col(name).cast(kind)
        for name, kind in schema.items()
    ]
    given = [
        pl.lit(piece.keys[key], pl.String).alias(key) if key in piece.keys else pl.col(key)
        for key in keys
    ]
    return piece.frame.select(*columns, *given)
