"""Milestones: deadlines, several rows, other facts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

import kpi
from tests.builders import asked, came_to, milestone, of_offices


def test_a_milestone_of_several_offices_is_met_when_all_have_met_it() -> None:
    target = kpi.Milestone(id="t", deadline={"through": "2017-06-30"})
    rows = [{"target": "t", "done": "2017-06-30"}, {"target": "t", "done": "2017-07-01"}]
    found = of_offices(target, *rows)
    assert (found.met, found.counted, found.value, found.verdict) == (1, 2, 0.5, "missed")


def test_done_at_a_time_that_there_was_not() -> None:
    """On 26 March 2017 there was no half past two."""
    target = kpi.Milestone(id="t", deadline={"through": "2017-06-30"})
    frame = pl.DataFrame({"target": ["t"], "done": [dt.datetime(2017, 3, 26, 2, 30)]})
    found = kpi.evaluate(asked(target), {"reported": frame})["t"]
    assert (found.excluded, found.verdict) == ({"no such local time": 1}, "not_assessable")


THROUGH, BEFORE = {"through": "2017-06-30"}, {"before": "2017-06-30"}


@pytest.mark.parametrize(
    ("deadline", "done", "verdict"),
    [
        (THROUGH, "2017-06-30", "met"),
        (THROUGH, "2017-07-01", "missed"),
        (THROUGH, "2016-01-01", "met"),
        (BEFORE, "2017-06-30", "missed"),
        (BEFORE, "2017-06-29", "met"),
        ("2017-H2", "2017-06-30", "missed"),
        ("2017-H2", "2017-07-01", "met"),
        ("2017", "2016-12-31", "missed"),
        (THROUGH, None, "missed"),
    ],
)
def test_a_milestone(deadline: Any, done: str | None, verdict: str) -> None:
    assert came_to(milestone(deadline), {"target": "t", "done": done}).verdict == verdict


def test_a_milestone_is_open_until_its_deadline_is_over() -> None:
    row = {"target": "t", "done": None}
    assert came_to(milestone(THROUGH), row, as_of="2017-06-29").verdict == "open"
    assert came_to(milestone(THROUGH), row, as_of="2017-06-30").verdict == "missed"
    # What was done after the as-of date is not done yet.
    later = {"target": "t", "done": "2017-06-30"}
    assert came_to(milestone(THROUGH), later, as_of="2017-06-29").met == 0


def test_another_fact_may_tell_it() -> None:
    row = {"target": "portal", "done": "2017-01-01"}
    assert came_to(milestone(THROUGH, fact="portal"), row).verdict == "met"
