"""Dates that are numbers: time since 1970-01-01, and the serial days of a workbook (S1)."""

from __future__ import annotations

import polars as pl

from kpi.definitions.extract_file import EpochUnit

_TICKS = {"s": 1, "ms": 1_000, "us": 1_000_000}
_DAY_MS = 86_400_000
_FALSE_LEAP_DAY = 60
"""Serial number of 29 February 1900, a day that workbooks count and that never was."""

_LAST_SERIAL = 2_958_466
"""Serial number behind the last day of a workbook, 9999-12-31."""

_NUMBERS = r"^[+-]?\d+([.]\d+)?$"
_DAYS_BEFORE_1970 = 25_569
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
"""Days from 1970-01-01 to the first and the last day of the years 1 to 9999."""


def epoch_words(unit: EpochUnit) -> str:
    """Return how a date of a unit is written, for messages: "a date as a number of s"."""
    return (
        "a date as serial days of a workbook"
        if unit == "excel"
        else f"a date as a number of {unit}"
    )


def epoch_dates(numbers: pl.Series, unit: EpochUnit, *, timed: bool = False) -> pl.Series:
    """Return the dates or times that numbers stand for; null for what is no date of the unit.

    Days give dates, and so do serial days that are all whole; else times: in UTC since 1970, of the
    wall clock in a workbook. Serial days below 1, the day 60, which never was, and days after 9999
    are no dates.

    Args:
        numbers: whole numbers, floats, or texts of numbers with a decimal point.
        unit: the unit of the numbers.
        timed: whether times are asked for, of serial days that are all whole too.
    """
    if numbers.dtype == pl.Null:
        numbers = numbers.cast(pl.Int64)
    if numbers.dtype == pl.String:
        plain = numbers.set(~numbers.str.contains(_NUMBERS).fill_null(value=True), None)
        whole = plain.cast(pl.Int64, strict=False)
        whole_only = whole.null_count() == plain.null_count()
        numbers = whole if whole_only else plain.cast(pl.Float64, strict=False)
    if numbers.dtype.is_float():
        numbers = numbers.fill_nan(None)
    if unit == "excel":
        return _of_workbook(numbers.cast(pl.Float64), timed=timed)
    if unit == "days":
        days = numbers.cast(pl.Int64, strict=False)
        days = days.set((days != numbers).fill_null(value=False), None)
        return _within_years(days, 1).cast(pl.Int32).cast(pl.Date)
    if unit == "ns":
        ticks = numbers.cast(pl.Int64, strict=False)
        return ticks.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
    per_second = _TICKS[unit]
    ticks = _within_years(numbers, 86_400 * per_second)
    micros = (ticks * (1_000_000 // per_second)).cast(
        pl.Float64 if ticks.dtype.is_float() else pl.Int64
    )
    if micros.dtype.is_float():
        micros = micros.round()
    return micros.cast(pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _within_years(numbers: pl.Series, per_day: int) -> pl.Series:
    """Set numbers outside the years 1 to 9999 to null; whole numbers become wide ones.

    Args:
        numbers: numbers of a unit since 1970-01-01.
        per_day: how many of the unit make a day.
    """
    low, high = _FIRST_DAY * per_day, (_LAST_DAY + 1) * per_day
    inside = ((numbers >= low) & (numbers < high)).fill_null(value=True)
    kept = numbers.set(~inside, None)
    return kept if kept.dtype.is_float() else kept.cast(pl.Int64)


def _of_workbook(serial: pl.Series, *, timed: bool) -> pl.Series:
    is_date = serial.is_between(1, _LAST_SERIAL, closed="left")
    is_date &= ~serial.is_between(_FALSE_LEAP_DAY, _FALSE_LEAP_DAY + 1, closed="left")
    serial = serial.set(~is_date.fill_null(value=True), None)
    # Behind the day that never was, each number is one too high.
    days = serial - _DAYS_BEFORE_1970 + (serial < _FALSE_LEAP_DAY).cast(pl.Float64)
    if not timed and (days == days.floor()).all():
        return days.cast(pl.Int32).cast(pl.Date)
    millis = (days * _DAY_MS).round().cast(pl.Int64)
    return millis.cast(pl.Datetime("ms"))
