"""A day that ends before midnight: what comes later counts as the next day (S35), by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

import kpi
from kpi.testing.oracle import Row
from tests.counting_rules.hand_worked import CASES, Cells, D, of, plan, within

BEGUN = {"date": "filed", "plus": "0 days", "day_ends": "16:00"}
MONDAY, TUESDAY, WEDNESDAY = D(2017, 3, 6), D(2017, 3, 7), D(2017, 3, 8)


def at(day: dt.date, time: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(time))


def became(filed: object, decided: dt.date | None, limit: Any = "1 day", **words: str) -> Row:
    """What becomes of one case that counts as filed on the next day after 16:00."""
    case: Cells = {"case_id": "a", "filed": filed, "decided": decided}
    table = evolve(CASES, derived={"begun": BEGUN | words})
    return of(within(limit, start="begun"), table, case).trail[0]


@pytest.mark.parametrize(
    ("time", "days", "met"),
    [
        ("00:00", 2, False),
        ("15:59:59.999999", 2, False),
        # At 16:00 the day is not over.
        ("16:00", 2, False),
        ("16:00:00.000001", 1, True),
        ("23:59", 1, True),
    ],
)
def test_s35_what_comes_after_the_end_of_the_day_counts_as_the_next(
    time: str, days: int, met: bool
) -> None:
    row = became(at(MONDAY, time), WEDNESDAY)
    assert (row.bucket, row.days, row.met) == ("counted", days, met)


def test_s35_the_time_of_day_is_that_of_the_clock_in_the_zone_of_the_plan() -> None:
    """15:30 UTC is 16:30 in Copenhagen in March, and 15:30 with a zone an hour ahead is 15:30."""
    zoned = at(MONDAY, "15:30").replace(tzinfo=dt.UTC)
    assert became(zoned, WEDNESDAY).days == 1
    assert became(zoned - dt.timedelta(hours=1), WEDNESDAY).days == 2


def test_s35_a_day_that_ended_early_then_moves_to_a_working_day() -> None:
    """Friday 3 March at 17:00 counts as Saturday, and that as Monday; at noon as Friday."""
    friday = D(2017, 3, 3)
    rolled = {"roll": "next working day"}
    assert became(at(friday, "17:00"), TUESDAY, **rolled).days == 1
    assert became(at(friday, "12:00"), TUESDAY, **rolled).days == 4


def test_s35_a_case_that_ended_on_the_evening_of_its_beginning_is_not_lost() -> None:
    row = became(at(MONDAY, "17:00"), MONDAY)
    assert (row.bucket, row.reason) == ("excluded", "end before start")
    row = became(at(MONDAY, "17:00"), MONDAY, at_latest="decided")
    assert (row.bucket, row.days, row.met) == ("counted", 0, True)


def test_s35_a_due_date_is_counted_from_the_next_day() -> None:
    """A month from Tuesday 28 February at 17:00 is a month from 1 March."""
    case: Cells = {"case_id": "a", "filed": at(D(2017, 2, 28), "17:00"), "decided": D(2017, 4, 1)}
    table = evolve(CASES, derived={"due_on": BEGUN | {"plus": "1 month"}})
    row = of(within({"column": "due_on"}), table, case).trail[0]
    assert (row.due, row.met) == (D(2017, 4, 1), True)


def test_s35_the_last_day_of_the_calendar_stands_for_ever() -> None:
    case: Cells = {"case_id": "a", "filed": MONDAY, "decided": TUESDAY, "due": at(dt.date.max, "17:00")}  # fmt: skip
    table = evolve(CASES, derived={"due_on": {**BEGUN, "date": "due"}})
    row = of(within({"column": "due_on"}), table, case).trail[0]
    assert (row.due, row.met) == (dt.date.max, True)


def test_s35_a_column_of_days_has_no_time_that_could_be_late() -> None:
    table = evolve(CASES, derived={"begun": BEGUN})
    asked = plan(within("1 day", start="begun"), table)
    cases = [{"case_id": "a", "filed": MONDAY, "documented": None, "decided": TUESDAY, "announced_on": None, "due": None, "case_type": None, "months": None, "flag": None}]  # fmt: skip
    message = (
        "cases: column filed holds dates; the plan ends its day early (day_ends), which takes times"
    )
    with pytest.raises(kpi.DataError, match="^" + message.replace("(", r"\(").replace(")", r"\)")):
        kpi.evaluate(asked, cases)


def test_s35_a_bound_of_a_condition_ends_no_day_early() -> None:
    bound = {"date": "filed", "plus": "1 day", "day_ends": "16:00"}
    with pytest.raises(kpi.PlanError, match="day_ends: unknown key; accepted: "):
        within("1 day", where={"decided": {"through": bound}})
