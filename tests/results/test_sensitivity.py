"""Verdicts that rejected rows could turn."""

from __future__ import annotations

import pytest

from tests.commands import HEADER, outcome

pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.parametrize(
    ("met", "late", "bad", "hangs"),
    [
        (9, 1, 0, False),  # 90 %, and nothing rejected
        (9, 1, 1, True),  # met; 9 of 11 is 81.8 %
        (10, 0, 1, False),  # met; 10 of 11 is still 90.9 %
        (10, 0, 2, True),  # met; 10 of 12 is 83.3 %
        (8, 2, 9, False),  # missed; 17 of 19 is 89.5 %
        (8, 2, 10, True),  # missed; 18 of 20 is 90 %
    ],
)
def test_a_verdict_that_rejected_rows_could_turn_says_so(
    met: int, late: int, bad: int, *, hangs: bool
) -> None:
    days = ["2017-02-01"] * met + ["2017-02-02"] * late + ["?"] * bad
    rows = "".join(f"a{n},visa,2017-01-01,{day}\n" for n, day in enumerate(days))
    found = outcome(HEADER + rows)
    assert found["targets"][0]["verdict"] == ("met" if met >= 9 else "missed")
    note = (
        f"1: the verdict hangs on the rejected rows of cases: at most {bad} of them would count, "
        "and with them it could be the other one"
    )
    assert (note in found["notes"]) == hangs
    assert any("hangs" in n for n in found["notes"]) == hangs


def test_no_rejected_row_turns_what_cannot_be_assessed() -> None:
    assert not [
        n for n in outcome(HEADER + ",visa,2017-01-01,2017-01-02\n")["notes"] if "hangs" in n
    ]
