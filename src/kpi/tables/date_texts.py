"""Times and dates in a column of texts: as ISO 8601 writes them, or as a declared format says."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl

_WITH_ZONE = r":\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)$"
_ZONED = "2017-03-01T09:30:00+01:00"
_NAIVE = "2017-03-01T09:30:00"
_DATE = "2017-03-01"
_TIME_OF_DAY = re.compile(r"%[-_]?[HIMSTRXcfslr+]")


def iso_times(text: pl.Series) -> tuple[pl.Series, str]:
    """Texts as times, in UTC where one of them says its zone; as dates where none says a time.

    A T or a space, seconds or none, fractions of seconds, and as a zone Z, +01:00, +0100 or +01. What is
    written otherwise, or without the zone or the time of day that others have, is null.

    Returns:
        the times, and how one of them is written.
    """
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


def iso_kinds(text: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Texts as what each of them is by itself, in any mix; what is none of them is null in all three.

    Returns:
        those that are dates; the times of a wall clock; the times with a zone, in UTC.
    """
    dates = _of_full_years(text.str.to_date("%Y-%m-%d", strict=False), text)
    clock = zoned = pl.repeat(None, text.len(), dtype=pl.Datetime("us"), eager=True)
    zoned = zoned.dt.replace_time_zone("UTC")
    if dates.null_count() > text.null_count():
        says_zone = text.str.contains(_WITH_ZONE)
        times = text.set(dates.is_not_null(), None)
        clock, zoned = (
            _iso(times.set(~its.fill_null(value=False), None), "%:z" if with_zone else "")
            for its, with_zone in ((~says_zone, False), (says_zone, True))
        )
    return dates, clock, zoned.dt.convert_time_zone("UTC")


def _iso(text: pl.Series, zone: str) -> pl.Series:
    """Texts as times, with or without seconds; all with a zone, or none."""
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
    """Texts as times, or as dates where the format holds no time of day; null where it does not fit.

    Raises:
        PolarsError: where the format is none.
    """
    if _TIME_OF_DAY.search(style):
        return _of_full_years(text.str.to_datetime(style, strict=False), text, style)
    return _of_full_years(text.str.to_date(style, strict=False), text, style)


def _of_full_years(times: pl.Series, text: pl.Series, style: str | None = None) -> pl.Series:
    """Set to null what parses as a year before 1000 and is not written with four digits.

    17-03-01 is not the year 17 that was meant; 0001-01-01 is what databases write for none.

    Args:
        times: dates or times, nulls where a text is none.
        text: the texts that they were parsed from.
        style: their format (default: the year comes first).
    """
    # Numbers are compared first: few columns hold such a year, and asking each date for it is slow.
    least = pl.Series([dt.date(1000, 1, 1)]).cast(times.dtype).to_physical()
    early = times.to_physical() < least
    if not early.any():
        return times
    if style is None:
        full = text.str.contains(r"^\d{4}-")
    else:
        # Only few are written anew, each exactly as its format has it.
        full = times.set(~early, None).dt.to_string(style) == text
    first = pl.Series([dt.date(1, 1, 1)]).cast(times.dtype).to_physical()
    full &= times.to_physical() >= first
    return times.set(early & ~full.fill_null(value=False), None)
