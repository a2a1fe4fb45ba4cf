"""The 2019 plan of Udlændingestyrelsen: its edges."""

from __future__ import annotations

import pytest

from tests.plans.small_tables import (
    MILESTONES,
    PARTS,
    Rows,
    done,
    plan,
    reads,
    run,
    tally,
    times,
    values,
)


def test_2019_a_decided_case_with_no_interview_may_be_left_out() -> None:
    asylum = {"case_type": "asylum", "filed": "2019-01-01", "decided": "2019-06-01"}
    cases = times(9, {**asylum, "first_interview": "2019-01-31"}) + times(2, asylum)
    cases += [{**asylum, "case_type": "passport", "first_interview": "2019-01-31"}]
    assert tally(run("us-2019", cases=cases)["1.1a"]) == (9, 11, "missed")
    other = reads("us-2019", "1.1a", "cases with no interview left out", cases=cases)
    assert tally(other) == (9, 9, "met")


@pytest.mark.parametrize(
    ("whole", "parts"),
    [(whole, parts) for whole, parts in PARTS["us-2019"].items() if whole != "2.4"],
)
def test_2019_a_requirement_of_parts_is_met_where_all_are(
    whole: str, parts: tuple[str, ...]
) -> None:
    good = {target: day for name, target, day, _ in MILESTONES if name == "us-2019"}
    bad = {target: day for name, target, _, day in MILESTONES if name == "us-2019"}
    facts = {part: good[part] for part in parts}
    assert run("us-2019", reported=done(facts))[whole].verdict == "met"
    for part in parts:
        one_late = done({**facts, part: bad[part]})
        assert run("us-2019", reported=one_late)[whole].verdict == "missed"
        one_unknown = done({k: v for k, v in facts.items() if k != part})
        assert run("us-2019", reported=one_unknown)[whole].verdict == "not_assessable"
    # A part that is missed decides, whatever is not known of the others.
    assert run("us-2019", reported=done({parts[0]: None}))[whole].verdict == "missed"


def test_2019_the_six_assessments_must_all_be_fulfilled() -> None:
    six = dict.fromkeys(PARTS["us-2019"]["2.4"], 1)
    assert run("us-2019", reported=values(six))["2.4"].verdict == "met"
    for part in six:
        assert run("us-2019", reported=values({**six, part: 0}))["2.4"].verdict == "missed"
        unknown = values({**six, part: None})
        assert run("us-2019", reported=unknown)["2.4"].verdict == "not_assessable"


def test_2019_the_robot_is_asked_for_where_its_condition_came_about() -> None:
    def robot(condition: bool | None, day: str | None) -> str:
        row = {"target": "2.2a", "done": day, "condition": condition}
        return run("us-2019", reported=[row])["2.2a"].verdict

    assert robot(condition=True, day="2019-09-30") == "met"
    assert robot(condition=True, day="2019-10-01") == "missed"
    assert robot(condition=True, day=None) == "missed"
    assert robot(condition=False, day=None) == "lapsed"
    assert robot(condition=False, day="2019-09-30") == "lapsed"
    assert robot(condition=None, day="2019-09-30") == "not_assessable"
    assert run("us-2019", reported=[])["2.2a"].verdict == "not_assessable"


def test_2019_the_condition_may_be_of_1_september() -> None:
    robot = next(t for t in plan("us-2019").leaves() if t.id == "2.2a")
    assert robot.on_condition is not None
    assert robot.on_condition.that.endswith("through 2019-09-10")
    other_one = robot.with_reading(robot.readings[0]).on_condition
    assert other_one is not None
    assert other_one.that.endswith("through 2019-09-01")
    reported: Rows = [
        {"target": "2.2a", "done": "2019-10-15", "condition": True},
        {"target": "2.2a-2019-09-01", "condition": False},
    ]
    assert run("us-2019", reported=reported)["2.2a"].verdict == "missed"
    other = reads("us-2019", "2.2a", "condition through 1 September", reported=reported)
    assert other.verdict == "lapsed"
