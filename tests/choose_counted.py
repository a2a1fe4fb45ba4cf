"""Choose the tests that run with coverage: as few seconds as go through the branches that all do.

    rm tests/counted.toml && touch tests/counted.toml
    .venv/bin/python -m pytest -n auto --cov --cov-context=test --cov-report= --durations=0 \
        --durations-min=0.01 > durations.txt
    .venv/bin/python -m tests.choose_counted .coverage durations.txt

That takes twice as long as the tests do. Then the tests are run anew, with `--cov`: CI asks for 98 %.
"""

from __future__ import annotations

import heapq
import re
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from tests.counted import CHOICE

Branch: TypeAlias = tuple[int, int, int]

LEAST = 0.5
"""Branches a second that a test must add to those of the tests chosen before it."""

_DURATION = re.compile(r"^(\d+\.\d+)s (?:call|setup|teardown) +tests/(\S.*)$", re.MULTILINE)


@frozen
class FirstRuns:
    """The first runs of a test with parameters, or the one of a test without.

    Attributes:
        file: the path below `tests/`.
        test: the name of the test.
        runs: how many.
        seconds: how long they take.
        branches: what they go through: file of the code, line before, line after.
    """

    file: str
    test: str
    runs: int
    seconds: float
    branches: frozenset[Branch]


def branches_of(data: Path) -> dict[str, set[Branch]]:
    """Return what each run of a test goes through; under "" what importing the code does."""
    query = "SELECT context.context, file_id, fromno, tono FROM arc JOIN context ON context.id = arc.context_id"
    found = defaultdict[str, set[Branch]](set)
    with sqlite3.connect(data) as connection:
        for context, *branch in connection.execute(query):
            # A context of pytest-cov: the id of a test, and whether it is set up, run or torn down.
            run = context.rpartition("|")[0].removeprefix("tests/")
            found[run].add((branch[0], branch[1], branch[2]))
    return found


def seconds_of(durations: str) -> dict[str, float]:
    """Return how long each run takes, as pytest prints it."""
    found = defaultdict[str, float](float)
    for seconds, run in _DURATION.findall(durations):
        found[run] += float(seconds)
    return found


def collected() -> list[str]:
    """Return every run of a test in its order."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line.removeprefix("tests/") for line in listed.splitlines() if "::" in line]


def first_runs(
    order: Iterable[str], branches: Mapping[str, set[Branch]], seconds: Mapping[str, float]
) -> list[FirstRuns]:
    """Return what may be chosen: of each test the first run, the first three, and all.

    Args:
        order: every run, in the order of the tests.
        branches: what each run goes through.
        seconds: how long each run takes.
    """
    tests = defaultdict[tuple[str, str], list[str]](list)
    for run in order:
        file, _, name = run.partition("::")
        tests[file, name.partition("[")[0].rpartition("::")[2]].append(run)
    return [
        FirstRuns(
            file,
            test,
            most,
            sum(0.01 + seconds.get(run, 0.0) for run in runs[:most]),
            frozenset().union(*(branches.get(run, ()) for run in runs[:most])),
        )
        for (file, test), runs in tests.items()
        for most in sorted({1, min(3, len(runs)), len(runs)})
    ]


def chosen(candidates: Iterable[FirstRuns], covered: set[Branch]) -> list[FirstRuns]:
    """Return the candidates that add the most branches a second, one after another.

    Args:
        candidates: what may be chosen.
        covered: the branches that need no test.
    """
    covered = {*covered}
    queue = [(-len(one.branches) / one.seconds, n, one) for n, one in enumerate(candidates)]
    heapq.heapify(queue)
    found = []
    while queue:
        _, n, one = heapq.heappop(queue)
        worth = len(one.branches - covered) / one.seconds
        if worth < LEAST:
            continue
        if queue and worth < -queue[0][0]:
            # What was chosen since has taken some of its branches.
            heapq.heappush(queue, (-worth, n, one))
            continue
        found.append(one)
        covered |= one.branches
    return found


def as_toml(files: Iterable[str], picked: Iterable[FirstRuns]) -> str:
    """Return the choice as a file: a table for each file of tests, empty where none of it counts."""
    runs: dict[str, dict[str, int]] = {file: {} for file in sorted(files)}
    for one in picked:
        runs[one.file][one.test] = max(one.runs, runs[one.file].get(one.test, 0))
    lines = ["# How many runs of a test count for coverage: tests/choose_counted.py wrote it."]
    for file, of_file in runs.items():
        lines += ["", f'["{file}"]', *(f"{test} = {n}" for test, n in sorted(of_file.items()))]
    return "\n".join(lines) + "\n"


def main() -> None:
    data, durations = map(Path, sys.argv[1:])
    branches, seconds = branches_of(data), seconds_of(durations.read_text("utf-8"))
    candidates = first_runs(collected(), branches, seconds)
    picked = chosen(candidates, branches.get("", set()))
    CHOICE.write_text(as_toml({one.file for one in candidates}, picked), "utf-8")
    both = frozenset[Branch]().union(branches.get("", ()), *(one.branches for one in picked))
    every = frozenset[Branch]().union(*branches.values())
    print(f"{len(picked)} of {len(candidates)}: {len(both)} of {len(every)} branches")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
