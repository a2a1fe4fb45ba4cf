"""A start that moves to a working day, but not beyond the end (S36): worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kpi.testing.oracle import Row
from tests.counting_rules.hand_worked import CASES, Cells, D, derived_due, of, within

START = {
    "begun": {
        "date": "filed",
        "plus": "0 days",
        "roll": "next working day",
        "at_latest": "decided",
    }
}
SATURDAY, SUNDAY, MONDAY = D(2017, 3, 4), D(2017, 3, 5), D(2017, 3, 6)


def became(made: Any, limit: str = "1 day", **cells: object) -> Row:
    """What becomes of one case whose time is counted from a start that moves."""
    case: Cells = {"case_id": "a", **cells}
    return of(within(limit, start="begun"), evolve(CASES, derived=made), case).trail[0]


@pytest.mark.parametrize("plus", ["0 days", "0 working days"])
def test_s36_a_start_moves_on_but_not_beyond_the_end(plus: str) -> None:
    made = {"begun": START["begun"] | {"plus": plus}}
    for decided, days in ((SATURDAY, 0), (SUNDAY, 0), (MONDAY, 0), (D(2017, 3, 7), 1)):
        row = became(made, filed=SATURDAY, decided=decided)
        assert (row.bucket, row.days, row.met) == ("counted", days, True), decided
    assert became(made, filed=SATURDAY, decided=D(2017, 3, 8)).met is False
    # Due one day after the start: after Saturday itself, Sunday, and Monday.
    dues = [became(made, filed=SATURDAY, decided=day).due for day in (SATURDAY, SUNDAY, MONDAY)]
    assert dues == [SUNDAY, MONDAY, D(2017, 3, 7)]


def test_s36_months_are_counted_from_a_start_that_was_held_back() -> None:
    """Held back to Saturday, which is before every day that a start can be rolled to."""
    assert became(START, "1 month", filed=SATURDAY, decided=SATURDAY).due == D(2017, 4, 4)
    assert became(START, "1 month", filed=SATURDAY, decided=MONDAY).due == D(2017, 4, 6)


def test_s36_without_the_bound_a_case_that_ended_first_is_lost() -> None:
    made = {"begun": {"date": "filed", "plus": "0 days", "roll": "next working day"}}
    assert became(made, filed=SATURDAY, decided=SATURDAY).reason == "end before start"


def test_s36_an_end_before_the_case_began_stays_an_end_before_the_start() -> None:
    assert became(START, filed=SATURDAY, decided=D(2017, 3, 3)).reason == "end before start"
    assert became(START, filed=None, decided=MONDAY).reason == "start missing"


def test_s36_a_start_is_held_back_by_what_is_known() -> None:
    assert derived_due(START, filed=SATURDAY) == MONDAY
    assert derived_due(START, filed=SATURDAY, decided=SUNDAY) == SUNDAY
    # At the end of Saturday nobody knows that it will end on Sunday.
    assert derived_due(START, SATURDAY, filed=SATURDAY, decided=SUNDAY) == MONDAY


def test_s36_a_date_is_held_back_however_it_is_moved() -> None:
    for words in ({"plus": "2 weeks"}, {"plus_days": "months"}, {"plus": "1 month"}):
        made = {"lasts": {"date": "filed", **words, "at_latest": "documented"}}
        cells: dict[str, Any] = {"filed": SATURDAY, "months": 14}
        assert derived_due(made, documented=MONDAY, **cells) == MONDAY
        assert derived_due(made, documented=D(2017, 3, 1), **cells) == SATURDAY
    weeks = {"lasts": {"date": "filed", "plus": "2 weeks", "at_latest": "documented"}}
    assert derived_due(weeks, filed=SATURDAY, documented=D(2017, 4, 1)) == D(2017, 3, 18)
    month = {"lasts": weeks["lasts"] | {"plus": "1 month", "end_of": "month"}}
    assert derived_due(month, filed=SATURDAY, documented=D(2017, 5, 1)) == D(2017, 4, 30)
    # A column may move back; what lies before the start is not held back.
    back = {"lasts": {"date": "filed", "plus_days": "months", "at_latest": "documented"}}
    assert derived_due(back, filed=SATURDAY, months=-3, documented=D(2017, 2, 1)) == D(2017, 3, 1)
