"""Five cases on 20 December, and a plan of which each verdict before the end has a target.

Of the 10 days' limit a new case of 21 December falls due on 31 December, the last day: it can be in
time and cannot be late. In time are a and b, late is c; d is open and due on 25 December, e is open
and late already.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

AS_OF = "2022-12-20"

PLAN = """\
id = "small"
title = "A small plan"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
title = "Two of five at worst"
rule = "within"
start = "filed"
end = "decided"
limit = "10 days"
threshold = 40
weight = 50

[[targets]]
id = "2"
title = "Filed before the 15th"
rule = "within"
where = { filed = { before = 2022-12-15 } }
start = "filed"
end = "decided"
limit = "10 days"
threshold = 90
weight = 30

[[targets]]
id = "3"
title = "Three of five"
rule = "within"
start = "filed"
end = "decided"
limit = "10 days"
threshold = 70
weight = 15

[[targets]]
id = "4"
title = "Mean"
rule = "average"
start = "filed"
end = "decided"
limit = "10 days"
weight = 5

[[targets]]
id = "5"
title = "Cases of the autumn"
rule = "within"
window = "2022-11"
start = "filed"
end = "decided"
limit = "10 days"
threshold = 90
weight = 0
"""

CASES = """\
case_id,office,filed,decided
a,north,2022-12-01,2022-12-05
b,north,2022-12-02,2022-12-06
c,north,2022-12-01,2022-12-19
d,south,2022-12-15,
e,south,2022-12-03,
"""


def cases() -> pl.DataFrame:
    """The cases as a frame."""
    return pl.read_csv(CASES.encode(), try_parse_dates=True)


def assessments(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Assessments: target, what is expected, and the day."""
    return pl.DataFrame(
        [(target, expected, dt.date.fromisoformat(on)) for target, expected, on in rows],
        schema={"target": pl.String, "expected": pl.String, "on": pl.Date},
        orient="row",
    )
