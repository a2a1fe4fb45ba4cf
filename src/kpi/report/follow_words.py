"""Outlooks in words: bounds, what it takes, what is expected; a printed bound stands to the threshold as it is (S19)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from kpi.definitions.amounts import SIZES
from kpi.evaluation.assessments import Assessment
from kpi.evaluation.follow_up import FollowUp, Outlook
from kpi.evaluation.forecast.estimate import Estimate, NoEstimate
from kpi.report import words
from kpi.report.rounding import rounded
from kpi.results.possible import Demand, Range
from kpi.results.target_result import TargetResult

CERTAIN = "Can become (certain)"
IF_NO_NEW_CASE = "If no new case"
EXPECTED = "Expected (estimate)"
"""Headings of columns: each names the kind of statement that stands below it (F1)."""

_LEGEND = (
    (
        "Certain",
        "the verdict, what the value can become by the last day with any new cases, and what it takes",
    ),
    (
        "If no new case",
        "what the value can become if no new case is counted; new cases can take it further",
    ),
)
_LEGEND_OF_ESTIMATES = (
    (
        "Expected",
        "an estimate from how the last 12 months went, which anything may make false",
    ),
)
_DIGITS = 9
"""Digits of an estimate behind the point: those beyond are of sums of floats."""


def status(result: TargetResult) -> str:
    """Return numerator and denominator: "1,480 of 1,650"; of other values the counted rows."""
    if result.parts or result.rule == "milestone":
        return ""
    if result.met is None or result.unit != "share":
        return words.counted(result)
    return f"{result.met:,} of {result.denominator:,}"


def certain(outlook: Outlook) -> str:
    """Return the bounds of the final value, new cases included; empty where it is final."""
    return "" if outlook.possible is None else bounds(outlook.possible, outlook.status)


def if_no_new_case(outlook: Outlook) -> str:
    """Return the bounds of the final value if no new case is counted."""
    return "" if outlook.known is None else bounds(outlook.known, outlook.status)


def bounds(of: Range, result: TargetResult) -> str:
    """Return bounds from the smaller to the greater: "51.5–64.9 %", "8 or more", "any"."""
    ends = sorted(end for end in (of.worst, of.best) if end is not None)
    if result.rule == "milestone":
        return _milestone(of)
    if not ends:
        return "any"
    if result.unit == "share" and (of.worst_of, of.best_of) == ((1, 1), (0, 1)):
        # No known row can be counted (F7).
        return "nothing counted"
    (low, unit), (high, _) = (words.amount(end, result) for end in (ends[0], ends[-1]))
    if len(ends) == 1:
        return f"{low}{unit} or more"
    if low == high and ends[0] == ends[-1]:
        return f"{low}{unit}"
    between = " to " if result.unit in ("change", "number") else "–"
    return f"{low}{between}{high}{unit}"


def _milestone(of: Range) -> str:
    if of.worst == of.best:
        return "done" if of.best else "not in time"
    return "done or not"


def takes(outlook: Outlook) -> str:
    """Return what it takes to reach the requirement, or what is in hand (F16): "50 more in time"."""
    possibilities = outlook.possibilities
    if possibilities is None or outlook.verdict == "lost":
        return ""
    if possibilities.slack is not None:
        return _slack(possibilities.slack[0], outlook.status)
    if outlook.verdict == "secured" or possibilities.need is None:
        return ""
    need, room = possibilities.need, possibilities.room
    if outlook.status.rule in _NUMBERS:
        return _of_number(outlook, need, room)
    more, left = ("ended", "to stay open") if outlook.status.rule == "clearance" else _IN_TIME
    if need:
        return f"{need:,} more {more}"
    if room:
        return f"room for {room:,} {left}"
    return "no room for late" if more == _IN_TIME[0] else "no room for any to stay open"


_NUMBERS = ("count", "stock", "flow")
_IN_TIME = ("in time", "late")


def _of_number(outlook: Outlook, need: int, room: int | None) -> str:
    """Return how many rows are missing or too many, or how many more there may be."""
    if need:
        value, bounds = outlook.status.value, outlook.status.bounds
        assert value is not None, "a number of rows is one"
        assert bounds is not None, "what is asked of it are bounds"
        return f"{need:,} {'fewer' if Demand.of_whole_numbers(bounds).is_exceeded_by(value) else 'more'}"
    return "" if room is None else f"room for {room:,} more"


def _slack(now: int, result: TargetResult) -> str:
    exact = abs(Fraction(now, SIZES.get(result.unit, 1)))
    text = f"{int(exact):,}" if exact.denominator == 1 else rounded(exact, [Fraction(0)])
    return f"{text} {result.unit} {'over' if now < 0 else 'in hand'}"


def leaves(follow_up: FollowUp) -> list[Outlook]:
    """Return the outlooks of the requirements, each followed by its parts'."""
    return [leaf for outlook in follow_up.targets for leaf in outlook.leaves()]


def has_estimates(follow_up: FollowUp) -> bool:
    """Return whether some target is estimated, or said to have no estimate."""
    return any(leaf.estimate is not None for leaf in leaves(follow_up))


def legend(follow_up: FollowUp) -> tuple[tuple[str, str], ...]:
    """Return what the kinds of statement are, once below the table (F1)."""
    return _LEGEND + (_LEGEND_OF_ESTIMATES if has_estimates(follow_up) else ())


def expected(outlook: Outlook) -> str:
    """Return the outlook in one word (F26); empty where the verdict says it with certainty."""
    return "" if outlook.outlook in (None, outlook.verdict) else str(outlook.outlook)


def estimate(outlook: Outlook) -> tuple[str, list[str]]:
    """Return the estimate of a target in a line, and the lines that belong below it (F20 to F28).

    Args:
        outlook: the outlook of a target that has an estimate, or a reason why it has none.
    """
    of = outlook.estimate
    assert of is not None, "an estimate, or why there is none"
    if isinstance(of, NoEstimate):
        return _estimate(of, outlook.status), []
    below = [
        f"{name}: {_estimate(part, _segment(outlook.status, name))}"
        for name, part in of.parts.items()
    ]
    if of.dormant:
        below.append(
            f"open cases older than any that was ended in the last 12 months: {of.dormant:,}"
        )
    track = of.track
    if track.right is not None and next(track.notes(), None) is not None:
        below.append(
            f"outlooks in the trials: {track.right} right, {track.wrong} wrong, "
            f"{track.uncertain} uncertain"
        )
    return _estimate(of, outlook.status), [*below, *of.warnings]


def _estimate(of: Estimate | NoEstimate, record: TargetResult) -> str:
    """Return an estimate: "estimate 90.2 % (87.1–92.5 %), uncertain, held the end in 21 of 24 trials"."""
    if isinstance(of, NoEstimate):
        return of.reason if of.reason.startswith("no estimate") else f"no estimate: {of.reason}"
    value, unit = _expected_amount(of.value, record)
    text = f"estimate {value}{unit}"
    if of.low is not None and of.high is not None:
        (low, _), (high, unit) = (_expected_amount(end, record) for end in (of.low, of.high))
        text += f" ({low}{' to ' if record.unit == 'change' else '–'}{high}{unit})"
    if of.outlook not in (None, "no estimate"):
        text += f", {of.outlook}"
    if of.reason is not None:
        text += f", no outlook: {of.reason}"
    if of.track.held is not None:
        text += f"; held the end in {of.track.held} of {of.track.trials} trials"
    return text


def _expected_amount(value: float, record: TargetResult) -> tuple[str, str]:
    return words.amount(Fraction(f"{value:.{_DIGITS}f}"), record)


def _segment(record: TargetResult, name: str) -> TargetResult:
    """Return the record of the segment with a name, whose limits an estimate is compared with."""
    by_name = {
        ", ".join("(none)" if value is None else str(value) for value in each.group.values()): each
        for each in record.each
    }
    return by_name.get(name, record)


def assumed(follow_up: FollowUp) -> Mapping[str, tuple[str, ...]]:
    """Return what estimates take for granted, once for each way in which they are made (F20)."""
    return {
        leaf.estimate.method: leaf.estimate.assumes
        for leaf in leaves(follow_up)
        if isinstance(leaf.estimate, Estimate)
    }


def last_day(outlook: Outlook) -> str:
    """Return the day on which the verdict falls; empty for a requirement of several parts."""
    return "" if outlook.window_end is None else outlook.window_end.isoformat()


def score_range(follow_up: FollowUp) -> str | None:
    """Return the score that can still come about: "from 10 to 85 of 100"; None without weights."""
    score = follow_up.score_range
    if score is None:
        return None
    if score.at_least == score.at_most:
        return f"{score.at_most:f} of {score.of:f}"
    return f"from {score.at_least:f} to {score.at_most:f} of {score.of:f}"


_EXPECTED = {
    "met": "met",
    "partly": "partly met",
    "missed": "not met",
    "uncertain": "uncertain",
}


def assessment(of: Assessment) -> str:
    """Return what the agency expects: "partly met (Head of office, 2022-07-01): two of three"."""
    by = f"{of.by}, {of.on}" if of.by else f"{of.on}"
    text = f": {of.text}" if of.text else ""
    return f"{_EXPECTED[of.expected]} ({by}){text}"
