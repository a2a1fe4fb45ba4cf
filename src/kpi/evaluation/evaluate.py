"""Evaluation of a plan over tables in one call: finish(merge(partial(batch) for each batch))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve
from polars._typing import EngineType

from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.time_units import Span
from kpi.engine.partial import Batch, asked_series
from kpi.results.finish import finish
from kpi.results.result import Result
from kpi.tables.check import Extract
from kpi.tables.sources.resolve import Tables


def evaluate(
    plan: Plan,
    tables: Tables | Extract,
    as_of: dt.date | str | None = None,
    *,
    by: str | Sequence[str] = (),
    every: Every | None = None,
    rolling: Span | str | None = None,
    fingerprint: bool = False,
    engine: EngineType = "auto",
) -> Result:
    """Evaluate every target of a plan over the cases of an extract.

    Args:
        plan: the plan.
        tables: checked tables, which are taken as they are, or the same that `kpi.check` takes: one
            table, a mapping from name to table, or the path of a file or directory.
        as_of: the date that the cases are looked at from (S15; default: the last day of the plan's
            period, and the result says so).
        by: the column, or columns, of a break-down; a target whose table lacks one is not broken
            down by it.
        every: "week", "month", "quarter", "half-year" or "year": a series by the date that each
            target's window is about (S30); both come from the same state.
        rolling: the length of the window that ends with each period of the series, such as
            "12 months" (default: the period itself).
        fingerprint: whether the result says which rows the tables had, by a hash of each table that
            does not depend on the order of rows and on the format of files; of a table in memory it
            takes somewhat longer than check and evaluation together.
        engine: the Polars engine; every one gives the same answers.

    Raises:
        DataError: where a table cannot be used as the plan says; see `kpi.check`. Where a file that
            a checked table is left in has changed since. Where `every` or `rolling` is no length, or
            `rolling` stands without `every`.
        PlanError: where `as_of` is not a date.
    """
    batch = Batch.of(plan, tables, as_of, by, fingerprint=fingerprint, hold=True)
    series = asked_series(plan, every, rolling)
    result = finish(batch.state(by=by, series=series, engine=engine))
    return evolve(result, tables=batch.released())
