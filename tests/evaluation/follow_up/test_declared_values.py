"""Values that the plan declares and that have no case yet: before the last day one may come (F13)."""

from __future__ import annotations

from datetime import date

import polars as pl

import kpi
from kpi.testing import assert_matches_oracle

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
each = "kind"
threshold = 90
limit = { by = "kind", limits = { a = "10 days", b = "20 days", c = "30 days" } }
"""
CASES = pl.DataFrame(
    {
        "case_id": ["1", "2"],
        "filed": [date(2022, 1, 1), date(2022, 6, 25)],
        "decided": [date(2022, 1, 5), None],
        "kind": ["a", "b"],
    }
)


def verdicts(plan: str, as_of: str) -> dict[object, str]:
    """The verdict of each kind of case."""
    found = kpi.evaluate(kpi.parse_plan(plan), CASES, as_of)["1"]
    return {of_kind.group["kind"]: of_kind.verdict for of_kind in found.each}


def test_a_value_without_a_case_is_open_as_long_as_one_may_come() -> None:
    """The case of kind b is not decided yet, and none of kind c is filed: either may be late."""
    assert verdicts(PLAN, "2022-06-30") == {"a": "open", "b": "open", "c": "open"}


def test_a_value_without_a_case_lapses_on_the_last_day() -> None:
    """The case of kind b was never decided, so that no case of it counts."""
    assert verdicts(PLAN, "2022-12-31") == {"a": "met", "b": "lapsed", "c": "lapsed"}


def test_a_value_of_which_no_case_can_come_lapses_before_the_last_day() -> None:
    """What was filed before March is all there: one case of kind a, in time."""
    of_march = PLAN + "where = { filed = { before = 2022-03-01 } }\n"
    assert verdicts(of_march, "2022-06-30") == {"a": "secured", "b": "lapsed", "c": "lapsed"}


def test_months_that_are_over_lapse_in_engine_and_oracle_alike() -> None:
    """January to June are over, and without a case of kind c, while the year is still open."""
    monthly = kpi.parse_plan(PLAN + 'every = "month"\n')
    found = kpi.evaluate(monthly, CASES, "2022-06-30")["1"]
    of_kind_c = [of_kind.verdict for of_kind in found.each if of_kind.group["kind"] == "c"]
    assert (found.verdict, of_kind_c) == ("open", ["lapsed"] * 6 + ["open"] * 6)
    assert_matches_oracle(monthly, CASES, "2022-06-30")
