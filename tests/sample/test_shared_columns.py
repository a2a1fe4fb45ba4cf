"""Samples of columns that several targets read, each in a way of its own."""

from __future__ import annotations

import polars as pl

import kpi
from kpi.sample import sample


def test_pauses_of_a_target_in_working_hours_and_of_one_in_days_are_of_one_type() -> None:
    cases = kpi.Table("cases", key="case_id", entry="filed", events="decided")
    waiting = kpi.Table("waiting", key="case_id", entry="from", events="to", pauses="cases")
    shared = {"start": "filed", "end": "decided", "threshold": 50, "pauses": "waiting"}
    calendar = {"name": "denmark", "hours": {"weekdays": "08:00-16:00"}}
    plan = kpi.Plan(
        id="p",
        period="2022",
        tables=[cases, waiting],
        targets=[
            kpi.Within(id="days", limit="30 days", **shared),
            kpi.Within(id="hours", limit="40 working hours", calendar=calendar, **shared),
        ],
    )
    tables = sample(plan, 200, 1)
    assert tables["waiting"].schema["from"] == pl.Datetime("us")
    found = kpi.evaluate(plan, kpi.check(plan, tables, strict=True))
    assert all(found[name].counted for name in ("days", "hours"))


def test_a_number_that_a_date_is_derived_from_may_be_asked_to_be_missing() -> None:
    """Whether a value is missing says nothing of its kind; a date that is so many months later does."""
    cases = kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events="decided",
        derived={"agreed": {"date": "filed", "plus_months": "months"}},
    )
    of_type = kpi.Average(
        id="1",
        start="filed",
        end="decided",
        limit="90 days",
        each="case_type",
        unless={"months": {"missing": True}, "agreed": {"before": "2022-01-01"}},
    )
    plan = kpi.Plan(id="p", period="2022", tables=[cases], targets=[of_type])
    tables = sample(plan, 200, 1)
    assert tables["cases"].schema["months"] == pl.Int64()
    assert kpi.evaluate(plan, kpi.check(plan, tables, strict=True))["1"].counted
