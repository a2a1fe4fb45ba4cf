"""A directory with a plan, and what mutation testing needs of the tests (docs/contributors/mutation-testing.md)."""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path

import pytest

from kpi.definitions import calendars, public_holidays
from kpi.definitions import windows as periods
from kpi.time import due_dates as deadlines
from kpi.time import working_days
from tests.commands import PLAN
from tests.counted import mark_without_coverage
from tests.needs import (
    pytest_addoption,
    pytest_configure,
    pytest_make_collect_report,
    pytest_runtest_makereport,
    skip_what_the_machine_lacks,
)

__all__ = [
    "pytest_addoption",
    "pytest_configure",
    "pytest_make_collect_report",
    "pytest_runtest_makereport",
]

# Each process that a test starts would else compile what it imports of `kpi` anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# mutmut writes it beside the mutants, and runs the tests there.
_STATS = Path("mutmut-stats.json")
_CACHES = (
    calendars._working_days,
    calendars.days_off_by_region,
    public_holidays.library_year,
    deadlines.due_table,
    periods._named,
    working_days.working_days_table,
    working_days.roll_forward_table,
    working_days._working_days,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what the machine lacks, mark what runs without coverage; of mutants the quickest first."""
    skip_what_the_machine_lacks(items)
    mark_without_coverage(items)
    # Spark takes half a minute to start: where its tests are the first, no other process takes any of them.
    items.sort(key=lambda item: item.path.name != "test_spark.py")
    if _STATS.is_file():
        seconds = json.loads(_STATS.read_text("utf-8"))["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what the collection made: tests, parameters and modules.

    Nor is it looked through again by each mutant, where the process forks (docs/contributors/mutation-testing.md).
    """
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let all that was made be collected again, so that no extension module reports a leak."""
    gc.unfreeze()


def pytest_runtest_setup() -> None:
    """What an earlier test has cached would hide which functions a test runs."""
    if "MUTANT_UNDER_TEST" in os.environ:
        for cached in _CACHES:
            cached.cache_clear()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, in which plan.toml is the plan of tests.commands."""
    (tmp_path / "plan.toml").write_text(PLAN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path
