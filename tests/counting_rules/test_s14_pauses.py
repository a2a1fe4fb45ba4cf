"""Pauses (S14): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest

import kpi
from kpi.definitions.table import Table
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.builders import (
    TABLE,
    WAITING,
    average,
    both_trails,
    cases,
    day,
    paused,
    pauses,
    spans,
    within,
)
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import CASES, MARCH_LONG, REQUESTS, Asked, D, m, plan


@pytest.mark.parametrize(
    ("intervals", "days"),
    [
        ([], 0),
        ([("2017-03-10", "2017-03-20")], 10),
        # Overlapping, touching, one within another, twice the same: the union.
        ([("2017-03-10", "2017-03-20"), ("2017-03-15", "2017-03-25")], 15),
        ([("2017-03-10", "2017-03-20"), ("2017-03-20", "2017-03-25")], 15),
        ([("2017-03-10", "2017-03-25"), ("2017-03-12", "2017-03-13")], 15),
        ([("2017-03-10", "2017-03-20"), ("2017-03-10", "2017-03-20")], 10),
        ([("2017-03-20", "2017-03-25"), ("2017-03-10", "2017-03-12")], 7),
        # Clipped to [1 March, 31 March].
        ([("2017-02-01", "2017-03-05")], 4),
        ([("2017-03-25", "2017-04-30")], 6),
        ([("2017-01-01", "2017-02-01"), ("2017-05-01", None)], 0),
        ([("2017-01-01", None)], 30),
        # Open: until the case's end.
        ([("2017-03-10", None)], 21),
        ([("2017-03-10", None), ("2017-03-12", "2017-03-14")], 21),
        # An interval of no days.
        ([("2017-03-10", "2017-03-10")], 0),
    ],
)
def test_s14_pauses_are_merged_clipped_and_deducted(
    intervals: list[tuple[str, str | None]], days: int
) -> None:
    made = paused(within("20 days", pauses="waiting"))
    frame = spans(("2017-03-01", "2017-03-31"), ("2017-03-01", "2017-03-31"))
    rows = both_trails(made, {"cases": frame, "waiting": pauses(*((1, *its) for its in intervals))})
    first, second = rows
    assert (first["gross"], first["days"], first["paused"]) == (30, 30 - days, days)
    # What begins after 21 March moves that due day no more.
    moved = 0 if intervals and intervals[0][0] > "2017-03-21" else days
    assert first["due"] == dt.date(2017, 3, 21) + dt.timedelta(moved)
    assert first["met"] is (30 - days <= 20)
    assert (second["gross"], second["days"], second["paused"]) == (30, 30, 0)


def test_s14_open_cases_are_paused_up_to_the_as_of_date() -> None:
    made = paused(within("30 days", pauses="waiting", denominator="overdue"))
    tables = {"cases": spans(("2017-03-01", None)), "waiting": pauses((1, "2017-03-11", None))}
    # While the pause is not over there is no due date yet.
    for as_of, due in (("2017-03-10", "2017-03-31"), ("2017-04-10", None)):
        row = both_trails(made, tables, as_of)[0]
        assert (row["bucket"], row["due"]) == ("undetermined", due and day(due)), as_of
    assert both_trails(made, tables, "2017-04-10")[0]["paused"] == 30
    # What has ended by the as-of date runs on.
    ended = {**tables, "waiting": pauses((1, "2017-03-11", "2017-03-21"))}
    row = both_trails(made, ended, "2017-04-10")[0]
    assert (row["bucket"], row["due"], row["met"]) == ("counted", day("2017-04-10"), False)
    # At that date nobody knew yet that it would end.
    row = both_trails(made, ended, "2017-03-15")[0]
    assert (row["bucket"], row["due"], row["paused"]) == ("undetermined", None, 4)


def test_s14_averages_and_percentiles_take_net_days() -> None:
    frame = spans(("2017-03-01", "2017-03-31"), ("2017-03-01", "2017-03-11"))
    tables = {"cases": frame, "waiting": pauses((1, "2017-03-05", "2017-03-15"))}
    mean = kpi.evaluate(paused(average("15 days", pauses="waiting")), tables)["t"]
    assert (mean.total, mean.value, mean.verdict) == (30, 15.0, "met")
    months = kpi.evaluate(paused(average("1 month", pauses="waiting")), tables)["t"]
    # From 1 March to 1 April are 31 days, for each of the two.
    assert (months.total, months.figures["allowed"]) == (30, 62)
    target = kpi.Percentile(
        id="t", start="filed", end="decided", percentile=100, limit="20 days", pauses="waiting"
    )
    assert kpi.evaluate(paused(target), tables)["t"].value == 20
    trimmed = kpi.evaluate(paused(average("15 days", pauses="waiting", fastest=50)), tables)["t"]
    assert (trimmed.total, trimmed.counted) == (10, 1)


def test_s14_paused_cases_can_be_left_out() -> None:
    frame = spans(*[("2017-03-01", "2017-03-31")] * 4, (None, "2017-03-31"))
    its = pauses(
        (1, "2017-03-30", None),
        (2, "2017-03-31", None),  # for no day before it ended
        (3, "2017-02-01", "2017-03-01"),
        (5, "2017-03-10", "2017-03-12"),
    )
    rows = both_trails(
        paused(within("20 days", unless_paused="waiting")), {"cases": frame, "waiting": its}
    )
    assert [row["reason"] or row["bucket"] for row in rows] == [
        "left out: paused by waiting",
        "counted",
        "counted",
        "counted",
        "start missing",
    ]
    assert [row["paused"] for row in rows] == [None] * 5


def test_s14_where_a_table_of_several_pauses_is_lacking_nothing_is_known() -> None:
    other = kpi.Table("appeals", key="case", entry="from", events="to", pauses="cases")
    target = within("20 days", pauses=["waiting", "appeals"])
    made = kpi.Plan(id="p", period="2017", tables=[TABLE, WAITING, other], targets=[target])
    tables = {
        "cases": spans(("2017-03-01", "2017-03-31")),
        "waiting": pauses((1, "2017-03-05", "2017-03-10")),
    }
    result = kpi.evaluate(made, tables)
    assert result["t"].verdict == "not_assessable"
    assert "no table appeals in the extract: not assessable: t" in result.notes
    assert result.audit().collect().is_empty()


def test_s14_a_reset_is_a_later_start() -> None:
    """The clock starts again when the case was sent back, where it was."""
    table = kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events=["documented", "decided"],
        derived={"restarted": {"latest": ["filed", "documented"]}},
    )
    target = within("1 month", start="restarted")
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    frame = cases(
        {"filed": "2017-01-01", "documented": "2017-03-01", "decided": "2017-04-01"},
        {"filed": "2017-01-01", "decided": "2017-04-01"},
    )
    assert [(row["due"], row["met"]) for row in both_trails(made, frame.drop("due"))] == [
        (day("2017-04-01"), True),
        (day("2017-02-01"), False),
    ]


@pytest.mark.parametrize(
    ("requests", "days"),
    [
        ([], 0),
        ([(m(5), m(10))], 5),
        # From a day, up to another that counts again; a pause of no day takes none.
        ([(m(5), m(6))], 1),
        ([(m(5), m(5))], 0),
        # Each day once, whether pauses overlap, touch, or lie in each other.
        ([(m(5), m(10)), (m(8), m(12))], 7),
        ([(m(5), m(10)), (m(10), m(12))], 7),
        ([(m(5), m(20)), (m(8), m(12))], 15),
        ([(m(5), m(10)), (m(11), m(12))], 6),
        # Clipped to the time of the case.
        ([(D(2017, 2, 1), m(3))], 2),
        ([(m(30), D(2017, 4, 10))], 1),
        ([(m(31), D(2017, 4, 10))], 0),
        ([(D(2017, 2, 1), m(1))], 0),
        ([(D(2017, 2, 1), D(2017, 4, 10))], 30),
        # Until the end of the case, where nothing ended it before.
        ([(m(21), None)], 10),
        # Not usable: without a beginning, and the wrong way round.
        ([(None, m(10))], 0),
        ([(m(10), m(5))], 0),
        ([(m(10), m(5)), (m(5), m(6))], 1),
    ],
)
def test_s14_the_days_of_pauses_are_deducted(requests: list[Asked], days: int) -> None:
    """Thirty days from filing to decision, less the pauses."""
    net = 30 - days
    due = m(31) + dt.timedelta(days=days)
    row = hand_worked.paused(
        hand_worked.within(limit="30 days", pauses="requests"), MARCH_LONG, *requests
    ).trail[0]
    assert row == Row("counted", met=True, days=net, due=due, paused=days)
    shorter = hand_worked.within(limit=f"{max(net - 1, 0)} days", pauses="requests")
    assert hand_worked.paused(shorter, MARCH_LONG, *requests).met == (1 if net == 0 else 0)
    outcome = hand_worked.paused(
        average(limit=f"{net} days", pauses="requests"), MARCH_LONG, *requests
    )
    assert (outcome.total, outcome.verdict) == (net, "met")
    target = hand_worked.percentile(limit=f"{net} days", pauses="requests")
    outcome = hand_worked.paused(target, MARCH_LONG, *requests)
    assert (outcome.value, outcome.verdict) == (Fraction(net), "met")
    assert outcome.trail[0] == Row("counted", days=net, paused=days)
    # Only where the target asks for it.
    assert hand_worked.paused(hand_worked.within(), MARCH_LONG, *requests).trail[0] == Row(
        "counted", None, True, 30, m(31)
    )


def test_s14_pauses_of_several_tables_are_merged() -> None:
    both: dict[str, Any] = {"hearings": [(m(8), m(12))]}
    target = hand_worked.within(pauses=("requests", "hearings"))
    assert hand_worked.paused(target, MARCH_LONG, (m(5), m(10)), **both).trail[0].paused == 7
    target = hand_worked.within(pauses="hearings")
    assert hand_worked.paused(target, MARCH_LONG, (m(5), m(10)), **both).trail[0].paused == 4


def test_s14_a_pause_is_of_its_own_case() -> None:
    tables = {
        "cases": hand_worked.rows(MARCH_LONG, MARCH_LONG),
        "requests": [{"of": "c1", "asked": m(5), "answered": m(10)}, {"of": "c7", "asked": m(5), "answered": None}],
    }  # fmt: skip
    known = plan(hand_worked.within(pauses="requests"), tables=[CASES, REQUESTS])
    found = oracle.evaluate(known, tables)["1"]
    assert [row.paused for row in found.trail] == [0, 5]


def test_s14_a_key_of_two_columns_is_met_by_its_order() -> None:
    cases = Table("cases", key=("office", "number"), entry="filed", events="decided")
    requests = Table("requests", key=("o", "n"), entry="asked", events="answered", pauses="cases")
    tables: dict[str, Sequence[Mapping[str, object]]] = {
        "cases": [{"office": o, "number": n, **MARCH_LONG} for o, n in ((1, 2), (2, 1))],
        "requests": [{"n": 2, "o": 1, "asked": m(5), "answered": m(10)}],
    }
    known = plan(hand_worked.within(pauses="requests"), tables=[cases, requests])
    assert [row.paused for row in oracle.evaluate(known, tables)["1"].trail] == [5, 0]


def test_s14_an_open_case_is_paused_until_as_of() -> None:
    target = hand_worked.within(denominator="cohort", pauses="requests")
    for requests, days in (
        ([(m(11), None)], 20),
        # Later ones are not there yet, and that one has ended is not known yet.
        ([(m(11), D(2017, 4, 1))], 20),
        ([(m(11), m(13))], 2),
        ([(m(31), None)], 0),
        ([(D(2017, 4, 1), None)], 0),
    ):
        row = hand_worked.paused(target, {"filed": m(1)}, *requests, as_of=m(31)).trail[0]
        # While it is paused it has no due date; a pause that is not there yet changes nothing.
        since, to = requests[0]
        waits = since <= m(31) and (to is None or to > m(31))
        due = None if waits else m(31) + dt.timedelta(days=days)
        assert row == Row("counted", met=False, due=due, paused=days)


def test_s14_what_is_open_and_paused_is_not_overdue() -> None:
    target = hand_worked.within(denominator="overdue", limit="20 days", pauses="requests")
    cells = {"filed": m(1)}
    assert hand_worked.paused(target, cells, as_of=m(21)).trail[0].met is False
    assert hand_worked.paused(target, cells, (m(20), None), as_of=m(21)).trail[0] == Row(
        "undetermined"
    )
    target = hand_worked.within(
        denominator="due", limit="20 days", window="2017-03", pauses="requests"
    )
    assert hand_worked.paused(target, cells, as_of=m(31)).trail[0].due == m(21)
    assert hand_worked.paused(target, cells, (m(1), m(11)), as_of=m(31)).trail[0].due == m(31)
    assert hand_worked.paused(target, cells, (m(1), m(12)), as_of=m(31)).trail[0] == Row("outside")


def test_s14_an_average_is_net_on_both_sides() -> None:
    """36 days less 5 are 31; a month from 1 March is 31 days."""
    cells = {"filed": m(1), "decided": D(2017, 4, 6)}
    outcome = hand_worked.paused(
        average(limit="1 month", pauses="requests"),
        cells,
        (m(5), m(10)),
    )
    assert (outcome.total, outcome.figures, outcome.verdict) == (31, {"allowed": 31}, "met")
    assert outcome.trail[0].due == D(2017, 4, 1)
    outcome = hand_worked.paused(
        average(limit="1 month", pauses="requests"),
        cells,
        (m(5), m(9)),
    )
    assert (outcome.total, outcome.figures, outcome.verdict) == (32, {"allowed": 31}, "missed")


def test_s14_a_paused_case_is_left_out_where_that_is_asked() -> None:
    for make in (hand_worked.within, average, hand_worked.percentile):
        target = make(unless_paused="requests")
        assert hand_worked.paused(target, MARCH_LONG, (m(5), m(6))).trail == (Row("outside"),)
        for requests in (
            [],
            [(m(5), m(5))],
            [(D(2017, 2, 1), m(1))],
            [(m(31), None)],
        ):
            assert hand_worked.paused(target, MARCH_LONG, *requests).trail[0].bucket == "counted"
        assert (
            hand_worked.paused(target, MARCH_LONG, hearings=[(m(5), m(6))]).trail[0].bucket
            == "counted"
        )
    # Without a start it was paused at no time of its own.
    row = hand_worked.paused(
        hand_worked.within(unless_paused="requests"),
        {"decided": m(31)},
        (m(5), m(6)),
    ).trail[0]
    assert row.reason == "start missing"


def test_s14_a_table_of_pauses_that_is_lacking_leaves_a_target_not_assessable() -> None:
    tables = {"cases": hand_worked.rows(MARCH_LONG)}
    for words in ({"pauses": "requests"}, {"unless_paused": "requests"}):
        outcome = oracle.evaluate(
            plan(hand_worked.within(**words), tables=[CASES, REQUESTS]),
            tables,
        )["1"]
        assert (outcome.rows, outcome.value, outcome.verdict) == (0, None, "not_assessable")
    outcome = oracle.evaluate(plan(hand_worked.within(), tables=[CASES, REQUESTS]), tables)["1"]
    assert outcome.verdict == "met"
