"""What newcomers can do to a target (F6, H7), found by turning a verdict with one of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

import kpi
from kpi.definitions.time_units import Span
from kpi.definitions.windows import Window
from kpi.rules.average import Average
from kpi.rules.percentile import Percentile
from kpi.rules.within import Within
from kpi.testing import oracle
from kpi.testing.oracle.follow_up import Possibilities
from tests.laws.newcomers import stated
from tests.testing.follow_up.cases import CASES, WEEK, cases, june, still_possible


def fields(span: Span) -> dict[str, Any]:
    return {"id": "1", "start": "filed", "end": "decided", "limit": span, "window": WEEK}


def can(found: Possibilities) -> tuple[bool | None, bool | None]:
    return found.newcomers_met, found.newcomers_missed


@pytest.mark.parametrize("denominator", ["closed", "cohort", "overdue", "due", "settled"])
def test_newcomers_can_be_met_and_missed_as_the_table_says(denominator: str) -> None:
    """F6, in the week of 6 to 12 June as of the 7th: limits on either side of where it turns."""
    for days in (0, 2, 3, 4, 5, 9):
        target = Within(**fields(Span(days=days)), threshold=60, denominator=denominator)
        found = still_possible(target, [], june(7), most=1)
        assert can(found) == stated(denominator, Span(days=days), june(7), june(12)), days


def turned(target: Any, *rows: tuple[int, int]) -> Possibilities:
    return still_possible(target, cases(*rows), june(7), most=1)


@pytest.mark.parametrize(
    ("days", "helps", "hurts"),
    # As of the 7th a newcomer takes 0 to 4 days.
    [(0, False, True), (1, True, True), (3, True, True), (4, True, False), (9, True, False)],
)
def test_an_average_is_helped_by_fewer_days_and_hurt_by_more(
    days: int, helps: bool, hurts: bool
) -> None:
    """F6: one case that took just the limit is turned by more days; one that took 1 more, by fewer."""
    target = Average(**fields(Span(days=days)))
    assert turned(target, (6 - days, 6)).hurt == hurts
    assert turned(target, (5 - days, 6)).helped == helps


def test_the_fastest_half_is_helped_by_newcomers_also_where_nothing_may_take_a_day() -> None:
    """F6 asks for a limit above 0 here, and none is needed: the slow case is left out.

    A case of 1 day is over 0 days. With one of 0 days the fastest half is that one: a mean of 0.
    """
    half = Average(**fields(Span(days=0)), fastest=Decimal(50))
    assert turned(half, (5, 6)).helped
    # An average of all stays above 0.
    assert not turned(Average(**fields(Span(days=0))), (5, 6)).helped


def test_an_average_without_both_ends_is_hurt_by_newcomers_within_the_limit() -> None:
    """F6 is silent on `trimmed`: leaving out 34 % at each end, 3 days at most.

    0, 0, 4, 4, 4: 1 left out at each end (1.7): a mean of 8/3, met. One more of 3 days: 2 of 6 left out
    at each end (2.04): 3 and 4 stay: 3.5, missed.
    """
    target = Average(**fields(Span(days=3)), trimmed=Decimal(34))
    rows = ((6, 6), (6, 6), (2, 6), (2, 6), (2, 6))
    found = still_possible(target, cases(*rows), june(8), most=1)
    # Filed on the 9th or later: 3 days at most.
    assert found.hurt


@pytest.mark.parametrize(("days", "hurts"), [(0, True), (3, True), (4, False)])
def test_a_percentile_is_hurt_where_a_newcomer_may_take_longer(days: int, hurts: bool) -> None:
    """F6: helped always (one of 0 days), hurt where z − (D + 1) = 4 days are above the limit."""
    limit = fields(Span(days=days))
    assert turned(Percentile(**limit, percentile=Decimal(50)), (5 - days, 6)).helped
    assert turned(Percentile(**limit, percentile=Decimal(100)), (6 - days, 6)).hurt == hurts


@pytest.mark.parametrize(
    ("as_of", "hurts"),
    # Filed on 29 April, due on 29 May; on 2 May, on 2 June.
    [(dt.date(2022, 4, 28), True), (dt.date(2022, 5, 1), False)],
)
def test_an_average_in_months_is_hurt_until_its_first_due_date_is_the_last_day(
    as_of: dt.date, hurts: bool
) -> None:
    """F6: d1 < z: 1 month from 29 April is 29 May, before the 1st of June; from 2 May it is not."""
    window = Window(since=dt.date(2022, 5, 26), through=dt.date(2022, 6, 1))
    target = Average(id="1", start="filed", end="decided", limit=Span(months=1), window=window)
    row = {"case_id": "c", "filed": dt.date(2022, 4, 27), "decided": dt.date(2022, 5, 27)}
    found = still_possible(target, [row], as_of, most=1)
    assert found.hurt == hurts


@pytest.mark.parametrize(
    ("target", "limit", "as_of", "helps", "hurts"),
    [
        # 7 and 6 months from 1 July end in 2023; 6 months from 1 June do not, on 1 December.
        ("1.2a", Span(months=7), dt.date(2022, 6, 30), True, False),
        ("1.1d, 1.2b", Span(months=6), dt.date(2022, 6, 30), True, False),
        ("1.1d, 1.2b", Span(months=6), dt.date(2022, 5, 31), True, True),
        # 10 months from 1 March end on 1 January, from 28 February on 28 December.
        ("1.2c", Span(months=10), dt.date(2022, 2, 28), True, False),
        ("1.2c", Span(months=10), dt.date(2022, 2, 27), True, True),
        # Filed on 1 October: 90 days are over on 30 December, 3 months on 1 January.
        ("1.2d", Span(days=90), dt.date(2022, 9, 30), True, True),
        ("1.2d", Span(days=90), dt.date(2022, 10, 1), True, False),
        ("1.2d", Span(months=3), dt.date(2022, 9, 30), True, False),
        ("1.2d", Span(months=3), dt.date(2022, 9, 29), True, True),
    ],
)
def test_the_plan_of_2022_is_hurt_by_newcomers_up_to_these_days(
    target: str, limit: Span, as_of: dt.date, helps: bool, hurts: bool
) -> None:
    """F6, H7: of all newcomers the one that is filed first and decided last is late, if any is."""
    assert stated("closed", limit, as_of, dt.date(2022, 12, 31)) == (helps, hurts)
    filed, last = as_of + dt.timedelta(1), dt.date(2022, 12, 31)
    plan = kpi.Plan(
        id="2022",
        period="2022",
        tables=[CASES],
        targets=[
            Within(id=target, start="filed", end="decided", limit=limit, threshold=90),
        ],
    )
    row = {"case_id": "c", "filed": filed, "decided": last}
    late = oracle.evaluate(plan, {"cases": [row]})[target]
    assert (late.met == 0) == hurts
    at_once = oracle.evaluate(plan, {"cases": [{**row, "decided": filed}]})[target]
    assert (at_once.met == 1) == helps


@pytest.mark.parametrize(
    ("as_of", "hurts"), [(dt.date(2022, 8, 31), True), (dt.date(2022, 9, 1), False)]
)
def test_an_average_of_120_days_in_the_second_half_is_hurt_until_september(
    as_of: dt.date, hurts: bool
) -> None:
    """F6, H7, 1.1b: from 1 September to 31 December are 121 days, from the 2nd 120."""
    last = dt.date(2022, 12, 31)
    assert stated("average", Span(days=120), as_of, last) == (True, hurts)
    average = Average(
        id="1.1b",
        start="filed",
        end="decided",
        limit=Span(days=120),
        window=Window("2022-H2"),
    )
    plan = kpi.Plan(id="2022", period="2022", tables=[CASES], targets=[average])
    row = {"case_id": "c", "filed": as_of + dt.timedelta(1), "decided": last}
    verdict = oracle.evaluate(plan, {"cases": [row]})["1.1b"].verdict
    assert verdict == ("missed" if hurts else "met")
