"""Working hours of real cases: what the engine says of each is what plain Python works out."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import polars as pl
import pytest

import kpi
from tests.real_data import data

ZONE = "Europe/Amsterdam"
OPENS, CLOSES = 7, 17
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    """The first and the last event of each case, as instants."""
    times = pl.col("timestamp")
    return (
        pl.read_parquet(data("receipt_events.parquet"))
        .group_by("case_id")
        .agg(times.min().alias("first"), times.max().alias("last"))
        .sort("case_id")
    )


def seconds_open(first: dt.datetime, last: dt.datetime) -> int:
    """Whole seconds within Monday to Friday, 07:00 to 17:00 local time, a day at a time."""
    begun, ended = (time.astimezone(zoneinfo.ZoneInfo(ZONE)) for time in (first, last))
    total = dt.timedelta()
    for n in range((ended.date() - begun.date()).days + 1):
        day = begun.date() + dt.timedelta(n)
        if day.isoweekday() <= 5:
            # The clocks never change between these hours: wall clocks measure the time.
            opens, closes = (
                max(min(dt.datetime.combine(day, dt.time(hour)), ended.replace(tzinfo=None)),
                    begun.replace(tzinfo=None))
                for hour in (OPENS, CLOSES)
            )  # fmt: skip
            total += closes - opens
    return total // SECOND


def test_s35_the_working_hours_of_every_real_case(cases: pl.DataFrame) -> None:
    hours = {"weekdays": f"{OPENS:02}:00-{CLOSES}:00"}
    plan = kpi.Plan(
        id="receipts",
        period={"since": "2010-01-01", "through": "2012-12-31"},
        time_zone=ZONE,
        calendar={
            "off": [],
            "covers": {"since": "2010-01-01", "through": "2013-12-31"},
            "hours": hours,
        },
        tables=[kpi.Table("cases", key="case_id", entry="first", events="last")],
        targets=[
            kpi.Within(
                id=limit, start="first", end="last", limit=limit, threshold=50, denominator=which
            )
            for limit, which in (("10 working hours", "closed"), ("90 working minutes", "settled"))
        ],
    )
    result = kpi.evaluate(plan, cases)
    trail = result.audit().collect()
    own = {case: seconds_open(first, last) for case, first, last in cases.iter_rows()}
    found = trail.filter(pl.col("target") == "10 working hours")
    assert dict(found.select("case", "seconds").iter_rows()) == own
    for limit, most in (("10 working hours", 36_000), ("90 working minutes", 5_400)):
        met = trail.filter((pl.col("target") == limit) & pl.col("met"))["case"]
        # To the second; of each case the time goes on to the microsecond.
        assert set(met) == {case for case, seconds in own.items() if seconds < most}
        assert result[limit].counted == len(own) == 1434
