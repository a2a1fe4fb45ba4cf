"""Open cases that fall due between two days: those of a target's population, and no others (F41)."""

from __future__ import annotations

from datetime import date

import polars as pl

import kpi

PLAN = """
id = "p"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
rule = "within"
start = "filed"
end = "decided"
denominator = "due"
limit = "10 days"
threshold = 90
where = { kind = "a" }
"""
CASES = pl.DataFrame(
    {
        "case_id": ["1", "2", "3"],
        "filed": [date(2022, 6, 1), date(2022, 6, 2), date(2022, 1, 1)],
        "decided": [None, None, date(2022, 1, 5)],
        "kind": ["a", "b", "a"],
    },
    schema_overrides={"decided": pl.Date},
)


def test_only_the_open_cases_of_the_population_fall_due() -> None:
    """Case 1 falls due on 11 June; case 2, a day later, is of no kind that is asked for."""
    compared = kpi.compare(kpi.parse_plan(PLAN), CASES, CASES, "2022-06-05", "2022-06-30")
    assert compared.cases("1").collect()["case"].to_list() == ["1"]
