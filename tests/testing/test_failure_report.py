"""What a failure report shows of rows and of two results."""

from __future__ import annotations

import datetime as dt

import kpi
from kpi.testing.comparable import Became
from kpi.testing.failure_report import rows_as_text, rows_beside, tables_left
from kpi.testing.strategies import Rows


def test_cells_of_every_kind_are_texts_in_columns() -> None:
    rows: Rows = [
        {"a": None, "b": True, "c": dt.datetime(2022, 1, 2, 9, 30), "d": {}, "e": 0.1 + 0.2},
        {"a": "x", "b": False, "c": dt.date(2022, 1, 2), "d": {"visa": 1, "else": None}, "e": 1},
        {"a": [], "d": ["x", 2]},
    ]
    assert rows_as_text(rows, "abcde").splitlines() == [
        "  a     b    c                    d               e",
        "  -     yes  2022-01-02 09:30:00  none            0.3",
        "  x     no   2022-01-02           visa 1, else -  1",
        "  none  -    -                    x, 2            -",
    ]


def test_twenty_rows_are_shown_and_the_others_counted() -> None:
    shown = rows_as_text([{"n": n} for n in range(22)], "n").splitlines()
    assert (len(shown), shown[20], shown[21]) == (22, "  19", "  and 2 more")


def test_other_cases_are_shown_as_such() -> None:
    engine, oracle = (
        [("a", Became("counted"))],
        [("a", Became("counted")), ("b", Became("outside"))],
    )
    (shown,) = rows_beside(engine, oracle)
    assert shown.splitlines() == ["         engine  oracle", "  cases  a       a, b"]
    assert list(rows_beside(oracle, oracle)) == []


def test_a_table_that_no_target_reads_is_not_shown() -> None:
    tables = [
        kpi.Table("cases", key="id", entry="filed", events="decided"),
        kpi.Table("other", key="id", events="day"),
    ]
    target = kpi.Within(id="1", start="filed", end="decided", limit="1 day", threshold=90)
    plan = kpi.Plan(id="p", period="2022", tables=tables, targets=[target])
    rows: Rows = [{"id": "a", "filed": dt.date(2022, 1, 1), "decided": None, "more": 1}]
    of = {"cases": rows * 3, "other": rows}
    assert list(tables_left(plan, [target], {"cases": rows, "other": rows}, of)) == [
        "cases: 1 of 3 rows left\n  id  filed       decided\n  a   2022-01-01  -"
    ]
