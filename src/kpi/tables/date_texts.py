"""Parsing of times and dates in a column of texts: ISO 8601, or a declared format (S1)."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl

_WITH_ZONE = r":\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)$"
_ZONED = "2017-03-01T09:30:00+01:00"
_NAIVE = "2017-03-01T09:30:00"
_DATE = "2017-03-01"
_FIXED = re.compile(r"\d{4}-\d\d-\d\d(?:([T ])\d\d:\d\d:\d\d(?:\.(\d{3}|\d{6}|\d{9}))?(Z?))?")
_TIME_OF_DAY = re.compile(r"%[-_]?[HIMSTRXcfslr+]")


def iso_times(text: pl.Series) -> tuple[pl.Series, str]:
    """Parse ISO 8601 texts as times, in UTC where one of them has a zone; as dates without times.

    A T or a space, seconds or none, fractions of seconds, and as a zone Z, +01:00, +0100 or +01. A
    text that is written otherwise, or lacks the zone or the time of day that others have, is null.

    Returns:
        the times or dates, and an example of how they are written.
    """
    alike = _all_alike(text)
    if alike is not None:
        return alike
    zoned = bool(text.str.contains(_WITH_ZONE).any())
    times = _iso(text, "%:z" if zoned else "")
    if zoned or times.null_count() < times.len():
        return times, _ZONED if zoned else _NAIVE
    dates = text.str.to_date("%Y-%m-%d", strict=False)
    return (
        (_of_full_years(dates, text), _DATE)
        if dates.null_count() < dates.len()
        else (times, _NAIVE)
    )


def _all_alike(text: pl.Series) -> tuple[pl.Series, str] | None:
    """Parse texts that are all written as the first is; None where a text is written otherwise.

    A single fixed format is parsed in a tenth of the time of several.
    """
    first = text.first(ignore_nulls=True)
    form = _FIXED.fullmatch(first) if isinstance(first, str) else None
    if form is None:
        return None
    between, fraction, zone = form.groups()
    if between is None:
        parsed = text.str.to_date("%Y-%m-%d", strict=False, cache=False)
    else:
        # So many digits behind the point are parsed in a fifth of the time of any number of them.
        part = f".%{len(fraction)}f" if fraction else ""
        style = f"%Y-%m-%d{between}%H:%M:%S{part}{zone}"
        parsed = text.str.to_datetime(style, strict=False, time_unit="us", cache=False)
    parsed = _of_full_years(parsed, text)
    if parsed.null_count() > text.null_count():
        return None
    if zone:
        return parsed.dt.replace_time_zone("UTC"), _ZONED
    return parsed, _DATE if between is None else _NAIVE


def iso_kinds(text: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Parse ISO 8601 texts, each as the kind that it is, in any mix.

    Returns:
        three series as long as the texts: dates; times of a wall clock; times with a zone, in UTC.
        Each text is null in all but the series of its kind, and in all where it is of no kind.
    """
    dates = _of_full_years(text.str.to_date("%Y-%m-%d", strict=False), text)
    clock = zoned = pl.repeat(None, text.len(), dtype=pl.Datetime("us"), eager=True)
    zoned = zoned.dt.replace_time_zone("UTC")
    if dates.null_count() > text.null_count():
        says_zone = text.str.contains(_WITH_ZONE)
        times = text.set(dates.is_not_null(), None)
        clock, zoned = (
            _iso(times.set(~mask.fill_null(value=False), None), "%:z" if with_zone else "")
            for mask, with_zone in ((~says_zone, False), (says_zone, True))
        )
    return dates, clock, zoned.dt.convert_time_zone("UTC")


def _iso(text: pl.Series, zone: str) -> pl.Series:
    """Parse texts as times, with or without seconds; null where a text is none.

    Args:
        text: the texts.
        zone: the format of the zone, which all must have; empty where none may have one.
    """
    plain = text.str.replace("T", " ", literal=True)
    if zone:
        plain = plain.str.replace("Z$", "+00:00").str.replace(r"([+-]\d\d)(\d\d)$", "$1:$2")
        # Postgres writes whole hours alone.
        plain = plain.str.replace(r"([+-]\d\d)$", "$1:00")
    parsed = [
        plain.str.to_datetime(f"%Y-%m-%d %H:%M{rest}{zone}", strict=False, time_unit="us")
        for rest in (":%S%.f", "")
    ]
    return _of_full_years(pl.select(pl.coalesce(parsed)).to_series().alias(text.name), text)


def times_as(text: pl.Series, style: str) -> pl.Series:
    """Parse texts in a format: as times, or as dates where the format holds no time of day.

    A text that does not fit the format is null.

    Raises:
        PolarsError: where the format is no valid one.
    """
    if _TIME_OF_DAY.search(style):
        return _of_full_years(text.str.to_datetime(style, strict=False), text, style)
    return _of_full_years(text.str.to_date(style, strict=False), text, style)


def _of_full_years(times: pl.Series, text: pl.Series, style: str | None = None) -> pl.Series:
    """Set to null what parses as a year before 1000 and is not written with four digits.

    Who writes 17-03-01 does not mean the year 17; databases write 0001-01-01 for no date.

    Args:
        times: dates or times; null where the text is neither.
        text: the texts that they were parsed from.
        style: the format of the texts; None for ISO 8601, where the year comes first.
    """
    # Physical values are compared first: few columns hold such a year, and `dt.year` is slow.
    least = pl.Series([dt.date(1000, 1, 1)]).cast(times.dtype).to_physical()
    early = times.to_physical() < least
    if not early.any():
        return times
    if style is None:
        full = text.str.contains(r"^\d{4}-")
    else:
        # Only the few early dates are formatted again, and compared with their texts.
        full = times.set(~early, None).dt.to_string(style) == text
    first = pl.Series([dt.date(1, 1, 1)]).cast(times.dtype).to_physical()
    full &= times.to_physical() >= first
    return times.set(early & ~full.fill_null(value=False), None)
