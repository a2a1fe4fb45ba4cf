"""Evaluation of a plan over tables in one call: finish(merge(partial(batch) for each batch))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve
from polars._typing import EngineType

from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.engine.partial import Batch
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
            target's window is about; both come from the same state.
        engine: the Polars engine; every one gives the same answers.

    Raises:
        DataError: where a table cannot be used as the plan says; see `kpi.check`. Where a file that
            a checked table is left in has changed since.
        PlanError: where `as_of` is not a date.
    """
    batch = Batch.of(plan, tables, as_of, by)
    result = finish(batch.state(by=by, every=every, engine=engine))
    return evolve(result, tables=batch.tables)
