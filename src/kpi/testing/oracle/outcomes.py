"""What becomes of a row, and of a target: buckets, sums and verdicts (S12, S25, S27)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from attrs import field, frozen


@frozen
class Row:
    """What became of one row under one target (S12).

    Attributes:
        bucket: `outside`, `excluded`, `undetermined` or `counted`.
        reason: why an excluded row is excluded; None for every other bucket.
        met: whether a counted row is met, where the rule asks that of each row; else None.
        days: whole days from start to end of a counted row, where it has both, less the paused
            ones (S2, S14).
        due: the due date of a counted row, where the rule has one.
        paused: the days of a counted row that do not count, where the target asks for pauses.
    """

    bucket: str
    reason: str | None = None
    met: bool | None = None
    days: int | None = None
    due: dt.date | None = None
    paused: int | None = None


OUTSIDE = Row("outside")


@frozen
class Outcome:
    """What became of one target, or of one part of it, or of a requirement of several targets.

    Attributes:
        rows: the rows of its table that exist at `as_of`.
        outside: those the population or the window leaves out.
        counted: those the value is made of.
        undetermined: those whose outcome is not yet certain.
        excluded: how many were excluded, by reason, each more than none.
        met: how many counted rows are met, where the rule asks that of each row.
        total: for an average: the days of the counted rows, summed.
        value: what must reach the target, exactly; None where there is none (S25).
        verdict: `met`, `missed`, `not_assessable`, `open`, `lapsed` or `indicator`.
        trail: what became of each row, in the order of the rows that exist at `as_of`; empty for a
            part and for a requirement of several targets.
        figures: what stands beside the value, by name.
        each: what became of each part that must reach the target on its own: keyed by the value of
            the column that `each` names, by the stretch of time of a threshold that changed, or by
            both.
    """

    rows: int
    outside: int
    counted: int
    undetermined: int
    excluded: dict[str, int]
    met: int | None
    total: int | None
    value: Fraction | None
    verdict: str
    trail: tuple[Row, ...]
    figures: dict[str, Fraction | int | None] = field(factory=dict)
    each: dict[tuple[str | None, ...], Outcome] = field(factory=dict)


def outcome(
    trail: Sequence[Row],
    last: dt.date,
    as_of: dt.date,
    *,
    reached: bool | None,
    value: Fraction | None,
    met: int | None = None,
    total: int | None = None,
    figures: dict[str, Fraction | int | None] | None = None,
) -> Outcome:
    """The rows counted by bucket, and the verdict.

    Args:
        trail: what became of each row.
        last: the day on which the verdict falls.
        as_of: the day at which it is asked for.
        reached: whether the target is reached; None where that cannot be said (S25).
        value: what must reach the target.
        met: how many counted rows are met.
        total: the days of the counted rows.
        figures: what stands beside the value.
    """
    buckets = Counter(row.bucket for row in trail)
    return Outcome(
        rows=len(trail),
        outside=buckets["outside"],
        counted=buckets["counted"],
        undetermined=buckets["undetermined"],
        excluded=dict(Counter(row.reason for row in trail if row.reason is not None)),
        met=met,
        total=total,
        value=value,
        verdict=_verdict(last, as_of, reached=reached),
        trail=tuple(trail),
        figures=figures if figures is not None else {},
    )


def _verdict(last: dt.date, as_of: dt.date, *, reached: bool | None) -> str:
    if as_of < last:
        return "open"
    if reached is None:
        return "not_assessable"
    return "met" if reached else "missed"


def share(
    trail: Sequence[Row],
    thresholds: Sequence[Fraction | None],
    last: dt.date,
    as_of: dt.date,
) -> Outcome:
    """Met over counted against the threshold, exactly (S19).

    Args:
        trail: what became of each row.
        thresholds: the percentage that each row is held to; those of the counted rows are the same
            but for a whole whose parts are judged each on its own.
        last: the day on which the verdict falls.
        as_of: the day at which it is asked for.
    """
    held_to = [
        threshold
        for row, threshold in zip(trail, thresholds, strict=True)
        if row.bucket == "counted"
    ]
    met, counted = sum(row.met is True for row in trail), len(held_to)
    known = [threshold for threshold in held_to if threshold is not None]
    reached = 100 * met >= sum(known) if counted and len(known) == counted else None
    value = Fraction(met, counted) if counted else None
    return outcome(trail, last, as_of, reached=reached, value=value, met=met)


def combined(verdicts: Sequence[str]) -> str:
    """The verdict on what must all hold, once its last day has come (S28).

    What lapsed is left aside, and so is what asks for nothing.
    """
    for verdict in ("missed", "not_assessable", "met"):
        if verdict in verdicts:
            return verdict
    return "not_assessable"
