"""Columns that are hidden as of a day."""

from __future__ import annotations

import datetime as dt

import polars as pl

import kpi
from tests.builders import average, spans


def test_a_declared_event_that_no_target_reads_is_hidden_too() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided", "paid"])
    declared = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    rows = spans(("2017-01-01", "2017-02-01"), ("2017-01-01", "2017-02-02"))
    paid = rows.with_columns(paid=pl.Series([dt.date(2017, 5, 1), dt.date(2018, 5, 1)]))
    groups = kpi.evaluate(declared, paid, by="paid").targets[0].groups
    assert [g.group["paid"] for g in groups] == [dt.date(2017, 5, 1), None]
    assert kpi.evaluate(declared, rows).targets[0].total == 31 + 32  # and it may be missing
