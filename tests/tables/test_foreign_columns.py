"""Types that Polars lacks: a column that nobody reads never stops a plan, another is one line."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

import kpi

PLAN = """\
id = "p"
period = "2022"
tables.cases = { key = "case_id", entry = "filed", events = ["decided"] }
[[targets]]
id = "1"
rule = "within"
start = "filed"
end = "decided"
denominator = "cohort"
limit = "2 months"
threshold = 60
"""
DAYS = {"filed": [dt.date(2022, 1, 1)] * 2, "decided": [dt.date(2022, 2, 1), dt.date(2022, 9, 1)]}
ROWS: dict[str, list[Any]] = {"case_id": ["A", "B"], **DAYS}
NOON = [dt.datetime(2022, 2, 1, 12)] * 2
ZONES = ["W. Europe Standard Time", "Romance Daylight Time", "UTC+2", "GMT-01:00", "Mars/Olympus"]


def stamped(zone: str) -> Any:
    return pa.array(NOON, pa.timestamp("us", tz=zone))


FOREIGN: dict[str, Any] = {
    **{zone: stamped(zone) for zone in ZONES},
    "wide decimals": pa.array([Decimal(1), None], pa.decimal256(50, 2)),
    "wide decimals within": pa.array([{"a": Decimal(1)}] * 2, pa.struct([("a", pa.decimal256(50, 2))])),
    "a zone within": pa.array([NOON, None], pa.list_(pa.timestamp("us", tz="UTC+2"))),
    "intervals": pa.array([(1, 2, 3)] * 2, pa.month_day_nano_interval()),
    "list views": pa.array([[1], None], pa.list_view(pa.int64())),
    "runs": pa.RunEndEncodedArray.from_arrays(pa.array([2], pa.int32()), pa.array(["x"])),
}  # fmt: skip


def figures(table: Any) -> tuple[int | None, int]:
    found = kpi.evaluate(kpi.parse_plan(PLAN), table)["1"]
    return found.met, found.counted


def forms(table: pa.Table, room: Path) -> list[Any]:
    """The table in every form that holds the type."""
    made: list[Any] = [table, table.to_batches()[0], room / "cases.arrow"]
    with pa.OSFile(str(made[2]), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    try:
        parquet.write_table(table, room / "cases.parquet")
    except pa.ArrowNotImplementedError:
        return made
    return [*made, room / "cases.parquet"]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_column_that_nobody_reads_never_stops_a_plan(name: str, tmp_path: Path) -> None:
    for table in forms(pa.table({**ROWS, "note": FOREIGN[name]}), tmp_path):
        assert figures(table) == (1, 2), type(table)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_column_that_is_read_is_one_line(name: str, tmp_path: Path) -> None:
    for table in forms(pa.table({**ROWS, "decided": FOREIGN[name]}), tmp_path):
        with pytest.raises(kpi.DataError) as raised:
            figures(table)
        message = str(raised.value)
        assert message.startswith("cases: column decided holds "), type(table)
        assert "\n" not in message
        if name in ZONES:
            assert message == (
                f"cases: column decided holds timestamp[us, tz={name}], which cannot be read; "
                "convert it to UTC or to a zone such as 'Europe/Copenhagen'"
            )


@pytest.mark.parametrize("name", FOREIGN)
def test_a_stream_is_refused_for_its_rows_are_gone(name: str) -> None:
    with pytest.raises(kpi.DataError, match="cases: cannot be read as a table: ") as raised:
        figures(pa.table({**ROWS, "note": FOREIGN[name]}).to_reader())
    assert raised.value.__cause__ is not None


MIXED: dict[str, tuple[list[Any], str]] = {
    "numbers and texts": ([1, "b"], "object (int, str)"),
    "dates and texts": ([dt.date(2022, 1, 1), "2022-01-01"], "object (date, str)"),
    "things": ([object(), {1}], "object (object, set)"),
    "numbers of more than 64 bits": ([2**70, -(2**70)], "object (int)"),
    "complex numbers": ([1j, 2j], "complex128 (complex)"),
}


@pytest.mark.parametrize(("values", "kind"), MIXED.values(), ids=MIXED)
def test_a_column_of_pandas_that_is_mixed(values: list[Any], kind: str) -> None:
    assert figures(pd.DataFrame({**ROWS, "note": values})) == (1, 2)
    with pytest.raises(kpi.DataError) as raised:
        figures(pd.DataFrame({**ROWS, "decided": values}))
    assert str(raised.value) == (
        f"cases: column decided holds {kind}, which cannot be read; convert it to text, numbers, "
        "dates or times"
    )


def test_all_columns_that_cannot_be_read_are_named_at_once() -> None:
    with pytest.raises(kpi.DataError) as raised:
        figures(pd.DataFrame({"case_id": ["A", "B"], "filed": [1, "b"], "decided": [1, "b"]}))
    assert [line.split(" holds")[0] for line in str(raised.value).splitlines()] == [
        "cases: column filed",
        "cases: column decided",
    ]


def test_s13_a_log_of_events_names_such_a_column_too(tmp_path: Path) -> None:
    rows = {"case_id": ["A", "B"], "event": ["a", "a"], "time": stamped("UTC+2")}
    for log in forms(pa.table(rows), tmp_path):
        with pytest.raises(
            kpi.DataError, match=r"^log: column time holds timestamp\[us, tz=UTC\+2"
        ):
            kpi.cases_from_events(log, {"filed": "a"})
    for log in forms(pa.table({**rows, "time": NOON, "note": stamped("UTC+2")}), tmp_path):
        assert kpi.cases_from_events(log, {"filed": "a"}).cases.height == 2


def test_zones_that_polars_knows_are_read_as_ever(tmp_path: Path) -> None:
    """Noon in UTC is the same day in Copenhagen; the last minute of 31 January is not."""
    late = pa.array([dt.datetime(2022, 3, 31, 21, 59), dt.datetime(2022, 3, 31, 22)])
    for zone in ("UTC", "+02:00", "Europe/Paris", "Etc/GMT-2"):
        table = pa.table({**ROWS, "filed": [dt.date(2022, 1, 31)] * 2, "decided": late.cast(pa.timestamp("us", tz=zone))})  # fmt: skip
        for one in forms(table, tmp_path):
            # Due on 31 March: midnight in Copenhagen, at 22 h in UTC, is 1 April.
            assert figures(one) == (1, 2)


def test_nothing_but_the_answer_is_printed(tmp_path: Path) -> None:
    """Polars' panics print what happened; a zone of Windows is noticed before one."""
    (tmp_path / "plan.toml").write_text(PLAN)
    path = tmp_path / "cases.parquet"
    parquet.write_table(pa.table({**ROWS, "note": stamped("W. Europe Standard Time")}), path)
    command = [sys.executable, "-m", "kpi", "evaluate", str(tmp_path / "plan.toml"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "50.0 %" in done.stdout


def test_a_frame_that_fails_for_another_reason_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    pl.DataFrame({**ROWS}).write_parquet(path)
    lazy = pl.scan_parquet(path)
    lazy.collect_schema()
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(kpi.DataError, match=r"^cases: cannot be read: "):
        figures(lazy)


def test_two_columns_of_one_name_are_refused() -> None:
    """A frame would keep the last, and the first would be lost in silence."""
    names = [*ROWS, "decided"]
    table = pa.table([pa.array(ROWS[name]) for name in names], names=names)
    for source in (table, table.to_batches()[0]):
        with pytest.raises(kpi.DataError) as raised:
            kpi.evaluate(kpi.parse_plan(PLAN), source)
        assert str(raised.value) == (
            "cases: cannot be read as a table: it has the column decided more than once; keep one"
        )
