"""Files of tests that run without coverage, which costs more than the tests do.

Coverage makes a test about two and a half times as long. What is reported is at most too low, for
branches that these files alone go through count as not covered.
"""

from __future__ import annotations

from pathlib import PurePath

import pytest

WITHOUT_COVERAGE = (
    "counting_rules/test_s03_due_columns_with_times.py",
    "counting_rules/test_s04_months.py",
    "counting_rules/test_s14_open_pause.py",
    "counting_rules/test_s18_percentile_in_working_days.py",
    "laws/test_dense_times.py",
    "test_benchmarks.py",
)
"""Paths below `tests/`: the longest files, whose branches other tests go through too."""

_TESTS = PurePath(__file__).parent


def mark_without_coverage(items: list[pytest.Item]) -> None:
    """Mark the tests of `WITHOUT_COVERAGE`, for which pytest-cov then pauses."""
    for item in items:
        if item.path.relative_to(_TESTS).as_posix() in WITHOUT_COVERAGE:
            item.add_marker(pytest.mark.no_cover)
