"""Which tests run with coverage, which makes a test about two and a half times as long.

What is reported is at most too low: branches that other tests alone go through count as not covered.
`tests/counted.toml` says which tests count, as `python -m tests.choose_counted` chose them; a file that
it does not name counts whole.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pytest

TESTS = Path(__file__).parent
CHOICE = TESTS / "counted.toml"


@cache
def counted() -> Mapping[str, Mapping[str, int]]:
    """Return how many runs of each test count, by file below `tests/` and name of the test."""
    return MappingProxyType(tomllib.loads(CHOICE.read_text("utf-8")))


def mark_without_coverage(items: list[pytest.Item]) -> None:
    """Mark the tests for which pytest-cov then pauses.

    Which runs of a test with parameters are the first, the order of the tests decides, which is the same
    in each worker.
    """
    runs: Counter[str] = Counter()
    for item in items:
        file = item.path.relative_to(TESTS).as_posix()
        test, _, _ = item.nodeid.partition("[")
        runs[test] += 1
        chosen = counted().get(file)
        if chosen is not None and runs[test] > chosen.get(test.rpartition("::")[2], 0):
            item.add_marker(pytest.mark.no_cover)
