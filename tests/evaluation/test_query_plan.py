"""How a plan's query goes over its tables: what is said is what is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest
from polars.io.plugins import register_io_source

import kpi
from tests.builders import average, plan, within

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


def counted_scans(file: Path) -> tuple[Callable[..., pl.LazyFrame], list[int]]:
    """A scan of a file of which every row that leaves it is counted, scan by scan."""
    read: list[int] = []

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        read.append(0)
        for batch in pl.read_parquet(file, columns=columns, n_rows=rows).iter_slices(7):
            read[-1] += batch.height
            yield batch if predicate is None else batch.filter(predicate)

    def scan(_: Path, **how: Any) -> pl.LazyFrame:  # noqa: ARG001 - as Polars is asked
        return register_io_source(batches, schema=pl.read_parquet_schema(file), is_pure=True)

    return scan, read


@pytest.fixture
def in_its_file(tmp_path: Path) -> tuple[kpi.Extract, list[int]]:
    """A checked table that is left in a file, and how many rows are read of it, scan by scan."""
    FRAME.write_parquet(tmp_path / "cases.parquet")
    scan, read = counted_scans(tmp_path / "cases.parquet")
    with mock.patch("kpi.tables.check.LARGE", 1), mock.patch("polars.scan_parquet", scan):
        checked = kpi.check(THREE, tmp_path / "cases.parquet")
    return checked, read


def rows_read(in_its_file: tuple[kpi.Extract, list[int]], **more: Any) -> list[int]:
    """How many rows of the file an evaluation reads, scan by scan."""
    checked, read = in_its_file
    read.clear()
    kpi.evaluate(THREE, checked, **more)
    return read


def test_a_file_is_read_once_for_all_targets(in_its_file: tuple[kpi.Extract, list[int]]) -> None:
    assert kpi.explain_query(THREE, in_its_file[0]).scans == {"cases": 1}
    assert rows_read(in_its_file) == [ROWS]


def test_groups_are_counted_by_going_over_a_file_once_more(
    in_its_file: tuple[kpi.Extract, list[int]],
) -> None:
    assert rows_read(in_its_file, by="case_type") == [ROWS, ROWS]
    assert rows_read(in_its_file, by="case_type", every="month") == [ROWS, ROWS]


def test_another_day_takes_a_look_at_what_existed(
    in_its_file: tuple[kpi.Extract, list[int]],
) -> None:
    checked, _ = in_its_file
    # Once more for the rows that are settled, and once for those that are open (F15).
    assert kpi.explain_query(THREE, checked, "2017-06-30").scans == {"cases": 4}
    assert rows_read(in_its_file, as_of="2017-06-30") == [ROWS] * 4
    # Nothing is filed later.
    assert kpi.explain_query(THREE, checked, "2019-01-01").scans == {"cases": 1}
    assert rows_read(in_its_file, as_of="2019-01-01") == [ROWS]


def test_what_is_read_of_a_file_is_shown(tmp_path: Path) -> None:
    FRAME.write_parquet(tmp_path / "cases.parquet")
    with mock.patch("kpi.tables.check.LARGE", 1):
        shown = str(kpi.explain_query(THREE, tmp_path / "cases.parquet"))
    assert shown.startswith("cases: 40 rows, gone over once\n  read once for all targets:\n")
    assert "PROJECT 4/4 COLUMNS" not in shown
    assert "  1, 2: together, leaving out what fails: decided in 2017\n  3: alone" in shown


def test_targets_share_a_pass_over_a_table_in_memory() -> None:
    found = kpi.explain_query(THREE, FRAME)
    assert found.scans == {"cases": 1}
    first, second, *_, last = str(found).splitlines()
    assert (first, second) == (
        "cases: 40 rows, gone over once",
        "  read once for all targets:",
    )
    assert last == "  3: alone"
    assert "  1, 2: together, leaving out what fails: decided in 2017" in str(found)


def test_a_window_in_another_shares_its_test(tmp_path: Path) -> None:
    """Whatever the order; what reaches beyond the other window goes by itself."""
    windows = ["2017-Q2", {"after": "2017-03-31", "before": "2017-06-01"}, "2017", "2017-H1"]
    asked = plan(
        *(average(id=str(n), window=window) for n, window in enumerate(windows)),
        average(id="beyond", window={"since": "2016-12-31", "before": "2017-07-01"}),
    )
    assert kpi.explain_query(asked, FRAME).tables["cases"].scan_plan.passes == (
        ("fails: decided in 2017", ("0", "1", "2", "3")),
        (None, ("beyond",)),
    )
    FRAME.write_parquet(tmp_path / "cases.parquet")
    tables: tuple[Any, ...] = (FRAME, tmp_path / "cases.parquet")
    for table in tables:
        with mock.patch("kpi.tables.check.LARGE", 1):
            found = kpi.evaluate(asked, table, engine="streaming")
        # Decided on 20 January 2017 and every tenth day from then on.
        assert [t.counted for t in found] == [9, 6, 35, 17, 17]


@pytest.mark.parametrize(("kind", "held"), [("memory", 2), ("file", 0)])
def test_what_many_targets_share_is_put_together_in_memory_alone(
    kind: str, held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large file nothing is held, and of what is put together no part once more."""
    made = []
    real = pl.LazyFrame.map_batches

    def map_batches(lazy: pl.LazyFrame, function: Any, **how: Any) -> pl.LazyFrame:
        made.append(function)
        return real(lazy, function, **how)

    monkeypatch.setattr("polars.LazyFrame.map_batches", map_batches)
    asked = plan(
        within("1 month", id="all", window="2017"),
        *(within("1 month", id=f"visa {n}", where={"case_type": "visa"}) for n in range(2)),
        *(
            within("1 month", id=f"{n}, filed", denominator="cohort", window="2016")
            for n in range(2)
        ),
    )
    tables: Any = FRAME
    if kind == "file":
        FRAME.write_parquet(tables := tmp_path / "cases.parquet")
    with mock.patch("kpi.tables.check.LARGE", 1):
        checked = kpi.check(asked, tables)
        found = [kpi.evaluate(asked, checked, engine="streaming")]
        assert not made
        with mock.patch("kpi.engine.compile._MANY", 2):
            found.append(kpi.evaluate(asked, checked, engine="streaming"))
            found.append(kpi.evaluate(asked, checked, engine="in-memory"))
    assert len(made) == held
    assert [t.counted for its in found for t in its] == [35, 18, 18, 0, 0] * 3


def test_a_table_that_is_lacking_is_not_gone_over() -> None:
    assert kpi.explain_query(THREE, {}).scans == {}
    assert str(kpi.explain_query(THREE, {})) == ""
