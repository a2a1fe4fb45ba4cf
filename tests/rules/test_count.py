"""Counts: series."""

from __future__ import annotations

import kpi
from tests.builders import ACTIONS, actions, half_years


def test_a_series_of_counts_is_by_the_day_that_is_counted() -> None:
    frame = actions(("2017-03-01", "a"), ("2017-09-01", "a"), ("2017-10-01", "a"))
    target = kpi.Count(id="t", table="actions", requires={"at_least": 2})
    found = half_years(target, {"actions": frame}, tables=[ACTIONS])
    assert {name: (g.counted, g.verdict) for name, g in found.items() if name} == {
        "2017-H1": (1, "indicator"),
        "2017-H2": (2, "indicator"),
    }
