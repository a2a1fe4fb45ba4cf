"""Two cases a day from October 2020 to November 2022: in the north they take 10 days, in the south 50.

Half of the cases that are ended in any stretch of time are ended within 30 days. On 30 November the
fourth quarter has counted 61 of 122, and 10 cases of the north and 50 of the south are open. None
that is filed in December can be late by the 31st.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import polars as pl

import kpi

AS_OF = "2022-11-30"
TABLE = kpi.Table("cases", key="case_id", entry="filed", events=["decided"])


@cache
def cases() -> pl.DataFrame:
    """The cases; what is decided after the day is not known yet."""
    first, last = dt.date(2020, 10, 1), dt.date.fromisoformat(AS_OF)
    rows = []
    for n in range((last - first).days + 1):
        filed = first + dt.timedelta(n)
        for office, took in (("north", 10), ("south", 50)):
            decided = filed + dt.timedelta(took)
            rows.append((f"{office}{n}", office, filed, decided if decided <= last else None))
    return pl.DataFrame(rows, schema=["case_id", "office", "filed", "decided"], orient="row")


def within(name: str, threshold: int | None, **more: object) -> kpi.Within:
    """At least so many per cent within 30 days, of the cases that are decided in the quarter."""
    keys = {"window": "2022-Q4", "start": "filed", "end": "decided", "limit": "30 days", **more}
    return kpi.Within(id=name, threshold=threshold, **keys)


def plan(*targets: kpi.Requirement) -> kpi.Plan:
    """A plan of the year."""
    return kpi.Plan(id="steady", period="2022", tables=[TABLE], targets=targets)
