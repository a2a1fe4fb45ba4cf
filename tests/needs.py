"""What a test needs of the machine beside Python and the lock file, and how to install it.

`@pytest.mark.needs("java")` marks a test, or `pytestmark = pytest.mark.needs("java")` a file. Where the
machine lacks it, the test is skipped and the skip says how to install it. With `--no-skips`, as
`.ci/run` runs the tests, each skipped test fails, whatever skipped it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path

import pytest
from attrs import frozen

from tests.interpreters import other_interpreters

MARK = "needs(*names): what the test needs of the machine, by the names in tests/needs.py"


def _program(*names: str, directories: Iterable[Path] = ()) -> bool:
    """Return whether a program of any of the names is on PATH or in one of the directories."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, directories)])
    return any(shutil.which(name, path=path) for name in names)


@frozen
class Need:
    """Something that the machine has or lacks: its name for people, whether it is there, how to get it."""

    name: str
    present: Callable[[], bool]
    install: str


NEEDS: Mapping[str, Need] = {
    "database": Need(
        "a database server (PostgreSQL)",
        # Debian keeps the server's programs out of PATH.
        lambda: _program("postgres", directories=Path("/usr/lib/postgresql").glob("*/bin")),
        "apt-get install postgresql",
    ),
    "java": Need("Java", lambda: _program("java"), "apt-get install openjdk-17-jre-headless"),
    "browser": Need(
        "a browser (Chromium)",
        lambda: _program("chromium", "chromium-browser", "google-chrome"),
        "apt-get install chromium",
    ),
    "interpreters": Need(
        "another Python, 3.11 or newer",
        lambda: bool(other_interpreters()),
        "pyenv install 3.13, or your system's package of another Python",
    ),
}


def lacking(names: Iterable[str]) -> str | None:
    """Return why a test that needs these names cannot run here, or None where it can.

    Raises:
        UsageError: a name that NEEDS does not have.
    """
    for name in names:
        if name not in NEEDS:
            message = f"needs({name!r}): unknown; accepted: {', '.join(NEEDS)}"
            raise pytest.UsageError(message)
    missing = [need for name in names if not (need := NEEDS[name]).present()]
    return "; ".join(f"needs {need.name}: {need.install}" for need in missing) or None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail each test that is skipped")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARK)


def skip_what_the_machine_lacks(items: Iterable[pytest.Item]) -> None:
    """Mark each test to be skipped that needs what the machine lacks."""
    for item in items:
        needed = [name for mark in item.iter_markers("needs") for name in mark.args]
        if needed and (reason := lacking(needed)):
            item.add_marker(pytest.mark.skip(reason=reason))


def _failed(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that says what skipped it; an expected failure stays one."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: with --no-skips nothing may be skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if item.config.getoption("--no-skips"):
        _failed(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if collector.config.getoption("--no-skips"):
        _failed(report)
    return report
