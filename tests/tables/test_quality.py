"""Categories that plan and table do not share."""

from __future__ import annotations

import polars as pl

import kpi
from tests.tables.four_cases import FRAME, PLAN


def test_categories_that_plan_and_table_do_not_share_are_reported() -> None:
    result = kpi.evaluate(
        PLAN, FRAME.with_columns(case_type=pl.Series(["visa", "asylm", "asylm", "other"]))
    )
    notes = "\n".join(result.notes)
    assert (
        "cases.case_type: the plan names what no row holds: 'asylum' (did you mean 'asylm'?)"
        in notes
    )
    assert "cases.case_type: 3 rows with a value that no target names: 'asylm', 'other'" in notes


def test_a_number_that_a_plan_names_and_no_row_holds_is_reported() -> None:
    result = kpi.evaluate(PLAN, FRAME.with_columns(months=pl.lit(8)))
    assert "cases.months: the plan names what no row holds: '5'" in result.notes
