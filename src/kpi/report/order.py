"""Order in which targets are shown: the plan's, or bad news first."""

from __future__ import annotations

from attrs import evolve

from kpi.results.result import Result
from kpi.results.target_result import Verdict

_BAD_NEWS_FIRST: tuple[Verdict, ...] = (
    "missed",
    "lost",
    "not_assessable",
    "open",
    "secured",
    "met",
    "lapsed",
    "indicator",
)


def by_verdict(result: Result) -> Result:
    """Return a result with the requirements by verdict, missed and lost ones first; else in plan order."""
    targets = sorted(result.targets, key=lambda target: _BAD_NEWS_FIRST.index(target.verdict))
    return evolve(result, targets=tuple(targets))
