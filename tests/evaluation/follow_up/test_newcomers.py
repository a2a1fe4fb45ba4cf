"""What cases that are still to come can do, where it hangs on few of the days that they may have (F6)."""

from __future__ import annotations

from datetime import date

import polars as pl

import kpi

PLAN = """
id = "p"
period = { since = 2022-03-28, through = 2022-04-03 }

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided", "announced"]
dates = ["due"]

[[targets]]
id = "1"
"""
NO_CASES = pl.DataFrame(
    schema={
        "case_id": pl.String,
        "filed": pl.Date,
        "decided": pl.Date,
        "announced": pl.Date,
        "due": pl.Date,
    }
)


def of_no_cases(target: str) -> kpi.TargetResult:
    """The target on a table without a case, as of Wednesday, 30 March."""
    return kpi.evaluate(kpi.parse_plan(PLAN + target), NO_CASES, "2022-03-30")["1"]


def test_a_planned_start_may_lie_as_long_before_the_window_as_the_limit_lasts() -> None:
    """Over seven days open on Sunday, 3 April, is a case whose start was 26 March or before."""
    found = of_no_cases(
        'rule = "flow"\nstart = "due"\nend = "decided"\nlimit = "7 days"\n'
        'indicator = "backlog"\nrequires = { more_than = 1 }\n'
        "where = { due = { before = 2022-03-29 } }\n"
    )
    assert found.verdict == "open"
    assert found.possible is not None
    assert found.possible.newcomers.can_help


def test_an_entry_may_follow_a_decision_that_came_first() -> None:
    """Decided on Thursday at the earliest, and filed after that: on Friday, announced on Sunday."""
    found = of_no_cases(
        'rule = "average"\nstart = "filed"\nend = "announced"\nlimit = "1 days"\n'
        "trimmed = 34\n"
        'where = { decided = { before = { date = "filed" } } }\n'
    )
    assert found.possible is not None
    assert found.possible.possible.worst == 2


def test_a_late_case_helps_where_late_cases_are_asked_for() -> None:
    """Nobody is in time, as whoever is announced is left out; a case due on Thursday is late."""
    found = of_no_cases(
        'rule = "within"\nstart = "filed"\nend = "announced"\nlimit = { column = "due" }\n'
        'denominator = "cohort"\non = "filed"\nlate = { at_least = 1 }\n'
        "unless = { announced = { since = 2022-03-01 } }\n"
    )
    assert found.possible is not None
    assert (found.possible.newcomers.can_help, found.possible.newcomers.can_hurt) == (True, True)


def test_a_value_that_nobody_has_yet_may_come_with_too_few_cases() -> None:
    """Two of kind a are decided, as asked of each kind; one of kind b alone would be one too few."""
    cases = pl.DataFrame(
        {
            "case_id": ["1", "2"],
            "filed": [date(2022, 3, 28), date(2022, 3, 28)],
            "decided": [date(2022, 3, 29), date(2022, 3, 30)],
            "announced": [None, None],
            "due": [None, None],
            "kind": ["a", "a"],
        },
        schema_overrides={"announced": pl.Date, "due": pl.Date},
    )
    count = 'rule = "count"\non = "decided"\neach = "kind"\nrequires = { at_least = %d }\n'
    found = kpi.evaluate(kpi.parse_plan(PLAN + count % 2), cases, "2022-03-30")["1"]
    assert [kind.verdict for kind in found.each] == ["secured"]
    assert found.verdict == "open"
    assert found.possible is not None
    assert found.possible.newcomers.can_hurt
    found = kpi.evaluate(kpi.parse_plan(PLAN + count % 1), cases, "2022-03-30")["1"]
    assert found.verdict == "secured"


def test_a_value_that_nobody_has_yet_may_come_with_a_case_that_leaves_again() -> None:
    """A case of kind a is open for good; one of kind b, filed and decided, would leave no stock of b."""
    cases = pl.DataFrame(
        {
            "case_id": ["1", "2"],
            "filed": [date(2022, 3, 28), date(2022, 3, 29)],
            "decided": [None, None],
            "kind": ["a", "a"],
        },
        schema_overrides={"decided": pl.Date},
    )
    stock = (
        'rule = "stock"\nstart = "filed"\nend = "decided"\neach = "kind"\nlevel = { at_least = 1 }\n'
        "at = { end_of = 2022-04-03 }\n"
    )
    found = kpi.evaluate(kpi.parse_plan(PLAN + stock), cases, "2022-03-30")["1"]
    assert found.verdict == "open"
    assert found.possible is not None
    assert found.possible.newcomers.can_hurt


def test_a_base_whose_population_hangs_on_events_to_come_says_nothing() -> None:
    """An open case was in the stock of 28 March; once it is decided it is of no population at all."""
    cases = pl.DataFrame(
        {"case_id": ["1"], "filed": [date(2022, 3, 26)], "decided": [None]},
        schema_overrides={"decided": pl.Date},
    )
    stock = (
        'rule = "stock"\nstart = "filed"\nend = "decided"\nat = { end_of = 2022-04-03 }\n'
        "against = { end_of = 2022-03-28 }\ndifference = { at_least = -2 }\n"
    )
    of_all = kpi.evaluate(kpi.parse_plan(PLAN + stock), cases, "2022-03-30")["1"]
    # One case leaves at most.
    assert of_all.verdict == "secured"
    of_open = stock + "where = { decided = { missing = true } }\n"
    found = kpi.evaluate(kpi.parse_plan(PLAN + of_open), cases, "2022-03-30")["1"]
    assert (found.verdict, found.possible) == ("open", None)
