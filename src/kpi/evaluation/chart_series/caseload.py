"""Caseload of a target: what must be known beside a mean or a share of ended cases (R5, F52)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

import polars as pl
from attrs import frozen

from kpi.definitions.columns import Columns
from kpi.definitions.target import Target
from kpi.engine.buckets import retained_masks
from kpi.engine.compile import QUERIES, engine_for
from kpi.engine.pauses import with_further_pauses
from kpi.engine.target_query import columns_of
from kpi.evaluation.chart_series.case_days import late_at, open_at, within_days
from kpi.evaluation.chart_series.questions import Questions, plan_of
from kpi.results.result import Result
from kpi.rules.average import Average
from kpi.rules.flow import Flow
from kpi.rules.percentile import Percentile
from kpi.rules.within import Within

_ENDED_ALONE = ("closed",)
"""The denominators that count ended cases alone, so that open cases are in no figure (S11)."""


@frozen(kw_only=True)
class Caseload:
    """Cases of a target in a window: in, out and open; the months of a series have the same (F52).

    Attributes:
        day: the day at whose end the cases are open: the last of the window, or the as-of date.
        intake: cases that started in the window, by that day.
        output: cases that ended in the window, by that day.
        open: cases that had started by that day, and not ended.
        late: the open cases that can no longer be in time (F3); None for a target without a limit.
        mean_age: the mean of the days from the start of the open cases to that day; None without any.
    """

    day: dt.date
    intake: int
    output: int
    open: int
    late: int | None
    mean_age: Fraction | None


def caseloads(result: Result) -> dict[str, Caseload]:
    """Return the caseload of each target whose value is of ended cases alone, by id.

    None of a target whose table is missing, or whose time runs to the date that it is counted from.
    """
    tables = result.tables or {}
    asked: dict[str, tuple[Target, Within | Flow]] = {}
    for target in result.plan.leaves():
        question = Questions.about(result.plan, target, result.as_of).cases
        if _counts_ended(target) and question is not None and {*target.tables} <= {*tables}:
            asked[target.id] = target, question
    loads: dict[str, Caseload] = {}
    for table in dict.fromkeys(target.table for target, _ in asked.values()):
        of_table = {name: pair for name, pair in asked.items() if pair[0].table == table}
        loads |= _of_table(result, table, of_table)
    return {name: loads[name] for name in asked}


def _counts_ended(target: Target) -> bool:
    return isinstance(target, Average | Percentile) or (
        isinstance(target, Within) and target.denominator in _ENDED_ALONE
    )


def _of_table(
    result: Result, table: str, asked: dict[str, tuple[Target, Within | Flow]]
) -> Iterator[tuple[str, Caseload]]:
    """Yield the caseloads of the targets of one table, whose cases are gone over together."""
    assert result.tables is not None, "the caller has looked"
    plan = plan_of(result.plan, [question for _, question in asked.values()], result.as_of)
    snapshot = with_further_pauses(plan, result.tables)[table]
    columns = columns_of(plan, snapshot)
    scan = snapshot.scan().cached()
    shared: dict[tuple[str, dt.date], pl.LazyFrame] = {}
    queries, days = [], []
    for target, question in asked.values():
        window = target.window_of(result.plan)
        assert window.last is not None, "a target's window has an end"
        first, day = window.first or dt.date.min, min(window.last, result.as_of)
        if (question.end, first) not in shared:
            # Cases that ended before the window are in none of the figures.
            is_recent = (pl.col(question.end) < first).ne_missing(other=True)
            shared[question.end, first] = scan.filtered([is_recent]).cache()
        queries.append(_sums(shared[question.end, first], question, columns, first, day))
        days.append(day)
    found = pl.collect_all(queries, engine=engine_for(snapshot, "auto"), optimizations=QUERIES)
    for name, day, frame in zip(asked, days, found, strict=True):
        sums = frame.row(0, named=True)
        yield (
            name,
            Caseload(
                day=day,
                intake=sums["intake"],
                output=sums["output"],
                open=sums["open"],
                late=sums.get("late"),
                mean_age=Fraction(sums["ages"], sums["open"]) if sums["open"] else None,
            ),
        )


def _sums(
    rows: pl.LazyFrame, question: Within | Flow, columns: Columns, first: dt.date, day: dt.date
) -> pl.LazyFrame:
    """Return the query of the counts of a caseload, and of the sum of the ages of the open cases."""
    for _, test in question.population(columns):
        rows = rows.filter(test)
    cases = question.rows(columns)
    start, end = pl.col(question.start), pl.col(question.end)
    masks = {
        "intake": within_days(start, first, day),
        "output": within_days(end, first, day),
        "open": open_at(start, end, day),
    }
    if question.limit is not None and cases.due is not None:
        masks["late"] = late_at(start, end, cases.due, day)
    age = (pl.lit(day) - start).dt.total_days()
    return rows.filter(retained_masks(cases)[-1]).select(
        *(mask.sum().cast(pl.Int64).alias(name) for name, mask in masks.items()),
        pl.when(masks["open"]).then(age).sum().cast(pl.Int64).alias("ages"),
    )
