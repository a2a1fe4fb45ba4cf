"""CSV whose texts no spreadsheet runs as formulas and no terminal as commands."""

from __future__ import annotations

import re
from typing import Any, BinaryIO, Literal, TypeAlias

import polars as pl

from kpi.foreign_text import terminal_text

Dialect: TypeAlias = Literal["standard", "danish"]
"""The form of a CSV: of most programs, or of a Danish Excel."""

_FORMS: dict[Dialect, dict[str, Any]] = {
    "standard": {},
    "danish": {
        "separator": ";",
        "decimal_comma": True,
        "line_terminator": "\r\n",
        "include_bom": True,
    },
}
_TEXTS = pl.String | pl.Categorical | pl.Enum

_COMMANDS = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
"""Control characters but tab and line feed, and those that turn the direction of writing."""

_FORMULA = r"""^['"\s\p{C}\p{Z}]*[=+\-@＝＋－＠]|^[\t\r\n]"""
_NUMBER = r"^[+-]?\d+([.,]\d+)?$"


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    r"""Escape the texts and the column names of a frame for CSV.

    Control characters first (ESC becomes `\x1b`; tabs and line breaks stay, a CSV may hold them).
    Then every text that would run as a formula gets an apostrophe: a formula begins with =, +, - or
    @, perhaps behind quotes, blanks or signs that do not show. A plain number, such as -5, is no
    formula. Columns of other types stay as they are.
    """
    texts = [n for n, kind in frame.schema.items() if isinstance(kind, _TEXTS)]
    escaped = frame.with_columns(_neutral(frame[name].cast(pl.String)) for name in texts)
    names: list[str] = []
    for name in _neutral(pl.Series(frame.columns, dtype=pl.String), numbers=False):
        # Two names may be escaped to one, and a CSV needs them apart.
        while name in names:
            name += "'"  # noqa: PLW2901 - until no other column has it
        names.append(name)
    escaped.columns = names
    return escaped


def _neutral(texts: pl.Series, *, numbers: bool = True) -> pl.Series:
    texts = escaped(texts)
    runs = texts.str.contains(_FORMULA)
    if numbers:
        runs &= ~texts.str.contains(_NUMBER)
    return ("'" + texts).zip_with(runs.fill_null(value=False), texts).alias(texts.name)


def escaped(texts: pl.Series) -> pl.Series:
    r"""Escape the control characters of texts but tabs and line breaks: ESC becomes `\x1b`."""
    odd = texts.filter(texts.str.contains(_COMMANDS)).unique()
    if odd.is_empty():
        return texts
    return texts.replace(odd, [_without_commands(text) for text in odd])


def _without_commands(text: str) -> str:
    # A line break of Windows is no command.
    kept = re.split("(\r\n)", text)
    return "".join(
        part if part == "\r\n" else re.sub(_COMMANDS, lambda match: terminal_text(match[0]), part)
        for part in kept
    )


def csv_text(frame: pl.DataFrame, dialect: Dialect = "standard") -> str:
    """Return a frame as CSV, with nothing in it that a spreadsheet or a terminal would run.

    Args:
        frame: the frame.
        dialect: "standard": comma, decimal point, line feed; "danish": as a Danish Excel opens it,
            with semicolon, decimal comma, carriage return and line feed, and a byte-order mark.
    """
    text: str = neutral(frame).write_csv(**_FORMS[dialect])
    return text


def sink_csv(rows: pl.LazyFrame, file: BinaryIO, dialect: Dialect = "standard") -> None:
    """Write rows as CSV as `csv_text` does, in batches: all rows need not fit into memory."""
    schema = rows.collect_schema()
    texts = [
        pl.col(name)
        .cast(pl.String)
        .map_batches(_neutral, return_dtype=pl.String, is_elementwise=True)
        for name, kind in schema.items()
        if isinstance(kind, _TEXTS)
    ]
    names = neutral(pl.DataFrame(schema=schema)).columns
    renamed = rows.with_columns(texts).rename(dict(zip(schema.names(), names, strict=True)))
    renamed.sink_csv(file, **_FORMS[dialect])
