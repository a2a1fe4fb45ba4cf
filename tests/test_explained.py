"""How a plan's query goes over its tables: what is said is what is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest

import kpi
from tables import average, plan, within

ROWS = 40
FRAME = pl.DataFrame(
    {
        "case_id": range(ROWS),
        "case_type": ["visa", "asylum"] * (ROWS // 2),
        "filed": [dt.date(2017, 1, 1) + dt.timedelta(9 * n) for n in range(ROWS)],
        "decided": [dt.date(2017, 1, 20) + dt.timedelta(10 * n) for n in range(ROWS)],
    }
)
THREE = plan(
    within("1 month", id="1", where={"case_type": "visa"}),
    average(id="2"),
    within("30 days", id="3", denominator="cohort"),
)


@contextmanager
def large_files() -> Iterator[None]:
    with mock.patch("kpi.tables.LARGE", 1), mock.patch("kpi.scanned.EVALUATED_AT_ONCE", 15):
        yield


@pytest.fixture
def in_its_file(tmp_path: Path) -> kpi.Extract:
    FRAME.write_parquet(tmp_path / "cases.parquet")
    with large_files():
        return kpi.check(THREE, tmp_path / "cases.parquet")


def rows_read(checked: kpi.Extract, **more: Any) -> int:
    """How many rows of files an evaluation reads: the slices of every scan of every query."""
    scans: list[str] = []
    one, many = pl.LazyFrame.collect, pl.collect_all

    def noted(query: pl.LazyFrame, *given: Any, **how: Any) -> Any:
        scans.extend(query.explain().split("Parquet SCAN")[1:])
        return one(query, *given, **how)

    def all_noted(queries: Any, *given: Any, **how: Any) -> Any:
        queries = list(queries)
        for query in queries:
            scans.extend(query.explain().split("Parquet SCAN")[1:])
        return many(queries, *given, **how)

    with (
        mock.patch.object(pl.LazyFrame, "collect", noted),
        mock.patch("polars.collect_all", all_noted),
    ):
        kpi.evaluate(THREE, checked, **more)
    slices = [scan.partition("SLICE: Positive { offset: ")[2].partition("}")[0] for scan in scans]
    return sum(
        min(int(text.split("len: ")[1]), ROWS - int(text.partition(",")[0])) if text else ROWS
        for text in slices
    )


def test_a_file_is_read_once_for_all_targets(in_its_file: kpi.Extract) -> None:
    assert kpi.explain_query(THREE, in_its_file).scans == {"cases": 1}
    assert rows_read(in_its_file) == ROWS
    assert rows_read(in_its_file, by="case_type") == ROWS


def test_another_day_takes_a_look_at_what_existed(in_its_file: kpi.Extract) -> None:
    assert kpi.explain_query(THREE, in_its_file, "2017-06-30").scans == {"cases": 2}
    assert rows_read(in_its_file, as_of="2017-06-30") == 2 * ROWS
    # Nothing is filed later.
    assert kpi.explain_query(THREE, in_its_file, "2019-01-01").scans == {"cases": 1}
    assert rows_read(in_its_file, as_of="2019-01-01") == ROWS


def test_what_is_read_of_a_file_is_shown(in_its_file: kpi.Extract) -> None:
    shown = str(kpi.explain_query(THREE, in_its_file))
    assert shown.startswith(
        "cases: 40 rows, gone over once\n  read from its file, in 3 parts, each once:"
    )
    assert "PROJECT 4/4 COLUMNS" not in shown
    assert "  1, 2: together, leaving out what fails: decided in 2017\n  3: alone" in shown


def test_targets_share_a_pass_over_a_table_in_memory() -> None:
    with mock.patch("kpi.compile._WORTH_NARROWING", 0):
        found = kpi.explain_query(THREE, FRAME)
    assert found.scans == {"cases": 2}
    assert str(found) == (
        "cases: 40 rows, gone over 2 times\n"
        "  1, 2: together, leaving out what fails: decided in 2017\n"
        "  3: alone"
    )


def test_few_rows_are_gone_over_by_each_target() -> None:
    assert kpi.explain_query(THREE, FRAME).scans == {"cases": 3}


def test_a_table_that_is_lacking_is_not_gone_over() -> None:
    assert kpi.explain_query(THREE, {}).scans == {}
    assert str(kpi.explain_query(THREE, {})) == ""
