"""Every kind of source gives the same answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import kpi
from kpi.tables.sources.files import ACCEPTED
from tests.builders import average
from tests.tables.four_cases import EXPECTED, FRAME, PLAN, figures


class Stream:
    """Only the Arrow C stream, as any other library would hand it over."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


SOURCES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "DataFrame": lambda f: f,
    "LazyFrame": lambda f: f.lazy(),
    "PyArrow table": lambda f: f.to_arrow(),
    "record batch reader": lambda f: f.to_arrow().to_reader(),
    "record batch": lambda f: f.to_arrow().combine_chunks().to_batches()[0],
    "Arrow C stream": lambda f: Stream(f.to_arrow()),
    "pandas": lambda f: f.to_pandas(),
    "mapping": lambda f: {"cases": f},
    "Categorical": lambda f: f.with_columns(pl.col("case_type").cast(pl.Categorical)),
    "Enum": lambda f: f.with_columns(pl.col("case_type").cast(pl.Enum(["asylum", "visa"]))),
    "Enum without a named one": lambda f: f.with_columns(
        pl.col("case_type").replace("asylum", "else").cast(pl.Enum(["else", "visa"]))
    ),
    "naive timestamps": lambda f: f.with_columns(pl.col("filed", "decided").cast(pl.Datetime)),
    "milliseconds": lambda f: f.with_columns(pl.col("filed", "decided").cast(pl.Datetime("ms"))),
    "instants": lambda f: f.with_columns(
        pl.col("filed", "decided").cast(pl.Datetime).dt.replace_time_zone("Europe/Copenhagen")
    ),
    "a date beside an instant": lambda f: f.with_columns(
        pl.col("decided").cast(pl.Datetime).dt.replace_time_zone("Europe/Copenhagen").dt.convert_time_zone("UTC")
    ),
    "small integers": lambda f: f.with_columns(pl.col("months").cast(pl.UInt8)),
    "floats for integers": lambda f: f.with_columns(pl.col("months").cast(pl.Float64)),
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_source_gives_the_same_answers(source: Callable[[pl.DataFrame], Any]) -> None:
    expected = EXPECTED
    if source is SOURCES["Enum without a named one"]:
        expected = [EXPECTED[0], (4, 3, {}, 91 / 3)]  # no case is of the type left out
    assert figures(source(FRAME)) == expected


def test_a_duckdb_relation(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(kpi.dump_plan(PLAN), encoding="utf-8")
    FRAME.write_parquet(tmp_path / "frame.parquet")
    code = """
import duckdb, kpi
relation = duckdb.read_parquet("frame.parquet")
found = kpi.evaluate(kpi.load_plan("plan.toml"), relation).targets
print([(t.rows, t.counted, t.excluded, t.value) for t in found])
"""
    # In a process of its own: DuckDB complains at its end of Arrow streams it has handed over.
    script = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert script.stdout.strip() == str(EXPECTED)


def write(frame: pl.DataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_ipc(path)
    return path


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow", "ipc", "feather"])
def test_every_kind_of_file(suffix: str, tmp_path: Path) -> None:
    path = write(FRAME, tmp_path / f"extract.{suffix}")
    assert figures(path) == figures(str(path)) == EXPECTED
    # A name is no pattern.
    assert figures(write(FRAME, tmp_path / f"extract [2]*.{suffix}")) == EXPECTED
    inside = tmp_path / "directory"
    inside.mkdir()
    write(FRAME, inside / f"cases.{suffix}")
    (inside / "notes.txt").write_text("not a table")
    assert figures(inside) == EXPECTED


def test_a_short_row_in_a_file_whose_name_is_no_pattern(tmp_path: Path) -> None:
    path = write(FRAME, tmp_path / "extract [2]*.csv")
    path.write_text(path.read_text() + "8,visa\n")
    with pytest.raises(kpi.DataError, match=rf":{FRAME.height + 2}: a row of 2 fields"):
        figures(path)


FILES: dict[str, tuple[str, bytes | None, str]] = {
    "none": ("none.parquet", None, "no such file"),
    "empty": ("empty.csv", b"", "the file is empty"),
    "unknown": ("cases.dbf", b"x", f"unknown kind of file; {ACCEPTED}"),
    "not Parquet": ("cases.parquet", b"case_id,filed", "cannot be read"),
    "not Arrow": ("cases.arrow", b"case_id,filed", "cannot be read"),
    "Latin-1 header": ("cases.csv", "case_id,år\n".encode("latin-1"), "not UTF-8; save the extract as UTF-8"),
    "header alone of others": ("cases.csv", b"a,b\n", "missing column case_id"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "message"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read(
    name: str, content: bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kpi.DataError, match=message):
        kpi.evaluate(PLAN, path)


def test_a_truncated_parquet_file(tmp_path: Path) -> None:
    path = write(FRAME, tmp_path / "cases.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(kpi.DataError, match="cannot be read"):
        kpi.evaluate(PLAN, path)


def test_latin_1_in_the_rows_and_rows_of_another_width(tmp_path: Path) -> None:
    header = ",".join(FRAME.columns) + "\n"
    path = tmp_path / "cases.csv"
    path.write_bytes((header + "1,visæ,2017-01-01,,2017-02-01,,5,true\n").encode("latin-1"))
    with pytest.raises(kpi.DataError, match="not UTF-8; save the extract as UTF-8"):
        kpi.evaluate(PLAN, path)
    path.write_text(header + "1,visa,2017-01-01,,2017-02-01,,5,true,,,\n")
    with pytest.raises(kpi.DataError, match="a row has more fields than the header; quote values"):
        kpi.evaluate(PLAN, path)


def test_directories(tmp_path: Path) -> None:
    with pytest.raises(
        kpi.DataError, match=r"no file for any table of the plan .cases.*found nothing"
    ):
        kpi.evaluate(PLAN, tmp_path)
    write(FRAME, tmp_path / "cases.parquet")
    write(FRAME, tmp_path / "cases.csv")
    with pytest.raises(
        kpi.DataError, match=r"two files for the table cases: cases.parquet, cases.csv; keep one"
    ):
        kpi.evaluate(PLAN, tmp_path)
    with pytest.raises(kpi.DataError, match="is a directory; expected a file for the table cases"):
        kpi.evaluate(PLAN, {"cases": tmp_path})


def test_one_table_where_the_plan_declares_several_without_cases(tmp_path: Path) -> None:
    two = [kpi.Table(n, key="case_id", entry="filed", events="decided") for n in ("a", "b")]
    both = kpi.Plan(
        id="p",
        period="2017",
        tables=two,
        targets=[average(id="a", table="a"), average(id="b", table="b")],
    )
    with pytest.raises(kpi.DataError, match="give a mapping from name to table, or a directory"):
        kpi.evaluate(both, FRAME)
    result = kpi.evaluate(both, write(FRAME, tmp_path / "b.parquet"))
    assert [t.counted for t in result.targets] == [0, 3]
    named = kpi.evaluate(both, {"a": FRAME, "b": FRAME.clear()})
    assert [t.counted for t in named.targets] == [3, 0]
