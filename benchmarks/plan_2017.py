"""The plan that is measured most, the columns that a plan reads, and the floor under every time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

import kpi

PLANS = Path(__file__).parents[1] / "examples" / "plans"
OWN_PLANS = Path(__file__).parent / "plans"


def case_targets(plan: kpi.Plan) -> kpi.Plan:
    """The targets of a plan that are about cases."""
    return plan.only(*(target.id for target in plan.leaves() if target.table == "cases"))


def case_plan() -> kpi.Plan:
    """The twelve targets of the 2017 plan that are about cases, 1.1a to 1.3."""
    return case_targets(kpi.load_plan(PLANS / "us-2017.toml"))


def columns_read(plan: kpi.Plan) -> list[str]:
    """The columns of `cases` that the plan's targets read, each once."""
    table = plan.table("cases")
    found: dict[str, None] = {}
    for target in plan.leaves():
        for read in target.reads():
            derived = read.column in table.derived
            made = [name for name, _ in table.made_of(read.column)] if derived else [read.column]
            found |= dict.fromkeys(made)
    return list(found)


def floor(plan: kpi.Plan, cases: pl.DataFrame) -> Callable[[], object]:
    """The yardstick: every column that the plan reads, summed once.

    As the numbers that stand in memory, which are made before the clock starts; texts, where there
    are any, by their lengths.
    """
    names = columns_read(plan)
    texts = [name for name in names if cases.schema[name] == pl.String]
    physical = cases.select(
        pl.col(name).str.len_bytes() if name in texts else pl.col(name).to_physical()
        for name in names
    )
    return lambda: physical.select(pl.all().sum())
