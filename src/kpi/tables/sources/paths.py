"""Paths as sources: a file, a directory of parts, a Delta table, a pattern, a list, a URL."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeGuard

from kpi.errors import DataError, listed, reason, without_credentials
from kpi.tables.sources.delta import open_delta
from kpi.tables.sources.files import open_file, table_name
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.part_files import (
    is_delta,
    is_pattern,
    looks_like_parts,
    matching_files,
    parts_of,
)
from kpi.tables.sources.parts import open_parts
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.urls import is_directory, is_url, local_path, open_url, url_path

Paths: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""Path of a file or a directory, a pattern or a URL; or a list of paths and patterns."""


def is_paths(source: object) -> TypeGuard[Paths]:
    """Return whether a source is a path, or a list of paths."""
    if isinstance(source, list | tuple):
        return bool(source) and all(isinstance(path, str | os.PathLike) for path in source)
    return isinstance(source, str | os.PathLike)


def open_paths(source: Paths, layout: Layout, files: Sequence[str] = ()) -> SourceTable:
    """Return the source of a table that one or many files hold.

    Args:
        source: what names the files.
        layout: the layout of the table.
        files: paths and patterns of the parts within `source`, where `source` is a directory
            (default: all parts).

    Raises:
        DataError: where a file does not exist or cannot be read, or parts differ in their columns.
    """
    if isinstance(source, str) and is_url(source):
        path = local_path(source)
        if path is None and is_directory(source):
            return open_delta(source, layout)
        if path is None:
            layout.require_used(without_credentials(source), "a file at a URL")
            return open_url(source)
        return open_paths(path, layout, files)
    if not isinstance(source, str | os.PathLike):
        return _opened(source, layout)
    path = Path(source)
    if path.is_dir():
        if files:
            return _opened(files, layout, path)
        return open_delta(path, layout) if is_delta(path) else _opened([path], layout)
    if is_pattern(str(path)) and not os.path.exists(path):  # noqa: PTH110 - false too for long names
        return _opened([path], layout)
    return open_file(path, layout)


def is_among(file: Path, source: str | Path) -> bool:
    """Return whether a file is read where a path, a pattern or a URL is."""
    path = local_path(source) if isinstance(source, str) and is_url(source) else Path(source)
    if path is None:
        return False
    file, above = file.resolve(), path.resolve()
    if path.is_dir() and above in file.parents:
        inside = file.relative_to(above).parts[:-1]
        return file.exists() and (not inside or looks_like_parts(above / inside[0]))
    return file == above or file in matching_files(path)


def named_table(source: Paths, declared: Mapping[str, object]) -> str | None:
    """Return the declared table whose name a file, directory, pattern or URL bears, if any.

    A pattern bears the name before its signs (`cases_*.csv`), else that of the directory above.

    Raises:
        DataError: where the paths of a list bear the names of two tables.
    """
    if isinstance(source, str) and is_url(source):
        path = local_path(source)
        return _named(path or Path(url_path(source)), declared)
    if isinstance(source, str | os.PathLike):
        return _named(Path(source), declared)
    names = dict.fromkeys(named_table(path, declared) for path in source)
    known = [name for name in names if name is not None]
    if len(known) > 1:
        raise DataError(
            f"{listed([os.fspath(path) for path in source])}: bear the names of the tables "
            f"{listed(known)}; give a mapping from name to files"
        )
    return known[0] if known else None


def _named(path: Path, declared: Mapping[str, object]) -> str | None:
    if table_name(path) in declared:
        return table_name(path)
    if not is_pattern(str(path)) or os.path.exists(path):  # noqa: PTH110 - as above
        return None
    first = next(n for n, name in enumerate(path.parts) if is_pattern(name))
    before = path.parts[first].split("*")[0].split("?")[0].split("[")[0].rstrip("_-. ")
    above = table_name(Path(path.parts[first - 1])) if first else ""
    return next((name for name in (before, above) if name in declared), None)


def _opened(
    sources: Iterable[str | os.PathLike[str]], layout: Layout, root: Path | None = None
) -> SourceTable:
    """Return the source of a table in the parts that paths and patterns name."""
    paths: list[str | os.PathLike[str]] = []
    for source in sources:
        local: str | os.PathLike[str] | None = source
        if isinstance(source, str) and is_url(source):
            local = local_path(source)
        if local is None:
            raise DataError(
                f"{layout.table}: a URL in a list of files; give the URL alone, or a pattern of URLs"
            )
        paths.append(local)
    if not paths:
        raise DataError(f"{layout.table}: an empty list of files")
    only = Path(paths[0]) if root is None else root / paths[0]
    if len(paths) == 1 and is_delta(only):
        return open_delta(only, layout)
    try:
        parts = parts_of(paths, root)
    except OSError as error:
        raise DataError(
            f"{error.filename or layout.table}: cannot be read: {reason(error)}"
        ) from error
    return open_parts(parts, layout)
