"""Directories `key=value` above parts give columns of the table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.tables.sources.resolve import resolve_sources
from tests.builders import average, plan, within
from tests.tables.sources.many_files import EXPECTED, PLAN, ROWS, figures, write
from tests.tables.sources.test_parts import in_chunks

SUFFIXES = (".parquet", ".csv", ".arrow")
NULL = "__HIVE_DEFAULT_PARTITION__"


def partitioned(directory: Path, suffix: str = ".parquet", **columns: str) -> Path:
    """Write the rows by type and month of entry: the type stands in directories alone."""
    for n, row in enumerate(ROWS.iter_slices(1)):
        kind, month = row["case_type"].item(), row["filed"].dt.month().item()
        part = directory / f"case_type={kind}" / f"month={month:02}" / f"part-{n}{suffix}"
        write(row.drop("case_type").with_columns(**columns), part)
    return directory


def collected(source: object) -> pl.DataFrame:
    frame = resolve_sources(PLAN, source)["cases"].frame.collect()  # type: ignore[arg-type]
    assert isinstance(frame, pl.DataFrame)
    return frame


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_directories_are_columns(suffix: str, tmp_path: Path) -> None:
    directory = partitioned(tmp_path / "extract" / "cases", suffix)
    for source in (
        directory,
        directory.parent,
        {"cases": directory},
        directory / "**" / f"*{suffix}",
        directory / "case_type=*",
        directory / "*" / "month=0[1-7]",
    ):
        assert figures(source) == EXPECTED, source


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_values_of_directories_are_texts(suffix: str, tmp_path: Path) -> None:
    frame = collected(partitioned(tmp_path, suffix))
    assert frame.select("case_id", "case_type", "month").cast(pl.String).sort("case_id").rows() == [
        ("a1", "asylum", "01"), ("a2", "asylum", "03"), ("a3", "asylum", "06"),
        ("v1", "visa", "01"), ("v2", "visa", "04"), ("v3", "visa", "03"), ("v4", "visa", "05"),
        ("v5", "visa", "07"),
    ]  # fmt: skip
    assert frame.schema["month"] == pl.String


def test_the_plan_says_what_the_texts_of_directories_are(tmp_path: Path) -> None:
    directory = partitioned(tmp_path / "cases")
    # Visas of March and of May took 61 and 10 days; asylum in March 61.
    asked = plan(average(id="1", where={"month": [3, 5]}))
    assert figures(directory, asked) == [(8, 3, 44.0)]
    for row in ROWS.iter_slices(1):
        day = row["filed"].item()
        write(row.drop("filed"), tmp_path / "by_day" / f"filed={day}" / "p.parquet")
        write(row, tmp_path / "both" / f"filed={day}" / f"{row['case_id'].item()}.parquet")
    write(ROWS[5:6].drop("filed"), tmp_path / "by_day" / "filed=2017-01-01" / "q.parquet")
    write(ROWS[:1].drop("filed"), tmp_path / "by_day" / "filed=2017-01-01" / "p.parquet")
    write(ROWS[2:3].drop("filed"), tmp_path / "by_day" / "filed=2017-03-01" / "q.parquet")
    assert figures(tmp_path / "by_day") == EXPECTED
    # A date that stands in the file as well stays a date.
    assert figures(tmp_path / "both") == EXPECTED
    assert collected(tmp_path / "both").schema["filed"] == pl.Date


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_signs_are_decoded_and_the_default_partition_is_null(suffix: str, tmp_path: Path) -> None:
    for n, value in enumerate(("a%2Fb c%3D", NULL, "a=b", "æ", "%25", "[*]")):
        write(ROWS[n : n + 1], tmp_path / f"office={value}" / f"p{suffix}")
    offices = dict(collected(tmp_path).select("case_id", "office").rows())
    assert offices == {"v1": "a/b c=", "v2": None, "v3": "a=b", "v4": "æ", "v5": "%", "a1": "[*]"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_directory_of_the_extract_gives_no_column(suffix: str, tmp_path: Path) -> None:
    directory = partitioned(tmp_path / "run=7" / "extract", suffix)
    assert "run" not in collected(directory).columns
    assert figures(directory) == EXPECTED


def test_partitions_stay_in_their_files(tmp_path: Path) -> None:
    for where in (tmp_path / "cases", tmp_path / "run=7" / "cases"):
        directory = partitioned(where)
        with in_chunks(2):
            extract = kpi.check(PLAN, directory)
            assert isinstance(extract.tables["cases"].frame, pl.LazyFrame)
            assert figures(extract) == EXPECTED


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_column_that_stands_in_files_too_must_agree(suffix: str, tmp_path: Path) -> None:
    for n, row in enumerate(ROWS.iter_slices(1)):
        month = row["filed"].dt.month()
        row = row.with_columns(month=month)  # noqa: PLW2901 - the same row
        kind = row["case_type"].item()
        part = tmp_path / f"case_type={kind}" / f"month={month.item():02}" / f"part-{n}{suffix}"
        write(row, part)
    assert figures(tmp_path) == EXPECTED
    assert collected(tmp_path).columns == [*ROWS.columns, "month"]
    row = ROWS[4:5]
    wrong = write(
        row.with_columns(month=None), tmp_path / "case_type=visa" / "month=08" / f"x{suffix}"
    )
    with pytest.raises(kpi.DataError) as error:
        kpi.check(PLAN, tmp_path)
    assert str(error.value) == (
        f"{wrong}: column month holds other values than its directory says (month=08); remove one of both"
    )
    write(ROWS[5:6].with_columns(month=8), wrong)
    with pytest.raises(kpi.DataError, match=r"column case_type holds other values .*=visa\)"):
        kpi.check(PLAN, tmp_path)


def test_parts_that_are_partitioned_otherwise_are_named(tmp_path: Path) -> None:
    write(ROWS, tmp_path / "year=2017" / "a.csv")
    write(ROWS, tmp_path / "year=2018" / "month=1" / "b.csv")
    with pytest.raises(kpi.DataError) as error:
        kpi.check(PLAN, tmp_path)
    assert str(error.value).replace(f"{tmp_path}/", "") == (
        "year=2018/month=1/b.csv: stands in directories year=/month=, and year=2017/a.csv in "
        "directories year=; the parts of a table are partitioned alike"
    )
    with pytest.raises(kpi.DataError, match=r"z.csv: stands in no directory key=value, and"):
        kpi.check(PLAN, [tmp_path / "year=2017", write(ROWS, tmp_path / "z.csv")])


def test_a_single_part_has_the_columns_of_its_directories(tmp_path: Path) -> None:
    write(ROWS.drop("case_type"), tmp_path / "cases" / "case_type=visa" / "p.parquet")
    asked = plan(within("1 month", where={"case_type": "visa"}))
    # Of seven cases that ended five are in time: two took 61 days.
    assert figures(tmp_path, asked) == [(8, 7, 5 / 7)]


def test_directories_that_say_nothing_for_certain_are_named(tmp_path: Path) -> None:
    twice = write(ROWS, tmp_path / "a" / "year=2017" / "year=2018" / "p.csv")
    odd = write(ROWS, tmp_path / "b" / "office=%E6" / "p.csv")
    for part, message in (
        (twice, "two directories give the column year; keep one"),
        (odd, "the signs of the directory office=%E6 are not UTF-8"),
    ):
        with pytest.raises(kpi.DataError) as error:
            kpi.check(PLAN, [part])
        assert str(error.value) == f"{part}: {message}"
