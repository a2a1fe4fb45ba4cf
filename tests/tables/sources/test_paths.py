"""Paths that lead to tables, and paths that do not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.tables.sources.files import ACCEPTED
from tests.commands import GOOD, HEADER, PLAN, mistakes, run

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


PAUSED = (
    PLAN
    + """
[tables.contacts]
key = "contact_id"
"""
)


def _no_file(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("name", "create", "line"),
    [
        ("contacts", Path.mkdir, "is a directory; expected a file for the table contacts"),
        ("Contacts.csv", Path.mkdir, "is a directory; expected a file for the table contacts"),
        ("contacts.csv", lambda path: path.symlink_to("gone.csv"), "a link to a file that does not exist; expected a file for the table contacts"),
        ("contacts.csv", _no_file, "no file that can be read; expected a file for the table contacts"),
        ("contacts.xlsx~", Path.touch, f"unknown kind of file, for the table contacts; {ACCEPTED}"),
        ("contacts.md", Path.touch, f"unknown kind of file, for the table contacts; {ACCEPTED}"),
        ("contacts.toml", Path.touch, f"is a plan file (TOML), not a table, for the table contacts; {ACCEPTED}"),
        ("contacts.csv.bak", Path.touch, f"unknown kind of file, for the table contacts; {ACCEPTED}"),
        ("contacts.xlsx", Path.touch, "the file is empty"),
        ("CONTACTS.JSONL.ZST", Path.touch, "rename it contacts.jsonl.zst for the table contacts"),
    ],
)  # fmt: skip
def test_what_bears_a_table_s_name_and_cannot_be_read_is_named(
    name: str, create: Callable[[Path], None], line: str, here: Path
) -> None:
    (here / "plan.toml").write_text(PAUSED)
    (here / "d").mkdir()
    (here / "d" / "cases.csv").write_text(HEADER + GOOD)
    create(here / "d" / name)
    assert mistakes("evaluate", "plan.toml", "d", code=3) == [f"{Path('d') / name}: {line}"]
    # Where the table's own file is there, that is taken.
    (here / "d" / "contacts.parquet").touch()
    pl.DataFrame({"contact_id": ["a"]}).write_parquet(here / "d" / "contacts.parquet")
    if name not in ("contacts.xlsx",):
        assert run("evaluate", "plan.toml", "d").exit_code == 0


def test_two_kinds_of_file_for_one_table_are_one_too_many(here: Path) -> None:
    (here / "d").mkdir()
    for name in ("cases.csv.gz", "cases.xlsx", "cases.csv"):
        (here / "d" / name).write_text(HEADER + GOOD)
    assert mistakes("evaluate", "plan.toml", "d", code=3) == [
        "d: two files for the table cases: cases.csv, cases.xlsx, cases.csv.gz; keep one"
    ]


def test_a_link_to_nothing_is_said_to_be_one(here: Path) -> None:
    (here / "cases.csv").symlink_to("gone.csv")
    line = ["cases.csv: a link to a file that does not exist"]
    assert mistakes("evaluate", "plan.toml", "cases.csv", code=3) == line
    with pytest.raises(kpi.DataError) as error:
        kpi.check(kpi.load_plan("plan.toml"), {"cases": "cases.csv"})
    assert str(error.value) == line[0]


def test_a_suffix_in_capitals_is_no_other_suffix(here: Path) -> None:
    (here / "d").mkdir()
    (here / "d" / "cases.CSV").write_text(HEADER + GOOD)
    assert run("evaluate", "plan.toml", "d").exit_code == 0


def test_what_may_not_be_read_is_one_line(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "cases.csv").write_text(HEADER + GOOD)
    for name in ("cases.parquet", "cases.csv.gz", "cases.xlsx", "cases.jsonl"):
        (here / name).write_bytes(b"x")
    real = Path.open

    def refuse(path: Path, *args: Any, **more: Any) -> Any:
        if path.name in (
            "cases.csv",
            "cases.parquet",
            "cases.csv.gz",
            "cases.xlsx",
            "cases.jsonl",
            "locked.toml",
        ):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **more)

    monkeypatch.setattr(Path, "open", refuse)
    (here / "locked.toml").touch()
    for name in ("cases.csv", "cases.parquet", "cases.csv.gz", "cases.xlsx", "cases.jsonl"):
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
