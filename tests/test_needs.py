"""What the machine lacks is skipped by name with how to install it; under `--no-skips` nothing is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import NEEDS, lacking

ROOT = Path(__file__).parents[1]
CONFTEST = """
from tests.needs import *
from tests.needs import skip_what_the_machine_lacks

def pytest_collection_modifyitems(items):
    skip_what_the_machine_lacks(items)
"""
ONE_NEEDS_JAVA = """
import pytest

@pytest.mark.needs("java")
def test_that_runs_java(): pass

def test_of_python_alone(): pass
"""
SKIPS_ITSELF = """
import pytest

def test_that_gives_up():
    pytest.skip("not today")

@pytest.mark.xfail(strict=True)
def test_of_a_known_fault():
    assert False
"""
SKIPS_AS_A_FILE = """
import pytest

pytest.importorskip("a_module_that_nobody_has")
"""


def run(directory: Path, test: str, *options: str, programs: tuple[str, ...] = ()) -> str:
    """Return what pytest prints of a file of tests, with no more on PATH than the programs named."""
    (directory / "conftest.py").write_text(CONFTEST, "utf-8")
    (directory / "test_it.py").write_text(test, "utf-8")
    path = directory / "programs"
    path.mkdir()
    for name in programs:
        (path / name).write_text("#!/bin/sh\n", "utf-8")
        (path / name).chmod(0o755)
    known = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    # Plugins that are of no use here take half of the time.
    known["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-ra", "--no-fold-skipped", *options],
        check=False,
        cwd=directory,
        env=known | {"PATH": str(path), "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    return f"{done.stdout}{done.stderr}exit {done.returncode}"


def test_what_the_machine_lacks_is_skipped_by_name_with_how_to_install_it(tmp_path: Path) -> None:
    said = run(tmp_path, ONE_NEEDS_JAVA)
    assert (
        "SKIPPED test_it.py::test_that_runs_java - needs Java: "
        "apt-get install openjdk-17-jre-headless" in re.sub(r" - Skipped: ", " - ", said)
    )
    assert "1 passed, 1 skipped" in said
    assert said.endswith("exit 0")


def test_what_the_machine_has_runs(tmp_path: Path) -> None:
    said = run(tmp_path, ONE_NEEDS_JAVA, "--no-skips", programs=("java",))
    assert "2 passed" in said
    assert said.endswith("exit 0")


@pytest.mark.parametrize(
    ("test", "reason", "processes"),
    [
        (ONE_NEEDS_JAVA, "needs Java: apt-get install openjdk-17-jre-headless", []),
        (SKIPS_ITSELF, "not today", []),
        (SKIPS_AS_A_FILE, "a_module_that_nobody_has", []),
        # A worker skips a test as it runs, and a file as it is collected.
        (SKIPS_ITSELF, "not today", ["-p", "xdist.plugin", "-n", "2"]),
        (SKIPS_AS_A_FILE, "a_module_that_nobody_has", ["-p", "xdist.plugin", "-n", "2"]),
    ],
    ids=["a need", "a skip", "a file", "a skip, two processes", "a file, two processes"],
)
def test_no_skips_fails_whatever_is_skipped_and_says_why(
    test: str, reason: str, processes: list[str], tmp_path: Path
) -> None:
    said = run(tmp_path, test, "--no-skips", *processes)
    assert "with --no-skips nothing may be skipped" in said
    assert reason in said
    assert " skipped" not in said.splitlines()[-1]
    assert not said.endswith("exit 0")


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    said = run(tmp_path, SKIPS_ITSELF.replace('pytest.skip("not today")', "pass"), "--no-skips")
    assert "1 passed, 1 xfailed" in said
    assert said.endswith("exit 0")


def test_a_need_of_an_unknown_name_is_a_mistake(tmp_path: Path) -> None:
    said = run(tmp_path, ONE_NEEDS_JAVA.replace('"java"', '"jaav"'))
    assert "needs('jaav'): unknown; accepted: database, java, browser, interpreters" in said
    assert said.endswith("exit 4")


def test_several_needs_are_each_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert lacking(["java", "browser"]) == (
        "needs Java: apt-get install openjdk-17-jre-headless; "
        "needs a browser (Chromium): apt-get install chromium"
    )


@pytest.mark.parametrize(
    ("name", "program"), [("java", "java"), ("browser", "google-chrome"), ("database", "postgres")]
)
def test_a_program_on_path_is_enough(
    name: str, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / program).write_text("#!/bin/sh\n", "utf-8")
    (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert NEEDS[name].present()
    assert lacking([name]) is None


def test_the_readme_of_the_tests_names_each_need() -> None:
    page = (ROOT / "tests" / "README.md").read_text("utf-8")
    for name, need in NEEDS.items():
        assert f"| `{name}` | {need.name} | `{need.install.partition(',')[0]}`" in page


def test_ci_fails_on_any_skip() -> None:
    assert "--no-skips" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("need", ["browser", "database", "java"])
def test_ci_installs_what_the_machine_lacks(need: str) -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    package = NEEDS[need].install.removeprefix("apt-get install ")
    assert f"lacking+=({package})" in script
    assert 'apt-get install -y -qq "${lacking[@]}"' in script
