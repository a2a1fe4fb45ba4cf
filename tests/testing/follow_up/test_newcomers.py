"""What newcomers can do to a target (F6, H7), found by turning a verdict with one of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from kpi.definitions.time_units import Span
from kpi.definitions.windows import Window
from kpi.rules.average import Average
from kpi.rules.percentile import Percentile
from kpi.rules.within import Within
from kpi.testing.oracle.follow_up import Possibilities
from tests.testing.follow_up.cases import WEEK, cases, june, still_possible

FINAL = june(12)
DAY = dt.timedelta(1)


def fields(span: Span) -> dict[str, Any]:
    return {"id": "1", "start": "filed", "end": "decided", "limit": span, "window": WEEK}


def can(found: Possibilities) -> tuple[bool | None, bool | None]:
    return found.newcomers_met, found.newcomers_missed


def by_the_table(denominator: str, days: int, as_of: dt.date) -> tuple[bool, bool]:
    """Whether newcomers can help and hurt, as F6 says."""
    first_due = as_of + DAY + days * DAY
    match denominator:
        case "closed":
            return as_of < FINAL, first_due < FINAL
        case "cohort":
            return True, True
        case "overdue":
            return True, first_due <= FINAL
        case "due":
            return first_due <= FINAL, first_due <= FINAL
        case _:
            return True, first_due + DAY <= FINAL


@pytest.mark.parametrize("denominator", ["closed", "cohort", "overdue", "due", "settled"])
def test_newcomers_can_be_met_and_missed_as_the_table_says(denominator: str) -> None:
    """F6, in the week of 6 to 12 June as of the 7th: limits on either side of where it turns."""
    for days in (0, 2, 3, 4, 5, 9):
        target = Within(**fields(Span(days=days)), threshold=60, denominator=denominator)
        found = still_possible(target, [], june(7), most=1)
        assert can(found) == by_the_table(denominator, days, june(7)), days


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
