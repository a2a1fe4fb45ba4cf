"""Figures beside a result in a report: times, caseload, series, worked by hand (R4, R5)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import polars as pl
import pytest

import kpi
from kpi.evaluation.report_figures.figures import figures_of, report_figures
from tests.report.page import small_plan


def test_times_of_counted_cases() -> None:
    times = small_plan.figures().times
    # a1 to a9 took 4 days, b1 to b3 6, a10 20; a count has no times.
    assert {*times} == {"1a", "1b"}
    assert times["1a"].histogram == {4: 9, 6: 3, 20: 1}
    assert (times["1a"].unit, times["1a"].unended, times["1a"].total) == ("days", 0, 13)


def test_the_caseload_at_the_end_and_before_it() -> None:
    load = small_plan.figures().caseloads["1a"]
    # d1, which has no start, is excluded (S12), here as in the figure.
    assert (load.intake, load.output, load.open, load.late) == (14, 13, 1, 1)
    assert load.mean_age == Fraction(30)
    # On 3 October a10, of 1 October, is open and in time; c1 has not come.
    early = report_figures(small_plan.SMALL, small_plan.CASES, "2022-10-03").caseloads["1b"]
    assert (early.day, early.intake, early.output, early.open) == (dt.date(2022, 10, 3), 13, 12, 1)
    assert (early.late, early.mean_age) == (0, Fraction(2))


def test_an_open_case_is_late_once_its_due_day_is_over() -> None:
    # c1, of 1 December, is due on the 11th: at the end of that day it can no longer be in time (F3).
    days = {10: 0, 11: 1}
    for day, late in days.items():
        load = report_figures(small_plan.SMALL, small_plan.CASES, f"2022-12-{day}").caseloads["1a"]
        assert (load.open, load.late) == (1, late)


def test_the_caseload_of_a_month_is_that_of_the_series() -> None:
    plan = kpi.parse_plan(
        small_plan.PLAN.replace('limit = "10 days"', 'limit = "10 days"\nwindow = "2022-10"')
    )
    load = report_figures(plan, small_plan.CASES, "2022-12-31").caseloads["1a"]
    assert load.day == dt.date(2022, 10, 31)
    flow = kpi.follow(small_plan.SMALL, small_plan.CASES, "2022-12-15", estimate=False).series.flow
    october = flow.filter(target="1a", period="2022-10")
    assert {kind: int(n) for kind, n in october.select("kind", "value").drop_nulls().rows()} == {
        "intake": load.intake, "output": load.output, "open": load.open, "open and late": load.late,
    }  # fmt: skip
    assert (load.intake, load.output, load.open) == (1, 1, 0)


def test_the_caseload_is_that_from_the_first_day_of_the_window_to_the_last() -> None:
    """The window is October: of each case is said what it adds to in, out and open."""
    plan = kpi.Plan(
        id="p",
        period="2022",
        tables=[kpi.Table("cases", key="case_id", entry="filed", events="decided")],
        targets=[
            kpi.Average(id="t", start="filed", end="decided", limit="30 days", window="2022-10")
        ],
    )
    days: dict[str, tuple[tuple[int, int], tuple[int, int] | None]] = {
        "in none: it ended before": ((9, 1), (9, 30)),
        "out, on the first day": ((9, 30), (10, 1)),
        "in, on the first day, and open": ((10, 1), None),
        "open alone": ((9, 2), None),
        "in and out, on the last day": ((10, 31), (10, 31)),
        "in and open: it ended after": ((10, 30), (11, 1)),
        "in none: it started after": ((11, 1), None),
    }
    cases = [
        {
            "case_id": name,
            "filed": dt.date(2022, *filed),
            "decided": None if decided is None else dt.date(2022, *decided),
        }
        for name, (filed, decided) in days.items()
    ]
    load = report_figures(plan, pl.DataFrame(cases, infer_schema_length=None)).caseloads["t"]
    assert (load.day, load.intake, load.output, load.open) == (dt.date(2022, 10, 31), 3, 2, 3)
    # 30, 59 and 1 days; the first was due that day, which is over (F3), and the second before.
    assert (load.late, load.mean_age) == (2, Fraction(90, 3))


def test_no_open_case_has_no_age() -> None:
    ended = small_plan.CASES.filter(pl.col("case_id") != "c1")
    load = report_figures(small_plan.SMALL, ended, "2022-12-31").caseloads["1a"]
    assert (load.open, load.late, load.mean_age) == (0, 0, None)


def test_the_series_by_month() -> None:
    series = small_plan.figures().series["1a"]
    # January: a1 and b1; October: a10, decided on the 21st, late.
    assert [(one.group["period"], one.met, one.counted) for one in series][:2] == [
        ("2022-01", 2, 2), ("2022-02", 2, 2),
    ]  # fmt: skip
    assert [one.met for one in series if one.group["period"] == "2022-10"] == [0]


def test_a_plan_without_readings_and_one_of_an_unended_cohort() -> None:
    plan = kpi.parse_plan(
        small_plan.PLAN.replace('threshold = 90', 'threshold = 90\ndenominator = "cohort"').replace(
            '[[targets.readings]]\nname = "five days"\nlimit = "5 days"\n', ""
        )
    )  # fmt: skip
    figures = report_figures(plan, small_plan.CASES, "2022-12-31")
    assert figures.readings is None
    # c1 is counted and has not ended; a cohort's open cases are in its figure already.
    assert figures.times["1a"].unended == 1
    assert {*figures.caseloads} == {"1b"}


@pytest.mark.parametrize(
    "changes",
    [
        # Another limit reads what the plan reads; another column is read by the reading alone.
        'limit = "5 days"',
        'where = { office = "north" }',
    ],
)
def test_readings_are_those_of_their_own_check(changes: str) -> None:
    plan = kpi.parse_plan(small_plan.PLAN.replace('limit = "5 days"', changes))
    figures = report_figures(plan, small_plan.CASES, "2022-12-31")
    found = kpi.readings(plan, small_plan.CASES, "2022-12-31")
    assert figures.readings is not None
    assert figures.readings.targets == found.targets[:1]
    assert figures.result == kpi.evaluate(plan, small_plan.CASES, "2022-12-31", fingerprint=True)


def test_the_times_of_the_fastest_are_those_of_the_audit_trail() -> None:
    plan = kpi.parse_plan(
        small_plan.PLAN.replace('limit = "7 days"', 'limit = "7 days"\nfastest = 90')
    )
    # Of 13 the fastest 90 % are 11.7, and so 12 (S17): a10, of 20 days, is left out.
    assert report_figures(plan, small_plan.CASES, "2022-12-31").times["1b"].histogram == {
        4: 9,
        6: 3,
    }


def test_times_by_the_clock_are_minutes_and_a_missing_table_has_none() -> None:
    plan = kpi.Plan(
        id="p",
        period="2022",
        tables=[
            kpi.Table("contacts", key="id", entry="arrived", events="served"),
            kpi.Table("others", key="id", entry="filed", events="decided"),
        ],
        targets=[
            kpi.Within(id="1", table="contacts", start="arrived", end="served", limit="10 minutes", threshold=90),
            kpi.Within(id="2", table="others", start="filed", end="decided", limit="10 days", threshold=90),
        ],
    )  # fmt: skip
    start = dt.datetime(2022, 3, 1, 9)
    contacts = pl.DataFrame(
        {
            "id": ["a", "b"],
            "arrived": [start, start],
            # Nine minutes and a second are ten begun.
            "served": [
                start + dt.timedelta(minutes=9, seconds=1),
                start + dt.timedelta(minutes=30),
            ],
        }
    )
    figures = report_figures(plan, {"contacts": contacts}, "2022-12-31")
    assert figures.times["1"].unit == "minutes"
    assert figures.times["1"].histogram == {10: 1, 30: 1}
    assert {*figures.caseloads} == {"1"}


def test_a_result_of_states_has_its_own_figures_alone() -> None:
    figures = figures_of(kpi.finish(kpi.partial(small_plan.SMALL, small_plan.CASES)))
    assert not figures.has_cases
    assert (figures.series, figures.times, figures.caseloads) == ({}, {}, {})
