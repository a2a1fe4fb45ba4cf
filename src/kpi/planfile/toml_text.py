"""TOML texts: parsing, the line of each section and key, and writing of keys and values."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from kpi.errors import PlanError

_HEADER = re.compile(r"\s*\[(\[?)\s*(.+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_DOTTED = re.compile(r"""\s*\[*(?:[\w\s.-]|"[^"]*"|'[^']*')*""")
_DEEPEST = 50
_TOO_DEEP = f"tables within tables, more than {_DEEPEST} deep"
_DATE = re.compile(r"""(?<![\w"'+.-])(\d{4}-\d{2}-\d{2})(?![\w"'.:-])""")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)")
_AT_END = " (at end of document)"


def read_toml_file(file: Path, kind: str) -> str:
    """Read the text of a TOML file.

    Args:
        file: the path of the file.
        kind: the kind of file in words, for messages: "plan file".

    Raises:
        PlanError: where the file does not exist or cannot be read, or is not UTF-8.
    """
    if "\0" in str(file):
        raise PlanError(f"{str(file)!r}: no such file; a path holds no zero byte")
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PlanError(f"{file}: no such file") from None
    except IsADirectoryError:
        raise PlanError(f"{file}: is a directory; expected a {kind} (TOML)") from None
    except UnicodeDecodeError as error:
        raise PlanError(
            f"{file}: not UTF-8 at byte {error.start}; save the {kind} as UTF-8"
        ) from None
    except OSError as error:
        raise PlanError(f"{file}: cannot be read: {error.strerror}") from None


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Parse a TOML text; numbers with a point as decimals, dates that do not exist as texts.

    Args:
        text: the text.
        name: the name of the text in messages.

    Raises:
        PlanError: where the text is no TOML, with the line where that is known.
    """
    try:
        text.encode()
        _require_short_keys(text, name)
        return _flat(tomllib.loads(text, parse_float=Decimal), name)
    except tomllib.TOMLDecodeError as error:
        # A date that does not exist is a mistake like any other, to be named beside the others.
        mended = None
        with contextlib.suppress(ValueError):
            mended = tomllib.loads(_DATE.sub(_quote_if_no_date, text), parse_float=Decimal)
        if mended is not None:
            return _flat(mended, name)
        message = str(error)
        at = _AT_LINE.search(message)
        line = int(at[1]) if at else _unfinished(text)
        where = f"{name}:{line}" if line else name
        what = _AT_LINE.sub("", message).removesuffix(_AT_END)
        if what == r"Illegal character '\n'":
            what = "a text is not closed: its line lacks the second quote"
        raise PlanError(f"{where}: not valid TOML: {what}") from None
    except PlanError:
        raise
    except UnicodeEncodeError as error:
        raise PlanError(f"{name}: not valid TOML: half a sign at {error.start}") from None
    except RecursionError:
        raise PlanError(f"{name}: not valid here: {_TOO_DEEP}") from None
    except (ValueError, ArithmeticError):
        raise PlanError(f"{name}: not valid here: a number that is too long") from None


def _require_short_keys(text: str, name: str) -> None:
    """Raise where a key has so many parts that reading the key takes long.

    Raises:
        PlanError: naming the line of the key.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        match = _DOTTED.match(line)
        if match and match[0].count(".") > _DEEPEST:
            raise PlanError(f"{name}:{number}: not valid here: {_TOO_DEEP}")


def _flat(data: dict[str, Any], name: str) -> dict[str, Any]:
    """Return data whose tables and lists lie no deeper than any plan needs.

    Raises:
        PlanError: where they lie deeper, beyond the recursion of whatever walks through them.
    """
    level: list[Any] = [data]
    for _ in range(_DEEPEST):
        below = [node.values() if isinstance(node, dict) else node for node in level]
        level = [value for values in below for value in values if isinstance(value, dict | list)]
        if not level:
            return data
    raise PlanError(f"{name}: not valid here: {_TOO_DEEP}")


def _unfinished(text: str) -> int | None:
    """Return the line where the unfinished end of a text begins, if in the last 1000 lines."""
    lines = text.splitlines(keepends=True)
    for n in range(len(lines), max(len(lines) - 1000, 0), -1):
        with contextlib.suppress(ValueError, ArithmeticError, RecursionError):
            tomllib.loads("".join(lines[: n - 1]), parse_float=Decimal)
            return n
    return None


def _quote_if_no_date(match: re.Match[str]) -> str:
    try:
        dt.date.fromisoformat(match[1])
    except ValueError:
        return f'"{match[1]}"'
    return match[1]


def line_numbers(text: str) -> dict[tuple[str | int, ...], int]:
    """Return the line of every section and key, from 1, as far as a scan by line can tell."""
    numbers: dict[tuple[str | int, ...], int] = {}
    section: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            *outer, last = _names(header[2]) or [header[2]]
            section = ()
            for name in outer:
                section = (*section, name)
                if section in counts:
                    section = (*section, counts[section])
            section = (*section, last)
            numbers.setdefault(section, number)
            if header[1]:
                counts[section] = counts.get(section, -1) + 1
                section = (*section, counts[section])
                # Counts of sections below the previous element do not hold for this element.
                counts = {at: n for at, n in counts.items() if at[: len(section)] != section}
            numbers.setdefault(section, number)
        elif key := _KEY.match(line):
            names = _names(key[1])
            for n in range(1, len(names) + 1):
                numbers.setdefault((*section, *names[:n]), number)
    return numbers


def _names(dotted: str) -> list[str]:
    parts = re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", dotted)
    return [part.strip("\"'") for part in parts]


def toml_key(name: str) -> str:
    """Return a name as a key of TOML, quoted where it must be."""
    import tomlkit  # noqa: PLC0415 - only for those who write files

    return tomlkit.key(name).as_string()


def toml_value(value: Any) -> str:
    """Return a value, or the data of a definition, as a TOML text of one line."""
    import tomlkit  # noqa: PLC0415 - only for those who write files

    if hasattr(value, "data"):
        value = value.data()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{toml_key(k)} = {toml_value(v)}' for k, v in value.items())} }}"
    literal: str = tomlkit.item(value).as_string()
    return literal
