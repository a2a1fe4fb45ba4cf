"""Four cases, a plan for them, and the figures that come of both."""

from __future__ import annotations

from typing import Any

import polars as pl

import kpi
from tests.builders import average, cases, plan, within

PLAN = plan(
    within("1 month", id="1", where={"case_type": "visa", "months": 5, "flag": True}),
    average(id="2", unless={"case_type": "asylum"}),
)


FRAME = cases(
    {"filed": "2017-01-01", "decided": "2017-02-01"},
    {"filed": "2017-01-01", "decided": "2017-03-01"},
    {"filed": "2017-01-01", "decided": None, "case_type": None},
    {"filed": "2017-05-01", "decided": "2017-05-02", "case_type": "asylum"},
).with_columns(months=pl.Series([5, 5, None, 8]), flag=pl.Series([True, True, None, False]))


def figures(tables: Any, **more: Any) -> list[tuple[int, int, dict[str, int], float | None]]:
    found = kpi.evaluate(PLAN, tables, **more).targets
    return [(t.rows, t.counted, dict(t.excluded), t.value) for t in found]


EXPECTED: list[tuple[int, int, dict[str, int], float | None]] = [(4, 2, {}, 0.5), (4, 2, {}, 45.0)]
