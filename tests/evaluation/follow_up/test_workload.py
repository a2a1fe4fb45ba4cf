"""The load that the open cases are, worked out by hand, and the schedule (F33, F34, H9, H15)."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

import kpi
from kpi.evaluation.work_list.schedule import in_time_at_most
from tests.evaluation.follow_up.small_plan import PLAN, cases
from tests.evaluation.follow_up.test_real_permits import plan as permits
from tests.evaluation.follow_up.test_work_list import SPAN, day, followed, plan_of, table_of
from tests.real_data import data


@pytest.fixture(scope="module")
def small() -> kpi.FollowUp:
    return followed(kpi.parse_plan(PLAN), cases())


def test_the_load_of_the_small_plan(small: kpi.FollowUp) -> None:
    load = small.with_workload("0.5")["1"].load
    assert load is not None
    assert (load.in_time, load.late, load.no_effect, load.waiting, load.untold) == (1, 1, 0, 0, 0)
    assert (load.against, load.paused, load.not_started) == (0, 0, 0)
    # Half a decision a week: the first by the end of the second week, when d is over.
    assert (load.most_in_time, load.capacity, load.capacity_given) == (0, Fraction(1, 2), True)
    assert [(week.last, week.due, week.due_by_then) for week in load.weeks] == [
        (day(27), 1, 1),
        (day(31), 0, 1),
    ]
    # e, of the 3rd, is 17 days old on the 20th.
    assert load.late_age == 17
    # Two of three are in time, at 40 %: two more late ones make two of five.
    assert (load.room, load.in_time_needed) == (2, 0)
    # a and b in time, c and e late; d is due on the 25th.
    assert load.by_due_date == (2, 4)
    # At 90 % with e decided: two of four of those filed before the 15th, and 16 more make 18 of 20.
    other = small.with_workload(1)["2"].load
    assert other is not None
    assert (other.room, other.in_time_needed) == (0, 16)


def test_the_capacity_is_the_mean_of_the_last_13_weeks() -> None:
    target = kpi.Within(id="1", limit="20 days", threshold=90, **SPAN)
    # 91 days before the end of 20 December end with 20 September.
    ends = [day(20, 9), day(21, 9), day(1, 10), day(20)]
    rows = table_of(
        *((f"e{n}", day(1, 9), end, None) for n, end in enumerate(ends)), ("a", day(5), None, None)
    )
    load = followed(plan_of(target), rows).with_workload()["1"].load
    assert load is not None
    assert (load.capacity, load.capacity_given) == (Fraction(3, 13), False)
    assert load.condition == "0.2 decisions a week"
    share = kpi.Share(id="1", on="decided", having={"case_id": "a"}, threshold=50)
    of_share = followed(plan_of(share), rows).with_workload()["1"].load
    assert of_share is not None
    assert of_share.capacity == Fraction(3, 13)


def test_the_weeks_as_a_frame(small: kpi.FollowUp) -> None:
    assert small.weeks.height == 0
    rows = small.with_workload(1).weeks
    assert rows.filter(target="1").rows() == [
        ("1", day(27), 1, 1, 1.0, 1),
        ("1", day(31), 0, 1, 1.0, 1),
    ]


def test_the_load_in_the_json_stands_under_its_kinds(small: kpi.FollowUp) -> None:
    data = small.with_workload(1).to_dict()["targets"][0]
    assert data["certain"]["work"]["in_time"] == 1
    assert data["certain"]["work"]["late_age"] == [17, 1]
    assert data["certain"]["work"]["weeks"][0] == {"last": "2022-12-27", "due": 1, "due_by_then": 1}
    assert data["if"][1:] == [
        {"condition": "1 decision a week", "most_in_time": 1, "most_in_time_by_week": [1, 1]},
        {"condition": "the late case is decided", "in_time_needed": 0},
    ]
    assert "work" not in small.to_dict()["targets"][0]["certain"]


@pytest.mark.parametrize("capacity", [0, -1, "many", float("nan"), True])
def test_a_capacity_that_is_none(small: kpi.FollowUp, capacity: Any) -> None:
    with pytest.raises(kpi.PlanError, match=r"capacity: found .*; accepted: a number of decisions"):
        small.with_workload(capacity)


def test_all_cases_needed_where_all_are_asked_for() -> None:
    target = kpi.Within(id="1", limit="20 days", threshold=100, **SPAN)
    late = ("b", day(1, 11), None, None)
    load = followed(plan_of(target), table_of(late)).with_workload(1)["1"].load
    assert load is not None
    # One late case, and none in time makes up for it.
    assert (load.late, load.in_time_needed) == (1, None)
    rows = table_of(("a", day(5), day(6), None))
    load = followed(plan_of(target), rows).with_workload(1)["1"].load
    assert load is not None
    assert load.in_time_needed == 0


# H9: the permits.


def test_the_load_of_the_permits() -> None:
    plan = permits().only("closed")
    then = followed(plan, data("receipt.parquet"), "2011-09-30")
    loads = {n: then.with_workload(n)["closed"].load for n in (5, 10, 20)}
    found = {n: load and (load.in_time, load.late, load.most_in_time) for n, load in loads.items()}
    assert found == {5: (91, 85, 40), 10: (91, 85, 80), 20: (91, 85, 91)}
    load = loads[5]
    assert load is not None
    # By due date, 560 of 965; at 60 % with all late ones decided 0.6 · 978 - 550 are missing, in
    # steps of 0.4 (H9).
    assert (load.by_due_date, load.room, load.in_time_needed) == ((560, 965), 23, 92)


# F33: no order of the cases does better than the earliest due first.


def most_of_all_schedules(cases_of: list[tuple[int, int]], room: tuple[int, ...]) -> int:
    """The most cases in time over every schedule: each case in one of its weeks, or in none."""
    if not cases_of:
        return 0
    (first, last), *others = cases_of
    most = most_of_all_schedules(others, room)
    for week in range(first - 1, last):
        if room[week]:
            left = (*room[:week], room[week] - 1, *room[week + 1 :])
            most = max(most, 1 + most_of_all_schedules(others, left))
    return most


@pytest.mark.parametrize("seed", range(40))
def test_no_order_does_better_than_the_earliest_due_first(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - any instances will do
    number = chance.randint(1, 3)
    cases_of = [
        (first, chance.randint(first, number))
        for first in (chance.randint(1, number) for _ in range(chance.randint(1, 8)))
    ]
    capacity = Fraction(chance.choice(["1", "2", "0.5", "1.5", "3"]))
    of_week = tuple(int(capacity * (n + 1)) - int(capacity * n) for n in range(number))
    counted = {weeks: cases_of.count(weeks) for weeks in cases_of}
    found = in_time_at_most(counted, capacity, number)
    assert found[-1] == most_of_all_schedules(cases_of, of_week)
    # By the end of each week too: with those that can be in time by then.
    for week in range(1, number + 1):
        by_then = [(first, min(last, week)) for first, last in cases_of if first <= week]
        assert found[week - 1] == most_of_all_schedules(by_then, of_week)
