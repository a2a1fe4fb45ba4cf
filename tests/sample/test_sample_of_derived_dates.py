"""Samples of plans with every form of derived dates, and of pauses that end by themselves."""

from __future__ import annotations

import pytest

import kpi
from kpi.sample import sample

BY_CLASS = {"by": "class", "limits": {"minor": "8 weeks", "major": "13 working days"}}
DERIVED: dict[str, object] = {
    "statutory": {"date": "filed", "plus": BY_CLASS},
    "due_by": {"latest": ["statutory", "agreed"]},
    "monthly": {"date": "filed", "plus": "1 month", "end_of": "month"},
    "in_school": {
        "date": "filed",
        "plus": "20 working days",
        "calendar": {"off": ["2022-07-04"], "covers": {"since": "2010-01-01", "through": "2030-12-31"}},
    },
    "restarted": {"latest": ["filed", "documented"], "before": "decided"},
    "begun": {
        "date": "filed",
        "plus": "0 days",
        "roll": "next working day",
        "at_latest": "decided",
    },
}  # fmt: skip


def a_plan(*targets: kpi.Target) -> kpi.Plan:
    """A plan for 2022 with cases that have every derived date, and with pauses of 14 days at most."""
    cases = kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events=["documented", "decided"],
        dates="agreed",
        derived=DERIVED,
    )
    waiting = kpi.Table(
        "waiting",
        key="case_id",
        entry="from",
        events=["answered", "withdrawn"],
        pauses="cases",
        until="ends",
        last_day="paused",
        derived={
            "cap": {"date": "from", "plus_days": "days"},
            "class_cap": {"date": "from", "plus": BY_CLASS},
            "ends": {"earliest": ["answered", "withdrawn", "cap", "class_cap"]},
        },
    )
    return kpi.Plan(id="p", period="2022", tables=[cases, waiting], targets=targets)


@pytest.mark.parametrize("name", DERIVED)
def test_a_sample_reaches_a_target_that_goes_by_a_derived_date(name: str) -> None:
    if name in ("restarted", "begun"):
        target = kpi.Within(
            id="1", start=name, end="decided", limit="30 days", threshold=50, pauses="waiting"
        )
    else:
        target = kpi.Within(
            id="1", start="filed", end="decided", limit={"column": name}, threshold=50
        )
    plan = a_plan(target)
    tables = sample(plan, rows=200)
    result = kpi.evaluate(plan, tables)["1"]
    assert result.counted > 50
    assert result.met
