"""Real cases: fines and the sixty days after their notification.

The real log is not part of the project. Where it is absent its test is not defined, except on CI,
where its absence is an error.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import kpi

DATA = Path(os.environ.get("KPI_DATA") or Path(__file__).parents[3] / "shared" / "data")


def test_fines_are_raised_sixty_local_days_after_their_notification() -> None:
    file = DATA / "road_fines.parquet"
    if not file.is_file():
        pytest.fail(f"{file} is absent: set KPI_DATA to the directory that holds it")
    table = kpi.Table("cases", key="case_id", events=["notified", "penalty_added"])
    both = {"notified": {"since": "1999-01-01"}, "penalty_added": {"since": "1999-01-01"}}
    on_the_day = [
        kpi.Within(
            id=limit,
            where=both,
            start="notified",
            end="penalty_added",
            limit=limit,
            threshold="all",
            window={"through": "2020-12-31"},
        )
        for limit in ("60 days", "59 days")
    ]
    made = kpi.Plan(
        id="fines", period="2013", time_zone="Europe/Rome", tables=[table], targets=on_the_day
    )
    result = kpi.evaluate(made, file, "2020-12-31")
    assert [(t.counted, t.met) for t in result] == [(79_860, 79_860), (79_860, 0)]
