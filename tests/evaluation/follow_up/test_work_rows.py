"""The work list where rows are many, or have columns of its own names (F31, F62)."""

from __future__ import annotations

import polars as pl
import pytest

import kpi
from tests.evaluation.follow_up.test_work_list import (
    SPAN,
    day,
    followed,
    last_days,
    plan_of,
    table_of,
)


def test_a_table_may_have_columns_of_the_names_that_the_list_has() -> None:
    plan = kpi.Plan(
        id="own",
        period="2022",
        tables=[kpi.Table("cases", key="case_id", entry="filed", events="decided", dates="due")],
        targets=[kpi.Within(id="1", limit=kpi.DueColumn("due"), threshold=90, where={"group": "x"}, **SPAN)],
    )  # fmt: skip
    rows = pl.DataFrame(
        {"case_id": ["a"], "group": ["x"], "filed": [day(1)], "decided": [None], "due": [day(27)]},
        schema_overrides={"decided": pl.Date},
    )
    then = followed(plan, rows)
    assert then.work().select("group", "due", "last_day").collect().rows() == [
        ("in time", day(27), day(27))
    ]


def test_rows_that_are_too_many_at_once_are_completed_in_halves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = kpi.Within(id="1", limit="20 days", threshold=90, **SPAN)
    rows = [("a", day(5), None, None), ("b", day(6), None, None), ("c", day(7), None, None)]
    expected = last_days(target, *rows)
    assert [last for _, _, last in expected] == [day(25), day(26), day(27)]
    # Each open row comes on some twenty days, or never.
    monkeypatch.setattr("kpi.engine.completions.complete.MOST_ROWS", 30)
    assert last_days(target, *rows) == expected
    monkeypatch.setattr("kpi.engine.completions.complete.MOST_ROWS", 3)
    assert last_days(target, *rows) == []
    then = followed(plan_of(target), table_of(*rows))
    assert [str(n) for n in then.with_workload(1).notes if n.code == "work-not-listed"] == [
        "work list: open cases that could not be followed, not listed: 3 of 1"
    ]
