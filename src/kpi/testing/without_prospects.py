"""Evaluation without prospects: no row is completed, and verdicts before the end are open (F12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl
from attrs import evolve
from polars._typing import EngineType

from kpi.definitions.plan import Plan
from kpi.engine.partial import Batch
from kpi.results.finish import finish
from kpi.results.result import Result
from kpi.tables.check import Extract


def evaluated_without_prospects(
    plan: Plan,
    tables: Mapping[str, pl.DataFrame] | Extract,
    as_of: dt.date | None,
    engine: EngineType = "auto",
) -> Result:
    """Evaluate a plan as `kpi.evaluate` does, but for what can still become of its verdicts.

    For checks that ask of rows and of numbers alone: before a window's end, completions take three
    quarters of an evaluation of a few rows.

    Args:
        plan: the plan.
        tables: the tables, or the same as the plan has checked them.
        as_of: the day that the tables are read as of; None for the last of the period.
        engine: the Polars engine.

    Raises:
        DataError: where a table cannot be used as the plan says.
    """
    batch = Batch.of(plan, tables, as_of)
    result = finish(batch.state(by=(), series=None, engine=engine, prospects=False))
    return evolve(result, tables=batch.tables)
