"""S34: alternatives, of which one at least must hold."""

from __future__ import annotations

from typing import Any

import pytest

import kpi
from kpi.testing.oracle import Row
from tests.builders import average, cases, trail, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, took

FOUR_WEEKS = took(D(2017, 1, 31), D(2017, 2, 28))
ALTERNATIVES: list[dict[str, Any]] = [
    {"case_type": "visa"},
    {"months": {"at_least": 4}, "documented": {"missing": False}},
]
HELD: list[tuple[dict[str, object], bool]] = [
    # The first alternative, the second, both; half of the second; null in each.
    ({"case_type": "visa"}, True),
    ({"case_type": "asylum", "months": 4, "documented": D(2017, 2, 1)}, True),
    ({"case_type": "visa", "months": 4, "documented": D(2017, 2, 1)}, True),
    ({"case_type": "asylum", "months": 4, "documented": None}, False),
    ({"case_type": "asylum", "months": None, "documented": D(2017, 2, 1)}, False),
    ({"case_type": None, "months": 5, "documented": D(2017, 2, 1)}, True),
    ({}, False),
]


@pytest.mark.parametrize(("cells", "held"), HELD)
def test_s34_one_alternative_is_enough_and_all_of_its_conditions_must_hold(
    cells: dict[str, object], held: bool
) -> None:
    case = {**FOUR_WEEKS, **cells}
    for words, is_counted in (
        ({"where": {"any_of": ALTERNATIVES}}, held),
        ({"where": {"flag": True, "any_of": ALTERNATIVES}}, False),
        ({"unless": {"any_of": ALTERNATIVES}}, not held),
        ({"unless": {"flag": True, "any_of": ALTERNATIVES}}, True),
    ):
        found = hand_worked.row(hand_worked.within(**words), case)
        assert found.bucket == ("counted" if is_counted else "outside")
    where = {"flag": True, "any_of": ALTERNATIVES}
    flagged = hand_worked.row(hand_worked.within(where=where), {**case, "flag": True})
    assert flagged.bucket == ("counted" if held else "outside")


def test_s34_a_row_may_be_met_in_either_way() -> None:
    target = kpi.Share(id="1", on="decided", having={"any_of": ALTERNATIVES}, threshold=50)
    found = hand_worked.run(target, *({**FOUR_WEEKS, **cells} for cells, _ in HELD))
    assert (found.met, found.counted) == (4, 7)


def test_s34_a_null_start_that_fails_only_the_window_of_an_alternative_is_excluded() -> None:
    any_of = [{"filed": {"since": D(2017, 1, 1)}, "case_type": "visa"}, {"flag": True}]
    target = hand_worked.within(where={"any_of": any_of})
    for cells, expected in (
        ({"case_type": "visa"}, Row("excluded", "start missing")),
        ({"case_type": "asylum"}, Row("outside")),
        ({"case_type": "asylum", "flag": True}, Row("excluded", "start missing")),
    ):
        found = hand_worked.row(target, {"filed": None, "decided": D(2017, 2, 28), **cells})
        assert found == expected


def test_s34_the_audit_trail_says_which_alternatives_failed_or_left_out() -> None:
    frame = cases(
        {"filed": "2017-01-31", "decided": "2017-02-28", "case_type": "asylum"},
        {"filed": "2017-01-31", "decided": "2017-02-28", "case_type": "visa"},
    )
    words = "case_type is visa or (documented is not missing and decided after documented)"
    decided_after = {"documented": {"missing": False}, "decided": {"after": {"date": "documented"}}}
    any_of = {"any_of": [{"case_type": "visa"}, decided_after]}
    assert [row["reason"] for row in trail(average(where=any_of), frame)] == [
        f"fails: {words}",
        None,
    ]
    unless = {"filed": {"in": "2017"}, **any_of}
    left_out = f"left out: filed in 2017 and ({words})"
    assert [row["reason"] for row in trail(average(unless=unless), frame)] == [None, left_out]


def test_s34_values_within_alternatives_are_looked_for_among_the_rows() -> None:
    frame = cases(
        {"filed": "2017-01-31", "decided": "2017-02-28", "case_type": "vsia"},
        {"filed": "2017-01-31", "decided": "2017-02-28", "case_type": "asylum"},
    )
    plan = hand_worked.plan(
        within(where={"any_of": [{"case_type": "visa"}, {"case_type": "asylum"}]})
    )
    assert [str(note) for note in kpi.evaluate(plan, frame).notes if "case_type" in note] == [
        "cases.case_type: the plan names what no row holds: 'visa' (did you mean 'vsia'?)",
        "cases.case_type: 1 row with a value that no target names: 'vsia'",
    ]


def test_s34_a_column_of_that_name_is_still_compared_with_texts() -> None:
    target = hand_worked.within(where={"any_of": ["a", "b"]})
    for cell, expected in (("b", "counted"), ("c", "outside")):
        assert hand_worked.row(target, {**FOUR_WEEKS, "any_of": cell}).bucket == expected


@pytest.mark.parametrize(
    ("any_of", "problem"),
    [
        ([{}], "0: an empty table; accepted: at least one condition"),
        ([{"flag": True}, 3], '1: found 3; accepted: conditions, such as { case_type = "visa" }'),
        ([{"any_of": [{"flag": True}]}], "0.any_of: found within any_of; accepted: conditions on columns"),
        ([{"flag": True}, {"filed": {"since": "x"}}], '1.filed.since: found \'x\'; accepted: a date that exists, written as 2017-03-01, without a time, or { date = "x" } where x is a date of the case'),
    ],
)  # fmt: skip
def test_s34_a_mistake_in_an_alternative_is_a_line_with_its_place(
    any_of: list[object], problem: str
) -> None:
    with pytest.raises(kpi.PlanError) as error:
        hand_worked.within(where={"any_of": any_of})
    assert str(error.value) == f"where.any_of.{problem}"
