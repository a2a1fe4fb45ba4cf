"""Which tests run without coverage: the files that are listed, and further runs with parameters."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.without_coverage import FIRST_RUNS_ALONE, WITHOUT_COVERAGE, mark_without_coverage

TESTS = Path(__file__).parent


def test_every_file_that_is_listed_is_there_and_listed_once() -> None:
    listed = [*WITHOUT_COVERAGE, *FIRST_RUNS_ALONE]
    assert sorted(set(listed)) == sorted(listed)
    assert [path for path in listed if not (TESTS / path).is_file()] == []


def test_of_a_test_with_parameters_further_runs_are_without_coverage() -> None:
    whole, first, other = WITHOUT_COVERAGE[0], FIRST_RUNS_ALONE[0], "test_without_coverage.py"
    runs = [(whole, "test_a"), *((first, f"test_b[{n}]") for n in range(4)), (first, "test_c")]
    runs += [(other, f"test_d[{n}]") for n in range(4)]
    marked: list[str] = []
    items: list[Any] = [
        SimpleNamespace(
            path=TESTS / path,
            nodeid=f"tests/{path}::{name}",
            add_marker=lambda mark, name=name: marked.append(f"{name} {mark.name}"),
        )
        for path, name in runs
    ]
    mark_without_coverage(items)
    assert marked == ["test_a no_cover", "test_b[2] no_cover", "test_b[3] no_cover"]
