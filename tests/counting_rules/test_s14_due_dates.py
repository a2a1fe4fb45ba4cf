"""Due dates and working days of paused cases (S14): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.definitions.limits import Dated, DueColumn
from kpi.definitions.time_units import parse_span
from kpi.testing.oracle import Row
from tests.builders import PLAIN_TABLE, both_trails, cases, day, paused, pauses, spans, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import EASTER_DUE, MARCH, MARCH_LONG, D, m


def test_s14_a_month_limit_is_rounded_first_and_then_moved() -> None:
    """31 January + 1 month is 28 February, and two days more 2 March; not 2 February + 1 month."""
    made = paused(within("1 month", pauses="waiting"))
    frame = spans(("2017-01-31", "2017-03-02"), ("2017-01-31", "2017-03-03"))
    its = pauses((1, "2017-02-10", "2017-02-12"), (2, "2017-02-10", "2017-02-12"))
    rows = both_trails(made, {"cases": frame, "waiting": its})
    assert [(row["due"], row["met"]) for row in rows] == [
        (day("2017-03-02"), True),
        (day("2017-03-02"), False),
    ]
    # 31 January and a month are 28 February, and five days more 5 March; never 36 days in one.
    cells = {"filed": D(2017, 1, 31), "decided": m(5)}
    target = hand_worked.within(limit="1 month", pauses="requests")
    row = hand_worked.paused(target, cells, (D(2017, 2, 1), D(2017, 2, 6))).trail[0]
    assert (row.due, row.met, row.days) == (m(5), True, 28)
    row = hand_worked.paused(hand_worked.within(limit="1 month", month_end="up", pauses="requests"), cells, (D(2017, 2, 1), D(2017, 2, 6))).trail[0]  # fmt: skip
    assert row.due == m(6)
    row = hand_worked.paused(
        hand_worked.within(limit="1 month", month_end="refuse", pauses="requests"), cells
    ).trail[0]
    assert row.reason == "refused month end"


def test_s14_then_it_is_rolled() -> None:
    """31 March 2017 and one day is a Saturday, and so Monday 3 April."""
    made = paused(within("30 days", pauses="waiting", roll="next working day"))
    its = pauses((1, "2017-03-10", "2017-03-11"))
    rows = both_trails(made, {"cases": spans(("2017-03-01", "2017-04-03")), "waiting": its})
    assert (rows[0]["due"], rows[0]["met"]) == (day("2017-04-03"), True)


def test_s14_pauses_in_working_days() -> None:
    """Paused from Thursday to Tuesday: Thursday, Friday and Monday do not count."""
    made = paused(within("3 working days", pauses="waiting"))
    frame = spans(("2017-03-01", "2017-03-09"), ("2017-03-01", "2017-03-10"))
    its = pauses((1, "2017-03-02", "2017-03-07"), (2, "2017-03-02", "2017-03-07"))
    rows = both_trails(made, {"cases": frame, "waiting": its})
    # 7, 8 and 9 March are the three days that count.
    assert [(row["due"], row["met"], row["paused"]) for row in rows] == [
        (day("2017-03-09"), True, 5),
        (day("2017-03-09"), False, 5),
    ]
    weekend = pauses((1, "2017-03-04", "2017-03-06"), (2, "2017-03-01", "2017-03-02"))
    rows = both_trails(made, {"cases": frame, "waiting": weekend})
    # A weekend takes none of them, and neither does the day of the start, which never counts.
    assert [row["due"] for row in rows] == [day("2017-03-06")] * 2


@pytest.mark.parametrize("decided", ["2017-03-06", "2017-03-07", "2017-03-10", "2017-03-11"])
def test_s14_no_working_day_goes_by_while_a_case_is_paused(decided: str) -> None:
    """2 and 3 March count; the third working day that does is the 13th, however late in the pause."""
    its = pauses((1, "2017-03-06", "2017-03-13"))
    frame = spans(("2017-03-01", decided))
    for limit, met in (("3 working days", True), ("2 working days", False)):
        made = paused(within(limit, pauses="waiting"))
        row = both_trails(made, {"cases": frame, "waiting": its})[0]
        assert row["met"] is met
        assert met or row["due"] == day("2017-03-03")


@pytest.mark.parametrize(
    ("limit", "intervals", "due"),
    [
        # Due on 11 March; what begins later moves it no more, and what begins that day does.
        ("10 days", [("2017-03-12", "2017-03-15")], "2017-03-11"),
        ("10 days", [("2017-03-11", "2017-03-15")], "2017-03-15"),
        # A first pause moves it to 13 March, and so the second one counts, and the third does not.
        (
            "10 days",
            [
                ("2017-03-03", "2017-03-05"),
                ("2017-03-13", "2017-03-15"),
                ("2017-03-16", "2017-03-20"),
            ],
            "2017-03-15",
        ),
        ("1 month", [("2017-04-02", "2017-04-05")], "2017-04-01"),
        ("1 month", [("2017-04-01", "2017-04-05")], "2017-04-05"),
        ({"column": "due"}, [("2017-03-21", "2017-03-25")], "2017-03-20"),
        ({"column": "due"}, [("2017-03-20", "2017-03-25")], "2017-03-25"),
        # 2, 3 and 6 March: a pause from 7 March comes too late, one from 6 March does not.
        ("3 working days", [("2017-03-07", "2017-03-15")], "2017-03-06"),
        ("3 working days", [("2017-03-06", "2017-03-08")], "2017-03-08"),
        (
            "3 working days",
            [("2017-03-02", "2017-03-03"), ("2017-03-07", "2017-03-08")],
            "2017-03-08",
        ),
        (
            "3 working days",
            [("2017-03-02", "2017-03-03"), ("2017-03-08", "2017-03-15")],
            "2017-03-07",
        ),
    ],
)
def test_s14_a_due_day_that_is_over_is_not_moved_any_more(
    limit: Any, intervals: list[tuple[str, str]], due: str
) -> None:
    made = paused(within(limit, pauses="waiting"))
    frame = cases({"filed": "2017-03-01", "decided": "2017-06-01", "due": "2017-03-20"})
    its = pauses(*((1, *pair) for pair in intervals))
    row = both_trails(made, {"cases": frame, "waiting": its})[0]
    assert row["due"] == day(due)
    # The net days are without every paused day, whenever it was.
    paused_days = [dt.date.fromisoformat(b) - dt.date.fromisoformat(a) for a, b in intervals]
    assert row["paused"] == sum(span.days for span in paused_days)


def test_s14_decided_a_day_later_is_never_more_in_time() -> None:
    """Paused after the due day and rolled: the due day must not follow the decision over a weekend."""
    made = paused(within("8 days", pauses="waiting", roll="next working day"))
    days = [f"2017-03-{n:02}" for n in range(8, 16)]
    frame = spans(*(("2017-03-01", decided) for decided in days))
    its = pauses(*((n, "2017-03-10", None) for n in range(1, 9)))
    # Due on Thursday 9 March.
    rows = both_trails(made, {"cases": frame, "waiting": its})
    assert [row["met"] for row in rows] == [True, True, *[False] * 6]


def test_s14_pauses_that_the_calendar_does_not_cover() -> None:
    calendar = {"covers": "2017-03"}
    made = paused(within("3 working days", pauses="waiting", calendar=calendar))
    frame = spans(("2017-03-01", "2017-04-30"), ("2017-03-01", "2017-04-30"))
    its = pauses((1, "2017-03-02", "2017-03-07"), (2, "2017-03-02", "2017-04-07"))
    rows = both_trails(made, {"cases": frame, "waiting": its})
    assert [row["reason"] for row in rows] == [None, "outside the calendar"]
    # Due on 6 March, before what the calendar does not know.
    its = pauses((1, "2017-04-07", "2017-04-10"), (2, "2017-03-07", None))
    rows = both_trails(made, {"cases": frame, "waiting": its})
    assert [row["due"] for row in rows] == [day("2017-03-06")] * 2


def test_s14_a_due_date_of_a_column_is_moved_too() -> None:
    cells = {**MARCH_LONG, "due": m(28)}
    target = hand_worked.within(limit=DueColumn("due"), pauses="requests")
    assert hand_worked.paused(target, cells).trail[0].met is False
    row = hand_worked.paused(target, cells, (m(5), m(8))).trail[0]
    assert (row.due, row.met) == (m(31), True)


def test_s14_rolling_is_the_last_step() -> None:
    # 13 March, 10 days paused: Thursday 23 March; 13 February, 31 days: Maundy Thursday.
    target = hand_worked.within(limit="1 month", pauses="requests", roll="next working day")
    cells = {"filed": D(2017, 2, 13), "decided": D(2017, 4, 18)}
    row = hand_worked.paused(target, cells, (m(1), D(2017, 4, 1))).trail[0]
    assert (row.due, row.met, row.paused) == (D(2017, 4, 18), True, 31)


def test_s14_paused_working_days_come_on_top_of_a_limit_in_working_days() -> None:
    # The 11th, 12th and 18th are paused working days: Easter lies between.
    cells: dict[str, object] = {"filed": D(2017, 4, 7), "decided": D(2017, 4, 24)}
    target = hand_worked.within(limit="5 working days", pauses="requests")
    pause = (D(2017, 4, 11), D(2017, 4, 19))
    row = hand_worked.paused(target, cells, pause).trail[0]
    assert row == Row("counted", met=True, days=9, due=D(2017, 4, 24), paused=8)
    # A decision within the pause ends it, and lies in it: it takes the 11th, the 12th and the 18th.
    early = {**cells, "decided": D(2017, 4, 18)}
    assert hand_worked.paused(target, early, pause).trail[0].due == D(2017, 4, 24)
    # Due on the 11th, the second working day: a pause from the 12th comes too late.
    row = hand_worked.paused(
        hand_worked.within(limit="2 working days", pauses="requests"), cells, (D(2017, 4, 12), None)
    ).trail[0]
    assert (row.due, row.met) == (D(2017, 4, 11), False)
    # The start is not counted, and so it is not paused: Monday alone is.
    row = hand_worked.paused(target, cells, (D(2017, 4, 7), D(2017, 4, 11))).trail[0]
    assert (row.due, row.paused) == (D(2017, 4, 20), 4)
    # Holidays and weekends come on top of nothing.
    row = hand_worked.paused(target, cells, (D(2017, 4, 13), D(2017, 4, 18))).trail[0]
    assert (row.due, row.paused) == (EASTER_DUE, 5)


def test_s14_a_pause_that_the_calendar_does_not_cover() -> None:
    cells = {"filed": m(6), "decided": D(2017, 5, 31)}
    target = hand_worked.within(limit="1 working day", pauses="requests", calendar=MARCH)
    assert hand_worked.paused(target, cells, (m(7), m(8))).trail[0].due == m(8)
    row = hand_worked.paused(target, cells, (m(7), D(2017, 5, 3))).trail[0]
    assert row == Row("excluded", "outside the calendar")
    # What is paused after the end, or after it was due, is not looked at.
    for pause in ((m(8), m(9)), (D(2017, 5, 1), D(2017, 5, 3))):
        assert hand_worked.paused(target, cells, pause).trail[0].due == m(7)
    row = hand_worked.paused(
        target, {**cells, "decided": m(20)}, (D(2017, 5, 1), D(2017, 5, 3))
    ).trail[0]
    assert row.due == m(7)


def test_s14_a_pause_on_a_due_day_that_its_month_lacks() -> None:
    """A month from 31 January is 28 February, or 1 March where it is moved up."""
    waiting = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")
    pauses = pl.DataFrame({"case": ["1"], "from": [D(2017, 3, 1)], "to": [D(2017, 3, 4)]})
    for mode, due in (("down", D(2017, 2, 28)), ("up", D(2017, 3, 4))):
        target = within("1 month", month_end=mode, pauses="waiting")
        made = kpi.Plan(id="p", period="2017", tables=[PLAIN_TABLE, waiting], targets=[target])
        tables = {"cases": spans(("2017-01-31", "2017-03-31")), "waiting": pauses}
        (row,) = kpi.evaluate(made, tables).audit().collect().to_dicts()
        assert (row["due"], row["paused"], row["days"]) == (due, 3, 59 - 3)


@pytest.mark.parametrize("stop", [(22, 25), (20, 24), (1, 28)])
def test_s14_no_calendar_is_asked_where_no_working_day_goes_by(stop: tuple[int, int]) -> None:
    """A limit of no working days ends on the start's own day, whatever the calendar lacks."""
    calendar = {"off": [], "covers": {"since": "2017-03-01", "through": "2017-03-31"}}
    case = {"filed": D(2017, 2, 20), "decided": D(2017, 2, 26)}
    stops = [(D(2017, 2, stop[0]), D(2017, 2, stop[1]))]
    limit = Dated("filed", parse_span("0 working days"), ((D(2017, 2, 28), parse_span("2 days")),))
    for same in ("0 working days", limit):
        target = hand_worked.within(limit=same, pauses="waiting", calendar=calendar)
        assert hand_worked.row(target, case, waiting=stops).due == D(2017, 2, 20)
