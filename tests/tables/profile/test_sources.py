"""A look at sources of every kind: files, standard input, databases, frames that fail."""

from __future__ import annotations

import io
import sqlite3
import sys
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.tables.profile import sources
from kpi.tables.profile.sources import look

ROWS = pl.DataFrame({"case_id": ["a", "b"], "city": ["x", "y"]})


def refused(source: object) -> str:
    with pytest.raises(kpi.DataError) as caught:
        look(source, "cases")
    return str(caught.value)


def test_standard_input_may_be_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO()
    ROWS.write_parquet(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.getvalue())))
    seen = look("-", "cases")
    assert seen.frame.equals(ROWS)
    assert (seen.rows, seen.path, seen.form.encoding) == (2, None, None)


def test_a_file_that_the_system_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "cases.csv").write_text("case_id\na\n")
    monkeypatch.setattr(sources, "sample_text", refuse)
    path = tmp_path / "cases.csv"
    assert refused(path) == f"{path}: cannot be read: Permission denied"


def test_a_table_of_a_database_is_looked_at_as_it_is_declared(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "cases.db") as database:
        database.execute("CREATE TABLE rows (case_id TEXT, city TEXT)")
        database.execute("INSERT INTO rows VALUES ('a', 'x'), ('b', 'y')")
    database.close()
    file = tmp_path / "extract.toml"
    file.write_text('[tables.cases]\ndatabase = "sqlite:///cases.db"\ntable = "rows"\n')
    (table,) = kpi.inspect(file).tables
    assert (table.profile.rows, table.profile.keys) == (2, ("case_id", "city"))
    assert table.profile.origin == {"database": "sqlite:///cases.db", "table": "rows"}
    assert kpi.inspect(file).toml(tmp_path).splitlines()[4:7] == [
        "[tables.cases]", 'database = "sqlite:///cases.db"', 'table = "rows"',
    ]  # fmt: skip


def test_files_of_an_extract_file_are_looked_at_together(tmp_path: Path) -> None:
    for n in range(2):
        ROWS[n : n + 1].write_csv(tmp_path / f"part_{n}.csv")
    file = tmp_path / "extract.toml"
    file.write_text('[tables.cases]\nfiles = ["part_*.csv"]\n')
    (table,) = kpi.inspect(file).tables
    assert (table.profile.rows, table.profile.keys) == (2, ("case_id", "city"))


def test_a_column_that_fails_is_set_aside_and_a_frame_that_fails_is_told(tmp_path: Path) -> None:
    seen = look(ROWS.lazy().with_columns(pl.col("city").cast(pl.Int64).alias("n")), "cases")
    assert (seen.frame.columns, [*seen.unreadable], seen.rows) == (["case_id", "city"], ["n"], 2)
    said = refused(pl.scan_parquet(tmp_path / "none.parquet"))
    assert said.startswith("cases: cannot be read: No such file")
    assert "\n" not in said


def test_a_large_table_is_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten rows the first two, and two slices of one row each from the others."""
    for name, value in (("FIRST", 2), ("SLICES", 2), ("SLICE", 1)):
        monkeypatch.setattr(sources, name, value)
    seen = look(pl.DataFrame({"n": range(10)}), "cases")
    assert (seen.rows, seen.frame.height) == (10, 4)
    assert seen.frame["n"][:2].to_list() == [0, 1]
    assert seen.frame["n"].is_sorted()
    assert look(pl.DataFrame({"n": range(4)}), "cases").frame.height == 4
