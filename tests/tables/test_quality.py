"""Notes on the quality of tables: categories that plan and table do not share, sources."""

from __future__ import annotations

import polars as pl

import kpi
from kpi.tables.quality import Remark, TableQuality
from kpi.tables.redaction import redacted
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


def test_notes_on_sources_are_added_in_any_order_and_a_value_that_a_batch_holds_is_there() -> None:
    some = TableQuality(
        rows=1,
        absent_values=frozenset({("kind", "a"), ("kind", "b")}),
        remarks_of_source=(Remark("log: z"), Remark("log: y", redacted="log: -")),
    )
    other = TableQuality(
        rows=1, absent_values=frozenset({("kind", "b")}), remarks_of_source=(Remark("log: x"),)
    )
    assert some + other == other + some
    assert list((some + other).remarks("t")) == [
        "t: log: x",
        "t: log: y",
        "t: log: z",
        "t.kind: the extract file renames what no row holds: 'b'",
    ]
    with redacted():
        assert "t: log: -" in list(some.remarks("t"))
