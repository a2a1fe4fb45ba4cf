"""Verdicts of targets and of requirements of several parts (S25, S27, S28)."""

from __future__ import annotations

from collections.abc import Iterable

from kpi.results.target_result import Verdict


def combined_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of several requirements that must all be met (S28).

    Lapsed ones are ignored; of the others the worst wins, in the order open, missed, not
    assessable, met, indicator. Where all have lapsed, or there are none, the verdict is lapsed.
    """
    given = set(verdicts)
    worst_first: tuple[Verdict, ...] = ("open", "missed", "not_assessable", "met", "indicator")
    return next((verdict for verdict in worst_first if verdict in given), "lapsed")
