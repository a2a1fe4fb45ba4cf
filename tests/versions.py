"""Runs the short suite on each other Python of the machine and on the oldest versions (docs/contributors/dependencies.md).

    .venv/bin/python -m tests.versions

The tests are the checkout's; `kpi` is a wheel built from it, installed into an environment of its own
with what a lock file pins. Two runs at a time; each environment is deleted after its run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import frozen
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.interpreters import NEWEST, OLDEST, other_interpreters

ROOT = Path(__file__).parents[1]
NEWEST_LOCK, OLDEST_LOCK = ROOT / "requirements.lock", ROOT / "requirements-oldest.lock"
SUITE = "tests/short_suite.txt"

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
_PARENT = re.compile(r"^ {4}# (?:via)? +(\S+)", re.MULTILINE)


@frozen
class Run:
    """One run of the short suite: on which Python, with the pins of which lock file."""

    python: Path
    minor: int
    lock: Path

    def __str__(self) -> str:
        return f"Python 3.{self.minor}, {self.lock.name}"


def roots() -> set[str]:
    """Return the names of what `kpi[short]` asks for itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    texts = [*project["dependencies"], *extras["testing"], *extras["short"]]
    names: set[str] = {canonicalize_name(Requirement(text).name) for text in texts}
    return names - {"kpi"}


def pinned_for(lock: str, needed: Iterable[str]) -> str:
    """Return the part of a lock file that some packages need, with all that those need in turn.

    Args:
        lock: the text of a lock file, in which uv names beneath each pin the packages that need it.
        needed: the names of the packages.
    """
    _, *texts = re.split(r"^(?=[A-Za-z0-9._-]+==)", lock, flags=re.MULTILINE)
    # A package may be pinned twice, for different interpreters.
    pins = [(canonicalize_name(_PIN.findall(text)[0]), text) for text in texts]
    found = set(needed)
    while more := {n for n, text in pins if found & set(_PARENT.findall(text))} - found:
        found |= more
    return "".join(text for name, text in pins if name in found)


def runs(running: int, others: dict[int, Path]) -> Iterator[Run]:
    """Yield the runs: the newest versions on each other Python, the oldest on the oldest Python.

    Args:
        running: the minor version of the running interpreter.
        others: the interpreters of other minor versions.
    """
    for minor, python in sorted(others.items()):
        yield Run(python, minor, NEWEST_LOCK)
    everywhere = others | {running: Path(sys.executable)}
    yield Run(everywhere[min(everywhere)], min(everywhere), OLDEST_LOCK)


def carry_out(run: Run, wheel: Path, directory: Path) -> bool:
    """Run the short suite, print how it ended, and return whether all tests passed.

    Args:
        run: the run.
        wheel: the wheel of `kpi`.
        directory: where the environment is created.
    """
    python = directory / "bin" / "python"
    lock = directory / "short.lock"
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "-q",
        "--no-deps",
    ]
    began = time.monotonic()
    installed = (
        _succeeds(run.python, "-m", "venv", directory)
        and lock.write_text(pinned_for(run.lock.read_text("utf-8"), roots()), "utf-8")
        and _succeeds(*pip, "--no-compile", "--require-hashes", "-r", lock)
        and _succeeds(*pip, wheel)
        and _succeeds(python, "-m", "pip", "check")
    )
    print(f"{run}: installed in {time.monotonic() - began:.0f} s", flush=True)
    pytest = ["-m", "pytest", "-q", "-n", "auto", "--no-skips", "-p", "no:cacheprovider"]
    passed = bool(installed) and _succeeds(python, *pytest, f"@{SUITE}", closing=True)
    print(f"{run}: {'passed' if passed else 'FAILED'}", flush=True)
    return passed


def _succeeds(*command: str | Path, closing: bool = False) -> bool:
    """Run a command in the checkout; print its output if it fails, its last line if asked for."""
    known = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    done = subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        env=known,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        print(done.stdout, flush=True)
    elif closing:
        print(done.stdout.splitlines()[-1], flush=True)
    return done.returncode == 0


def main() -> int:
    """Carry out every run, print which they were, and return 1 where a test failed."""
    others = other_interpreters()
    if not others:
        print(
            f"no other Python found (python3.{OLDEST} to python3.{NEWEST} on PATH, pyenv, uv): "
            f"only Python 3.{sys.version_info.minor} is tested",
            flush=True,
        )
    with tempfile.TemporaryDirectory() as directory:
        build = ["-m", "hatchling", "build", "-t", "wheel", "-d", directory]
        if not _succeeds(sys.executable, *build):
            return 1
        (wheel,) = Path(directory).glob("*.whl")

        def outcome(run: Run) -> bool:
            with tempfile.TemporaryDirectory() as environment:
                return carry_out(run, wheel, Path(environment))

        planned = list(runs(sys.version_info.minor, others))
        # While one waits for its installation, the other tests.
        with ThreadPoolExecutor(2) as two:
            outcomes = dict(zip(planned, two.map(outcome, planned), strict=True))
    print("the short suite ran on:")
    for run, passed in outcomes.items():
        print(f"  {run}: {'passed' if passed else 'FAILED'}")
    return 0 if all(outcomes.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
