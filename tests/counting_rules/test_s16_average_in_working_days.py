"""Averages whose limit is in working days count working days, not days (S16, S17)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.report import words
from kpi.testing.oracle import Row
from tests.builders import average
from tests.builders import pauses as waiting
from tests.counting_rules.hand_worked import (
    FROM_FRIDAY_TO_SUNDAY,
    FROM_MONDAY_TO_MONDAY,
    FROM_MONDAY_TO_THURSDAY,
    FROM_MONDAY_TO_TUESDAY,
    TWO_WEEKS,
    D,
    frame,
    m,
    percentile,
    plan_of_2022,
    row,
    run,
    took,
)
from tests.counting_rules.reckoning import some_cases, working_days


def one(target: kpi.Average, tables: Any, **more: Any) -> kpi.TargetResult:
    return kpi.evaluate(plan_of_2022(target, **more), tables)["t"]


@pytest.mark.parametrize(
    ("limit", "rows", "total", "verdict"),
    [
        # On 11 February, and from Monday the 14th to Thursday: 0 and 3, a mean of 1.5.
        ("1 working day", [("2022-02-11", "2022-02-11"), ("2022-02-14", "2022-02-17")], 3, "missed"),
        ("2 working days", [("2022-02-11", "2022-02-11"), ("2022-02-14", "2022-02-17")], 3, "met"),
        # From Monday to the next Monday and to Tuesday: 5 and 1, a mean of 3.
        ("3 working days", [("2022-02-07", "2022-02-14"), ("2022-02-07", "2022-02-08")], 6, "met"),
        ("2 working days", [("2022-02-07", "2022-02-14"), ("2022-02-07", "2022-02-08")], 6, "missed"),
        # From Friday to Saturday, Sunday and Monday: 0, 0 and 1.
        ("0 working days", [("2022-02-11", "2022-02-12"), ("2022-02-11", "2022-02-13")], 0, "met"),
        ("0 working days", [("2022-02-11", "2022-02-13"), ("2022-02-11", "2022-02-14")], 1, "missed"),
        # Over Easter: from Wednesday 13 April only Tuesday the 19th is one.
        ("1 working day", [("2022-04-13", "2022-04-19")], 1, "met"),
        ("1 working day", [("2022-04-13", "2022-04-20")], 2, "missed"),
        # From a Saturday: the Monday is the first.
        ("1 working day", [("2022-02-12", "2022-02-14")], 1, "met"),
        ("1 working day", [("2022-02-12", "2022-02-15")], 2, "missed"),
    ],
)  # fmt: skip
def test_s16_the_amount_of_a_case_is_its_working_days(
    limit: str, rows: list[tuple[str, str]], total: int, verdict: str
) -> None:
    found = one(average(limit), frame(*rows))
    assert (found.total, found.verdict, found.unit) == (total, verdict, "working days")
    assert found.value == total / len(rows)
    assert found.figures == {}


def test_s16_what_is_printed_and_listed_is_in_working_days() -> None:
    made = plan_of_2022(average("2 working days"))
    result = kpi.evaluate(made, frame(("2022-02-11", "2022-02-11"), ("2022-02-14", "2022-02-21")))
    assert words.value(result["t"]) == "2.5 working days"
    trail = result.audit().collect()
    assert trail["days"].to_list() == [0, 5]
    assert trail["due"].to_list() == [None, None]
    assert any("working days of" in note for note in result.notes)


def test_s16_a_value_just_above_its_limit_is_not_printed_as_the_limit() -> None:
    """2,001 working days over 1,000 cases are more than 2 each."""
    cases = pl.DataFrame(
        {
            "case_id": [str(n) for n in range(1_000)],
            "filed": [dt.date(2022, 2, 7)] * 1_000,
            "decided": [dt.date(2022, 2, 10), *[dt.date(2022, 2, 9)] * 999],
        }
    )
    found = one(average("2 working days"), cases)
    assert (found.total, found.verdict, words.value(found)) == (
        2_001,
        "missed",
        "2.001 working days",
    )


def test_s16_pauses_are_deducted_in_working_days() -> None:
    """From Monday 7 February to Monday the 21st are 10 working days.

    A pause from Friday the 11th to Tuesday the 15th takes Friday and Monday; one over the weekend
    takes nothing, and one on the day of the start or of the end neither: a pause is clipped to them,
    and the end is its first day that counts again.
    """
    cases = frame(*[("2022-02-07", "2022-02-21")] * 4)
    pauses = waiting(
        ("a", "2022-02-11", "2022-02-15"),
        ("b", "2022-02-12", "2022-02-14"),
        ("c", "2022-02-07", "2022-02-08"),
        ("d", "2022-02-21", None),
    )
    made = plan_of_2022(average("9 working days", pauses="waiting"))
    result = kpi.evaluate(made, {"cases": cases, "waiting": pauses})
    trail = result.audit().collect()
    assert trail["days"].to_list() == [8, 10, 10, 10]
    assert trail["gross"].to_list() == [10, 10, 10, 10]
    assert trail["paused"].to_list() == [2, 0, 0, 0]
    assert (result["t"].total, result["t"].verdict) == (38, "missed")


def test_s16_the_fastest_in_working_days() -> None:
    """From a Friday: to Monday 1 working day and 3 days, from a Monday to Wednesday 2 and 2."""
    cases = frame(("2022-02-11", "2022-02-14"), ("2022-02-07", "2022-02-09"))
    found = one(average("1 working day", fastest=50), cases)
    assert (found.total, found.counted, found.value, found.verdict) == (1, 1, 1.0, "met")
    assert found.excluded == {"beyond the fastest 50 %": 1}
    trail = (
        kpi.evaluate(plan_of_2022(average("1 working day", fastest=50)), cases).audit().collect()
    )
    assert trail["bucket"].to_list() == ["counted", "excluded"]
    assert one(average("0 working days", fastest=50), cases).verdict == "missed"


def test_s16_limits_by_value_and_over_time_are_amounts_too() -> None:
    """5 and 1 working days: allowed are 3 and 2, which is one too few."""
    cases = frame(("2022-02-07", "2022-02-14", "visa"), ("2022-02-07", "2022-02-08", "work"))
    by_value = {"by": "kind", "limits": {"visa": "3 working days", "work": "2 working days"}}
    found = one(average(by_value), cases)
    assert (found.total, found.figures, found.verdict) == (6, {"allowed": 5}, "missed")
    assert words.figures(found) == "allowed 5 working days"
    dated = {
        "dated": "filed",
        "first": "3 working days",
        "since": {"2022-07-01": "1 working day"},
    }
    assert one(average(dated), cases).figures == {"allowed": 6}
    lacking = {"by": "kind", "limits": {"visa": "5 working days"}}
    found = one(average(lacking), cases)
    assert (found.excluded, found.total, found.verdict) == ({"limit missing": 1}, 5, "met")


def test_s16_each_value_keeps_its_own_limit() -> None:
    cases = frame(("2022-02-07", "2022-02-14", "visa"), ("2022-02-07", "2022-02-08", "work"))
    found = one(average("4 working days", each="kind"), cases)
    assert [(part.total, part.verdict) for part in found.each] == [(5, "missed"), (1, "met")]
    assert found.verdict == "missed"


def test_s16_break_downs_and_series_are_in_working_days() -> None:
    cases = frame(("2022-02-07", "2022-02-14", "visa"), ("2022-02-28", "2022-03-01", "work"))
    result = kpi.evaluate(plan_of_2022(average("3 working days")), cases, by="kind", every="month")
    groups = {tuple(g.group.values()): (g.total, g.unit, g.verdict) for g in result["t"].groups}
    assert groups == {
        ("visa", "2022-02"): (5, "working days", "missed"),
        ("work", "2022-03"): (1, "working days", "met"),
    }


def test_s16_a_reading_in_days_stands_beside_one_in_working_days() -> None:
    """From Friday to Monday: 1 working day, 3 days."""
    target = average("1 working day", readings=[{"name": "days", "limit": "1 day"}])
    found = kpi.readings(plan_of_2022(target), frame(("2022-02-11", "2022-02-14"))).targets[0]
    assert [(record.value, record.unit, record.verdict) for _, record in found.records()] == [
        (1.0, "working days", "met"),
        (3.0, "days", "missed"),
    ]


def test_s16_a_day_that_the_calendar_lacks_excludes_the_case() -> None:
    calendar = {"off": ["2022-02-14"], "covers": {"since": "2022-02-07", "through": "2022-02-20"}}
    cases = frame(
        ("2022-02-06", "2022-02-08"),  # the start day is not counted, and need not be known
        ("2022-02-05", "2022-02-08"),
        ("2022-02-18", "2022-02-20"),
        ("2022-02-18", "2022-02-21"),
        ("2022-02-21", "2022-02-21"),  # no day is counted
    )
    made = plan_of_2022(average("1 working day", calendar=calendar))
    trail = kpi.evaluate(made, cases).audit().collect()
    outside = "outside the calendar"
    assert trail["reason"].to_list() == [None, outside, None, outside, None]
    assert trail["days"].to_list() == [2, None, 0, None, 0]


def test_s16_a_case_of_a_single_day_needs_no_calendar_even_where_no_case_lies_in_it() -> None:
    """The days of every case are outside the calendar, on either side of it."""
    calendar = {"off": [], "covers": {"since": "2022-02-07", "through": "2022-02-20"}}
    target = average(
        "1 working day", window={"since": "2021-12-01", "through": "2022-12-31"}, calendar=calendar
    )
    for month in (1, 3):
        of_a_day = took(dt.date(2022, month, 9), dt.date(2022, month, 9))
        assert row(target, of_a_day, period="2022") == Row("counted", days=0)
        two_days = took(dt.date(2022, month, 9), dt.date(2022, month, 10))
        assert row(target, two_days, period="2022").reason == "outside the calendar"


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("pauses", [(), ("waiting",)])
def test_s16_as_reckoned_day_by_day(seed: int, pauses: tuple[str, ...]) -> None:
    cases, intervals, by_case = some_cases(seed)
    took = [
        working_days(row["filed"], row["decided"], by_case[row["case_id"]] if pauses else ())
        for row in cases.to_dicts()
    ]
    mean = Fraction(sum(took), len(took))
    tables = {"cases": cases, "waiting": intervals}
    for limit in (int(mean), int(mean) + 1, mean.numerator // mean.denominator):
        made = plan_of_2022(average(f"{limit} working days", pauses=pauses))
        result = kpi.evaluate(made, tables)
        assert result.audit().collect()["days"].to_list() == took
        assert (result["t"].total, result["t"].counted) == (sum(took), len(took))
        assert result["t"].verdict == ("met" if mean <= limit else "missed")
    k = -(-len(took) * 90 // 100)
    fastest = sorted(took)[:k]
    found = kpi.evaluate(
        plan_of_2022(average("5 working days", pauses=pauses, fastest=90)), tables
    )["t"]
    assert (found.total, found.counted) == (sum(fastest), k)
    assert found.verdict == ("met" if sum(fastest) <= 5 * k else "missed")


@pytest.mark.parametrize("seed", range(3))
def test_s16_batches_add_up(seed: int) -> None:
    cases, _, _ = some_cases(seed)
    made = plan_of_2022(average("7 working days"))
    parts = [kpi.partial(made, cases[n::3]) for n in range(3)]
    whole, merged = kpi.evaluate(made, cases)["t"], kpi.finish(kpi.merge(*parts))["t"]
    assert (merged.total, merged.counted) == (whole.total, whole.counted)
    assert kpi.parse_plan(kpi.dump_plan(made)) == made


@pytest.mark.parametrize(
    "limit",
    [
        {"by": "kind", "limits": {"visa": "5 working days", "work": "1 month"}},
        {"by": "kind", "limits": {"visa": "0 working days", "work": "0 days"}},
        {"dated": "filed", "first": "3 days", "since": {"2022-07-01": "1 working day"}},
    ],
)
def test_s16_working_days_and_days_have_no_average(limit: Any) -> None:
    with pytest.raises(
        kpi.PlanError, match=r"limit: found .*accepted: all in working days, or none"
    ):
        average(limit)


def test_s16_the_same_pauses_may_be_deducted_and_leave_cases_out() -> None:
    """Of two cases from Monday to Wednesday the paused one is outside; the other took 2."""
    cases = frame(("2022-02-07", "2022-02-09"), ("2022-02-07", "2022-02-09"))
    tables = {"cases": cases, "waiting": waiting(("a", "2022-02-08", "2022-02-09"))}
    found = one(average("1 working day", pauses="waiting", unless_paused="waiting"), tables)
    assert (found.outside, found.counted, found.total, found.verdict) == (1, 1, 2, "missed")


@pytest.mark.parametrize(
    ("limit", "cases", "total", "verdict"),
    [
        # None and three: one and a half.
        ("1 working day", (FROM_FRIDAY_TO_SUNDAY, FROM_MONDAY_TO_THURSDAY), 3, "missed"),
        ("2 working days", (FROM_FRIDAY_TO_SUNDAY, FROM_MONDAY_TO_THURSDAY), 3, "met"),
        # Five and one: three.
        ("3 working days", (FROM_MONDAY_TO_MONDAY, FROM_MONDAY_TO_TUESDAY), 6, "met"),
        ("0 working days", (FROM_FRIDAY_TO_SUNDAY,), 0, "met"),
        ("0 working days", (FROM_MONDAY_TO_TUESDAY,), 1, "missed"),
        ("0 days", (FROM_FRIDAY_TO_SUNDAY,), 2, "missed"),
        # The day of the start is not counted, the day of the end is; Easter takes four days.
        ("3 working days", (took(D(2017, 4, 12), D(2017, 4, 20)),), 3, "met"),
    ],
)
def test_s16_an_average_in_working_days_counts_working_days(
    limit: str, cases: tuple[dict[str, object], ...], total: int, verdict: str
) -> None:
    found = run(average(limit=limit), *cases)
    assert (found.total, found.value, found.verdict) == (
        total,
        Fraction(total, len(cases)),
        verdict,
    )
    assert sum(row.days or 0 for row in found.trail) == total
    assert found.figures == {}


@pytest.mark.parametrize(
    ("stop", "days", "paused"),
    [
        # Thursday, Friday and Monday; the weekend between takes nothing.
        ((m(9), m(14)), 7, 3),
        # The day of the start takes nothing, and nor does the day of the end.
        ((m(6), m(7)), 10, 0),
        ((m(20), None), 10, 0),
        ((m(20), m(25)), 10, 0),
        ((m(17), None), 9, 1),
        ((m(11), m(13)), 10, 0),
        ((m(1), None), 1, 9),
    ],
)
def test_s16_paused_working_days_are_deducted_from_working_days(
    stop: tuple[Any, Any], days: int, paused: int
) -> None:
    """From Monday 6 to Monday 20 March are ten working days."""
    expected = Row("counted", days=days, paused=paused)
    stops = [stop]
    target = average(limit="5 working days", pauses="waiting")
    assert row(target, TWO_WEEKS, waiting=stops) == expected
    of_rank = percentile(limit="5 working days", percentile=50, pauses="waiting")
    assert row(of_rank, TWO_WEEKS, waiting=stops) == expected
    assert run(of_rank, TWO_WEEKS, waiting=stops).value == days


def test_s16_limits_in_working_days_by_value_allow_their_sum() -> None:
    """Two and five working days allow seven: five and two are seven, five and three are not."""
    limit = {"by": "kind", "limits": {"a": "2 working days", "b": "5 working days"}}
    long, short = {"kind": "a", **FROM_MONDAY_TO_MONDAY}, {"kind": "b"}
    found = run(average(limit=limit), long, short | took(m(6), m(8)))
    assert (found.total, found.figures, found.verdict) == (7, {"allowed": 7}, "met")
    found = run(average(limit=limit), long, short | FROM_MONDAY_TO_THURSDAY)
    assert (found.total, found.figures, found.verdict) == (8, {"allowed": 7}, "missed")


def test_s16_in_a_calendar_of_its_own() -> None:
    """Tuesday is off, and what is after 15 March is not known."""
    calendar = {"off": [m(7)], "covers": {"since": m(1), "through": m(15)}}
    for target in (
        average(limit="5 working days", calendar=calendar),
        percentile(limit="5 working days", percentile=50, calendar=calendar),
    ):
        assert row(target, FROM_MONDAY_TO_THURSDAY).days == 2
        assert row(target, TWO_WEEKS) == Row("excluded", "outside the calendar")
        assert row(target, took(m(10), m(15))).days == 3


def test_s16_an_average_in_months_counts_days_as_before() -> None:
    """From 31 January, a month by due date is 28 days."""
    found = run(average(limit="1 month"), took(D(2017, 1, 31), D(2017, 2, 28)))
    assert (found.total, found.figures, found.verdict) == (28, {"allowed": 28}, "met")


def test_s16_no_months_allow_no_days() -> None:
    """A limit keeps its unit at zero: what "0 months" allow is summed, as for every number of them."""
    same_day, next_day = took(m(6), m(6)), took(m(6), m(7))
    for cases, verdict in (((same_day,), "met"), ((same_day, next_day), "missed")):
        found = run(average(limit="0 months"), *cases)
        assert (found.figures, found.verdict) == ({"allowed": 0}, verdict)
