"""Clocks that start again at the last event before the end (S36): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

import kpi
from kpi.testing.oracle import Row
from tests.counting_rules.hand_worked import CASES, Cells, derived_due, m, of, within

RESTARTED = {"restarted": {"latest": ["filed", "documented", "announced_on"], "before": "decided"}}


def became(**cells: Any) -> Row:
    """What becomes of one case whose clock starts again."""
    case: Cells = {"case_id": "a", **cells}
    table = evolve(CASES, derived=RESTARTED)
    return of(within("10 days", start="restarted"), table, case).trail[0]


@pytest.mark.parametrize(
    ("documented", "announced_on", "days"),
    [
        (None, None, 19),
        (m(5), None, 15),
        (m(5), m(8), 12),
        (m(8), m(5), 12),
        # What came after the decision of 20 March changes nothing.
        (m(5), m(21), 15),
        (m(21), m(25), 19),
        # On the day of the decision nothing tells the order, and the clock starts again.
        (m(20), None, 0),
        (m(5), m(20), 0),
    ],
)
def test_s36_the_clock_starts_again_at_the_last_date_before_the_end(
    documented: dt.date | None, announced_on: dt.date | None, days: int
) -> None:
    row = became(filed=m(1), documented=documented, announced_on=announced_on, decided=m(20))
    assert (row.bucket, row.days, row.met) == ("counted", days, days <= 10)


def test_s36_as_long_as_a_case_is_open_every_known_date_counts() -> None:
    cells: dict[str, Any] = {"filed": m(1), "documented": m(8), "announced_on": m(25)}
    for as_of, start in ((m(7), m(1)), (m(8), m(8)), (m(24), m(8)), (m(25), m(25)), (None, m(25))):
        assert derived_due(RESTARTED, as_of, **cells) == start, as_of
    # Decided on 20 March; the letter of the 25th is none of that case's any more.
    for as_of, start in ((m(7), m(1)), (m(19), m(8)), (m(20), m(8)), (m(31), m(8))):
        assert derived_due(RESTARTED, as_of, decided=m(20), **cells) == start, as_of


def test_s36_a_case_filed_and_decided_on_one_day_takes_no_days() -> None:
    assert became(filed=m(1), decided=m(1)).days == 0


def test_s36_where_all_dates_come_after_the_end_there_is_no_start() -> None:
    assert became(filed=m(5), documented=m(6), decided=m(4)).reason == "start missing"


def test_s36_the_first_date_before_the_end() -> None:
    made = {"first": {"earliest": ["documented", "announced_on"], "before": "decided"}}
    assert derived_due(made, filed=m(1), documented=m(9), announced_on=m(4)) == m(4)
    assert derived_due(made, filed=m(1), documented=m(9), announced_on=m(4), decided=m(6)) == m(4)
    assert derived_due(made, filed=m(1), documented=m(9), announced_on=m(7), decided=m(6)) is None
    # The bound may be a derived date itself.
    late = {
        "by": {"date": "filed", "plus": "1 week"},
        "late": {"latest": ["documented", "announced_on"], "before": "by"},
    }
    assert derived_due(late, filed=m(1), documented=m(8), announced_on=m(9)) == m(8)


@pytest.mark.parametrize(
    ("letters", "days"),
    [([], 19), ([5, 8], 12), ([5, 21], 15), ([20], 0)],
)
def test_s36_cases_of_an_event_log_start_again_by_the_same_rule(
    letters: list[int], days: int
) -> None:
    """Letters of the day of the decision, which the log holds ahead of it, start the clock again."""
    log = [("a", "submitted", m(1)), *(("a", "letter", m(day)) for day in letters)]
    log.append(("a", "decision", m(20)))
    dates: dict[str, Any] = {
        "filed": "submitted",
        "decided": "decision",
        "letter": {"last": "letter", "before": "decided"},
    }
    found = kpi.cases_from_events(
        [dict(zip(("case_id", "event", "time"), row, strict=True)) for row in log],
        case="case_id", event="event", time="time", dates=dates,
    )  # fmt: skip
    table = kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events=["letter", "decided"],
        derived={"restarted": {"latest": ["filed", "letter"], "before": "decided"}},
    )
    plan = kpi.Plan(
        id="p", period="2017", tables=[table], targets=[within("10 days", start="restarted")]
    )
    (row,) = kpi.evaluate(plan, {"cases": found.cases}).audit().collect().to_dicts()
    assert row["days"] == days
