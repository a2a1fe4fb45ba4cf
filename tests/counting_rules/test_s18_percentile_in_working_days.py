"""Percentiles whose limit is in working days or in months (S18)."""

from __future__ import annotations

import datetime as dt
import itertools
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.definitions.time_options import MONTH_ENDS, MonthEnd
from kpi.report import words
from kpi.testing.oracle import Row
from kpi.time.due_dates import months_taken
from tests.builders import pauses as waiting
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import (
    FROM_FRIDAY_TO_SUNDAY,
    FROM_MONDAY_TO_MONDAY,
    FROM_MONDAY_TO_THURSDAY,
    FROM_MONDAY_TO_TUESDAY,
    KIND,
    D,
    frame,
    m,
    plan_of_2022,
    run,
    took,
)
from tests.counting_rules.reckoning import months_later, paused_days, some_cases, working_days


def percentile(limit: Any, q: int = 50, **more: Any) -> kpi.Percentile:
    given = {"id": "t", "start": "filed", "end": "decided", "percentile": q, **more}
    return kpi.Percentile(limit=limit, **given)


def one(target: kpi.Percentile, tables: Any, **more: Any) -> kpi.TargetResult:
    return kpi.evaluate(plan_of_2022(target, **more), tables)["t"]


# In working days


@pytest.mark.parametrize(
    ("q", "limit", "value", "verdict"),
    [
        # 0, 1, 1 and 5 working days; in days 2, 3, 1 and 7.
        (25, "0 working days", 0, "met"),
        (26, "0 working days", 1, "missed"),
        (75, "1 working day", 1, "met"),
        (76, "1 working day", 5, "missed"),
        (100, "5 working days", 5, "met"),
        (100, "4 working days", 5, "missed"),
    ],
)
def test_s18_the_kth_smallest_number_of_working_days(
    q: int, limit: str, value: int, verdict: str
) -> None:
    cases = frame(
        ("2022-02-11", "2022-02-13"),  # Friday to Sunday
        ("2022-02-11", "2022-02-14"),  # to Monday
        ("2022-02-07", "2022-02-08"),
        ("2022-02-07", "2022-02-14"),
    )
    found = one(percentile(limit, q), cases)
    assert (found.value, found.unit, found.verdict) == (value, "working days", verdict)
    assert words.value(found) == f"{value}.0 working days"


def test_s18_pauses_and_the_trail_in_working_days() -> None:
    """From Monday 7 February to Monday the 21st are 10 working days, less Friday and Monday."""
    made = plan_of_2022(percentile("8 working days", pauses="waiting"))
    tables = {
        "cases": frame(("2022-02-07", "2022-02-21")),
        "waiting": waiting(("a", "2022-02-11", "2022-02-15")),
    }
    result = kpi.evaluate(made, tables)
    row = result.audit().collect().to_dicts()[0]
    assert (row["days"], row["gross"], row["paused"]) == (8, 10, 2)
    assert (result["t"].value, result["t"].verdict) == (8, "met")


def test_s18_a_day_that_the_calendar_lacks_excludes_the_case() -> None:
    own = {"off": ["2022-02-14"], "covers": {"since": "2022-02-07", "through": "2022-02-20"}}
    cases = frame(("2022-02-18", "2022-02-20"), ("2022-02-18", "2022-02-21"))
    found = one(percentile("1 working day", calendar=own), cases)
    assert (found.excluded, found.counted, found.value) == ({"outside the calendar": 1}, 1, 0)


def test_s18_each_value_and_each_group_in_working_days() -> None:
    cases = frame(("2022-02-07", "2022-02-14", "visa"), ("2022-02-28", "2022-03-01", "work"))
    found = one(percentile("4 working days", each="kind"), cases)
    assert [(part.value, part.verdict) for part in found.each] == [(5, "missed"), (1, "met")]
    groups = kpi.evaluate(plan_of_2022(percentile("4 working days")), cases, by="kind")["t"].groups
    assert [(group.value, group.verdict) for group in groups] == [(5, "missed"), (1, "met")]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("pauses", [(), ("waiting",)])
def test_s18_working_days_as_reckoned_day_by_day(seed: int, pauses: tuple[str, ...]) -> None:
    cases, intervals, by_case = some_cases(seed)
    took = sorted(
        working_days(row["filed"], row["decided"], by_case[row["case_id"]] if pauses else ())
        for row in cases.to_dicts()
    )
    kths = {q: took[-(-len(took) * q // 100) - 1] for q in (1, 50, 80, 99, 100)}
    asked = [(q, n) for q, kth in kths.items() for n in (kth - 1, kth) if n >= 0]
    targets = [
        percentile(f"{n} working days", q, id=f"{q} in {n}", pauses=pauses) for q, n in asked
    ]
    result = kpi.evaluate(plan_of_2022(*targets), {"cases": cases, "waiting": intervals})
    for q, n in asked:
        found = result[f"{q} in {n}"]
        assert (found.value, found.verdict) == (kths[q], "met" if kths[q] <= n else "missed")


# In months


@pytest.mark.parametrize(
    ("filed", "decided", "mode", "months"),
    [
        ("2022-01-10", "2022-01-10", "down", 0),
        ("2022-01-10", "2022-01-11", "down", 1),
        ("2022-01-10", "2022-02-10", "down", 1),
        ("2022-01-10", "2022-02-11", "down", 2),
        ("2022-01-31", "2022-02-28", "down", 1),
        ("2022-01-31", "2022-03-01", "down", 2),
        ("2022-01-31", "2022-03-01", "up", 1),
        ("2022-01-31", "2022-03-02", "up", 2),
        ("2022-02-28", "2022-03-31", "down", 2),
        ("2022-02-28", "2022-03-31", "sticky", 1),
        ("2022-02-28", "2022-04-30", "sticky", 2),
        ("2020-02-29", "2022-02-28", "down", 24),
        ("2020-02-29", "2022-03-01", "down", 25),
        ("2020-02-29", "2022-03-01", "up", 24),
    ],
)
def test_s18_the_smallest_number_of_months_that_a_case_ended_by(
    filed: str, decided: str, mode: MonthEnd, months: int
) -> None:
    found = one(percentile("12 months", 100, month_end=mode), frame((filed, decided)))
    assert (found.value, found.unit) == (months, "months")
    assert found.verdict == ("met" if months <= 12 else "missed")
    assert words.value(found) == f"{months} {'month' if months == 1 else 'months'}"


def test_s18_half_of_the_cases_within_so_many_months() -> None:
    """1, 1, 2 and 7 months: half of the cases within 1, three quarters within 2."""
    cases = frame(
        ("2022-01-10", "2022-02-10"),
        ("2022-01-31", "2022-02-28"),
        ("2022-01-31", "2022-03-31"),
        ("2022-01-10", "2022-08-10"),
    )
    for q, value in ((50, 1), (51, 2), (75, 2), (76, 7), (100, 7)):
        assert one(percentile("2 months", q), cases).value == value
    assert one(percentile("2 months", 75), cases).verdict == "met"
    assert one(percentile("2 months", 76), cases).verdict == "missed"
    assert one(percentile("1 year", 100), cases).verdict == "met"
    assert one(percentile("0 months", 50), cases).verdict == "missed"


def test_s18_a_refused_day_excludes_the_case_whose_months_end_on_it() -> None:
    """From 31 January a month is refused, two are 31 March."""
    cases = frame(("2022-01-31", "2022-02-28"), ("2022-01-31", "2022-03-31"))
    found = one(percentile("2 months", month_end="refuse"), cases)
    assert (found.excluded, found.value) == ({"refused month end": 1}, 2)


def test_s18_months_are_rounded_first_and_then_moved_by_the_paused_days() -> None:
    """From 31 January to 28 February a month; paused for 3 days, through 3 March."""
    pauses = waiting(("a", "2022-02-10", "2022-02-13"), ("b", "2022-02-10", "2022-02-13"))
    cases = frame(("2022-01-31", "2022-03-03"), ("2022-01-31", "2022-03-04"))
    made = plan_of_2022(percentile("1 month", 50, pauses="waiting"))
    result = kpi.evaluate(made, {"cases": cases, "waiting": pauses})
    assert (result["t"].value, result["t"].verdict) == (1, "met")
    made = plan_of_2022(percentile("1 month", 51, pauses="waiting"))
    assert kpi.evaluate(made, {"cases": cases, "waiting": pauses})["t"].value == 2
    assert result.audit().collect()["days"].to_list() == [28, 29]


@pytest.mark.parametrize("mode", MONTH_ENDS)
@pytest.mark.parametrize("pauses", [(), ("waiting",)])
@pytest.mark.parametrize("seed", range(5))
def test_s18_months_as_reckoned_one_by_one(
    mode: MonthEnd, pauses: tuple[str, ...], seed: int
) -> None:
    cases, intervals, by_case = some_cases(seed, most=200)
    took, refused = [], 0
    for row in cases.to_dicts():
        start, end = row["filed"], row["decided"]
        less = paused_days(start, end, by_case[row["case_id"]]) if pauses else 0
        net, counted_by = end - dt.timedelta(less), "down" if mode == "refuse" else mode
        m = 0
        while (due := months_later(start, m, counted_by)) is None or due < net:
            m += 1
        if months_later(start, m, mode) is None:
            refused += 1
        else:
            took.append(m)
    took.sort()
    asked = (10, 50, 80, 100)
    targets = [percentile("2 months", q, id=str(q), month_end=mode, pauses=pauses) for q in asked]
    result = kpi.evaluate(plan_of_2022(*targets), {"cases": cases, "waiting": intervals})
    for q in asked:
        found = result[str(q)]
        kth = took[-(-len(took) * q // 100) - 1]
        assert (found.value, found.verdict) == (kth, "met" if kth <= 2 else "missed")
        assert found.excluded == ({"refused month end": refused} if refused else {})


@pytest.mark.parametrize("mode", ["down", "sticky", "up"])
def test_s18_a_percentile_in_months_agrees_with_the_share_within_them(mode: MonthEnd) -> None:
    cases, intervals, _ = some_cases(7, n=200, most=200)
    tables = {"cases": cases, "waiting": intervals}
    more: dict[str, Any] = {"start": "filed", "end": "decided", "month_end": mode}
    asked = list(itertools.product(range(5), (25, 50, 75, 90)))
    shares, kths = [], []
    for months, q in asked:
        same = {"limit": f"{months} months", "pauses": "waiting", **more}
        shares.append(kpi.Within(id=f"share {months} {q}", threshold=q, **same))
        kths.append(kpi.Percentile(id=f"kth {months} {q}", percentile=q, **same))
    found = kpi.evaluate(plan_of_2022(*shares, *kths), tables)
    for months, q in asked:
        assert found[f"share {months} {q}"].verdict == found[f"kth {months} {q}"].verdict


def test_s18_months_at_both_ends_of_the_calendar() -> None:
    ends = [(dt.date(1, 1, 31), dt.date(1, 2, 28)), (dt.date(9999, 11, 30), dt.date(9999, 12, 31))]
    both = pl.DataFrame(ends, schema={"a": pl.Date, "b": pl.Date}, orient="row")
    found = [both.select(months_taken(pl.col("a"), pl.col("b"), m)) for m in MONTH_ENDS]
    assert [frame.to_series().to_list() for frame in found] == [[1, 2], [1, 1], [1, 2], [1, 2]]


# In either


@pytest.mark.parametrize(
    ("percent", "value"), [(25, 0), (26, 1), (50, 1), (51, 3), (75, 3), (76, 5), (100, 5)]
)
def test_s18_a_percentile_in_working_days(percent: int, value: int) -> None:
    """None, one, three and five working days."""
    cases = (
        FROM_MONDAY_TO_MONDAY,
        FROM_FRIDAY_TO_SUNDAY,
        FROM_MONDAY_TO_THURSDAY,
        FROM_MONDAY_TO_TUESDAY,
    )
    for limit, verdict in ((value, "met"), (value - 1, "missed")):
        if limit >= 0:
            found = run(
                hand_worked.percentile(limit=f"{limit} working days", percentile=percent), *cases
            )
            assert (found.value, found.verdict) == (Fraction(value), verdict)


@pytest.mark.parametrize(
    ("filed", "decided", "mode", "months"),
    [
        (D(2017, 9, 1), D(2017, 9, 1), "down", 0),
        (D(2017, 9, 1), D(2017, 9, 2), "down", 1),
        (D(2017, 9, 1), D(2017, 10, 1), "down", 1),
        (D(2017, 9, 1), D(2017, 10, 2), "down", 2),
        (D(2017, 1, 31), D(2017, 2, 28), "down", 1),
        (D(2017, 1, 31), D(2017, 3, 1), "down", 2),
        (D(2017, 1, 31), D(2017, 3, 1), "up", 1),
        # From one last day of a month to another, or to the day of that number.
        (D(2017, 2, 28), D(2017, 3, 31), "sticky", 1),
        (D(2017, 2, 28), D(2017, 3, 31), "down", 2),
        # One step each: seven months from 31 January are 31 August.
        (D(2017, 1, 31), D(2017, 8, 31), "down", 7),
        (D(2016, 2, 29), D(2017, 3, 1), "down", 13),
        (D(2016, 2, 29), D(2017, 2, 28), "down", 12),
        (D(2017, 1, 31), D(2017, 3, 31), "refuse", 2),
        (D(2017, 1, 31), D(2017, 2, 28), "refuse", None),
    ],
)
def test_s18_a_percentile_in_months(
    filed: dt.date, decided: dt.date, mode: str, months: int | None
) -> None:
    target = hand_worked.percentile(limit="12 months", percentile=50, month_end=mode)
    found = run(target, took(filed, decided))
    assert found.value == months
    if months is None:
        assert found.trail == (Row("excluded", "refused month end"),)
    else:
        # The days of the row stay days.
        assert found.trail == (Row("counted", days=(decided - filed).days),)
        assert found.verdict == ("met" if months <= 12 else "missed")


def test_s18_months_are_moved_by_pauses() -> None:
    """A month from 1 March is 1 April, and five paused days more the 6th."""
    target = hand_worked.percentile(limit="1 month", percentile=100, pauses="waiting")
    case = took(m(1), D(2017, 4, 5))
    assert run(target, case, waiting=[]).value == 2
    assert run(target, case, waiting=[(m(10), m(15))]).value == 1
    assert run(target, case, waiting=[(m(10), m(13))]).value == 2


def test_s18_the_rank_is_that_of_days() -> None:
    """Of one, two and three months, the median is two and the 67th percentile three."""
    cases = [took(m(1), D(2017, month, 1)) for month in (4, 5, 6)]
    for percent, value in ((33, 1), (34, 2), (66, 2), (67, 3), (100, 3)):
        assert (
            run(hand_worked.percentile(limit="1 year", percentile=percent), *cases).value == value
        )
    assert run(hand_worked.percentile(limit="0 months", percentile=33), *cases).verdict == "missed"


# What a percentile may be in


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("3 working days", "percentile 50 at most 3 working days (working days of sweden)"),
        ("0 working days", "percentile 50 at most 0 working days (working days of sweden)"),
        ("3 months", "percentile 50 at most 3 months (month ends up)"),
    ],
)
def test_s18_the_requirement_names_how_it_is_counted(limit: str, words: str) -> None:
    own: dict[str, Any] = {"month_end": "up"} if "month" in limit else {"calendar": "sweden"}
    made = plan_of_2022(percentile(limit, **own))
    assert made.leaves()[0].requirement == words
    assert kpi.parse_plan(kpi.dump_plan(made)) == made


def test_s18_no_case_is_not_assessable() -> None:
    for limit in ("3 working days", "3 months"):
        nothing = pl.DataFrame(schema=KIND)
        assert one(percentile(limit), nothing).verdict == "not_assessable"
        assert one(percentile(limit), frame(("2022-01-01", None))).verdict == "not_assessable"
