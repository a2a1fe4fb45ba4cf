"""JSON lines: an object on each line is a row, its keys are the columns.

Types are taken from all rows, and texts stay texts. Python's own parser reads them: it keeps whole
numbers whole, and shows keys that stand twice, where quicker readers turn values silently.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import polars as pl

from kpi.errors import DataError
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable
from kpi.tables.sources.text_files import TextFile

_BATCH = 10_000
"""Rows that are parsed at once."""

_EXACT = 1 << 53
"""The largest whole number up to which a float is exact."""

_SMALLEST, _LARGEST = -(1 << 63), (1 << 63) - 1
_WHOLE = 'each line holds a whole object, such as {"case_id": "A1"}'


class _Object(list[tuple[str, Any]]):
    """Pairs of key and value of an object, which may hold a key twice; a plain list is an array."""


def json_lines(path: Path, layout: Layout, data: bytes | None = None) -> SourceTable:
    """Read a file of JSON lines; a key that a row lacks is null.

    Args:
        path: the path of the file, or its name in messages.
        layout: what is declared of the file.
        data: the bytes of the file where they are not those of the path itself.

    Returns:
        the source; a column with nested values is unreadable, and the first line with such is named.

    Raises:
        DataError: where a line is no object, or holds a key twice, with the line.
        OSError: where the file cannot be read.
    """
    text = TextFile.of(path, layout, data)
    try:
        lines = text.data().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise text.not_utf_8() from None
    numbers = [n for n, line in enumerate(lines, 1) if line.strip()]
    rows = list(_rows(text, lines, numbers))
    if not rows:
        raise DataError(f"{path}: no row; {_WHOLE}")
    columns: dict[str, pl.Series] = {}
    unreadable: dict[str, str] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name) for row in rows]
        nested = next((n for n, value in enumerate(values) if isinstance(value, list)), None)
        if nested is None:
            columns[name] = _column(name, values, text, numbers)
        else:
            unreadable[name] = f"nested values (the first at {text.at(numbers[nested])})"
    return SourceTable(pl.DataFrame(columns).lazy(), unreadable=unreadable)


def _rows(text: TextFile, lines: Sequence[str], numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield the row of each line.

    Args:
        text: the text of the file, for messages.
        lines: all lines of the text.
        numbers: the numbers of the lines that are not blank, from 1.

    Raises:
        DataError: naming the first line that is no object, or has a key twice.
    """
    for first in range(0, len(numbers), _BATCH):
        batch = numbers[first : first + _BATCH]
        objects = _at_once([lines[n - 1].strip() for n in batch])
        if objects is None:
            objects = [_parsed(lines[n - 1].strip(), text.at(n)) for n in batch]
        for number, pairs in zip(batch, objects, strict=True):
            row = dict(pairs)
            if len(row) < len(pairs):
                names = [name for name, _ in pairs]
                twice = next(name for name in names if names.count(name) > 1)
                raise DataError(f"{text.at(number)}: the key {twice!r} stands twice; keep one")
            yield row


def _at_once(lines: Sequence[str]) -> list[_Object] | None:
    """Parse many lines at once; return None where a line may not be one whole object.

    A line break within an object could join two lines to one object, but only within an array, or
    behind a comma: so each line must begin and end as an object, and no array or object lie in it.
    """
    if not all(line[0] == "{" and line[-1] == "}" for line in lines):
        return None
    try:
        whole = "[" + ",\n".join(lines) + "]"
        objects: list[_Object] = json.loads(
            whole, object_pairs_hook=_Object, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        return None
    if len(objects) != len(lines) or any(
        isinstance(value, list) for pairs in objects for _, value in pairs
    ):
        return None
    return objects


def _parsed(line: str, where: str) -> _Object:
    """Parse a line.

    Raises:
        DataError: where it is no object of JSON.
    """
    try:
        value = json.loads(line, object_pairs_hook=_Object, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{where}: broken JSON at sign {error.colno} ({error.msg}); {_WHOLE}"
        ) from None
    except RecursionError:
        raise DataError(f"{where}: nested too deeply; {_WHOLE}") from None
    except ValueError as error:
        raise DataError(f"{where}: broken JSON ({error}); {_WHOLE}") from None
    if not isinstance(value, _Object):
        what = "an array" if isinstance(value, list) else "a value"
        raise DataError(f"{where}: {what}, and no object; {_WHOLE}")
    return value


def _refuse(word: str) -> NoReturn:
    """Refuse `NaN` and the infinities, which Python takes and JSON does not have."""
    raise ValueError(f"{word} is no value of JSON")


def _column(name: str, values: list[Any], text: TextFile, numbers: Sequence[int]) -> pl.Series:
    """Return values as a column of the type that they all have; where they differ, of texts.

    Args:
        name: the name of the column.
        values: texts, whole numbers, floats, truth values and None, one for each row.
        text: the text of the file, for messages.
        numbers: the line of each row.

    Raises:
        DataError: where a text holds half a letter (a lone surrogate), with the line.
    """
    kinds = set(map(type, values)) - {type(None)}
    wholes = [value for value in values if type(value) is int]
    least, most = min(wholes, default=0), max(wholes, default=0)
    try:
        if not kinds:
            return pl.Series(name, values, pl.Null)
        if kinds == {bool}:
            return pl.Series(name, values, pl.Boolean)
        if kinds == {int} and least >= _SMALLEST and most <= _LARGEST:
            return pl.Series(name, values, pl.Int64)
        if kinds <= {int, float} and float in kinds and least >= -_EXACT and most <= _EXACT:
            return pl.Series(name, [None if v is None else float(v) for v in values], pl.Float64)
        return pl.Series(name, [_as_text(value) for value in values], pl.String)
    except UnicodeEncodeError:
        row = next(n for n, value in enumerate(values) if _is_half(value))
        raise DataError(
            f"{text.at(numbers[row])}: {name!r} holds half a letter (a lone surrogate); write the "
            "text again"
        ) from None


def _as_text(value: Any) -> str | None:
    """Return a value as JSON writes it; a text as it is."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _is_half(value: Any) -> bool:
    """Return whether a text holds a surrogate without its other half."""
    return isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value)
