"""Cases by the days on which they started, ended and fall due: what F52 and F53 are counted from (F62).

Each case is gone over once. With dates of whole days there are no more kinds of cases than days, so
that the months take no longer over ten million cases than over a hundred thousand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import polars as pl
from attrs import frozen

from kpi.definitions.plan import Plan
from kpi.definitions.ranks import kth, rank
from kpi.definitions.series import Period
from kpi.engine.buckets import retained_masks
from kpi.engine.target_query import columns_of
from kpi.evaluation.chart_series.points import Point
from kpi.rules.flow import Flow
from kpi.rules.within import Within
from kpi.tables.as_of import Snapshot

MOST_WEEKS = 26
"""Weeks before and after the due date that have a bin of their own; the rest is pooled (F53)."""

_P90 = Decimal(90)
_START, _END, _DUE, _N = "kpi:start", "kpi:end", "kpi:due", "kpi:n"

Dates = TypeVar("Dates", pl.Expr, pl.Series)


def open_at(start: Dates, end: Dates, day: dt.date) -> Dates:
    """Return whether a case is open at the end of a day: it started by then, and had not ended (F52)."""
    return (start <= day) & (end.is_null() | (end > day))


def late_at(start: Dates, end: Dates, due: Dates, day: dt.date) -> Dates:
    """Return whether a case is open and late at the end of a day.

    At the end of the due day it can no longer be in time (F3).
    """
    return open_at(start, end, day) & (due <= day)


def within_days(date: Dates, first: dt.date, last: dt.date) -> Dates:
    """Return whether a date is one of the days from the first to the last."""
    return (date >= first) & (date <= last)


def query_of(
    plan: Plan, question: Within | Flow, snapshot: Snapshot, first: dt.date, by: Sequence[str]
) -> pl.LazyFrame:
    """Return the query of the cases of a question by their days, with the number of each kind.

    Args:
        plan: the plan of the question.
        question: all cases of a target, with the exclusions of its limit (S12).
        snapshot: the snapshot of its table (S15).
        first: cases that ended before this day are left out.
        by: the columns of the break-down.
    """
    columns = columns_of(plan, snapshot)
    rows = question.rows(columns)
    tests = [test for _, test in question.population(columns)]
    ended = pl.col(question.end) < first
    due = pl.lit(None, pl.Date) if rows.due is None else rows.due
    keys = [pl.col(name) if name in columns.flags else pl.lit(None, pl.String) for name in by]
    days = {_START: pl.col(question.start), _END: pl.col(question.end), _DUE: due}
    return (
        snapshot.scan()
        .filtered([*tests, ended.ne_missing(other=True)])
        .filter(retained_masks(rows)[-1])
        .select(
            *(key.alias(_key(n)) for n, key in enumerate(keys)),
            *(day.alias(name) for name, day in days.items()),
        )
        .group_by(pl.all())
        .agg(pl.len().cast(pl.Int64).alias(_N))
    )


def _key(n: int) -> str:
    return f"kpi:key {n}"


@frozen(eq=False, repr=False)
class CaseDays:
    """Cases of a target, or of a group of them, by their days.

    Attributes:
        target: the id of the target.
        group: the value of each column of the break-down.
        frame: start, end, due date and the number of cases of each kind.
        has_limit: whether its cases fall due at all.
    """

    target: str
    group: Mapping[str, Any]
    frame: pl.DataFrame
    has_limit: bool

    @classmethod
    def of(
        cls, target: str, found: pl.DataFrame, by: Sequence[str], *, has_limit: bool
    ) -> list[CaseDays]:
        """Return the cases of a target from what its query found: of each group, or of all."""
        if not by:
            whole = found.group_by(_START, _END, _DUE).agg(pl.col(_N).sum())
            return [cls(target, {}, whole, has_limit)]
        keys = [_key(n) for n in range(len(by))]
        parts = found.sort(keys, nulls_last=True).partition_by(
            keys, as_dict=True, maintain_order=True
        )
        return [
            cls(target, dict(zip(by, key, strict=True)), part, has_limit)
            for key, part in parts.items()
        ]

    def flow(self, periods: Sequence[Period]) -> Iterator[Point]:
        """Yield intake, output, open cases and their ages, period by period (F52).

        See `open_at` and `late_at`.
        """
        start, end, due = (self.frame[name] for name in (_START, _END, _DUE))
        n = self.frame[_N]

        def cases(mask: pl.Series) -> int:
            return int(n.filter(mask.fill_null(value=False)).sum())

        begun = False
        for period in periods:
            is_open = open_at(start, end, period.last)
            came = cases(within_days(start, period.first, period.last))
            went = cases(within_days(end, period.first, period.last))
            left = cases(is_open)
            # The months before the first case of the extract say nothing.
            begun = begun or bool(came or went or left)
            if not begun:
                continue
            yield self._count(period.name, "intake", came)
            yield self._count(period.name, "output", went)
            yield self._count(period.name, "open", left)
            if self.has_limit:
                late = cases(late_at(start, end, due, period.last))
                yield self._count(period.name, "open and late", late)
            ages = self._ages(is_open, period.last)
            total = sum(age * of_age for age, of_age in ages.items())
            mean = Fraction(total, left) if left else None
            named: dict[str, Any] = {
                "target": self.target,
                "group": self.group,
                "period": period.name,
                "n": left,
            }
            yield Point(kind="mean age", value=mean, **named)
            yield Point(kind="90th percentile age", value=kth(ages, rank(left, _P90)), **named)

    def weeks_to_due(self, as_of: dt.date) -> Iterator[Point]:
        """Yield the open cases by weeks after their due date and until it, the longest late first (F53).

        The due day is over at the end of the as-of date: a case due on it is in its first week after.
        """
        if not self.has_limit:
            return
        is_open = self.frame.filter(pl.col(_END).is_null() & (pl.col(_START) <= as_of))
        days = (pl.col(_DUE) - pl.lit(as_of)).dt.total_days()
        week = pl.when(days > 0).then((days - 1) // 7 + 1).otherwise(-(-days // 7 + 1))
        cut = week.clip(-MOST_WEEKS - 1, MOST_WEEKS + 1)
        binned = is_open.group_by(cut.alias("week")).agg(pl.col(_N).sum())
        found: dict[int | None, int] = dict(binned.iter_rows())
        for number in range(-MOST_WEEKS - 1, MOST_WEEKS + 2):
            if number:
                kind = "until due" if number > 0 else "after due"
                yield self._count(_weeks(abs(number)), kind, found.get(number, 0))
        if None in found:
            # A pause that is not over leaves a case without a due date (S14).
            yield self._count("", "no due date yet", found[None])

    def _ages(self, mask: pl.Series, day: dt.date) -> dict[int, int]:
        """Return the number of cases of each age in days, of those that a mask takes."""
        age = (pl.lit(day) - pl.col(_START)).dt.total_days().alias("age")
        ages = self.frame.filter(mask).group_by(age).agg(pl.col(_N).sum()).sort("age")
        return dict(ages.iter_rows())

    def _count(self, period: str, kind: str, n: int) -> Point:
        return Point(target=self.target, group=self.group, period=period, kind=kind, value=n, n=n)


def _weeks(number: int) -> str:
    return f"over {MOST_WEEKS}" if number > MOST_WEEKS else f"{number}"
