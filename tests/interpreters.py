"""The Python interpreters of the machine: what `.ci/run` and the tests run beside the running one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

OLDEST, NEWEST = 11, 19
"""The minor versions of Python 3 that are looked for."""

_ASK = "import ensurepip, sys, venv; print(*sys.version_info[:3])"


def _candidates(minor: int, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield where an interpreter may be: on PATH, then those of pyenv and uv, the newest first."""
    name = f"python3.{minor}"
    if found := shutil.which(name, path=environment.get("PATH", "")):
        yield Path(found)
    home = Path(environment.get("HOME", "/nonexistent"))
    pyenv = Path(environment.get("PYENV_ROOT", home / ".pyenv")) / "versions"
    uv = home / ".local" / "share" / "uv" / "python"
    for directory in (
        *sorted(pyenv.glob(f"3.{minor}.*"), reverse=True),
        *sorted(uv.glob(f"cpython-3.{minor}.*"), reverse=True),
    ):
        yield directory / "bin" / name


def version(python: Path) -> tuple[int, ...] | None:
    """Return the version of an interpreter that can make environments, or None where it cannot run."""
    try:
        done = subprocess.run(
            [python, "-c", _ASK], check=False, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else None


def interpreters(environment: Mapping[str, str]) -> dict[int, Path]:
    """Return an interpreter for each minor version of Python 3 that the machine has.

    A shim of pyenv for a version that is not chosen is on PATH and does not run: each is asked.
    """
    found: dict[int, Path] = {}
    for minor in range(OLDEST, NEWEST + 1):
        for candidate in _candidates(minor, environment):
            answer = version(candidate)
            if answer is not None and answer[:2] == (3, minor):
                found[minor] = candidate
                break
    return found


@cache
def other_interpreters() -> dict[int, Path]:
    """Return the interpreters of other minor versions than the running one."""
    found = interpreters(os.environ)
    return {minor: path for minor, path in found.items() if minor != sys.version_info.minor}
