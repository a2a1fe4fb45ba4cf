"""TOML texts: what they hold, and on which line each section and key stands."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import tomllib
from decimal import Decimal
from typing import Any

from kpi.errors import PlanError

_HEADER = re.compile(r"\s*\[(\[?)\s*(.+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_DATE = re.compile(r"""(?<![\w"'+.-])(\d{4}-\d{2}-\d{2})(?![\w"'.:-])""")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)")
_AT_END = " (at end of document)"


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """What a TOML text holds; numbers with a point as decimals, dates that do not exist as texts.

    Args:
        text: the text.
        name: what messages call it.

    Raises:
        PlanError: where it is no TOML, with the line if that can be told.
    """
    try:
        text.encode()
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        # A date that does not exist is a mistake like any other, to be named beside the others.
        with contextlib.suppress(ValueError):
            return tomllib.loads(_DATE.sub(_quote_if_no_date, text), parse_float=Decimal)
        message = str(error)
        at = _AT_LINE.search(message)
        line = int(at[1]) if at else _unfinished(text)
        where = f"{name}:{line}" if line else name
        what = _AT_LINE.sub("", message).removesuffix(_AT_END)
        if what == r"Illegal character '\n'":
            what = "a text is not closed: its line lacks the second quote"
        raise PlanError(f"{where}: not valid TOML: {what}") from None
    except (ValueError, ArithmeticError, RecursionError) as error:
        # Text that cannot be encoded, numbers without end, brackets without end.
        raise PlanError(f"{name}: not valid TOML: {type(error).__name__}") from None


def _unfinished(text: str) -> int | None:
    """The line at which what is not finished at the end of a text begins, if it is not far."""
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
    """The line of every section and key, as far as a reading line by line can tell."""
    found: dict[tuple[str | int, ...], int] = {}
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
            found.setdefault(section, number)
            if header[1]:
                counts[section] = counts.get(section, -1) + 1
                section = (*section, counts[section])
                # What stood below the one before it is not below this one.
                counts = {at: n for at, n in counts.items() if at[: len(section)] != section}
            found.setdefault(section, number)
        elif key := _KEY.match(line):
            names = _names(key[1])
            for n in range(1, len(names) + 1):
                found.setdefault((*section, *names[:n]), number)
    return found


def _names(dotted: str) -> list[str]:
    parts = re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", dotted)
    return [part.strip("\"'") for part in parts]
