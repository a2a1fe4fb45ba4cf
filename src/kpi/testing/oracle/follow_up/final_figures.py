"""The final figure of a target in one completion: what is evaluated as of its last day (F2)."""

from __future__ import annotations

from fractions import Fraction

from attrs import frozen

from kpi.testing.oracle import Outcome


@frozen
class Final:
    """The final figure of one completion.

    Attributes:
        verdict: the verdict as of the target's last day.
        value: the exact value; None where there is none (S25).
        counted: the number of counted rows.
        met: the number of them that are met, or of their persons; None where rows are not judged.
        total: the sum of their days, for an average; else None.
    """

    verdict: str
    value: Fraction | None
    counted: int
    met: int | None
    total: int | None


def final_of(outcome: Outcome) -> Final:
    """Return the final figure that an outcome as of the last day is."""
    return Final(outcome.verdict, outcome.value, outcome.counted, outcome.met, outcome.total)
