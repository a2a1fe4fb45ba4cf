"""A plan of four requirements and fourteen cases, of which every figure is worked out by hand.

1 counts the cases with a decision in 2022 within 10 days: of north ten, of which nine in time
(a1 to a9 in 4 days, a10 in 20), of south three, all in time (b1 to b3 in 6 days). c1 is open since 1
December. d1 has no filing date and is excluded.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

import kpi
from kpi.evaluation.report_figures.figures import ReportFigures, report_figures

PLAN = """\
id = "small"
title = "A small plan"
title_da = "En lille plan"
source = "The document"
note = "A note on the plan."
period = "2022"

[tables.cases]
key = "case_id"
entry = "entered"
events = ["decided"]
dates = ["filed"]

[[goals]]
id = "1"
title = "Handling"
title_da = "Behandling"
weight = 60

[[targets]]
id = "1a"
title = "In ten days"
title_da = "Inden for ti dage"
source = "page 3"
note = "The document says ten."
goal = "1"
rule = "within"
start = "filed"
end = "decided"
limit = "10 days"
threshold = 90

[[targets.readings]]
name = "five days"
limit = "5 days"

[[targets]]
id = "1b"
title = "On average"
goal = "1"
rule = "average"
start = "filed"
end = "decided"
limit = "7 days"

[[targets]]
id = "2"
rule = "count"
on = "decided"
requires = { at_least = 20 }
weight = 40
"""


def _cases() -> pl.DataFrame:
    rows = [(f"a{n}", "north", dt.date(2022, n, 1), 4) for n in range(1, 10)]
    rows += [("a10", "north", dt.date(2022, 10, 1), 20)]
    rows += [(f"b{n}", "south", dt.date(2022, n, 1), 6) for n in range(1, 4)]
    frame = pl.DataFrame(
        rows, schema=["case_id", "office", "filed", "days"], orient="row"
    ).with_columns(decided=pl.col("filed") + pl.duration(days="days"), entered="filed")
    others = pl.DataFrame(
        {
            "case_id": ["c1", "d1"],
            "office": ["south", "north"],
            "filed": [dt.date(2022, 12, 1), None],
            "decided": [None, dt.date(2022, 6, 1)],
            "entered": [dt.date(2022, 12, 1), dt.date(2022, 5, 1)],
        }
    )
    return pl.concat([frame.drop("days").select(others.columns), others])


CASES = _cases()
SMALL = kpi.parse_plan(PLAN)


def figures() -> ReportFigures:
    """Return the figures of the small plan, broken down by office."""
    return report_figures(SMALL, CASES, "2022-12-31", by=("office",))
