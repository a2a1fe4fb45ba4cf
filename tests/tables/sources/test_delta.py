"""Delta tables come to what the log says is there, in the version that is named."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from deltalake import DeltaTable

import kpi
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.paths import open_paths
from tests.commands import mistakes, run
from tests.tables.sources.many_files import EXPECTED, PLAN, ROWS, figures, write
from tests.tables.sources.test_parts import in_chunks

LAYOUT = Layout(table="cases", key=("case_id",))


def delta(directory: Path, **options: Any) -> Path:
    """Write a table of three versions: two cases only; all twice over; all once."""
    ROWS[:2].write_delta(directory, delta_write_options=options)
    pl.concat([ROWS, ROWS]).write_delta(directory, mode="overwrite", delta_write_options=options)
    ROWS[:5].write_delta(directory, mode="overwrite", delta_write_options=options)
    ROWS[5:].write_delta(directory, mode="append", delta_write_options=options)
    return directory


def ids(directory: Path, version: int | None) -> list[str]:
    frame = open_paths(directory, evolve(LAYOUT, version=version)).frame.collect()
    assert isinstance(frame, pl.DataFrame)
    return sorted(frame["case_id"])


def test_rows_that_were_removed_do_not_count(tmp_path: Path) -> None:
    directory = delta(tmp_path / "extract" / "cases")
    assert len(list(directory.glob("*.parquet"))) == 4
    assert figures(directory) == EXPECTED
    assert figures({"cases": directory}) == EXPECTED
    assert figures(directory.parent) == EXPECTED
    assert figures([directory]) == EXPECTED
    link = tmp_path / "link"
    link.symlink_to(directory)
    assert figures(link) == EXPECTED
    assert figures(directory.rename(tmp_path / "anything")) == EXPECTED


def test_rows_that_were_deleted_and_changed_one_by_one(tmp_path: Path) -> None:
    more = pl.concat([ROWS, ROWS[:1].with_columns(case_id=pl.lit("gone"))])
    more.with_columns(case_type=pl.lit("visa")).write_delta(tmp_path)
    table = DeltaTable(tmp_path)
    table.delete("case_id = 'gone'")
    table.update(predicate="case_id >= 'a' AND case_id < 'b'", updates={"case_type": "'asylum'"})
    assert figures(tmp_path) == EXPECTED


def test_partitions_of_a_delta_table_are_columns(tmp_path: Path) -> None:
    options = {"partition_by": ["case_type"]}
    ROWS.write_delta(tmp_path, delta_write_options=options)
    ROWS.write_delta(tmp_path, mode="overwrite", delta_write_options=options)
    assert figures(tmp_path) == EXPECTED


def test_odd_signs_in_the_paths_of_a_delta_table(tmp_path: Path) -> None:
    directory = tmp_path / "cases"
    rows = ROWS.with_columns(office=pl.Series(["a b", "a/b", "æ", None, "50 %", "x=y", "*", "?#"]))
    rows.write_delta(directory, delta_write_options={"partition_by": ["office"]})
    assert figures(directory) == EXPECTED
    with in_chunks():
        assert figures(directory) == EXPECTED


def test_a_path_that_delta_tables_cannot_have_is_named(tmp_path: Path) -> None:
    for name in ("a b", "sager_æ"):
        directory = delta(tmp_path / name / "cases")
        with pytest.raises(kpi.DataError) as error:
            figures(directory)
        assert str(error.value) == (
            f"{directory}: a Delta table is read only where its path ({directory}) has neither blanks "
            "nor letters such as æ; move it"
        )


def test_a_version_is_read_as_it_was(tmp_path: Path) -> None:
    directory = delta(tmp_path / "cases")
    assert ids(directory, 0) == ["v1", "v2"]
    assert ids(directory, 1) == sorted([*ROWS["case_id"]] * 2)
    assert ids(directory, 2) == ["v1", "v2", "v3", "v4", "v5"]
    assert ids(directory, 3) == ids(directory, None) == sorted(ROWS["case_id"])


@pytest.mark.parametrize("version", [4, 99, -1])
def test_a_version_that_is_not_there_is_named_with_those_that_are(
    version: int, tmp_path: Path
) -> None:
    directory = delta(tmp_path / "cases")
    with pytest.raises(kpi.DataError) as error:
        ids(directory, version)
    assert str(error.value) == f"{directory}: no version {version}; the table has versions 0 to 3"


def test_only_delta_tables_have_versions(tmp_path: Path) -> None:
    file = write(ROWS, tmp_path / "cases" / "part-1.parquet")
    layout = evolve(LAYOUT, version=1, declared=("version",))
    url = "https://user:pw@example.org/cases.parquet?sig=abc"
    for source, shown in (
        (file, f"{file}: a .parquet file"),
        (file.parent, f"{file}: a .parquet file"),
        (url, "https://example.org/cases.parquet: a file at a URL"),
    ):
        with pytest.raises(kpi.DataError) as error:
            open_paths(source, layout)
        assert str(error.value) == (
            f"{shown}, for which the table cases declares version; accepted: no key of a form"
        )


@pytest.mark.usefixtures("here")
def test_the_files_of_a_delta_table_are_never_read_as_they_lie(here: Path) -> None:
    delta(here / "cases", partition_by=["case_type"])
    line = (
        "cases: is a Delta table, where removed rows still stand in files; pass the directory instead "
        "of files in it"
    )
    for pattern in ("cases/**/*.parquet", "*/*/*.parquet", "cases/case_type=*"):
        assert mistakes("evaluate", "plan.toml", pattern, code=3) == [line]
    with pytest.raises(kpi.DataError, match=r"^cases: is a Delta table"):
        figures(sorted(Path("cases").rglob("*.parquet")))
    assert run("evaluate", "plan.toml", "cases").exit_code == 0
    delta(here / "parts" / "year=2017")
    (here / "parts" / "_SUCCESS").touch()
    assert mistakes("evaluate", "plan.toml", "parts", code=3) == [
        "parts/year=2017: a Delta table among the parts of a table; pass it alone"
    ]


def test_a_large_delta_table_stays_in_its_files(tmp_path: Path) -> None:
    directory = delta(tmp_path / "cases")
    with in_chunks():
        extract = kpi.check(PLAN, directory)
        assert isinstance(extract.tables["cases"].frame, pl.LazyFrame)
        assert figures(extract) == EXPECTED
        # The log moves on, and what was checked is still there.
        ROWS[:1].write_delta(directory, mode="overwrite")
        assert figures(extract) == EXPECTED
        DeltaTable(directory).vacuum(0, dry_run=False, enforce_retention_duration=False)
        with pytest.raises(kpi.DataError, match=r"part-.*\.parquet: cannot be read: No such file"):
            figures(extract)


def test_a_delta_table_that_is_broken_is_one_line(tmp_path: Path) -> None:
    directory = delta(tmp_path / "cases")
    for part in directory.glob("*.parquet"):
        part.unlink()
    with pytest.raises(kpi.DataError, match=r"cases: cannot be read: .*No such file") as error:
        figures(directory)
    assert len(str(error.value).splitlines()) == 1
    for log in (directory / "_delta_log").iterdir():
        log.unlink()
    with pytest.raises(kpi.DataError, match=r"cases: cannot be read: .*No files in log") as error:
        figures(directory)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.usefixtures("here")
def test_without_the_extra_its_name_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    delta(here / "cases")
    real = builtins.__import__

    def without(name: str, *more: Any, **named: Any) -> Any:
        if name.startswith("deltalake"):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, *more, **named)

    for name in [name for name in sys.modules if name.startswith("deltalake")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    assert mistakes("evaluate", "plan.toml", "cases", code=3) == [
        "cases: reading Delta tables needs an extra: pip install 'kpi[delta]'"
    ]
