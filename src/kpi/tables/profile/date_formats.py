"""Formats of dates in columns of texts: all that parse every value, or how many fit each."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl
from attrs import frozen

from kpi.tables.date_hints import CLOCKS, DATE_FORMATS
from kpi.tables.date_texts import iso_kinds, times_as

ISO = "ISO 8601"
"""Name of the format that needs no declaration."""
_ALL = (ISO, *DATE_FORMATS, *(style + clock for style in DATE_FORMATS for clock in CLOCKS))
_LITERALS = {
    style: frozenset(re.sub(r"%\.?[A-Za-z]", "", style) if style != ISO else "-") for style in _ALL
}
"""The signs of each format that stand for themselves."""
_SHAPES, _OF_SHAPE = 30, 6
_COMPACT = frozenset(style for style in _ALL if style.startswith("%Y%m%d"))
"""Formats that a whole number fits too."""
_USUAL = (dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))
_DOMINANT = 0.9
"""Share of the values from which a format is taken, where no other format parses the rest."""
_DATES = 0.5
"""Share of the values that must be dates in some format for the column to be one of dates."""


@frozen
class DateFormats:
    """Formats of the dates in a column of texts.

    Attributes:
        values: number of rows with a value.
        every: the formats that parse every value, each to other dates, the commonest first.
        each: where none parses every value, (format, rows) of those that parse some, most first.
        unparsed: number of rows that no format parses.
    """

    values: int
    every: tuple[str, ...]
    each: tuple[tuple[str, int], ...] = ()
    unparsed: int = 0

    @property
    def best(self) -> str | None:
        """The format to propose; None for a mix of formats, of which none is."""
        if self.every:
            return self.every[0]
        style, rows = self.each[0]
        alone = rows + self.unparsed == self.values
        return style if alone and rows >= _DOMINANT * self.values else None


def find_formats(texts: pl.Series, rows: pl.Series) -> DateFormats | None:
    """Return the formats of dates; None where fewer than half of the values are dates.

    Args:
        texts: the distinct texts of a column, without those that stand for no value.
        rows: how many rows hold each.
    """
    if not texts.len():
        return None
    values = int(rows.sum())
    some = _representatives(texts)
    signs = {frozenset(text) for text in some}
    parsed = {
        style: parse(texts, style)
        for style in _ALL
        # Most formats need a sign that no text has, which is quicker seen than parsed.
        if any(_LITERALS[style] <= present for present in signs)
        and parse(some, style).null_count() < some.len()
    }
    every = _without_doubles({s: p for s, p in parsed.items() if not p.null_count()})
    if every:
        return DateFormats(values, tuple(every))
    each: list[tuple[str, int]] = []
    left = pl.repeat(value=True, n=texts.len(), eager=True)
    while parsed:
        style = max(parsed, key=lambda s: int(rows.filter(left & parsed[s].is_not_null()).sum()))
        fits = parsed.pop(style).is_not_null()
        if not (left & fits).any():
            break
        each.append((style, int(rows.filter(fits).sum())))
        left &= ~fits
    unparsed = int(rows.filter(left).sum())
    if unparsed > (1 - _DATES) * values:
        return None
    return DateFormats(values, (), tuple(each), unparsed)


def parse(texts: pl.Series, style: str) -> pl.Series:
    """Parse texts in a format, as times of a wall clock or, with a zone, of UTC; null where none.

    Dates are times at midnight, for columns may mix both.
    """
    times = pl.Datetime("us")
    if style == ISO:
        dates, clock, zoned = iso_kinds(texts)
        kinds = [dates.cast(times), clock, zoned.dt.replace_time_zone(None)]
        return pl.select(pl.coalesce(kinds)).to_series().alias(texts.name)
    parsed = times_as(texts, style).cast(times)
    if style in _COMPACT:
        parsed = parsed.set(~parsed.is_between(*_USUAL).fill_null(value=True), None)
    return parsed


def _representatives(texts: pl.Series) -> pl.Series:
    """Return a few texts of each of the commonest shapes: a format that parses none fits none."""
    frame = pl.DataFrame({"text": texts, "shape": texts.str.replace_all(r"\d", "d")})
    few = (
        frame.group_by("shape", maintain_order=True)
        .agg(pl.col("text").unique().sort().head(_OF_SHAPE), pl.len())
        .sort("len", descending=True, maintain_order=True)
        .head(_SHAPES)
    )
    return few["text"].explode()


def _without_doubles(parsed: dict[str, pl.Series]) -> list[str]:
    """Return the formats that parse texts to different dates, the first of each."""
    different: list[str] = []
    for style, dates in parsed.items():
        if not any(parsed[other].equals(dates) for other in different):
            different.append(style)
    return different
