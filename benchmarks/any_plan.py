"""Cases for any plan, of any size: rows that are aimed at its targets, many times over.

A few thousand rows are made as `kpi sample` makes them, on every edge of the plan. They are drawn from
at random, and the dates of some are moved by a few days, all together or one of them alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

import kpi
from kpi.sample import sample

_FEW = 10_000
_TOGETHER, _ALONE = 0.3, 0.1


def rows_for(plan: kpi.Plan, rows: int, *, seed: int = 2022) -> pl.DataFrame:
    """The table `cases` of a plan: the same for the same plan, rows and seed."""
    rng = np.random.default_rng(seed)
    few = sample(plan, _FEW, seed)["cases"]
    (key,) = plan.table("cases").key
    drawn = few.drop(key)[rng.integers(0, few.height, rows)]

    def some(share: float, most: int) -> npt.NDArray[np.int32]:
        days = rng.integers(-most, most, rows, dtype=np.int32, endpoint=True)
        return np.where(rng.random(rows, dtype=np.float32) < share, days, np.int32(0))

    together = some(_TOGETHER, 60)
    columns = [pl.Series(key, rng.permutation(rows), dtype=pl.Int64)]
    for series in drawn:
        if series.dtype == pl.String:
            values = few[series.name].drop_nulls().unique().sort()
            columns.append(series.cast(pl.Enum(values)))
        elif series.dtype == pl.Date:
            moved = pl.Series(together + some(_ALONE, 3))
            columns.append((series.cast(pl.Int32) + moved).cast(pl.Date).alias(series.name))
        else:
            columns.append(series)
    return pl.DataFrame(columns)
