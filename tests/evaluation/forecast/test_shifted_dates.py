"""A target with all of its dates moved (F25)."""

from __future__ import annotations

import datetime as dt

import kpi
from kpi.evaluation.forecast.shifted_dates import moved_window, shifted
from tests.builders import average, clearance, day, plan, within

PLAN = plan(within(), period="2022")


def test_f25_the_window_of_the_plan_becomes_one_of_the_target() -> None:
    moved = shifted(within(), PLAN, -31)
    assert moved.window == kpi.Window(since="2021-12-01", through="2022-11-30")


def test_f25_an_own_window_moves_by_days_whatever_the_lengths_of_months() -> None:
    moved = shifted(within(window="2022-02"), PLAN, -31)
    assert moved.window == kpi.Window(since="2022-01-01", through="2022-01-28")
    assert shifted(within(window="2022-02"), PLAN, 28).window == kpi.Window(
        since="2022-03-01", through="2022-03-28"
    )


def test_f25_a_window_without_a_beginning_keeps_none() -> None:
    window = kpi.Window(before="2022-07-01")
    assert moved_window(window, -1) == kpi.Window(through="2022-06-29")


def test_f25_the_open_cohort_and_its_deadline_move_together() -> None:
    target = clearance({"through": "2022-12-31"}, open_at={"start_of": "2022"})
    moved = shifted(target, PLAN, -365)
    assert isinstance(moved, kpi.Clearance)
    assert moved.open_at is not None
    assert moved.open_at.day == day("2021-01-01")
    assert moved.deadline == kpi.Window(through="2021-12-31")


def test_f25_a_stock_and_its_base_move_together() -> None:
    target = kpi.Stock(
        id="t", start="filed", end="decided", at={"end_of": "2022"}, against={"end_of": "2021"}
    )
    moved = shifted(target, PLAN, -10)
    assert isinstance(moved, kpi.Stock)
    assert moved.against is not None
    assert (moved.at.day, moved.against.day) == (day("2022-12-21"), day("2021-12-21"))


def test_f25_open_cases_at_a_day_have_no_window_to_move() -> None:
    target = within(denominator="open", at={"end_of": "2022-06"})
    moved = shifted(target, PLAN, -30)
    assert isinstance(moved, kpi.Within)
    assert moved.at is not None
    assert (moved.at.day, moved.window) == (day("2022-05-31"), None)


def test_f25_dates_in_conditions_move_and_values_stay() -> None:
    target = within(
        where={
            "filed": {"in": "2022"},
            "documented": {"since": "2022-01-01", "before": {"date": "decided"}},
            "decided": {"after": {"date": "filed"}},
            "case_type": "visa",
            "any_of": [{"decided": {"before": "2022-03-01"}}, {"due": {"missing": True}}],
        },
        unless={"documented": {"through": "2022-01-31"}},
    )
    moved = shifted(target, PLAN, -365)
    assert moved.where.data() == {
        "filed": {"since": dt.date(2021, 1, 1), "through": dt.date(2021, 12, 31)},
        "documented": {"since": dt.date(2021, 1, 1), "before": {"date": "decided"}},
        "decided": {"after": {"date": "filed"}},
        "case_type": "visa",
        "any_of": [{"decided": {"through": dt.date(2021, 2, 28)}}, {"due": {"missing": True}}],
    }
    assert moved.unless.data() == {"documented": {"through": dt.date(2021, 1, 31)}}


def test_f25_dates_on_which_a_limit_or_threshold_changes_move() -> None:
    target = within(
        {"dated": "filed", "first": "10 months", "since": {"2022-07-01": "7 months"}},
        threshold={"dated": "decided", "first": 80, "since": {"2022-09-01": 90}},
    )
    moved = shifted(target, PLAN, -1)
    assert isinstance(moved.limit, kpi.Dated)
    assert isinstance(moved.threshold, kpi.Dated)
    assert [since for since, _ in moved.limit.later] == [day("2022-06-30")]
    assert [since for since, _ in moved.threshold.later] == [day("2022-08-31")]


def test_f25_what_holds_no_date_is_left_as_it_is() -> None:
    target = average(where={"case_type": ["visa", "work"]}, window="2022-H2")
    moved = shifted(target, PLAN, -7)
    assert (moved.limit, moved.where, moved.id) == (target.limit, target.where, target.id)
