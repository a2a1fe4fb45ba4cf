"""Paths that lead to tables, and paths that do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpi.tables.sources.files import ACCEPTED
from tests.commands import GOOD, HEADER, mistakes, run

pytestmark = pytest.mark.usefixtures("here")


def test_paths_that_lead_to_no_table(here: Path) -> None:
    (here / "empty").mkdir()
    (here / "full").mkdir()
    (here / "full" / "note.md").write_text("x")
    assert mistakes("evaluate", "plan.toml", "none.csv", code=3) == ["none.csv: no such file"]
    assert mistakes("evaluate", "plan.toml", "empty", code=3) == [
        "empty: no file for any table of the plan (cases); expected e.g. cases.parquet or .csv, found nothing"
    ]
    assert mistakes("evaluate", "plan.toml", "full", code=3) == [
        "full: no file for any table of the plan (cases); expected e.g. cases.parquet or .csv, found note.md"
    ]
    assert mistakes("evaluate", "plan.toml", "plan.toml", code=3) == [
        f"plan.toml: is a plan file (TOML), not a table; {ACCEPTED}"
    ]
    (here / "cases.dbf").write_bytes(b"\3")
    assert mistakes("evaluate", "plan.toml", "cases.dbf", code=3) == [
        f"cases.dbf: unknown kind of file; {ACCEPTED}"
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Cases.csv", "rename it cases.csv for the table cases"),
        ("CASES.CSV", "rename it cases.csv for the table cases"),
        ("Cases.csv.GZ", "rename it cases.csv.gz for the table cases"),
        ("cases.xlsx~", f"unknown kind of file, for the table cases; {ACCEPTED}"),
        ("cases.dbf", f"unknown kind of file, for the table cases; {ACCEPTED}"),
        ("cases", f"unknown kind of file, for the table cases; {ACCEPTED}"),
        ("cases.zip", f"unknown kind of file; the name of compressed text says what it is, such as cases.csv.zip, for the table cases; {ACCEPTED}"),
    ],
)  # fmt: skip
def test_a_file_that_is_all_but_a_table_s_own_is_never_passed_over(
    name: str, line: str, here: Path
) -> None:
    (here / "d").mkdir()
    (here / "d" / name).write_text(HEADER + GOOD)
    assert mistakes("evaluate", "plan.toml", "d", code=3) == [f"{Path('d') / name}: {line}"]
    # The table's own file beside it is taken.
    (here / "d" / "cases.csv").unlink(missing_ok=True)
    pl.DataFrame({"case_id": ["a"], "case_type": ["visa"], "filed": ["2017-01-01"], "decided": [None]}).write_parquet("d/cases.parquet")  # fmt: skip
    assert run("evaluate", "plan.toml", "d").exit_code == 0


def test_a_suffix_in_capitals_is_no_other_suffix(here: Path) -> None:
    (here / "d").mkdir()
    (here / "d" / "cases.CSV").write_text(HEADER + GOOD)
    assert run("evaluate", "plan.toml", "d").exit_code == 0


def test_what_may_not_be_read_is_one_line(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "cases.csv").write_text(HEADER + GOOD)
    (here / "cases.parquet").write_bytes(b"x")
    real = Path.open

    def refuse(path: Path, *args: Any, **more: Any) -> Any:
        if path.name in ("cases.csv", "cases.parquet", "locked.toml"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **more)

    monkeypatch.setattr(Path, "open", refuse)
    (here / "locked.toml").touch()
    for name in ("cases.csv", "cases.parquet"):
        assert mistakes("evaluate", "plan.toml", name, code=3) == [
            f"{name}: cannot be read: Permission denied"
        ]
    assert mistakes("check", "locked.toml") == ["locked.toml: cannot be read: Permission denied"]


def test_a_directory_that_may_not_be_read_is_one_line(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "d").mkdir()

    def refuse(_: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert mistakes("evaluate", "plan.toml", "d", code=3) == [
        "d: cannot be read: Permission denied"
    ]
