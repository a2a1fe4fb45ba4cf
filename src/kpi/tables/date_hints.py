"""Hints on texts that are no date as declared: what they probably are, and a format for them."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl

from kpi.tables.date_texts import times_as

DAY_FIRST = "%d-%m-%Y"
"""Format that hints give as an example."""
CLOCKS = (" %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S", " %H.%M", " %H.%M.%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S%.f")  # fmt: skip
"""Formats of times of day, as they stand behind a date."""
DATE_FORMATS = (
    DAY_FIRST, "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%m/%d/%Y", "%m-%d-%Y",
    "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d. %B %Y", "%d-%b-%y", "%d %b %y", "%b %d, %Y",
    "%B %d, %Y", "%d%b%Y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%m/%d/%y", "%y-%m-%d", "%d %m %Y",
)  # fmt: skip
"""Formats of dates that people and programs write, beside ISO 8601; day first comes first."""
_SAMPLE = 200

_NONE_WORDS = frozenset(
    (
        "null", "(null)", "<null>", "none", "nil", "nan", "nat", "na", "n/a", "n.a.", "#n/a", "-",
        "--", "?", ".", "unknown", "ukendt", "ingen", "empty", "undefined", r"\n", "0000-00-00",
        "0000-00-00 00:00:00", "00-00-0000", "00.00.0000", "00/00/0000", "0", "#null!",
    )
)  # fmt: skip
"""Words that programs write for no value, in lower case."""

_EXCEL_ERROR = re.compile(r"#[A-Z/0]+[!?]|#+", re.IGNORECASE)
_EXCEL_DAY = dt.date(1899, 12, 30)
_EPOCH = dt.datetime(1970, 1, 1)


def is_word_for_none(text: str) -> bool:
    """Return whether a text is a word that programs write for no value."""
    return text.strip().casefold() in _NONE_WORDS


def what_it_is(text: str) -> str | None:
    """Return what a text that is no date probably is, and what to do; None where unknown."""
    plain = text.strip()
    if not plain:
        return "it is blank: leave it empty, or declare it in nulls for the table"
    if is_word_for_none(text):
        return f'a word for no value: declare nulls = ["{plain}"] for the table'
    if _EXCEL_ERROR.fullmatch(plain):
        return f'an error of Excel: correct the cell, or declare nulls = ["{plain}"] for the table'
    if text.startswith("'"):
        return "it begins with an apostrophe, as Excel writes texts: remove that"
    if re.fullmatch(r"\d{5}([.,]\d+)?", plain) and 10_000 <= int(plain[:5]) <= 80_000:
        day = _EXCEL_DAY + dt.timedelta(int(plain[:5]))
        return f"Excel's number of a day ({day}): save the column as dates"
    for digits, unit, per_second in ((10, "seconds", 1), (13, "milliseconds", 1000)):
        if re.fullmatch(rf"\d{{{digits}}}(\.\d+)?", plain):
            moment = _EPOCH + dt.timedelta(seconds=int(plain[:digits]) // per_second)
            return f"{unit} since 1970 ({moment:%Y-%m-%d}): save the column as dates"
    return None


def likely_format(text: pl.Series, shown: str, *, timed: bool) -> str | None:
    """Return the format that parses the text shown and most of the others; None where none does.

    Args:
        text: texts of the column.
        shown: the text that the format must parse.
        timed: whether the format must have a time of day.
    """
    clocked = [style + clock for style in DATE_FORMATS for clock in CLOCKS]
    styles = clocked if timed else [*DATE_FORMATS, *clocked]
    example = pl.Series([shown])
    fits = [style for style in styles if times_as(example, style).null_count() == 0]
    few = text.drop_nulls().head(_SAMPLE)
    return min(fits, key=lambda style: times_as(few, style).null_count(), default=None)
