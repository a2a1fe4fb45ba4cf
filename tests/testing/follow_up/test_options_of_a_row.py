"""What an open case can be at the end, of every denominator (F3, F5)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import product

import pytest

import kpi
from kpi.definitions.population import OpenAt
from kpi.definitions.time_units import Span
from kpi.definitions.windows import Window
from kpi.rules.clearance import Clearance
from kpi.rules.within import Within
from kpi.testing.oracle.follow_up import Possibilities
from tests.testing.follow_up.cases import WEEK, cases, june, still_possible

FIRST, FINAL = june(6), june(12)
DAY = dt.timedelta(1)
STARTS, LIMITS, DAYS = (-3, 4, 6, 9), (0, 1, 3, 8, 14), (june(4), june(9), june(11))


def within(denominator: str, days: int) -> Within:
    return Within(
        id="1",
        start="filed",
        end="decided",
        limit=Span(days=days),
        threshold=60,
        window=WEEK,
        denominator=denominator,
    )


def options(found: Possibilities) -> set[str]:
    """The words for what the one row can be: met, missed, not counted."""
    words = {(0, 0): "not counted", (1, 1): "met", (1, 0): "missed"}
    return {words[final.counted, final.met or 0] for final in found.known}


def by_the_table(denominator: str, s: dt.date, days: int, as_of: dt.date) -> set[str]:
    """The options of an open case as the table of F3 says."""
    a, z, due = FIRST, FINAL, s + days * DAY
    lo = max(as_of + DAY, a)
    in_window, always, never = a <= s <= z, True, False
    match denominator:
        case "closed":
            met, missed = min(due, z) >= lo, due < z and max(due + DAY, lo) <= z
            not_counted = always
        case "cohort":
            met, missed, not_counted = min(due, z) >= as_of + DAY, always, never
        case "overdue":
            met, missed, not_counted = min(due, z) >= as_of + DAY, due <= z, due > z
        case "due":
            met, missed, not_counted = due >= as_of + DAY, always, never
            in_window = a <= due <= z
        case _:
            met, missed = min(due, z) >= lo, a <= due + DAY <= z
            not_counted = due + DAY > z or due + DAY < a or min(due, a - DAY) >= as_of + DAY
            if due < as_of:
                # The table is for cases that are not settled yet.
                return {"missed"} if a <= due + DAY <= z else {"not counted"}
    if denominator in ("cohort", "overdue", "due") and not in_window:
        return {"not counted"}
    words = {"met": met, "missed": missed, "not counted": not_counted}
    return {word for word, possible in words.items() if possible}


@pytest.mark.parametrize("denominator", ["closed", "cohort", "overdue", "due", "settled"])
def test_the_options_of_an_open_case_are_those_of_the_table(denominator: str) -> None:
    """F3, for cases filed from 28 May to 9 June, limits of 0 to 14 days, as of three days."""
    for start, days, as_of in product(STARTS, LIMITS, DAYS):
        if june(start) > as_of:
            continue
        found = still_possible(within(denominator, days), cases((start, None)), as_of, most=0)
        expected = by_the_table(denominator, june(start), days, as_of)
        assert options(found) == expected, (start, days, as_of)


@pytest.mark.parametrize(
    ("denominator", "expected"),
    [
        # Filed 4 June and due 9 June; as of 7 June it may be decided from the 8th to the 12th.
        ("closed", {"met", "missed", "not counted"}),
        # Filed before the window.
        ("cohort", {"not counted"}),
        ("overdue", {"not counted"}),
        ("due", {"met", "missed"}),
        ("settled", {"met", "missed"}),
    ],
)
def test_an_open_case_worked_out_by_hand(denominator: str, expected: set[str]) -> None:
    """By day: decided on the 8th or 9th it is in time, from the 10th late, never: still open.

    Closed counts it where it is decided by the 12th. Due counts it whatever happens, as it is due on
    the 9th; settled on its decision, or on the 10th.
    """
    found = still_possible(within(denominator, 5), cases((4, None)), june(7), most=0)
    assert options(found) == expected


def test_a_cleared_cohort_counts_its_open_cases_whatever_happens() -> None:
    """F3's last row: met until the deadline, missed always, never not counted."""
    target = Clearance(
        id="1",
        start="filed",
        end="decided",
        open_at=OpenAt(FIRST),
        deadline=Window(through=FINAL),
        threshold=50,
    )
    rows = cases((1, None), (2, 7), (2, 3))
    found = still_possible(target, rows, june(8))
    # Of two open at the start of the 6th one is decided; the third was decided before.
    assert {final.value for final in found.known} == {Fraction(1, 2), 1}
    assert found.verdict == "secured"
    assert (found.newcomers_met, found.newcomers_missed) == (False, False)


EVENTS = kpi.Table("cases", key="case_id", events=("filed", "decided"))


@pytest.mark.parametrize(
    ("days", "as_of", "expected"),
    [
        # Filed on the 8th at the earliest, so due on the 10th: decided late on the 11th or 12th.
        (2, june(7), {"met", "missed", "not counted"}),
        # Due on the 12th at the earliest, so that no decision in the week is late.
        (4, june(7), {"met", "not counted"}),
        (0, june(11), {"met", "not counted"}),
        (0, june(10), {"met", "missed", "not counted"}),
    ],
)
def test_a_case_without_its_start_can_be_filed_and_decided(
    days: int, as_of: dt.date, expected: set[str]
) -> None:
    """F5: met while z >= lo, missed where due(D + 1) allows it, not counted always."""
    found = still_possible(within("closed", days), cases((None, None)), as_of, EVENTS, most=0)
    assert options(found) == expected


def test_a_case_that_ended_without_a_start_stays_excluded() -> None:
    """F5: whatever start comes after the end, it is before start; none is a start that is missing."""
    found = still_possible(within("closed", 30), cases((None, 7)), june(8), EVENTS, most=0)
    assert options(found) == {"not counted"}


def test_a_backwards_limit_is_measured_from_its_planned_date() -> None:
    """F3: due = X − n. Planned for the 12th, 2 days before is the 10th; as of the 9th one day is left."""
    table = kpi.Table("cases", key="case_id", entry="filed", events="decided", dates="planned")
    target = Within(
        id="1", start="planned", end="decided", limit="2 days before", threshold=50, window=WEEK
    )
    row = {**cases((1, None))[0], "planned": june(12)}
    for as_of, expected in (
        (june(9), {"met", "missed", "not counted"}),
        (june(10), {"missed", "not counted"}),
    ):
        assert options(still_possible(target, [row], as_of, table, most=0)) == expected
