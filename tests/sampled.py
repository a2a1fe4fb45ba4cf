"""Four thousand sampled cases of the 2017 plan."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

import kpi
from kpi.sample import sample

WHOLE = kpi.load_plan(Path(__file__).parents[1] / "examples" / "plans" / "us-2017.toml")


US_2017 = WHOLE.only(*(target.id for target in WHOLE.leaves() if target.table == "cases"))


@cache
def sampled() -> pl.DataFrame:
    """Four thousand cases; made when first asked for, so that collecting runs no query."""
    return sample(US_2017, 4000, seed=3)["cases"].with_columns(
        office=pl.Series(["north", "south", None, "east"]).gather(pl.int_range(4000) % 4)
    )
