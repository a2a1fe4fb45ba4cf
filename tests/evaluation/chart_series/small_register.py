"""Nine cases up to 31 March 2022, and a plan of 2022 that asks for 10 days.

In time are a and c (on the due day), late are b and h; d is open and late, e is open on its due day, f
and g are open, due in 7 and in 8 days; i has no start and is excluded.
"""

from __future__ import annotations

import polars as pl

import kpi

AS_OF = "2022-03-31"

PLAN = kpi.parse_plan("""\
id = "register"
title = "A small register"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "share"
rule = "within"
start = "filed"
end = "decided"
limit = "10 days"
threshold = 60

[[targets]]
id = "mean"
rule = "average"
start = "filed"
end = "decided"
limit = "20 days"

[[targets]]
id = "stock"
rule = "stock"
start = "filed"
end = "decided"
at = { end_of = "2022" }
level = { at_most = 3 }

[[targets]]
id = "number"
rule = "count"
on = "decided"
requires = { at_least = 3 }
""")

CASES = """\
case_id,office,filed,decided
a,north,2022-01-03,2022-01-10
b,north,2022-01-20,2022-02-14
c,south,2022-02-01,2022-02-11
d,north,2022-02-21,
e,south,2022-03-21,
f,south,2022-03-28,
g,south,2022-03-29,
h,south,2021-12-15,2022-03-01
i,south,,2022-01-05
"""


def cases() -> pl.DataFrame:
    """The cases as a frame."""
    return pl.read_csv(CASES.encode(), try_parse_dates=True)


def points(frame: pl.DataFrame, target: str, *kinds: str) -> list[tuple[object, ...]]:
    """Return period, kind and value of the points of some kinds of a target."""
    chosen = frame.filter(pl.col("target") == target, pl.col("kind").is_in(kinds))
    return chosen.select("period", "kind", "value").rows()
