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
