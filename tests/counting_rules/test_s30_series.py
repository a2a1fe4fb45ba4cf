"""Series of a target by period (S30): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pytest

import kpi
from kpi.definitions.periods import Every
from kpi.testing import assert_matches_oracle
from tests.builders import average, cases, plan, spans, within


def test_s30_a_series_of_weeks_and_of_years() -> None:
    """1 January 2017 is a Sunday: the last day of 2016-W52, which the window cuts to that day."""
    frame = spans(*[("2016-12-01", day) for day in ("2017-01-01", "2017-01-02", "2017-01-08", "2017-01-09", "2017-12-31")])  # fmt: skip

    def series(every: Every, window: Any) -> list[tuple[str, int]]:
        target = average(window=window)
        found = kpi.evaluate(plan(target), frame, every=every).targets[0]
        return [(g.group["period"], g.counted) for g in found.groups if g.counted]

    assert series("week", "2017") == [
        ("2017-01-01", 1), ("2017-W01", 2), ("2017-W02", 1), ("2017-W52", 1),
    ]  # fmt: skip
    assert series("week", "2017-W01") == [("2017-W01", 2)]
    assert series("week", {"through": "2017-12-31"})[0] == ("2016-W52", 1)
    assert series("year", "2017") == [("2017", 5)]
    assert series("year", {"since": "2016-12-01", "before": "2017-12-31"}) == [
        ("2017-01-01 to 2017-12-30", 4),
    ]


@pytest.mark.parametrize("every", get_args(Every))
def test_s30_the_last_period_ends_with_the_last_day_that_there_is(every: Every) -> None:
    """A case of the year 9999, as registers write "never", is named by the days of its window."""
    target = average(window={"since": dt.date(2017, 1, 1), "through": dt.date(9999, 12, 30)})
    frame = spans(("9999-12-20", "9999-12-28"))
    series = kpi.evaluate(plan(target), frame, "9999-12-31", every=every).targets[0]
    first = "27" if every == "week" else "01"
    month = {"quarter": "10", "half-year": "07", "year": "01"}.get(every, "12")
    assert [g.group["period"] for g in series.groups] == [f"9999-{month}-{first} to 9999-12-30"]


CASES_OF_2017 = (
    # Ended in January within 10 days, in February not, in April both ways; one is open.
    ("2017-01-02", "2017-01-12"),
    ("2017-01-20", "2017-02-10"),
    ("2017-04-01", "2017-04-05"),
    ("2017-03-01", "2017-04-20"),
    ("2017-04-25", None),
)


def asked(target: kpi.Target, as_of: str = "2017-12-31", **words: Any) -> kpi.TargetResult:
    """The record of a target, on which the oracle and the engine agree."""
    asked_of = plan(target, **words)
    assert_matches_oracle(asked_of, spans(*CASES_OF_2017), as_of)
    return kpi.evaluate(asked_of, spans(*CASES_OF_2017), as_of).targets[0]


def periods(found: kpi.TargetResult) -> list[tuple[str, int, int | None, str]]:
    return [(e.group["period"], e.counted, e.met, e.verdict) for e in found.each]


def test_s30_every_period_must_reach_the_target() -> None:
    """1 of 1 in January, 0 of 1 in February, none in March, 1 of 2 in April."""
    found = asked(within("10 days", threshold=50, every="month", window={"since": "2017-01-01", "before": "2017-05-01"}))  # fmt: skip
    assert periods(found) == [
        ("2017-01", 1, 1, "met"), ("2017-02", 1, 0, "missed"),
        ("2017-03", 0, 0, "not_assessable"), ("2017-04", 2, 1, "met"),
    ]  # fmt: skip
    assert (found.counted, found.met, found.verdict) == (4, 2, "missed")
    assert found.requirement == "50 % within 10 days, every month"


def test_s30_a_rolling_window_ends_with_each_period_and_begins_before_the_window() -> None:
    """Two months that end with March and with April: 0 of 1, and 1 of 2."""
    window = {"since": "2017-03-01", "before": "2017-05-01"}
    found = asked(within("10 days", threshold=50, every="month", rolling="2 months", window=window))
    assert periods(found) == [("2017-03", 1, 0, "missed"), ("2017-04", 2, 1, "met")]
    assert (found.rows, found.outside, found.counted, found.met) == (5, 3, 2, 1)
    assert found.requirement == "50 % within 10 days, over 2 months, every month"


def test_s30_open_cases_and_stocks_are_asked_at_the_end_of_each_period() -> None:
    """Open at the end of January: filed on the 20th, 11 days before. Of March: on the 1st."""
    found = asked(within("10 days", threshold=50, denominator="open", at={"end_of": "2017-04"}, every="month"))  # fmt: skip
    assert periods(found) == [
        ("2017-01", 1, 0, "missed"), ("2017-02", 0, 0, "not_assessable"),
        ("2017-03", 1, 0, "missed"), ("2017-04", 1, 1, "met"),
    ]  # fmt: skip
    stock = kpi.Stock(
        id="t", start="filed", end="decided", at={"end_of": "2017-04"}, level={"at_most": 1}, every="month",
    )  # fmt: skip
    assert [e.value for e in asked(stock).each] == [1, 0, 1, 1]
    assert asked(stock).verdict == "met"


def test_s30_a_period_that_is_not_over_is_open_and_so_is_the_whole() -> None:
    target = within("10 days", threshold=50, every="quarter")
    found = asked(target, "2017-05-01")
    assert [e.verdict for e in found.each] == ["met", "open", "open", "open"]
    assert found.verdict == "open"


def test_s30_every_value_in_every_period() -> None:
    target = within("10 days", threshold=50, every="half-year", each="case_type")
    found = kpi.evaluate(plan(target), spans(*CASES_OF_2017)).targets[0]
    assert {tuple(e.group) for e in found.each} >= {("case_type", "period")}


@pytest.mark.parametrize("rolling", [None, "6 months"])
def test_s30_values_stand_in_one_order_in_every_period(rolling: str | None) -> None:
    """The value that the first month lacks stands in its place in the later ones all the same."""
    days = (("a", "01-10"), ("c", "01-11"), ("b", "02-10"), ("c", "02-11"), ("a", "02-12"))
    frame = cases(*({"case_type": of, "filed": "2017-01-01", "decided": f"2017-{day}"} for of, day in days))  # fmt: skip
    target = within("10 days", threshold=50, every="month", each="case_type", rolling=rolling)
    found = kpi.evaluate(plan(target, period="2017-Q1"), frame).targets[0]
    order = [(e.group["period"], e.group["case_type"]) for e in found.each if e.counted]
    assert order[:5] == [("2017-01", "a"), ("2017-01", "c"), ("2017-02", "a"), ("2017-02", "b"), ("2017-02", "c")]  # fmt: skip


def test_s30_years_that_begin_in_april_have_names_of_two_years() -> None:
    target = average(window={"since": "2017-01-01", "through": "2018-03-31"})
    names = {}
    for every in ("year", "half-year", "quarter", "month"):
        found = kpi.evaluate(plan(target, year_starts="04"), spans(*CASES_OF_2017), every=every)
        names[every] = [g.group["period"] for g in found.targets[0].groups if g.counted]
    assert names == {
        "year": ["2017-01-01 to 2017-03-31", "2017/18"],
        "half-year": ["2017-01-01 to 2017-03-31", "2017/18-H1"],
        "quarter": ["2016/17-Q4", "2017/18-Q1"],
        "month": ["2017-01", "2017-02", "2017-04"],
    }


@pytest.mark.parametrize(
    ("starts", "name", "first", "last"),
    [
        ("04", "2024/25", "2024-04-01", "2025-03-31"),
        ("04", "2024/25-Q4", "2025-01-01", "2025-03-31"),
        ("07", "2024/25-H2", "2025-01-01", "2025-06-30"),
        ("10", "1999/00-Q2", "2000-01-01", "2000-03-31"),
    ],
)
def test_s30_the_name_of_a_split_year_counts_from_the_month_that_the_plan_names(
    starts: str, name: str, first: str, last: str
) -> None:
    """In the period, the window, a condition, a moment and a reading alike."""
    target = within("10 days", window=name, where={"filed": {"in": name}}, readings=[{"name": "r", "window": name}])  # fmt: skip
    stock = kpi.Stock(
        id="s", start="filed", end="decided", at={"end_of": name}, level={"at_most": 1}
    )
    asked_of = plan(target, stock, period=name, year_starts=starts)
    days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    windowed: Any = asked_of.target("t")
    read = windowed.with_reading(windowed.readings[0])
    (condition,) = windowed.where
    for window in (asked_of.period, windowed.window, condition.test, read.window):
        assert (window.first, window.last) == days
    moment: Any = asked_of.target("s")
    assert moment.at.day == days[1]
    assert kpi.parse_plan(kpi.dump_plan(asked_of)) == asked_of


@pytest.mark.parametrize(
    ("keys", "words", "message"),
    [
        ({"rolling": "12 months"}, {}, "every: missing; accepted with a rolling window: week, month"),
        ({"every": "month", "window": {"through": "2017-12-31"}}, {}, "accepted: of a window with both ends"),
        ({"every": "day"}, {}, "found 'day'; accepted: week, month, quarter, half-year, year"),
        ({"every": "month", "rolling": "0 days"}, {}, "a length of at least a day"),
        ({"every": "month", "rolling": "10 working days"}, {}, "unknown unit 'working days'"),
        ({"window": "2017/18"}, {}, "year_starts: missing; accepted with the year '2017/18'"),
        ({"window": "2017/19"}, {"year_starts": "04"}, "a year and the next, '2017/18'"),
        ({}, {"year_starts": "4"}, "found '4'; accepted: 01, 02"),
    ],
)  # fmt: skip
def test_s30_series_that_cannot_be(keys: Any, words: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        plan(within("10 days", **keys), **words)


def test_s30_a_fact_and_a_day_have_no_periods_of_their_own() -> None:
    table = kpi.Table("reported", key="target")
    fact = kpi.Reported(id="t", requires={"at_most": 7}, every="month")
    with pytest.raises(kpi.PlanError, match="found 'month' with the rule reported"):
        kpi.Plan(id="p", period="2017", tables=[table], targets=[fact])
    with pytest.raises(kpi.PlanError, match="rolling: found 2 months with the rule stock"):
        plan(kpi.Stock(id="t", start="filed", end="decided", at={"end_of": "2017"}, level={"at_most": 1}, every="month", rolling="2 months"))  # fmt: skip


def test_s30_what_does_not_add_up_and_what_begins_before_the_data_is_noted() -> None:
    frame = spans(*CASES_OF_2017)
    result = kpi.evaluate(plan(within("10 days")), frame, every="quarter", rolling="12 months")
    notes = {note.code: note for note in result.notes}
    assert notes["periods-overlap"].endswith("may count in several: t")
    assert "t (2016-04-01, and cases with 2017-01-02)" in notes["rolling-before-data"]
    by_quarter = kpi.evaluate(plan(within("10 days")), frame, every="quarter")
    assert not {"periods-overlap", "rolling-before-data"} & {note.code for note in by_quarter.notes}
    with pytest.raises(kpi.DataError, match="rolling: found 12 months without the length of a"):
        kpi.evaluate(plan(within("10 days")), frame, rolling="12 months")


def test_s30_distinct_values_of_a_window_without_a_beginning_count_in_each_period() -> None:
    """The periods begin with the plan's: a visa ended in January, in February and in April."""
    target = kpi.Count(id="t", on="decided", distinct="case_type", window={"through": "2017-06-30"}, requires={"at_least": 1})  # fmt: skip
    groups = kpi.evaluate(plan(target), spans(*CASES_OF_2017), every="quarter").targets[0].groups
    assert [(g.group["period"], g.value) for g in groups] == [("2017-Q1", 1), ("2017-Q2", 1)]


def test_s30_days_before_every_rolling_window_count_in_none() -> None:
    """Of three ended in all, the two of 2017 lie in the two months through March."""
    cases = spans(
        ("2015-01-01", "2015-02-01"), ("2017-01-01", "2017-02-01"), ("2017-01-01", "2017-03-01")
    )
    target = average(window={"through": "2017-03-31"})
    found = kpi.evaluate(plan(target, period="2017-Q1"), cases, "2017-12-31", every="month", rolling="2 months")  # fmt: skip
    groups = {g.group["period"]: g.counted for g in found.targets[0].groups}
    assert groups == {"2017-01": 0, "2017-02": 1, "2017-03": 2}
    assert found.targets[0].counted == 3


def test_s30_the_trail_lists_a_case_for_each_period_that_it_counts_in() -> None:
    result = kpi.evaluate(plan(within("10 days", window="2017-Q2")), spans(*CASES_OF_2017), every="month", rolling="2 months")  # fmt: skip
    trail = result.audit(periods=True).collect()
    counted = trail.filter(trail["bucket"] == "counted")
    assert dict(counted["period"].value_counts().iter_rows()) == {"2017-04": 2, "2017-05": 2}
    assert {g.group["period"]: g.counted for g in result.targets[0].groups if g.counted} == {"2017-04": 2, "2017-05": 2}  # fmt: skip


def test_s30_the_periods_of_a_cohort_begin_with_the_day_it_was_open() -> None:
    """Open at the start of February: the case of 20 January, decided on 10 February."""
    target = kpi.Clearance(
        id="t", start="filed", end="decided", threshold=90, every="month",
        open_at={"start_of": "2017-02"}, deadline={"through": "2017-04-30"},
    )  # fmt: skip
    found = asked(target)
    assert [e.group["period"] for e in found.each] == ["2017-02", "2017-03", "2017-04"]
    assert {(e.counted, e.met) for e in found.each} == {(1, 1)}


def test_s30_the_periods_of_a_change_begin_after_its_base() -> None:
    target = kpi.Stock(
        id="t", start="filed", end="decided", at={"end_of": "2017-04"}, against={"end_of": "2017-02"},
        change={"at_most": 10}, every="month",
    )  # fmt: skip
    assert [e.group["period"] for e in asked(target).each] == ["2017-03", "2017-04"]


def test_s30_halves_quarters_and_years() -> None:
    """Four cases ended, all of them in the first half."""
    window = {"since": "2017-01-01", "before": "2018-01-01"}
    for every, names in (
        ("half-year", ["2017-H1", "2017-H2"]),
        ("quarter", ["2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"]),
        ("year", ["2017"]),
    ):
        found = asked(within("10 days", threshold=50, every=every, window=window))
        assert [e.group["period"] for e in found.each] == names
        assert sum(e.counted for e in found.each) == found.counted == 4
