"""Due dates stay, or roll to the next working day (S8): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from kpi.definitions.limits import DueColumn
from kpi.definitions.target import Target
from tests.builders import (
    average,
    both_trails,
    cases,
    day,
    due_days,
    due_in_trail,
    plan,
    spans,
    within,
)
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import MARCH, D, before, one, run


def test_s08_a_due_date_on_a_sunday_stays() -> None:
    assert due_in_trail("2017-03-31", "2 days") == day("2017-04-02")  # a Sunday


OWN = {"off": ["2024-01-01", "2024-12-24", "2024-12-25"], "covers": "2024"}


def test_s08_a_due_day_stays_unless_the_plan_rolls_it() -> None:
    assert due_days("1 month", "2024-05-01") == ["2024-06-01"]  # a Saturday
    assert due_days("1 month", "2024-05-01", roll="next working day") == ["2024-06-03"]
    # Maundy Thursday to the Tuesday after Easter; what is a working day stays.
    assert due_days("30 days", "2024-02-27", roll="next working day") == ["2024-04-02"]
    assert due_days("30 days", "2024-02-26", roll="next working day") == ["2024-03-27"]
    backwards = within("1 month before", roll="next working day")
    rows = both_trails(plan(backwards, period="2024"), spans(("2024-07-01", "2024-06-03")))
    assert rows[0]["due"] == day("2024-06-03")


def test_s08_the_plan_rolls_where_the_target_does_not_say() -> None:
    own, plans = within("1 month", id="own", roll="none"), within("1 month", id="plans")
    made = plan(own, plans, period="2024", roll="next working day")
    rows = both_trails(made, spans(("2024-05-01", "2024-06-03")))
    assert [(row["target"], row["due"], row["met"]) for row in rows] == [
        ("own", day("2024-06-01"), False),
        ("plans", day("2024-06-03"), True),
    ]


def test_s08_rolling_goes_by_the_targets_calendar_and_ends_with_it() -> None:
    assert due_days("1 day", "2024-12-30", roll="next working day", calendar=OWN) == ["2024-12-31"]
    assert due_days("1 day", "2024-12-31", roll="next working day", calendar=OWN) == [
        "outside the calendar"
    ]
    # 28 December 2024 is a Saturday, and 2025 is not known.
    narrow = {"off": ["2024-12-30", "2024-12-31"], "covers": "2024"}
    assert due_days("1 day", "2024-12-27", roll="next working day", calendar=narrow) == [
        "outside the calendar"
    ]


def test_s08_a_column_of_due_dates_is_rolled_too() -> None:
    rows = cases({"filed": "2024-05-01", "decided": "2024-06-03", "due": "2024-06-01"})
    target = within({"column": "due"}, roll="next working day")
    assert both_trails(plan(target, period="2024"), rows)[0]["met"] is True


def test_s08_refused_month_ends_come_before_what_the_calendar_lacks() -> None:
    more = {"roll": "next working day", "month_end": "refuse", "calendar": OWN}
    filed = ("2024-01-31", "2024-12-20", "2024-02-01", "2025-01-31")
    assert due_days("1 month", *filed, **more) == [
        "refused month end",
        "outside the calendar",
        "2024-03-01",
        "refused month end",
    ]


def test_s08_a_due_date_rolls_to_the_next_working_day_where_that_is_asked() -> None:
    # 14 March and 30 days are Maundy Thursday.
    cells = {"filed": D(2017, 3, 14), "decided": D(2017, 4, 18)}
    kinds: Sequence[tuple[Target, dict[str, Any], dt.date]] = (
        (hand_worked.within(), {}, D(2017, 4, 13)),
        (hand_worked.within(roll="next working day"), {}, D(2017, 4, 18)),
        (hand_worked.within(), {"roll": "next working day"}, D(2017, 4, 18)),
        (hand_worked.within(roll="none"), {"roll": "next working day"}, D(2017, 4, 13)),
    )
    for target, words, due in kinds:
        row = run(target, cells, **words).trail[0]
        assert (row.due, row.met) == (due, due == D(2017, 4, 18))
    assert (
        one(hand_worked.within(roll="next working day"), **{**cells, "decided": D(2017, 4, 19)}).met
        is False
    )
    # One that is a working day stays.
    row = one(
        hand_worked.within(roll="next working day"), filed=D(2017, 3, 13), decided=D(2017, 4, 1)
    )
    assert row.due == D(2017, 4, 12)


def test_s08_every_limit_in_days_rolls_and_none_by_the_clock() -> None:
    rolls: dict[str, Any] = {"roll": "next working day"}
    column = hand_worked.within(limit=DueColumn("due"), **rolls)
    row = one(column, filed=D(2017, 1, 1), decided=D(2017, 1, 9), due=D(2017, 1, 7))
    assert (row.due, row.met) == (D(2017, 1, 9), True)
    row = one(
        before(limit="1 month before", **rolls),
        due=D(2017, 5, 13),
        documented=D(2017, 4, 18),
    )
    assert (row.due, row.met) == (D(2017, 4, 18), True)
    # Rounded first: 31 May and a month are 30 June or, up, Saturday 1 July.
    row = one(hand_worked.within(limit="1 month", month_end="up", **rolls), filed=D(2017, 5, 31), decided=D(2017, 7, 3))  # fmt: skip
    assert (row.due, row.met) == (D(2017, 7, 3), True)
    row = one(
        hand_worked.within(limit="0 days", **rolls), filed=D(2017, 1, 7), decided=D(2017, 1, 9)
    )
    assert row.due == D(2017, 1, 9)
    saturday = {"filed": dt.datetime(2017, 1, 7, 9), "decided": dt.datetime(2017, 1, 7, 9, 5)}
    assert run(hand_worked.within(limit="5 minutes"), saturday, **rolls).trail[0].due == D(
        2017, 1, 7
    )


def test_s08_an_average_never_rolls() -> None:
    cells = {"filed": D(2017, 3, 13), "decided": D(2017, 4, 18)}
    outcome = run(average(limit="1 month"), cells, roll="next working day")
    assert (outcome.trail[0].due, outcome.verdict) == (D(2017, 4, 13), "missed")


def test_s08_a_day_that_cannot_be_rolled_to_is_outside_the_calendar() -> None:
    for filed, due in (
        (D(2017, 2, 28), D(2017, 3, 2)),
        (D(2017, 2, 27), None),
        (D(2017, 3, 29), D(2017, 3, 30)),
        (D(2017, 3, 31), None),
    ):
        target = hand_worked.within(limit="1 day", roll="next working day", calendar=MARCH)
        row = one(target, filed=filed, decided=D(2017, 5, 1))
        assert (row.due, row.reason) == (due, None if due else "outside the calendar")
