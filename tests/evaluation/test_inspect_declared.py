"""What an inspection proposes to declare of columns, quotes and lists of files."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import polars as pl
import pytest

import kpi
from tests.evaluation.proposals import PLAN, line, proposed

inspection_module = importlib.import_module("kpi.evaluation.inspect")
"""The module, whose name in its package is the function's."""

COUNTS = kpi.parse_plan(
    """
id = "counts"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]
[tables.cases.derived]
due = { date = "filed", plus_days = "days_allowed" }

[[targets]]
id = "1"
rule = "within"
where = { paid = { at_least = 10 }, urgent = true }
start = "filed"
end = "decided"
limit = { column = "due" }
threshold = 90
"""
)


def test_a_number_is_found_by_its_name_and_not_in_words() -> None:
    frame = pl.DataFrame(
        {
            "case_id": ["a", "b"],
            "Days allowed": [30, 60],
            "PAID": ["much", "little"],
            "Urgent": ["0", "1"],
        }
    )
    inspection = kpi.inspect(frame, COUNTS)
    taken = {match.wanted: match.column for match in inspection.tables[0].matches}
    assert (taken["days_allowed"], taken["paid"]) == ("Days allowed", None)
    # 0 and 1 are words for false and true where the plan asks for these.
    assert proposed(inspection.toml())["booleans"] == {"true": ["1"], "false": ["0"]}
    numbers = frame.cast({"Urgent": pl.Int8})
    assert proposed(kpi.inspect(numbers, COUNTS).toml())["booleans"] == {
        "true": ["1"],
        "false": ["0"],
    }
    one = frame.with_columns(pl.lit("1").alias("Urgent"))
    assert proposed(kpi.inspect(one, COUNTS).toml())["booleans"] == {"true": ["1"]}


def test_words_that_mean_both_are_not_declared() -> None:
    frame = pl.DataFrame({"case_id": ["a", "b"], "x": ["ja", "nej"], "y": ["Ja", "Nej"]})
    assert proposed(kpi.inspect(frame).toml())["booleans"] == {
        "true": ["ja", "Ja"],
        "false": ["nej", "Nej"],
    }


def test_the_other_quote_is_declared_with_what_speaks_for_it(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("'case_id','city'\n'a','x, y'\n'b','z'\n", "utf-8")
    text = kpi.inspect(tmp_path / "cases.csv").toml(tmp_path)
    assert line(text, "quote = ") == 'quote = "\'"  # guess: values begin and end with it'


def test_files_in_a_list_are_declared_as_the_proposal_sees_them(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    files = [tmp_path / "data" / name for name in ("a.parquet", "b.parquet")]
    for file in files:
        pl.DataFrame({"case_id": [file.stem]}).write_parquet(file)
    table = proposed(kpi.inspect({"cases": files}).toml(tmp_path))
    assert table == {"files": ["data/a.parquet", "data/b.parquet"]}
    pattern = proposed(kpi.inspect(tmp_path / "data" / "*.parquet", PLAN).toml(tmp_path))
    assert pattern == {"files": "data/*.parquet"}


def test_a_file_on_another_drive_keeps_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cases.parquet"
    pl.DataFrame({"case_id": ["a"]}).write_parquet(path)
    inspection = kpi.inspect(path)

    def no_way(_path: Path, _start: Path) -> str:
        raise ValueError("path is on mount 'C:', start on mount 'D:'")

    monkeypatch.setattr(os.path, "relpath", no_way)
    assert proposed(inspection.toml(tmp_path)) == {"path": path.resolve().as_posix()}
