"""Profile of one column: what the values are, by a look at them. Nothing is converted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, TypeAlias

import polars as pl
from attrs import field, frozen

from kpi.tables.profile.date_formats import DateFormats, find_formats, parse
from kpi.tables.profile.epochs import epoch_units
from kpi.tables.profile.words import NullWord, boolean_words, is_certain_null, null_words

Holds: TypeAlias = Literal[
    "text", "date", "time", "integer", "number", "boolean", "nothing", "other"
]
"""Kind of the values of a column: `time` is a date with a time of day."""

TOP = 10
"""Values that a profile counts, the commonest first."""
FEW = 1_000
"""Distinct values up to which a profile keeps the rows of each, to compare them with a plan."""
_INTEGER = r"^[+-]?(?:0|[1-9]\d*)$"
_NUMBER = r"^[+-]?(?:\d{1,3}(?:\.\d{3})+,\d+|\d+(?:[.,]\d+)?)$"
_TEXTS = pl.String | pl.Categorical | pl.Enum


@frozen(kw_only=True)
class ColumnProfile:
    """Profile of a column of a sample.

    Attributes:
        name: the name in the source.
        type: the type in the source; `text` for texts.
        holds: the kind of the values.
        rows: number of rows.
        nulls: number of rows without a value: null or the empty text.
        distinct: number of distinct values; None where they cannot be compared.
        top: (value, rows) of the commonest values, as texts; none where each value is there once,
            or cells are redacted.
        smallest, largest: the smallest and the largest value as texts; None without any, or where
            cells are redacted.
        null_words: the words that look like no value.
        dates: the formats of dates, of a column of texts.
        booleans: what each word means, of a column of such words; else empty.
        epochs: the units in which whole numbers are plausible dates; a guess.
        values: value as text -> rows, of a column with few distinct values; else empty.
        days: the dates as times of a wall clock, one for each row of the sample; None for others.
    """

    name: str
    type: str
    holds: Holds
    rows: int
    nulls: int
    distinct: int | None = None
    top: tuple[tuple[str, int], ...] = ()
    smallest: str | None = None
    largest: str | None = None
    null_words: tuple[NullWord, ...] = ()
    dates: DateFormats | None = None
    booleans: Mapping[str, bool] = field(factory=dict)
    epochs: tuple[str, ...] = ()
    values: Mapping[str, int] = field(factory=dict, repr=False)
    days: pl.Series | None = field(default=None, repr=False, eq=False)

    @property
    def is_unique(self) -> bool:
        """Whether each row has a value, and no value stands twice."""
        return self.rows > 0 and self.nulls == 0 and self.distinct == self.rows

    @property
    def is_date(self) -> bool:
        """Whether the values are dates, with or without a time of day."""
        return self.holds in ("date", "time")

    @property
    def given(self) -> int:
        """Number of rows with a value that is no word for none."""
        return self.rows - self.nulls - sum(w.rows for w in self.null_words if w.proposed)


def profile_column(column: pl.Series) -> ColumnProfile:
    """Return the profile of a column of a sample."""
    kind = column.dtype
    if isinstance(kind, _TEXTS):
        return _of_texts(column.cast(pl.String).replace("", None))
    if kind == pl.Null:
        return _profile(column, "null", "nothing")
    if kind == pl.Boolean:
        return _profile(column, "boolean", "boolean")
    if isinstance(kind, pl.Date):
        return _profile(column, "date", "date", days=column.cast(pl.Datetime("us")))
    if isinstance(kind, pl.Datetime):
        zone = f", {kind.time_zone}" if kind.time_zone else ""
        clock = column.dt.replace_time_zone(None).dt.cast_time_unit("us")
        return _profile(column, f"time{zone}", "time", days=clock)
    if kind.is_integer():
        return _profile(column, str(kind), "integer", epochs=_epochs(column))
    if kind.is_numeric():
        values = column.fill_nan(None) if kind.is_float() else column
        whole = not (values.cast(pl.Float64) % 1 != 0).any()
        return _profile(values, str(kind), "number", epochs=_epochs(values) if whole else ())
    return ColumnProfile(
        name=column.name,
        type=str(kind),
        holds="other",
        rows=column.len(),
        nulls=column.null_count(),
    )


def _profile(
    column: pl.Series,
    kind: str,
    holds: Holds,
    *,
    epochs: tuple[str, ...] = (),
    days: pl.Series | None = None,
) -> ColumnProfile:
    """Return the profile of a column whose type says what the values are."""
    given = column.drop_nulls()
    counts = given.value_counts(name="rows") if given.len() else None
    return ColumnProfile(
        name=column.name,
        type=kind,
        holds=holds,
        rows=column.len(),
        nulls=column.null_count(),
        distinct=0 if counts is None else counts.height,
        top=() if counts is None else _top(counts, column.name),
        smallest=_text(given.min()),
        largest=_text(given.max()),
        epochs=epochs,
        values=_by_text(counts),
        days=days,
    )


def _of_texts(column: pl.Series) -> ColumnProfile:
    """Return the profile of a column of texts; null for no value."""
    given = column.drop_nulls()
    counted = given.value_counts(name="rows")
    texts, rows = counted[column.name], counted["rows"]
    words = _null_words(texts, rows)
    absent = texts.is_in([word.text for word in words if word.proposed])
    values, value_rows = texts.filter(~absent), rows.filter(~absent)
    holds, dates, booleans = _kind(values, value_rows)
    smallest, largest = _ends(values, holds, dates)
    style = dates.best if dates else None
    return ColumnProfile(
        name=column.name,
        type="text",
        holds=holds,
        rows=column.len(),
        nulls=column.null_count(),
        distinct=counted.height,
        top=_top(counted, column.name),
        smallest=smallest,
        largest=largest,
        null_words=words,
        dates=dates,
        booleans=booleans,
        epochs=_epochs(values.cast(pl.Int64, strict=False)) if holds == "integer" else (),
        values=_by_text(counted),
        days=None if style is None else parse(column, style),
    )


def _null_words(texts: pl.Series, rows: pl.Series) -> tuple[NullWord, ...]:
    """Return the words of a column that look like no value."""
    # A word for none is shorter than this.
    short = texts.str.len_chars() <= 24
    counts = dict(zip(texts.filter(short), rows.filter(short), strict=True))
    words = null_words(counts, among_texts=True)
    if not words:
        return ()
    others = ~texts.is_in([word.text for word in words])
    holds, _, _ = _kind(texts.filter(others), rows.filter(others))
    among_texts = holds in ("text", "nothing")
    kept = counts
    if holds in ("integer", "number", "boolean"):
        # Among numbers a nought is one.
        kept = {text: n for text, n in counts.items() if text.strip("0")}
    words = null_words(kept, among_texts=among_texts)
    if holds == "nothing" and any(not is_certain_null(word.text) for word in words):
        # A column of one word, such as 0 or unknown, may mean that.
        words = tuple(w for w in words if is_certain_null(w.text) or w.text.strip("0"))
    return words


def _kind(
    values: pl.Series, rows: pl.Series
) -> tuple[Holds, DateFormats | None, Mapping[str, bool]]:
    """Return what texts hold, the formats of dates, and the words for true and false."""
    if not values.len():
        return "nothing", None, {}
    booleans = boolean_words(values.to_list()) if values.len() <= 4 else None
    whole = values.str.contains(_INTEGER).all()
    dates = find_formats(values, rows)
    if booleans and not whole:
        return "boolean", None, booleans
    if dates is not None and dates.best is not None:
        timed = "%H" in dates.best or "%I" in dates.best
        if not timed:
            timed = values.str.contains(r"^\S+[T ]\d\d?:").any()
        return "time" if timed else "date", dates, {}
    if whole:
        return "integer", None, booleans or {}
    if values.str.contains(_NUMBER).all():
        return "number", None, {}
    return "text", dates, {}


def _ends(
    values: pl.Series, holds: Holds, dates: DateFormats | None
) -> tuple[str | None, str | None]:
    """Return the smallest and the largest value, in the order of what the texts hold."""
    if not values.len():
        return None, None
    order: pl.Series = values
    if dates is not None and dates.best is not None and holds in ("date", "time"):
        order = parse(values, dates.best)
    elif holds in ("integer", "number"):
        plain = values.str.replace_all(".", "", literal=True) if _has_commas(values) else values
        order = plain.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    frame = pl.DataFrame({"text": values, "order": order}).drop_nulls().sort("order", "text")
    if frame.is_empty():
        return None, None
    return str(frame["text"][0]), str(frame["text"][-1])


def _has_commas(values: pl.Series) -> bool:
    return bool(values.str.contains(",", literal=True).any())


def _top(counted: pl.DataFrame, name: str) -> tuple[tuple[str, int], ...]:
    """Return the commonest values with their rows; none where each is there once."""
    if counted.height == 0 or counted["rows"].max() == 1:
        return ()
    top = counted.sort(["rows", name], descending=[True, False]).head(TOP)
    return tuple((_text(value) or "", rows) for value, rows in top.iter_rows())


def _epochs(numbers: pl.Series) -> tuple[str, ...]:
    least, most = numbers.min(), numbers.max()
    if not isinstance(least, int | float) or not isinstance(most, int | float):
        return ()
    return epoch_units(least, most)


def _by_text(counts: pl.DataFrame | None) -> dict[str, int]:
    if counts is None or counts.height > FEW:
        return {}
    return {_text(value) or "": rows for value, rows in counts.iter_rows()}


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value).lower() if isinstance(value, bool) else str(value)
