"""Files of tests under which the branches are not counted: counting costs more than the tests do.

Counting makes a test about two and a half times as long. What these files go through, others go
through too, so that what is reported is at most too low.
"""

from __future__ import annotations

from pathlib import PurePath

import pytest

NOT_COUNTED = (
    "counting_rules/test_s03_due_columns_with_times.py",
    "counting_rules/test_s04_months.py",
    "counting_rules/test_s14_open_pause.py",
    "counting_rules/test_s18_percentile_in_working_days.py",
    "laws/test_dense_times.py",
    "laws/test_engine_against_oracle.py",
    "test_benchmarks.py",
)
"""Paths below `tests/`: the longest files whose branches the rest of the tests count as well."""

_TESTS = PurePath(__file__).parent


def pause_counting(items: list[pytest.Item]) -> None:
    """Mark the tests of `NOT_COUNTED`, for which pytest-cov then stops counting."""
    for item in items:
        if item.path.relative_to(_TESTS).as_posix() in NOT_COUNTED:
            item.add_marker(pytest.mark.no_cover)
