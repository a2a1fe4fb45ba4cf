"""Times in texts that are all written alike are those that a mix of forms gives."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from kpi.tables.date_texts import iso_times

DAY, TIME = dt.date(2017, 3, 1), dt.datetime(2017, 3, 1, 9, 30)


@pytest.mark.parametrize(
    ("texts", "times"),
    [
        (["2017-03-01", None], [DAY, None]),
        ([None, "2017-03-01T09:30:00"], [None, TIME]),
        (["2017-03-01 09:30:00", "2017-03-01T09:30:00"], [TIME, TIME]),
        (["2017-03-01T09:30:00", "2017-03-01T09:30"], [TIME, TIME]),
        (["2017-03-01T09:30:00", "2017-03-01T09:30:00.5"], [TIME, TIME.replace(microsecond=500_000)]),
        (["2017-03-01T09:30:00Z"] * 2, [TIME.replace(tzinfo=dt.UTC)] * 2),
        (["2017-03-01T09:30:00Z", "2017-03-01T10:30:00+01:00"], [TIME.replace(tzinfo=dt.UTC)] * 2),
        (["2017-03-01T09:30:00Z", "2017-03-01T09:30:00"], [TIME.replace(tzinfo=dt.UTC), None]),
        (["2017-03-01", "2017-03-01T09:30:00"], [None, TIME]),
        (["2017-03-01", "17-03-01"], [DAY, None]),
        (["0001-01-01"], [dt.date(1, 1, 1)]),
        (["2017-02-30"], [None]),
        ([None], [None]),
    ],
)  # fmt: skip
def test_each_form(texts: list[str | None], times: list[object]) -> None:
    found, _ = iso_times(pl.Series(texts, dtype=pl.String))
    assert found.to_list() == times


@pytest.mark.parametrize(
    ("texts", "microseconds"),
    [
        (["2017-03-01T09:30:00.250", "2017-03-01T09:30:00.001"], [250_000, 1_000]),
        (["2017-03-01 09:30:00.250000", "2017-03-01 09:30:00.000001"], [250_000, 1]),
        # What is less than a microsecond is left out.
        (["2017-03-01T09:30:00.250000999"], [250_000]),
        # Other numbers of digits than the first has, and too many.
        (["2017-03-01T09:30:00.250", "2017-03-01T09:30:00.25"], [250_000, 250_000]),
        (["2017-03-01T09:30:00.250", "2017-03-01T09:30:00.2500001"], [250_000, 250_000]),
        (["2017-03-01T09:30:00.250", "2017-03-01T09:30:00"], [250_000, 0]),
        (["2017-03-01T09:30:00.250", "2017-03-01T09:30:00.25x"], [250_000, None]),
        (["2017-03-01T09:30:00.250", "2017-03-01T09:30:00. 25"], [250_000, None]),
    ],
)
def test_s01_fractions_of_seconds(texts: list[str], microseconds: list[int | None]) -> None:
    times, example = iso_times(pl.Series(texts))
    begun = dt.datetime(2017, 3, 1, 9, 30)
    assert times.to_list() == [
        None if n is None else begun + dt.timedelta(microseconds=n) for n in microseconds
    ]
    assert example == "2017-03-01T09:30:00"


def test_s01_fractions_of_seconds_with_a_zone_are_in_utc() -> None:
    texts = pl.Series(["2017-03-01T09:30:00.250Z", "2017-03-01T09:30:00.125Z"])
    times, _ = iso_times(texts)
    assert times.dtype == pl.Datetime("us", "UTC")
    assert times.dt.microsecond().to_list() == [250_000, 125_000]
