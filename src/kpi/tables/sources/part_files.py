"""Part files of one table: which files are parts, in which order, and what their directories say."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from kpi.errors import DataError
from kpi.tables.sources.files import ACCEPTED, SUFFIXES, kind_of

_NULL = "__HIVE_DEFAULT_PARTITION__"
_DELTA = "_delta_log"
_MARKS = ("_SUCCESS", "_metadata", "_common_metadata")


def is_pattern(text: str) -> bool:
    """Return whether a path holds signs of a pattern: `*`, `?` or `[`."""
    return glob.has_magic(text)


def is_delta(directory: Path) -> bool:
    """Return whether a directory is a Delta table, whose log says which of the files count."""
    return (directory / _DELTA).is_dir()


def natural(path: Path) -> tuple[object, ...]:
    """Return a key of the natural order of paths: numbers in names by value, 2 before 10."""
    parts = (re.split(r"(\d+)", name) for name in path.parts)
    return (
        *(tuple(int(s) if n % 2 else s for n, s in enumerate(part)) for part in parts),
        # 01 and 1 are one number, and two names.
        path.parts,
    )


def partition_keys(path: Path) -> dict[str, str | None]:
    """Return the values that the directories `key=value` directly above a part give, by key.

    Signs are decoded (`%2F` is `/`); a partition without a value (`__HIVE_DEFAULT_PARTITION__`) is
    null. The values are texts.

    Raises:
        DataError: where a key stands twice, or signs are not those of UTF-8.
    """
    keys: list[tuple[str, str | None]] = []
    for name in reversed(path.parent.parts):
        key, equals, value = name.partition("=")
        if not (key and equals):
            break
        try:
            key, value = (unquote(text, errors="strict") for text in (key, value))
        except UnicodeDecodeError:
            raise DataError(f"{path}: the signs of the directory {name} are not UTF-8") from None
        if key in dict(keys):
            raise DataError(f"{path}: two directories give the column {key}; keep one")
        keys.append((key, None if value == _NULL else value))
    return dict(reversed(keys))


def holds_parts(directory: Path) -> bool:
    """Return whether a directory is a Delta table, or holds a file of a kind that is read.

    Files count too that stand in directories `key=value`.
    """
    if is_delta(directory):
        return True
    return any(
        holds_parts(entry)
        if entry.is_dir() and "=" in entry.name
        else entry.is_file() and kind_of(entry) in SUFFIXES
        for entry in directory.iterdir()
        if not _is_hidden(entry.name)
    )


def looks_like_parts(directory: Path) -> bool:
    """Return whether a directory is certainly one table in parts, whatever the names of tables are.

    It is a Delta table, its name has the ending of a kind of file, or what wrote it left a mark:
    `_SUCCESS`, `_metadata`, files `part-*`, directories `key=value`.
    """
    names = [entry.name for entry in directory.iterdir()]
    return (
        is_delta(directory)
        or (kind_of(directory) in SUFFIXES and holds_parts(directory))
        or any(name in _MARKS or name.startswith("part-") or _is_key(name) for name in names)
    )


def parts_of_directory(directory: Path) -> list[Path]:
    """Return the parts in a directory and in the directories `key=value` below, in natural order.

    Names that begin with `_` or `.`, and checksums (`.crc`), are no parts.

    Raises:
        DataError: where there is no part, or something else stands among the parts.
        OSError: where a directory cannot be read.
    """
    parts = _below(directory)
    if not parts:
        raise DataError(f"{directory}: holds no part of a table; {ACCEPTED}")
    return parts


def _below(directory: Path) -> list[Path]:
    parts: list[Path] = []
    for entry in sorted(directory.iterdir(), key=natural):
        if _is_hidden(entry.name):
            continue
        if not entry.is_dir():
            _require_kind(entry)
            parts.append(entry)
        elif is_delta(entry):
            raise DataError(f"{entry}: a Delta table among the parts of a table; pass it alone")
        elif _is_key(entry.name):
            parts += _below(entry)
        elif any(entry.iterdir()):
            raise DataError(
                f"{entry}: a directory among the parts of a table, and its name is no key=value; "
                f"move it, or pass a pattern, such as '{directory / '**' / '*.parquet'}'"
            )
    return parts


def parts_of(sources: Iterable[str | os.PathLike[str]], root: Path | None = None) -> list[Path]:
    """Return the parts that paths and patterns name, each file once.

    Files of a pattern or a directory come in natural order, and the sources in the order given.

    Args:
        sources: paths of files and directories, and patterns (`cases_*.csv`, `**/*.parquet`).
        root: the directory that the paths are relative to (default: the current one).

    Raises:
        DataError: where a path does not exist, a pattern matches no file, or a file belongs to a
            Delta table.
        OSError: where a directory cannot be read.
    """
    parts: dict[str, Path] = {}
    for source in sources:
        path = Path(source) if root is None else root / source
        for part in _named_by(path):
            # A file may be named by two patterns, and by a link.
            parts.setdefault(os.path.realpath(part), part)
    _refuse_parts_of_delta(parts.values())
    return list(parts.values())


def matching_files(pattern: Path) -> set[Path]:
    """Return what a pattern matches, links resolved; nothing where the path is no pattern."""
    return {Path(path).resolve() for path in glob.glob(str(pattern), recursive=True)}  # noqa: PTH207 - as below


def _named_by(path: Path) -> Sequence[Path]:
    if path.is_dir():
        return parts_of_directory(path)
    if os.path.exists(path):  # noqa: PTH110 - false too for a name that is too long
        return [path]
    if not is_pattern(str(path)):
        raise DataError(f"{path}: no such file")
    parts = list(_matching(path))
    if not parts:
        raise DataError(f"{path}: the pattern matches no file")
    return parts


def _matching(pattern: Path) -> Iterator[Path]:
    """Yield the parts that a pattern matches: files, and the parts in directories."""
    found = sorted(
        (
            path
            # Path.glob takes no absolute pattern.
            for path in map(Path, glob.glob(str(pattern), recursive=True))  # noqa: PTH207
            if not _is_passed_over(path, pattern)
        ),
        key=natural,
    )
    above = {parent for path in found for parent in path.parents}
    for path in found:
        if not path.is_dir():
            _require_kind(path)
            yield path
        elif path not in above and holds_parts(path):
            yield from parts_of_directory(path)


def _is_passed_over(path: Path, pattern: Path) -> bool:
    """Return whether a name that a pattern left open is one that no part has."""
    named = {*pattern.parts, *(path.parts if pattern.name.startswith(("_", ".")) else ())}
    return any(_is_hidden(name) and name not in named for name in path.parts)


def _require_kind(path: Path) -> None:
    if kind_of(path) not in SUFFIXES:
        raise DataError(
            f"{path}: unknown kind of file among the parts of a table; {ACCEPTED}; move it, or "
            "begin the name with _"
        )


def _refuse_parts_of_delta(parts: Iterable[Path]) -> None:
    for directory in dict.fromkeys(part.parent for part in parts):
        above = directory
        while _is_key(above.name):
            above = above.parent
        if is_delta(above):
            raise DataError(
                f"{above}: is a Delta table, where removed rows still stand in files; pass the "
                "directory instead of files in it"
            )


def _is_hidden(name: str) -> bool:
    return name.startswith(("_", ".")) or name.endswith(".crc")


def _is_key(name: str) -> bool:
    return name.find("=") > 0
