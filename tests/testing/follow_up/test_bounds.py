"""Bounds of shares, averages, percentiles and counts, of every completion (F7 to F10)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import kpi
from kpi.definitions.time_units import Span
from kpi.rules.average import Average
from kpi.rules.count import Count
from kpi.rules.milestone import Milestone
from kpi.rules.percentile import Percentile
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.testing.oracle.follow_up import Possibilities, possibilities
from tests.testing.follow_up.cases import WEEK, cases, ends, june, still_possible

FIVE_DAYS: dict[str, Any] = {
    "id": "1",
    "start": "filed",
    "end": "decided",
    "limit": Span(days=5),
    "window": WEEK,
}
OPEN_TWO = cases((1, 6), (2, None), (5, None))
"""As of 7 June one took 5 days, one will take 6 to 10, and one 3 to 7."""


def day(month: int, number: int) -> dt.date:
    """A day of 2022."""
    return dt.date(2022, month, number)


def share(*rows: tuple[int | None, int | None]) -> Possibilities:
    return still_possible(Within(**FIVE_DAYS, threshold=60), cases(*rows), june(7))


def test_a_share_lies_between_its_worst_and_its_best() -> None:
    """F7. Met, missed, due on the 9th, and late since the 6th: 1 of 4 at worst, 2 of 3 at best.

    At worst the two open ones are decided late. At best the third is decided in time and the late
    one is not decided: of met, missed and met.
    """
    found = share((1, 6), (1, 7), (4, None), (1, None))
    assert ends(found) == (Fraction(1, 4), Fraction(2, 3))
    assert not found.may_be_empty


def test_a_share_of_nothing_has_no_value_and_one_value_otherwise() -> None:
    """F7: filed on the 7th it is due on the 12th: decided in time or not counted. So 1 or nothing.

    Late since the 6th: 0 or nothing. Without a case there is no value at all.
    """
    in_time = share((7, None))
    assert ends(in_time) == (1, 1)
    assert in_time.may_be_empty
    late = share((1, None))
    assert ends(late) == (0, 0)
    assert late.may_be_empty
    none = share()
    assert ends(none) == (None, None)
    assert none.may_be_empty
    # Newcomers of the 8th are due on the 13th: they can be met, and not missed.
    assert (none.newcomers_met, none.newcomers_missed) == (True, False)
    assert {final.value for final in none.with_newcomers} == {None, 1}
    assert none.verdict == "open"


def test_verdicts_are_certain_where_no_completion_differs() -> None:
    """F12. Met is secured: none can be missed. Missed and late can be helped. Due counts no more.

    Of the shares of cases due by the 12th a newcomer is no part: one missed of one is lost.
    """
    assert share((1, 6)).verdict == "secured"
    assert share((1, 7)).verdict == "open"
    due = Within(**FIVE_DAYS, threshold=60, denominator="due")
    assert still_possible(due, cases((1, 7)), june(7)).verdict == "lost"
    # Not met as of the day, though no day after it can change that: nothing is counted.
    assert still_possible(due, [], june(7)).verdict == "open"


def test_many_newcomers_turn_what_one_and_two_do_not() -> None:
    """F12: with 6 of 6 met, 60 % holds with two late newcomers (6 of 8) and falls with five."""
    cohort = Within(**FIVE_DAYS, threshold=60, denominator="cohort")
    found = still_possible(cohort, cases(*[(6, 6)] * 6), june(7))
    assert found.hurt is False
    assert found.verdict == "open"


def test_the_mean_goes_from_the_shortest_to_the_longest_days() -> None:
    """F8. Lower: (5 + 3) / 2 = 4, which 6 days would raise. Upper: (5 + 10) / 2, which 7 would lower.

    Worst slack 0 − 5 − 2 = −7 and best 0 + 0 + 2 = 2: open.
    """
    found = still_possible(Average(**FIVE_DAYS), OPEN_TWO, june(7))
    assert ends(found) == (Fraction(15, 2), 4)
    assert found.verdict == "open"
    # A newcomer of the 8th takes at most 4 days.
    assert (found.helped, found.hurt) == (True, False)


def test_the_mean_of_the_fastest_is_least_and_greatest_over_how_many_are_added() -> None:
    """F9, the fastest half. Shortest: of 5: 5; of 3, 5: 3; of 3, 5, 6: 4. Longest: 5; 5; of 5, 7, 10: 6."""
    target = Average(**FIVE_DAYS, fastest=Decimal(50))
    found = still_possible(target, OPEN_TWO, june(7))
    assert ends(found) == (6, 3)


def test_a_percentile_is_where_the_share_within_reaches_it() -> None:
    """F9, 75 %. Within 5 days at best 2 of 2, within 3 only 1 of 2: 5. At worst 10: of 5 and 10."""
    found = still_possible(Percentile(**FIVE_DAYS, percentile=Decimal(75)), OPEN_TWO, june(7))
    assert ends(found) == (10, 5)


def test_months_at_a_month_end_are_due_on_its_last_day() -> None:
    """F8, S4: filed on 31 March, 1 month is 30 April: 30 days; in the week of 26 April to 2 May.

    As of 29 April it is decided in 30 days at the earliest, slack 0; on 2 May slack −2.
    """
    window = kpi.Window(since=day(4, 26), through=day(5, 2))
    target = Average(id="1", start="filed", end="decided", limit=Span(months=1), window=window)
    row = {"case_id": "c", "filed": day(3, 31), "decided": None}
    found = still_possible(target, [row], day(4, 29), most=0)
    assert ends(found) == (32, 30)
    assert {final.verdict for final in found.known} == {"met", "missed", "not_assessable"}


@pytest.mark.parametrize(
    ("requires", "direction", "verdict"),
    [
        # One is decided, two more may be, and newcomers too.
        ({"at_least": 1}, "large", "secured"),
        ({"at_least": 4}, "large", "open"),
        ({"at_most": 3}, "small", "open"),
        ({"at_most": 0}, "small", "lost"),
        ({"at_least": 1, "at_most": 9}, None, "open"),
    ],
)
def test_a_count_goes_from_those_that_are_to_those_that_may_be(
    requires: dict[str, int], direction: str | None, verdict: str
) -> None:
    """F10: decisions in the week: 1 to 3 without newcomers."""
    found = still_possible(
        Count(id="1", table="cases", on="decided", window=WEEK, requires=requires),
        OPEN_TWO,
        june(7),
    )
    assert sorted({final.value for final in found.known if final.value}) == [1, 2, 3]
    assert (found.direction, found.verdict) == (direction, verdict)


def test_a_stock_goes_from_none_to_those_that_are_in_it() -> None:
    """F10: two open cases: 0 to 2, and more with newcomers."""
    target = Stock(
        id="1", start="filed", end="decided", at={"end_of": "2022-06"}, level={"at_most": 2}
    )
    found = still_possible(target, OPEN_TWO, june(28))
    assert ends(found) == (2, 0)
    assert {final.value for final in found.with_newcomers} == {0, 1, 2, 3, 4}
    assert found.verdict == "open"


WAITS = kpi.Table("waits", key="case_id", entry="since", events="until", pauses="cases")


def test_pauses_after_the_day_make_a_late_case_one_in_time() -> None:
    """F10, S14. Filed on 1 June, due on the 6th; as of the 5th it may be paused from the 6th on.

    Paused on the 6th and 7th it is due on the 8th. Without pauses it is late from the 7th. As of the
    6th its due date is over, and it cannot be met.
    """
    plan = kpi.Plan(
        id="paused",
        period=WEEK,
        tables=[kpi.Table("cases", key="case_id", entry="filed", events="decided"), WAITS],
        targets=[Within(**FIVE_DAYS, threshold=60, denominator="closed", pauses="waits")],
    )
    tables = {"cases": cases((1, None)), "waits": []}
    (found,) = possibilities(plan, tables, june(5), most=0)
    assert {final.value for final in found.known} == {0, 1, None}
    # Decided on one of 7 days or never. Not paused; from one of the 7 days until that day or a later
    # one (7 + 6 + … + 1); or from one of them without an end.
    assert found.completions == 8 * (1 + 28 + 7)
    (found,) = possibilities(plan, tables, june(6), most=0)
    assert {final.value for final in found.known} == {0, None}
    # A pause that runs since the 5th may end on any day, or never.
    tables["waits"] = [{"case_id": "c0", "since": june(5), "until": None}]
    (found,) = possibilities(plan, tables, june(6), most=0)
    assert {final.value for final in found.known} == {0, 1, None}


def test_facts_can_be_reported_until_they_are() -> None:
    """F10: an act not yet reported may be done by the deadline, late, or never reported at all."""
    reported = kpi.Table("reported", key="target", events="done")
    plan = kpi.Plan(
        id="facts",
        period=WEEK,
        tables=[reported],
        targets=[Milestone(id="1", deadline=WEEK), Milestone(id="2", deadline=WEEK)],
    )
    rows = [{"target": "2", "done": june(7)}]
    first, second = possibilities(plan, {"reported": rows}, june(8))
    assert {final.verdict for final in first.with_newcomers} == {"met", "missed", "not_assessable"}
    assert (first.verdict, second.verdict) == ("open", "secured")


def test_the_last_day_leaves_one_possibility() -> None:
    """H4: from the last day on the figure is what it is."""
    found = still_possible(Within(**FIVE_DAYS, threshold=60), cases((1, 6), (7, None)), june(12))
    assert ends(found) == (1, 1)
    assert found.verdict == "met"
    assert found.completions == 1


@pytest.mark.parametrize(
    ("waits", "best"),
    [
        # Paused from the 6th on: 1 to 6 June, 5 days. F10's "those at D", the 5th, would be 4.
        ([], 5),
        # Paused since the 3rd: 2 days, whenever it is decided.
        ([(3, None)], 2),
        # Two days paused before: 5 − 2 days.
        ([(2, 4)], 3),
    ],
)
def test_an_open_case_takes_at_least_its_days_to_the_day_after(
    waits: list[tuple[int, int | None]], best: int
) -> None:
    """F10, S14: a pause takes days from the day after at the earliest, which the day before is not.

    Filed on 1 June, as of the 5th; decided in the week from the 6th on.
    """
    plan = kpi.Plan(
        id="paused",
        period=WEEK,
        tables=[kpi.Table("cases", key="case_id", entry="filed", events="decided"), WAITS],
        targets=[Average(**FIVE_DAYS, pauses="waits")],
    )
    pauses = [
        {"case_id": "c0", "since": june(since), "until": None if until is None else june(until)}
        for since, until in waits
    ]
    tables: dict[str, Any] = {"cases": cases((1, None)), "waits": pauses}
    (found,) = possibilities(plan, tables, june(5), most=0)
    assert found.best == best
