"""A few seconds of what `python -m tests.laws.fuzz` does for as long as asked."""

from __future__ import annotations

from tests.laws.fuzz import fuzz


def test_broken_plans_and_extracts_raise_the_librarys_own_errors_alone() -> None:
    counts = fuzz(0.05, 7)
    assert set(counts) == {"plans read", "plans refused", "extracts read", "extracts refused"}
