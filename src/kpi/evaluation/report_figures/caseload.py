"""Caseload of a target: what must be known beside a mean or a share of ended cases (R5, F52)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

import polars as pl
from attrs import frozen

from kpi.definitions.plan import Plan
from kpi.engine.audit_trail import gives_due_dates
from kpi.engine.target_query import columns_of
from kpi.results.result import Result
from kpi.rules._case_weights import weighed_rows
from kpi.rules._interval import IntervalTarget
from kpi.rules.average import Average
from kpi.rules.percentile import Percentile
from kpi.rules.within import Within
from kpi.tables.as_of import Snapshot
from kpi.time.windows import between

_ENDED_ALONE = ("closed",)
"""The denominators that count ended cases alone, so that open cases are in no figure (S11)."""


@frozen(kw_only=True)
class Caseload:
    """Cases of a target's population: in, out and open (R5).

    Attributes:
        day: the day at whose end the cases are open: the last of the window, or the as-of date.
        intake: cases that started in the window, by that day.
        output: cases that ended in the window, by that day.
        open: cases that had started by that day, and not ended.
        late: the open cases whose due date was before that day; None for a target without due dates.
        mean_age: the mean of the days from the start of the open cases to that day; None without any.
    """

    day: dt.date
    intake: int
    output: int
    open: int
    late: int | None
    mean_age: Fraction | None


def caseloads(result: Result) -> Iterator[tuple[str, Caseload]]:
    """Yield the id and the caseload of each target whose value is of ended cases alone."""
    for target in result.plan.leaves():
        snapshot = (result.tables or {}).get(target.table)
        counts_ended = isinstance(target, Average | Percentile) or (
            isinstance(target, Within) and target.denominator in _ENDED_ALONE
        )
        if counts_ended and snapshot is not None and {*target.tables} <= {*(result.tables or {})}:
            assert isinstance(target, IntervalTarget), "each of these rules is on an interval"
            yield target.id, _caseload(result.plan, snapshot, target, result.as_of)


def _caseload(plan: Plan, snapshot: Snapshot, target: IntervalTarget, as_of: dt.date) -> Caseload:
    columns = columns_of(plan, snapshot)
    window = target.window_of(plan)
    assert window.last is not None, "a target's window has an end"
    day = min(window.last, as_of)
    rows = weighed_rows(target, columns)
    start, end = pl.col(target.start), pl.col(target.end)
    is_open = (start <= day) & (end.is_null() | (end > day))
    age = (pl.lit(day) - start).dt.total_days()
    counts = {
        "intake": between(start, window) & (start <= day),
        "output": between(end, window) & (end <= day),
        "open": is_open,
    }
    if rows.due is not None and gives_due_dates(rows):
        counts["late"] = is_open & (rows.due < day)
    tests = [test for _, test in target.population(columns)]
    sums = (
        snapshot.scan()
        .filtered(tests)
        .select(
            *(mask.sum().cast(pl.Int64).alias(name) for name, mask in counts.items()),
            pl.when(is_open).then(age).sum().cast(pl.Int64).alias("ages"),
        )
        .collect()
        .row(0, named=True)
    )
    return Caseload(
        day=day,
        intake=sums["intake"],
        output=sums["output"],
        open=sums["open"],
        late=sums.get("late"),
        mean_age=Fraction(sums["ages"], sums["open"]) if sums["open"] else None,
    )
