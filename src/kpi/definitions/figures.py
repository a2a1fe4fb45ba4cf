"""Figures by what the completion of open cases does to them (F7 to F10)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

from kpi.definitions.ranks import Fastest, Trimmed

FigureKind: TypeAlias = Literal["share", "number", "late", "mean", "percentile", "reported"]
"""What a figure is made of.

`share`: the rows that are met over the counted rows; `number`: a number of rows; `late`: the counted
rows that are not met; `mean` and `percentile`: of the amounts of time of the counted rows; `reported`:
a number of which nothing is known until somebody reports it.
"""


@frozen
class Figure:
    """Figure of a target as a function of what each of the rows can still be.

    Attributes:
        kind: what it is made of.
        quantity: for a number, the sum of the rule that it is, or "counted"; for amounts, the
            histogram that the figure is taken from, or the empty text where only sums are.
        most: the most that an amount may be, in the whole numbers that are added up; None where the
            limit differs from row to row, or nothing is asked.
        size: the whole numbers that are added up in one unit of the value.
        is_within: whether rows are met by the time that they take from their start.
        kept: which ranks a mean is of; None where it is of all rows.
        needs_every: whether every counted row has to be met.
        is_of_days: whether rows are days, so that a further row in time makes up for none.
        is_of_cohort: whether the rows that count are known from the beginning.
        is_monotone: whether a row changes but once as its start moves on, at a day that the target
            names; else each day is tried.
    """

    kind: FigureKind
    quantity: str = ""
    most: int | None = None
    size: int = 1
    is_within: bool = False
    kept: Fastest | Trimmed | None = None
    needs_every: bool = False
    is_of_days: bool = False
    is_of_cohort: bool = False
    is_monotone: bool = False

    @property
    def is_ranked(self) -> bool:
        """Whether only the rows of some ranks make it: a percentile, a mean of the fastest (F9)."""
        return self.kind == "percentile" or self.kept is not None

    @property
    def is_trimmed(self) -> bool:
        """Whether rows are left out at both ends, so that a further row may move either end."""
        return isinstance(self.kept, Trimmed)
