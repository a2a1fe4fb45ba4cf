"""Due dates by the value of a column, and the later of that and another date: worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

import kpi
from tests.builders import cases
from tests.counting_rules.hand_worked import CASES, D, derived_due, of, rows, within

STATUTORY = {
    "date": "filed",
    "plus": {
        "by": "case_type",
        "limits": {"minor": "8 weeks", "major": "13 weeks", "eia": "16 weeks"},
    },
}
MADE = {"statutory": STATUTORY, "due_by": {"latest": ["statutory", "documented"]}}
"""8, 13 or 16 weeks by class, then the later of that and an agreed date."""


@pytest.mark.parametrize(
    ("case_type", "agreed", "due"),
    [
        ("minor", None, D(2017, 4, 26)),  # 56 days after 1 March
        ("major", None, D(2017, 5, 31)),  # 91 days
        ("eia", None, D(2017, 6, 21)),  # 112 days
        ("minor", D(2017, 4, 25), D(2017, 4, 26)),
        ("minor", D(2017, 4, 27), D(2017, 4, 27)),
        # Another class has no due date but the agreed one.
        ("other", None, None),
        (None, None, None),
        ("other", D(2017, 4, 27), D(2017, 4, 27)),
    ],
)
def test_s36_the_later_of_a_due_date_by_class_and_an_agreed_date(
    case_type: str | None, agreed: dt.date | None, due: dt.date | None
) -> None:
    filed = D(2017, 3, 1)
    assert derived_due(MADE, filed=filed, case_type=case_type, documented=agreed) == due


def test_s36_units_of_a_due_date_by_value_may_differ() -> None:
    limits = {"a": "1 month", "b": "2 working days", "c": "2 working days"}
    made = {"due_by": {"date": "filed", "plus": {"by": "case_type", "limits": limits}}}
    ends = {"due_by": made["due_by"] | {"end_of": "month"}}
    back = {"due_by": {"date": "filed", "minus": {"by": "case_type", "limits": limits}}}
    # Friday 31 March 2017; two working days before is Wednesday.
    for case_type, due, ended, before in (
        ("a", D(2017, 4, 30), D(2017, 4, 30), D(2017, 2, 28)),
        ("b", D(2017, 4, 4), D(2017, 4, 30), D(2017, 3, 29)),
        ("c", D(2017, 4, 4), D(2017, 4, 30), D(2017, 3, 29)),
    ):
        cells: dict[str, Any] = {"filed": D(2017, 3, 31), "case_type": case_type}
        assert derived_due(made, **cells) == due
        assert derived_due(ends, **cells) == ended
        assert derived_due(back, **cells) == before
    refused: dict[str, Any] = {"filed": D(2017, 1, 31), "words": {"month_end": "refuse"}}
    assert derived_due(made, case_type="a", **refused) is None
    assert derived_due(ends, case_type="a", **refused) == D(2017, 2, 28)


def test_s36_months_are_counted_from_a_date_by_class() -> None:
    """The latest of them lies beyond what the first of the classes leads to."""
    target = within("1 month", start="statutory", denominator="cohort", on="filed")
    case = {"filed": D(2017, 3, 1), "case_type": "eia"}
    (row,) = of(target, evolve(CASES, derived=MADE), rows(case)[0]).trail
    assert row.due == D(2017, 7, 21)


def test_s36_a_case_of_another_class_has_no_limit() -> None:
    table = evolve(CASES, derived=MADE)
    target = within({"column": "due_by"}, window="2017")
    decided = {"filed": D(2017, 3, 1), "decided": D(2017, 4, 26), "case_type": "other"}
    (row,) = of(target, table, rows(decided)[0]).trail
    assert (row.bucket, row.reason) == ("excluded", "limit missing")


def test_s36_classes_that_no_row_holds_are_reported() -> None:
    table = evolve(CASES, derived=MADE)
    plan = kpi.Plan(id="p", period="2017", tables=[table], targets=[within({"column": "due_by"})])
    found = cases(
        {"filed": "2017-03-01", "decided": "2017-04-26", "case_type": "minor"},
        {"filed": "2017-03-01", "decided": "2017-04-26", "case_type": "mayor"},
    )
    notes = kpi.evaluate(plan, {"cases": found}).notes
    assert [note for note in notes if "no row holds" in note] == [
        "cases.case_type: the plan names what no row holds: 'eia', 'major' (did you mean 'mayor'?)"
    ]
