"""Hours of an office that never closes are elapsed hours, whatever the clocks do (S3, S35)."""

from __future__ import annotations

import datetime as dt
import random

import polars as pl
import pytest

import kpi
from kpi.testing.strategies.times import _turns

ALWAYS = {
    "off": [],
    "weekend": [],
    "covers": {"since": "2005-01-01", "through": "2025-12-31"},
    "hours": dict.fromkeys(("weekdays", "saturday", "sunday"), "00:00-24:00"),
}
# Clocks that turn at two, at midnight, a minute after midnight, and over the date line.
ZONES = (
    ("Europe/Copenhagen", 2017),
    ("America/Sao_Paulo", 2017),
    ("America/St_Johns", 2010),
    ("Pacific/Apia", 2011),
)


def instants(zone: str, year: int) -> pl.DataFrame:
    """Cases that begin within two days of a turn of the clocks, and take up to three days."""
    chance = random.Random(35)  # noqa: S311 - cases, not secrets
    rows = []
    for n in range(400):
        turn = chance.choice(_turns(zone, year))
        filed = turn + dt.timedelta(minutes=chance.randrange(-2880, 2880))
        taken = dt.timedelta(minutes=chance.choice((0, 1, 1439, 1440, chance.randrange(4320))))
        decided = None if n % 9 == 0 else filed + taken + dt.timedelta(microseconds=n % 3 - 1)
        rows.append((n, filed, decided))
    times = dict.fromkeys(("filed", "decided"), pl.Datetime("us", "UTC"))
    return pl.DataFrame(rows, {"id": pl.Int64, **times}, orient="row")


@pytest.mark.parametrize(("zone", "year"), ZONES)
def test_s35_round_the_clock_on_all_days_is_elapsed_time(zone: str, year: int) -> None:
    def trail(unit: str) -> pl.DataFrame:
        targets = [
            kpi.Within(
                id=f"{n} {which}",
                start="filed",
                end="decided",
                limit=f"{n} {unit}",
                threshold=50,
                denominator=which,
            )
            for n, which in ((24, "closed"), (24, "settled"), (24, "overdue"), (0, "due"))
        ]
        plan = kpi.Plan(
            id="p",
            period=f"{year}",
            time_zone=zone,
            calendar=ALWAYS,
            tables=[kpi.Table("cases", key="id", entry="filed", events="decided")],
            targets=targets,
        )
        as_of = instants(zone, year)["filed"].max()
        assert isinstance(as_of, dt.datetime)
        return kpi.evaluate(plan, instants(zone, year), as_of.date()).audit().collect()

    elapsed = trail("hours")
    assert trail("working hours").equals(elapsed)
    assert elapsed["met"].sum() > 100
