"""Outcomes of a row and of a target: buckets, sums and verdicts (S12, S25, S27)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from attrs import field, frozen


@frozen
class Row:
    """The outcome of one row under one target (S12).

    Attributes:
        bucket: `outside`, `excluded`, `undetermined` or `counted`.
        reason: the reason for exclusion; None for every other bucket.
        met: whether a counted row is met; None where the rule does not judge rows.
        days: whole days from start to end of a counted row, where it has both, less the paused
            ones (S2, S14).
        due: the due date of a counted row, where the rule has one.
        paused: the paused days of a counted row, where the target deducts pauses.
        microseconds: the elapsed time from start to end of a counted row, where its limit is in
            hours or minutes (S3).
        counted_as: the persons of a counted row that count, where it counts as a number (S32).
    """

    bucket: str
    reason: str | None = None
    met: bool | None = None
    days: int | None = None
    due: dt.date | None = None
    paused: int | None = None
    microseconds: int | None = None
    counted_as: int | None = None


OUTSIDE = Row("outside")


@frozen
class CountedAs:
    """The persons inside a target, where its cases count as a number of them (S32).

    Attributes:
        counted: the persons that the value is made of.
        excluded: the persons who are excluded, each with a known number.
        undetermined: the persons whose outcome is not yet certain.
    """

    counted: int
    excluded: int
    undetermined: int


@frozen
class Outcome:
    """The outcome of one target, or of one part of a target, or of a requirement of several.

    Attributes:
        rows: the rows of its table that exist at `as_of`.
        outside: rows that the population or the window leaves out.
        counted: rows that the value is made of: the denominator.
        undetermined: rows whose outcome is not yet certain.
        excluded: excluded rows by reason, each number at least 1.
        met: counted rows that are met: the numerator; None where rows are not judged.
        total: the sum of the counted rows' days, for an average; else None.
        value: the exact value; None where there is none (S25).
        verdict: `met`, `missed`, `not_assessable`, `open`, `lapsed` or `indicator`.
        trail: the outcome of each row, in the order of the rows that exist at `as_of`; empty for a
            part and for a requirement of several targets.
        figures: the figures beside the value, by name.
        each: the outcome of each part that must reach the target on its own, by the value of the
            column that `each` names, by the period in force of a changed threshold, by the period
            of the target's series, or by all of them in this order.
        counted_as: the persons, where the cases count as a number of them; met, total, value and
            figures are then of persons, and all other numbers of cases (S32).
        period_trails: the outcome of each row in each period of the target's own series, by the name
            of the period (S30).
        base: the outcome in the window of the base that the value is compared with, with its trail
            and those of its periods; None without one (S33).
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
    period_trails: dict[str, tuple[Row, ...]] = field(factory=dict)
    counted_as: CountedAs | None = None
    base: Outcome | None = None


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
    """Count the rows by bucket, and add the verdict.

    Args:
        trail: the outcome of each row.
        last: the day on which the verdict falls.
        as_of: the day that the tables are read as of.
        reached: whether the target is reached; None where it is not assessable (S25).
        value: the exact value.
        met: the number of counted rows that are met.
        total: the sum of the days of the counted rows.
        figures: the figures beside the value.
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
    """Compare the share of met rows among the counted with the threshold, exactly (S19).

    Args:
        trail: the outcome of each row.
        thresholds: the threshold of each row, in per cent; the counted rows have the same one, but
            for a whole whose parts are judged each on its own.
        last: the day on which the verdict falls.
        as_of: the day that the tables are read as of.
    """
    of_counted = [
        threshold
        for row, threshold in zip(trail, thresholds, strict=True)
        if row.bucket == "counted"
    ]
    met, counted = sum(row.met is True for row in trail), len(of_counted)
    given = [threshold for threshold in of_counted if threshold is not None]
    reached = 100 * met >= sum(given) if counted and len(given) == counted else None
    value = Fraction(met, counted) if counted else None
    return outcome(trail, last, as_of, reached=reached, value=value, met=met)


def combined(verdicts: Sequence[str]) -> str:
    """Return the verdict on several parts that must all hold, on or after the last day (S28).

    Lapsed parts and indicators are ignored; the worst of the others wins.
    """
    for verdict in ("missed", "not_assessable", "met"):
        if verdict in verdicts:
            return verdict
    return "not_assessable"
