"""Verdicts of targets and of requirements of several parts (S25, S27, S28)."""

from __future__ import annotations

from collections.abc import Iterable

from kpi.results.target_result import Verdict


def combined_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """What parts come to that must all hold: one that lapsed is left aside (S28)."""
    found = set(verdicts)
    # What lapsed, or asks for nothing, is left aside unless there is nothing else.
    words: tuple[Verdict, ...] = ("open", "missed", "not_assessable", "met", "indicator")
    return next((word for word in words if word in found), "lapsed")
