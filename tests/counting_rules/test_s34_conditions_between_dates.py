"""S34: a value that is missing or not, and a date against another date of the case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import kpi
from kpi.testing.oracle import Row
from tests.builders import average, cases, trail
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, took

FOUR_WEEKS = took(D(2017, 1, 31), D(2017, 2, 28))


def bucket(where: dict[str, Any], words: dict[str, Any] | None = None, **cells: object) -> str:
    """The bucket of a case that took four weeks, unless its cells say otherwise."""
    target = hand_worked.within(where=where)
    return hand_worked.row(target, {**FOUR_WEEKS, **cells}, **(words or {})).bucket


def decisions(**words: Any) -> kpi.Target:
    """At least one decision in 2017."""
    return hand_worked.count(table="cases", on="decided", requires={"at_least": 1}, **words)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("documented", D(2017, 2, 1)),
        ("case_type", "visa"),
        ("months", 0),
        ("flag", False),
        # A column that the plan names nowhere else may hold anything, even the empty text.
        ("note", 2.5),
        ("note", ""),
    ],
)
def test_s34_a_value_of_any_kind_is_missing_or_not(column: str, value: object) -> None:
    for cell, is_missing in ((value, False), (None, True)):
        for asked in (True, False):
            expected = "counted" if asked == is_missing else "outside"
            assert bucket({column: {"missing": asked}}, None, **{column: cell}) == expected


def test_s34_an_event_that_comes_later_is_missing_until_then() -> None:
    target = hand_worked.count(
        table="cases", where={"decided": {"missing": True}}, requires={"at_least": 1}
    )
    for day, expected in ((D(2017, 2, 27), "counted"), (D(2017, 2, 28), "outside")):
        assert hand_worked.row(target, FOUR_WEEKS, as_of=day).bucket == expected


def test_s34_only_a_window_on_the_start_makes_a_null_start_excluded() -> None:
    no_start = {"filed": None, "decided": D(2017, 2, 28)}
    missing = Row("excluded", "start missing")
    for where, expected in (
        ({"filed": {"since": D(2017, 1, 1)}}, missing),
        ({"filed": {"missing": True}}, missing),
        ({"filed": {"missing": False}}, Row("outside")),
        ({"filed": {"before": {"date": "decided"}}}, Row("outside")),
        ({"decided": {"since": {"date": "filed"}}}, Row("outside")),
    ):
        assert hand_worked.row(hand_worked.within(where=where), no_start) == expected


@pytest.mark.parametrize(
    ("word", "the_day_before", "the_day_itself", "the_day_after"),
    [
        ("since", "outside", "counted", "counted"),
        ("after", "outside", "outside", "counted"),
        ("before", "counted", "outside", "outside"),
        ("through", "counted", "counted", "outside"),
    ],
)
def test_s34_a_date_is_compared_with_another_date_of_the_case(
    word: str, the_day_before: str, the_day_itself: str, the_day_after: str
) -> None:
    where = {"documented": {word: {"date": "decided"}}}
    assert bucket(where, documented=D(2017, 2, 27)) == the_day_before
    assert bucket(where, documented=D(2017, 2, 28)) == the_day_itself
    assert bucket(where, documented=D(2017, 3, 1)) == the_day_after


@pytest.mark.parametrize(
    ("move", "last"),
    [
        # February 2017 has 28 days, and a plan's month ends go down unless it says otherwise.
        ({"plus": "1 month"}, D(2017, 2, 28)),
        ({"plus": "1 month and 3 days"}, D(2017, 3, 3)),
        ({"minus": "2 months"}, D(2016, 11, 30)),
        # From Tuesday 31 January two working weeks.
        ({"plus": "10 working days"}, D(2017, 2, 14)),
        # 32 days later is Saturday 4 March.
        ({"plus": "32 days", "roll": "next working day"}, D(2017, 3, 6)),
        ({"plus_months": "months"}, D(2017, 3, 31)),
        ({"minus_days": "months"}, D(2017, 1, 29)),
    ],
)
def test_s34_a_bound_is_moved_as_a_derived_date_is(move: dict[str, str], last: dt.date) -> None:
    where = {"documented": {"through": {"date": "filed", **move}}}
    words = {"calendar": "denmark"}
    assert bucket(where, words, documented=last, months=2) == "counted"
    assert bucket(where, words, documented=last + dt.timedelta(1), months=2) == "outside"


def test_s34_a_bound_goes_by_the_month_ends_and_the_calendar_of_the_plan() -> None:
    a_month = {"documented": {"since": {"date": "filed", "plus": "1 month"}}}
    assert bucket(a_month, {"month_end": "up"}, documented=D(2017, 2, 28)) == "outside"
    assert bucket(a_month, {"month_end": "up"}, documented=D(2017, 3, 1)) == "counted"
    # There is no 31 February, and nothing comes after a bound that is null.
    assert bucket(a_month, {"month_end": "refuse"}, documented=D(2017, 12, 1)) == "outside"
    # The three working days that the calendar covers after 31 January; of a fourth it knows nothing.
    words = {"calendar": {"covers": {"since": D(2017, 1, 1), "through": D(2017, 2, 3)}}}
    for days, expected in ((3, "counted"), (4, "outside")):
        where = {"documented": {"through": {"date": "filed", "plus": f"{days} working days"}}}
        assert bucket(where, words, documented=D(2017, 2, 1)) == expected


@pytest.mark.parametrize("lacking", ["documented", "due", "months"])
def test_s34_a_comparison_with_null_is_false_and_unless_negates_it(lacking: str) -> None:
    bounds = {"since": D(2017, 1, 1), "through": {"date": "due", "plus_months": "months"}}
    cells: dict[str, object] = {"documented": D(2017, 2, 1), "due": D(2017, 1, 1), "months": 1}
    for known, bucket_of_where in ((cells, "counted"), ({**cells, lacking: None}, "outside")):
        case = {**FOUR_WEEKS, **known}
        where, unless = (
            decisions(where={"documented": bounds}),
            decisions(unless={"documented": bounds}),
        )
        assert hand_worked.row(where, case).bucket == bucket_of_where
        other = "outside" if bucket_of_where == "counted" else "counted"
        assert hand_worked.row(unless, case).bucket == other


def test_s34_a_share_of_answers_within_fourteen_days() -> None:
    answered = {"decided": {"through": {"date": "filed", "plus": "14 days"}}}
    target = kpi.Share(id="1", on="filed", having=answered, threshold=50)
    found = hand_worked.run(
        target,
        took(D(2017, 1, 1), D(2017, 1, 15)),
        took(D(2017, 1, 1), D(2017, 1, 16)),
        {"filed": D(2017, 1, 1)},
    )
    assert (found.met, found.counted, found.verdict) == (1, 3, "missed")


def test_s34_the_audit_trail_says_which_condition_failed() -> None:
    frame = cases(
        {"filed": "2017-01-31", "decided": "2017-03-01", "documented": "2017-02-01"},
        {"filed": "2017-01-31", "decided": "2017-02-28", "documented": None},
    )
    within_a_month = {"date": "filed", "plus": "1 month", "roll": "next working day"}
    where = {"documented": {"missing": False}, "decided": {"through": within_a_month}}
    assert [(row["bucket"], row["reason"]) for row in trail(average(where=where), frame)] == [
        ("outside", "fails: decided through filed plus 1 month, or the next working day"),
        ("outside", "fails: documented is not missing"),
    ]


PLAN = """\
id = "p"
period = "2017"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]
[[targets]]
id = "1"
rule = "count"
requires = { at_least = 1 }
where = { months = 1, %s }
"""


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ('decided = { through = { date = "case_type" } }', "where.decided.through.date: 'case_type' is not a declared date of table cases; accepted: filed, documented, decided"),
        ('case_type = { through = { date = "filed" } }', "where.case_type: 'case_type' is not a declared date of table cases; accepted: filed, documented, decided"),
        ('decided = { through = "filed" }', "where.decided.through: found 'filed'; accepted: a date that exists, written as 2017-03-01, without a time, or { date = \"filed\" } where filed is a date of the case"),
        ('decided = { through = { date = "filed", plus = "3 hours" } }', "where.decided.through.plus: unknown unit 'hours' in '3 hours'; accepted: a whole number and a unit (years, months, weeks, days, working days), such as '7 months'"),
        ('decided = { through = { plus = "3 days" } }', "where.decided.through: found { plus = '3 days' }; accepted: a date, { date = \"filed\" } for another date of the case, or { date = \"filed\", plus = \"12 months\" }, minus, plus_days and the like as for a derived date"),
        ('decided = { through = { date = "filed", plus_days = "documented" } }', "where.decided.through.plus_days: 'documented' is a date; accepted: a column of whole numbers"),
        ('decided = { since = { date = "filed" }, after = 2017-01-01 }', "where.decided: found both since and after; accepted: one of them"),
        ('decided = { missing = "yes" }', "where.decided.missing: found 'yes'; accepted: true or false"),
        ('decided = { missing = false, since = 2017-01-01 }', "where.decided: 'missing' stands alone; found it beside since"),
    ],
)  # fmt: skip
def test_s34_a_mistake_is_a_line_with_its_place(condition: str, problem: str) -> None:
    with pytest.raises(kpi.PlanError) as error:
        kpi.parse_plan(PLAN % condition)
    assert str(error.value) == f"plan:11: target 1, {problem}"
