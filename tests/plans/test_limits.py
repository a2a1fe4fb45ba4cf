"""Averages, counts, milestones and reported facts of the example plans, on their limits and beside them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import kpi
from tests.plans.small_tables import (
    EARLIER,
    IDS,
    MILESTONES,
    TABLE,
    done,
    frame,
    pairs,
    plan,
    reads,
    run,
    times,
    values,
)


@pytest.mark.parametrize(
    ("name", "target", "table", "more", "good", "bad"),
    [
        # 200 and 220 days; then 221.
        ("us-2017", "1.1a", "cases", {"case_type": "asylum"}, (("2016-06-15", "2017-01-01"), ("2016-06-15", "2017-01-21")), ("2016-06-14", "2017-01-21")),
        ("us-2019", "1.1b", "cases", {"case_type": "asylum"}, (("2019-01-01", "2019-05-01"), ("2018-10-01", "2019-01-29")), ("2018-09-30", "2019-01-29")),
        ("us-2022", "1.1b", "cases", {"case_type": "asylum", "residence_basis": False}, (("2022-04-01", "2022-07-30"), ("2022-03-03", "2022-07-01")), ("2022-03-02", "2022-07-01")),
        ("hjemrejsestyrelsen-2022", "1.2", "appeals", {"case_type": "spontaneous"}, (("2022-01-01", "2022-05-01"), ("2021-10-01", "2022-01-29")), ("2021-09-30", "2022-01-29")),
    ],
)  # fmt: skip
def test_an_average_on_its_limit_is_met_and_one_day_more_is_missed(
    name: str,
    target: str,
    table: str,
    more: dict[str, Any],
    good: tuple[tuple[str, str], tuple[str, str]],
    bad: tuple[str, str],
) -> None:
    days = 210 if name == "us-2017" else 120
    met = run(name, **{table: pairs(*good, **more)})[target]
    assert (met.total, met.counted, met.verdict) == (2 * days, 2, "met")
    missed = run(name, **{table: pairs(good[0], bad, **more)})[target]
    assert (missed.total, missed.counted, missed.verdict) == (2 * days + 1, 2, "missed")
    assert missed.value == days + 0.5


@pytest.mark.parametrize(
    ("name", "target", "table", "row", "least"),
    [
        ("us-2017", "2.1a", "actions", {"kind": "register_check", "done": "2017-12-31"}, 8),
        ("us-2017", "2.2a", "actions", {"kind": "profiled_case", "done": "2017-01-01"}, 20),
        ("us-2017", "2.2b", "actions", {"kind": "media_case", "done": "2017-06-30"}, 100),
        ("us-2019", "2.1a", "actions", {"kind": "deployment", "done": "2019-12-31"}, 16),
        ("us-2019", "2.1c", "actions", {"kind": "revocation_review", "done": "2019-01-01"}, 300),
        ("hjemrejsestyrelsen-2022", "1.1b", "actions", {"kind": "return_project", "done": "2022-01-01"}, 12),
        ("hjemrejsestyrelsen-2022", "1.3a", "complaints", {"filed": "2021-03-01", "decided": "2022-12-31"}, 3500),
        ("siri-2018", "1.2", "actions", {"kind": "knowledge_effort", "done": "2018-12-31"}, 3),
    ],
)  # fmt: skip
def test_a_count_that_is_reached_and_one_that_is_not(
    name: str, target: str, table: str, row: dict[str, Any], least: int
) -> None:
    other = {**row, **({"kind": "other"} if "kind" in row else {"decided": None})}
    for n, verdict in ((least, "met"), (least - 1, "missed"), (0, "missed")):
        found = run(name, **{table: [*times(n, row), other]})[target]
        assert (found.counted, found.value, found.verdict) == (n, n, verdict)


@pytest.mark.parametrize(("name", "target", "good", "bad"), MILESTONES)
def test_a_milestone_on_its_last_day_and_beside_it(
    name: str, target: str, good: str, bad: str
) -> None:
    for row, verdict in (
        ([{"target": target, "done": good}], "met"),
        ([{"target": target, "done": bad}], "missed"),
        ([{"target": target, "done": None}], "missed"),
        ([{"target": "another", "done": good}], "not_assessable"),
    ):
        assert run(name, reported=row)[target].verdict == verdict


@pytest.mark.parametrize(
    ("name", "target", "first", "last"),
    [
        ("us-2017", "3.1", "2017-01-01", "2017-12-31"),
        ("hjemrejsestyrelsen-2022", "2.1a", "2022-01-01", "2022-06-30"),
        ("hjemrejsestyrelsen-2022", "2.1b", "2022-07-01", "2022-12-31"),
    ],
)  # fmt: skip
def test_what_is_asked_for_in_a_period_may_have_been_done_before_it(
    name: str, target: str, first: str, last: str
) -> None:
    before, after = (
        str(dt.date.fromisoformat(day) + dt.timedelta(n)) for day, n in ((first, -1), (last, 1))
    )
    for day, verdict, other in (
        (before, "missed", "met"),
        (first, "met", "met"),
        (last, "met", "met"),
        (after, "missed", "missed"),
    ):
        facts = done({target: day})
        assert run(name, reported=facts)[target].verdict == verdict
        assert reads(name, target, EARLIER[0], reported=facts).verdict == other


@pytest.mark.parametrize(
    ("name", "target", "reading", "year"),
    [
        *[("siri-2018", t, "done in 2018", 2018) for t in ("2.2a", "2.2b", "2.3a", "2.3b", "2.3c")],
        *[("us-2019", t, "done in 2019", 2019) for t in ("3.2a", "3.2b")],
    ],
)
def test_what_is_the_state_at_the_end_of_a_year_may_be_asked_for_in_it(
    name: str, target: str, reading: str, year: int
) -> None:
    for day, verdict, other in (
        (f"{year - 1}-12-31", "met", "missed"),
        (f"{year}-01-01", "met", "met"),
        (f"{year}-12-31", "met", "met"),
        (f"{year + 1}-01-01", "missed", "missed"),
    ):
        facts = done({target: day})
        assert run(name, reported=facts)[target].verdict == verdict
        assert reads(name, target, reading, reported=facts).verdict == other


def test_2019_a_robot_may_be_ready_at_the_beginning_of_the_next_year() -> None:
    reading = "ready through 10 January 2020"
    for day, verdict, other in (
        ("2019-12-31", "met", "met"),
        ("2020-01-10", "missed", "met"),
        ("2020-01-11", "missed", "missed"),
    ):
        facts = done({"2.2c": day})
        assert run("us-2019", reported=facts)["2.2c"].verdict == verdict
        data = {"reported": frame(plan("us-2019"), "reported", facts)}
        found = kpi.readings(plan("us-2019"), data, "2020-01-31")
        (its,) = [target for target in found.targets if target.id == "2.2c"]
        assert dict(its.others)[reading].verdict == other


def test_every_milestone_is_tried() -> None:
    tried = {(name, target) for name, target, _, _ in MILESTONES} | {("us-2019", "2.2a")}
    milestones = {(name, row[0]) for name in IDS for row in TABLE[name] if row[1] == "milestone"}
    assert tried == milestones


@pytest.mark.parametrize(
    ("name", "target"),
    [("us-2017", "4.2"), ("us-2019", "3.1"), ("siri-2018", "2.1")],
)
def test_seven_sick_days_are_not_under_seven(name: str, target: str) -> None:
    for value, verdict in ((6.9, "met"), (7, "missed"), (7.1, "missed"), (None, "not_assessable")):
        assert run(name, reported=values({target: value}))[target].verdict == verdict
    assert run(name, reported=[])[target].verdict == "not_assessable"


@pytest.mark.parametrize(
    ("name", "target"),
    [("siri-2018", "1.1"), ("siri-2018", "1.3"), *[("us-2019", f"2.4{c}") for c in "abcdef"]],
)
def test_fulfilled_is_one_and_not_fulfilled_is_zero(name: str, target: str) -> None:
    for value, verdict in ((1, "met"), (0, "missed"), (None, "not_assessable")):
        assert run(name, reported=values({target: value}))[target].verdict == verdict
