"""Pauses whose end is derived from other dates (S14): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

import kpi
from kpi.testing.oracle import Outcome
from tests.builders import cases
from tests.counting_rules.hand_worked import CASES, REQUESTS, D, asked, m, plan, rows, within

DECIDED = D(2017, 3, 31)

CAPPED = evolve(
    REQUESTS,
    until="ends",
    derived={"ends": {"date": "asked", "plus": "14 days", "at_latest": "answered"}},
)
EITHER = evolve(
    REQUESTS,
    until="ends",
    derived={
        "cap": {"date": "asked", "plus": "14 days"},
        "ends": {"earliest": ["answered", "cap"]},
    },
)
"""Paused until the answer, and for 14 days at most: said in two ways."""


def paused(
    table: kpi.Table,
    *requests: tuple[dt.date, dt.date | None],
    as_of: dt.date | None = None,
    limit: str = "20 days",
    decided: dt.date | None = DECIDED,
) -> Outcome:
    """What becomes of one case of 1 March that is paused by requests."""
    case = {"filed": m(1), "decided": decided}
    pauses = [{"of": "c0", "asked": since, "answered": to} for since, to in requests]
    target = within(limit, pauses="requests", denominator="overdue")
    tables: dict[str, Any] = {"cases": rows(case), "requests": pauses}
    return asked(plan(target, tables=[CASES, table]), tables, as_of)["1"]


@pytest.mark.parametrize("table", [CAPPED, EITHER])
@pytest.mark.parametrize(
    ("requests", "days", "due"),
    [
        ([(m(5), m(10))], 5, m(26)),  # answered before the 14 days are over
        ([(m(5), m(19))], 14, D(2017, 4, 4)),
        ([(m(5), m(20))], 14, D(2017, 4, 4)),
        ([(m(5), None)], 14, D(2017, 4, 4)),
        ([(m(5), None), (m(12), m(20))], 15, D(2017, 4, 5)),  # from the 5th to the 20th
        ([(m(20), None)], 11, D(2017, 4, 1)),  # to the end of the case
        ([(m(5), m(4))], 0, m(21)),  # rejected: answered before it was asked
    ],
)
def test_s14_a_pause_ends_by_itself(
    table: kpi.Table, requests: list[tuple[dt.date, dt.date | None]], days: int, due: dt.date
) -> None:
    (row,) = paused(table, *requests).trail
    assert (row.paused, row.due) == (days, due)


def test_s14_a_derived_end_follows_what_is_known() -> None:
    """Asked on the 9th and answered on the 30th: paused through the 22nd, due again on the 25th."""
    for as_of, bucket, due in (
        (m(9), "undetermined", None),
        (m(22), "undetermined", None),
        (m(23), "undetermined", None),
        (m(24), "undetermined", None),
        (m(25), "counted", m(25)),
        (m(31), "counted", m(25)),
    ):
        outcome = paused(EITHER, (m(9), m(30)), as_of=as_of, limit="10 days", decided=None)
        assert [(row.bucket, row.due) for row in outcome.trail] == [(bucket, due)], as_of


def test_s14_as_long_as_an_end_is_to_come_there_is_no_due_date() -> None:
    """Open on the 22nd, on which the pause is not over: in time, whenever it will be due (S29)."""
    target = within("10 days", pauses="requests", denominator="open", at=kpi.EndOf(m(22)))
    pauses = [{"of": "c0", "asked": m(9), "answered": None}]
    tables = {"cases": rows({"filed": m(1)}), "requests": pauses}
    made = plan(target, tables=[CASES, CAPPED])
    (row,) = asked(made, tables, m(22))["1"].trail
    assert (row.bucket, row.met, row.due) == ("counted", True, None)


def test_s14_a_derived_end_before_the_beginning_pauses_nothing() -> None:
    table = evolve(
        REQUESTS, until="ends", derived={"ends": {"date": "answered", "minus": "3 days"}}
    )
    (row,) = paused(table, (m(5), m(6))).trail
    assert (row.paused, row.due) == (0, m(21))
    both = evolve(table, last_day="paused")
    (row,) = paused(both, (m(5), m(8))).trail
    assert (row.paused, row.due) == (1, m(22))


def test_s14_a_pause_may_last_as_long_as_its_row_says() -> None:
    table = kpi.Table(
        "requests",
        key="of",
        entry="asked",
        pauses="cases",
        until="ends",
        derived={"ends": {"date": "asked", "plus_days": "days"}},
    )
    target = within("20 days", pauses="requests")
    pauses = [{"of": "c0", "asked": m(5), "days": 7}, {"of": "c0", "asked": m(20), "days": None}]
    tables = {"cases": rows({"filed": m(1), "decided": m(31)}), "requests": pauses}
    (row,) = asked(plan(target, tables=[CASES, table]), tables)["1"].trail
    # 7 days, and from the 20th to the end of the case.
    assert (row.paused, row.due) == (18, D(2017, 4, 8))


def test_s14_what_lies_before_its_beginning_is_rejected_by_name() -> None:
    frame = cases({"filed": "2017-03-01", "decided": "2017-03-31"})
    wrong: list[dict[str, Any]] = [{"of": "1", "asked": m(5), "answered": m(4)}]
    made = plan(within("20 days", pauses="requests"), tables=[CASES, CAPPED])
    frame = frame.with_columns(documented=None, announced_on=None, due=None)
    notes = kpi.evaluate(made, {"cases": frame, "requests": wrong}).notes
    assert "requests: 1 of 1 row rejected: answered before asked" in notes
