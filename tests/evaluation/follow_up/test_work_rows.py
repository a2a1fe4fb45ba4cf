"""The work list where rows are many, or have columns of its own names (F31, F62)."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.report.follow_markdown import follow_markdown
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


def test_a_share_compared_with_a_base_has_no_effect_in_cases() -> None:
    target = kpi.Within(id="1", limit="10 days", against="2021", difference={"at_least": 0}, **SPAN)
    rows = table_of(("a", day(15), None, None), ("b", day(1), None, None))
    listed = followed(plan_of(target), rows).work(by_target=True).collect()
    columns = ["case", "group", "last_day", "in_time_met", "late_counted", "effect_late"]
    assert listed.select(columns).rows() == [
        ("a", "in time", day(25), 1, 1, None),
        ("b", "late", None, None, 1, None),
    ]


def test_a_number_of_cases_filed_leaves_nothing_to_decide() -> None:
    target = kpi.Count(id="1", requires={"at_least": 5})
    then = followed(plan_of(target), table_of(("a", day(15), None, None))).with_workload()
    load = then["1"].load
    assert load is not None
    assert (load.in_time, load.late, load.condition) == (0, 0, "0 decisions a week")
    assert then.work().collect().height == 0
    assert "- 1: no open case can change it" in follow_markdown(then)


def test_what_is_said_of_a_stock_and_of_very_few_decisions() -> None:
    target = kpi.Stock(id="1", at={"end_of": "2022-12-31"}, level={"at_most": 0}, **SPAN)
    then = followed(plan_of(target), table_of(("a", day(15), None, None))).with_workload("0.05")
    said = follow_markdown(then)
    assert "- 1: of the open cases 1 can help" in said
    assert "  - if fewer than 0.1 decisions a week, all of these cases: at most 0 of 1" in said


def test_a_large_file_gives_the_same_list_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = kpi.Within(id="1", limit="20 days", threshold=90, where={"office": "north"}, **SPAN)
    rows = table_of(
        ("a", day(5), None, None, "north"),
        ("b", day(6), day(24), None, "north"),
        ("c", day(6), None, None, "south"),
        columns="case_id filed decided heard office",
    )
    monkeypatch.setattr("kpi.tables.check.LARGE", 1)
    file = tmp_path / "cases.parquet"
    rows.write_parquet(file)
    then = followed(plan_of(target), file)
    # b is decided after the day, and open on it.
    assert then.work().select("case", "last_day").collect().rows() == [
        ("a", day(25)),
        ("b", day(26)),
    ]
    rows.head(1).write_parquet(file)
    with pytest.raises(kpi.DataError, match="has changed since it was checked"):
        then.work()
