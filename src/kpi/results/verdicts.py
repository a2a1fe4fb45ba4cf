"""Verdicts of targets and of requirements of several parts (S25, S27, S28)."""

from __future__ import annotations

from collections.abc import Collection

from kpi.definitions.parts import MustHold
from kpi.results.possible import Prospect
from kpi.results.target_result import Verdict

_WORST_FIRST: tuple[Verdict, ...] = ("open", "missed", "not_assessable", "met", "indicator")
_BEST_FIRST: tuple[Verdict, ...] = ("met", "open", "not_assessable", "missed", "indicator")


def verdict_of(
    *,
    condition_holds: bool | None,
    has_tables: bool,
    has_requirement: bool,
    is_over: bool,
    reached: bool | None,
    prospect: Prospect = "open",
) -> Verdict:
    """Return the verdict of a target (S25, S27, S28).

    Args:
        condition_holds: whether the condition of the target came about; None where nobody reported it.
        has_tables: whether the extract has every table that the target reads.
        has_requirement: whether the target requires something, and is not only an indicator (S31).
        is_over: whether the as-of date is the last day of the window or later.
        reached: whether the measure is reached; None where that cannot be assessed.
        prospect: the verdict before the last day of the window (F12).
    """
    if condition_holds is False:
        return "lapsed"
    if condition_holds is None or not has_tables:
        return "not_assessable"
    if not has_requirement:
        return "indicator"
    if not is_over:
        return prospect
    if reached is None:
        return "not_assessable"
    return "met" if reached else "missed"


def combined_verdict(verdicts: Collection[Verdict], must_hold: MustHold = "all") -> Verdict:
    """Return the verdict of several requirements, of which all or any must be met (S28).

    Lapsed ones are ignored. Where all must be met the worst of the others wins, in the order open,
    missed, not assessable, met, indicator; where any, the best, in the order met, open, not
    assessable, missed, indicator. Where all have lapsed, or there are none, the verdict is lapsed.
    As long as one is not final: of all, lost where one is lost or missed, and secured where each is
    secured or met; of any, secured where one is, and lost where each is lost or missed (F13).
    """
    given = {verdict for verdict in verdicts if verdict not in ("lapsed", "indicator")}
    if given & {"open", "secured", "lost"}:
        return _combined_before_the_end(given, must_hold)
    given = set(verdicts)
    order = _WORST_FIRST if must_hold == "all" else _BEST_FIRST
    return next((verdict for verdict in order if verdict in given), "lapsed")


def _combined_before_the_end(given: Collection[Verdict], must_hold: MustHold) -> Verdict:
    """Return the verdict of several requirements of which some are not final (F13)."""
    good, bad = {"met", "secured"}, {"missed", "lost"}
    if must_hold == "all":
        if bad & {*given}:
            return "lost"
        return "secured" if good >= {*given} else "open"
    if "met" in given:
        return "met"
    if "secured" in given:
        return "secured"
    return "lost" if bad >= {*given} else "open"
