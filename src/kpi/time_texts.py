"""Times and dates in a column of texts: as ISO 8601 writes them, or as a declared format says."""

from __future__ import annotations

import re

import polars as pl

_WITH_ZONE = r":\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$"
_ZONED = "2017-03-01T09:30:00+01:00"
_NAIVE = "2017-03-01T09:30:00"
_DATE = "2017-03-01"
_TIME_OF_DAY = re.compile(r"%[-_]?[HIMSTRXcfslr+]")


def iso_times(text: pl.Series) -> tuple[pl.Series, str]:
    """Texts as times, in UTC where one of them says its zone; as dates where none says a time.

    A T or a space, seconds or none, fractions of seconds, and as a zone Z, +01:00 or +0100. What is
    written otherwise, or without the zone or the time of day that others have, is null.

    Returns:
        the times, and how one of them is written.
    """
    plain = text.str.replace("T", " ", literal=True)
    zoned = bool(plain.str.contains(_WITH_ZONE).any())
    if zoned:
        plain = plain.str.replace("Z$", "+00:00").str.replace(r"([+-]\d\d)(\d\d)$", "$1:$2")
    zone = "%:z" if zoned else ""
    parsed = [
        plain.str.to_datetime(f"%Y-%m-%d %H:%M{rest}{zone}", strict=False, time_unit="us")
        for rest in (":%S%.f", "")
    ]
    times = pl.select(pl.coalesce(parsed)).to_series().alias(text.name)
    if zoned or times.null_count() < times.len():
        return _of_full_years(times), _ZONED if zoned else _NAIVE
    dates = text.str.to_date("%Y-%m-%d", strict=False)
    return (_of_full_years(dates), _DATE) if dates.null_count() < dates.len() else (times, _NAIVE)


def times_as(text: pl.Series, style: str) -> pl.Series:
    """Texts as times, or as dates where the format holds no time of day; null where it does not fit.

    Raises:
        PolarsError: where the format is none.
    """
    if _TIME_OF_DAY.search(style):
        return _of_full_years(text.str.to_datetime(style, strict=False))
    return _of_full_years(text.str.to_date(style, strict=False))


def _of_full_years(times: pl.Series) -> pl.Series:
    """Without what parses as a year before 1000: 17-03-01 is not the year 17 that was meant."""
    return times.set(times.dt.year() < 1000, None)
