"""Real cases: fines and the sixty days after their notification.

The real log is not part of the project. Where it is absent the test fails, and
says where to put it.
"""

from __future__ import annotations

import kpi
from tests.real_data import data


def test_fines_are_raised_sixty_local_days_after_their_notification() -> None:
    file = data("road_fines.parquet")
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
