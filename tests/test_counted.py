"""Which tests run with coverage, and how they are chosen."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import counted
from tests.choose_counted import as_toml, branches_of, chosen, first_runs, seconds_of

ROOT = Path(__file__).parents[1]


def test_every_test_that_counts_is_there() -> None:
    for file, tests in counted.counted().items():
        text = (counted.TESTS / file).read_text("utf-8")
        assert [name for name in tests if f"def {name}(" not in text] == [], file


def test_the_first_runs_of_what_is_chosen_count_and_files_that_are_not_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counted, "counted", lambda: {"a.py": {"test_a": 2}, "b.py": {}})
    runs = [*(("a.py", f"test_a[{n}]") for n in range(4)), ("a.py", "test_c"), ("b.py", "test_d")]
    runs += [("new.py", f"test_e[{n}]") for n in range(4)]
    marked: list[str] = []
    items: list[Any] = [
        SimpleNamespace(
            path=counted.TESTS / path,
            nodeid=f"tests/{path}::{name}",
            add_marker=lambda mark, name=name: marked.append(f"{name} {mark.name}"),
        )
        for path, name in runs
    ]
    counted.mark_without_coverage(items)
    without = ("test_a[2]", "test_a[3]", "test_c", "test_d")
    assert marked == [f"{name} no_cover" for name in without]


def test_what_is_chosen_goes_through_the_branches_of_all_in_the_fewest_seconds(
    tmp_path: Path,
) -> None:
    """The long test alone goes through branch 3, and its first run does; of the short ones one is enough.

    Branch 9 is gone through by importing the code, and branch 8 takes too long for what it is.
    """
    of_runs = {
        "": [9],
        "tests/a.py::test_long[1]|run": [*range(300)],
        "tests/a.py::test_long[2]|run": [1, 2],
        "tests/b.py::test_short|run": [*range(500, 600)],
        "tests/b.py::test_short|setup": [600],
        "tests/c.py::test_slower|run": [*range(500, 601)],
        "tests/c.py::test_slowest|run": [800],
    }
    data = tmp_path / "data"
    with sqlite3.connect(data) as connection:
        connection.execute("CREATE TABLE context (id INTEGER, context TEXT)")
        connection.execute("CREATE TABLE arc (file_id, context_id, fromno, tono)")
        for n, (context, lines) in enumerate(of_runs.items()):
            connection.execute("INSERT INTO context VALUES (?, ?)", (n, context))
            connection.executemany(
                "INSERT INTO arc VALUES (1, ?, ?, 0)", [(n, line) for line in lines]
            )
    seconds = seconds_of(
        "2.00s call     tests/a.py::test_long[1]\n"
        "2.00s call     tests/a.py::test_long[2]\n"
        "0.01s setup    tests/b.py::test_short\n"
        "0.02s call     tests/b.py::test_short\n"
        "0.50s call     tests/c.py::test_slower\n"
        "9.00s call     tests/c.py::test_slowest\n"
    )
    branches = branches_of(data)
    order = ["a.py::test_long[1]", "a.py::test_long[2]", "b.py::test_short", "c.py::test_slower"]
    found = chosen(first_runs([*order, "c.py::test_slowest"], branches, seconds), branches[""])
    assert [(one.file, one.test, one.runs) for one in found] == [
        ("b.py", "test_short", 1),
        ("a.py", "test_long", 1),
    ]
    assert as_toml(["a.py", "b.py", "c.py"], found).splitlines()[1:] == [
        "",
        '["a.py"]',
        "test_long = 1",
        "",
        '["b.py"]',
        "test_short = 1",
        "",
        '["c.py"]',
    ]
