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


@pytest.mark.parametrize(
    ("derived", "limit"),
    [
        ('{ earliest = ["documented", "paid"] }', "20 days"),
        ('{ latest = ["documented", "paid"] }', "20 days"),
        ('{ once_all = ["documented", "paid"] }', "1 month"),
        ('{ start = "sentenced", end = "released", share = "1/2" }', "10 working days"),
        ('{ start = "sentenced", end = "released", share = "1/3", rounded = "down" }', "30 days"),
        ('{ date = "paid", plus_months = "months" }', "2 months"),
        ('{ date = "released", minus_days = "days" }', "20 days"),
        ('{ date = "documented", plus = "3 working days" }', "1 month"),
        ('{ date = "documented", minus = "1 month" }', "2 months"),
        ('{ date = "paid", plus = "1 week", roll = "next working day" }', "20 days"),
    ],
)
def test_derived_dates_and_pauses_are_sampled_too(derived: str, limit: str) -> None:
    """What targets turn on is derived from other columns: those are what is written."""
    plan = kpi.parse_plan(f"""
id = "p"
period = "2022"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided", "paid"]
dates = ["sentenced", "released"]
derived = {{ made = {derived} }}
[tables.waiting]
pauses = "cases"
key = "case_id"
entry = "from"
events = "to"
[[targets]]
id = "1"
rule = "within"
start = "made"
end = "decided"
limit = "{limit}"
threshold = 50
where = {{ made = {{ since = 2021-06-01 }} }}
pauses = "waiting"
""")
    tables = sample(plan, 600, 3)
    assert "made" not in tables["cases"].columns
    result = kpi.evaluate(plan, tables, "2022-12-31")
    for name in ("cases", "waiting"):
        assert not result.facts[name].rejected, name
    target = result["1"]
    # Its cases count, and the dates that are derived are those that were meant.
    assert target.counted > 200
    assert target.met is not None
    assert 0.05 < target.met / target.counted < 1
    assert sum(target.excluded.values()) < 0.1 * target.counted
    assert (result.audit().collect()["paused"] > 0).sum() > 20
    assert tables["waiting"]["to"].null_count()
