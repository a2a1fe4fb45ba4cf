"""Weights and score (S28), on plans of milestones that are done or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi

FACTS = kpi.Table("reported", key="target", events="done")
CASES = kpi.Table("cases", key="case_id", entry="filed", events="decided")
FLOW = kpi.Flow(id="f", start="filed", end="decided", weight=10)
DONE, NOT_DONE, UNKNOWN, LAPSED = "done", "not done", "unknown", "lapsed"


def target(name: str, *, weight: Any = None, goal: str | None = None) -> kpi.Milestone:
    return kpi.Milestone(
        id=name,
        weight=weight,
        goal=goal,
        deadline={"through": "2022-12-31"},
        on_condition={"that": "it came about"},
    )


def score(
    targets: Sequence[kpi.Requirement],
    states: Sequence[str],
    *goals: kpi.Goal,
    as_of: str | None = None,
    **more: Any,
) -> kpi.Score:
    made = kpi.Plan(id="p", period="2022", tables=[FACTS], goals=goals, targets=targets, **more)
    leaves = made.leaves()
    rows = [
        {
            "target": leaf.id,
            "done": dt.date(2022, 6, 1) if state == DONE else None,
            "condition": state != LAPSED,
        }
        for leaf, state in zip(leaves, states, strict=True)
        if state != UNKNOWN
    ]
    frame = pl.DataFrame(
        rows, schema={"target": pl.String, "done": pl.Date, "condition": pl.Boolean}
    )
    found = kpi.evaluate(made, {"reported": frame}, as_of).score
    assert found is not None
    return found


def two(weight: Any = 60, sharing: Any = "all") -> tuple[list[kpi.Requirement], list[kpi.Goal]]:
    """A goal whose weight two requirements share, and one with a weight of its own."""
    targets: list[kpi.Requirement] = [
        target("1a", goal="1"),
        target("1b", goal="1"),
        target("2", weight=40),
    ]
    return targets, [kpi.Goal(id="1", weight=weight, sharing=sharing)]


@pytest.mark.parametrize(
    ("states", "met", "if_split", "aside"),
    [
        ([DONE, DONE, DONE], 100, 100, {}),
        ([DONE, NOT_DONE, DONE], 40, 70, {}),
        ([DONE, UNKNOWN, DONE], 40, 70, {"not_assessable": 60}),
        ([NOT_DONE, UNKNOWN, DONE], 40, 40, {}),
        ([DONE, LAPSED, DONE], 100, 100, {}),
        ([NOT_DONE, LAPSED, DONE], 40, 40, {}),
        ([LAPSED, LAPSED, DONE], 40, 40, {"lapsed": 60}),
        ([DONE, DONE, UNKNOWN], 60, 60, {"not_assessable": 40}),
        ([DONE, DONE, LAPSED], 60, 60, {"lapsed": 40}),
        ([NOT_DONE, NOT_DONE, NOT_DONE], 0, 0, {}),
    ],
)
def test_the_score(states: Sequence[str], met: int, if_split: int, aside: dict[str, int]) -> None:
    targets, goals = two()
    found = score(targets, states, *goals)
    assert [found.met, found.of, found.if_all, found.if_split] == [met, 100, met, if_split]
    assert {str(k): v for k, v in found.aside.items()} == aside
    assert found.to_dict() == {"met": met, "of": 100, "if_split": if_split}
    split = score(*(targets, states), *two(sharing="split")[1])
    assert [split.met, split.if_all, split.if_split] == [if_split, met, if_split]


def test_a_split_weight_shows_its_unknown_part_apart() -> None:
    targets, goals = two(sharing="split")
    assert dict(score(targets, [DONE, UNKNOWN, DONE], *goals).aside) == {"not_assessable": 30}


def test_weights_are_exact() -> None:
    targets = [target(str(n), weight=weight) for n, weight in enumerate(("2.5", 0.1, "0.2", 97.2))]
    found = score(targets, [DONE] * 4)
    assert (found.met, found.of) == (Decimal(100), Decimal(100))
    thirds = [target(f"1{n}", goal="1") for n in "abc"]
    found = score(thirds, [DONE, DONE, NOT_DONE], kpi.Goal(id="1", weight=100))
    assert [found.if_all, found.if_split] == [0, Decimal("66.666667")]


def test_a_weight_of_nothing_is_a_weight() -> None:
    found = score([target("1", weight=0), target("2", weight=100)], [NOT_DONE, DONE])
    assert [found.met, found.of] == [100, 100]


def test_parts_earn_one_weight_together() -> None:
    parts = kpi.Parts(id="1", weight=100, parts=[target("1a"), target("1b")])
    assert score([parts], [DONE, NOT_DONE]).met == 0
    assert score([parts], [DONE, NOT_DONE]).if_split == 0
    assert score([parts], [DONE, LAPSED]).met == 100


def test_before_the_last_day_weights_are_open() -> None:
    targets, goals = two()
    found = score(targets, [DONE, DONE, NOT_DONE], *goals, as_of="2022-12-30")
    assert [found.met, dict(found.aside)] == [0, {"open": 100}]


def test_an_indicator_earns_nothing_and_costs_nothing() -> None:
    flow = kpi.Flow(id="f", goal="1", start="filed", end="decided")
    targets = [target("1a", goal="1"), flow]
    made = kpi.Plan(
        id="p", period="2022", tables=[FACTS, CASES], targets=targets,
        goals=[kpi.Goal(id="1", weight=100)],
    )  # fmt: skip
    day = dt.date(2022, 1, 1)
    extract = {
        "cases": pl.DataFrame({"case_id": ["1"], "filed": [day], "decided": [day]}),
        "reported": pl.DataFrame({"target": ["1a"], "done": [day], "condition": [True]}),
    }
    result = kpi.evaluate(made, extract)
    assert result.score is not None
    assert [result["f"].verdict, result.score.met] == ["indicator", 100]


def notes(**more: Any) -> Sequence[str]:
    made = kpi.Plan(id="p", period="2022", tables=[FACTS], **more)
    frame = pl.DataFrame(schema={"target": pl.String, "done": pl.Date, "condition": pl.Boolean})
    return kpi.evaluate(made, {"reported": frame}, "2022-12-31").notes


def test_what_is_said_of_weights() -> None:
    targets, goals = two(weight=50)
    said = notes(targets=targets, goals=goals, weights="reconstructed")
    assert "the weights sum to 90, not to 100" in said
    assert "the weights are a reconstruction: the score rests on it" in said
    assert "weight 90 of 90 is not assessable and earns nothing" in said
    assert not [note for note in notes(targets=two()[0], goals=two()[1]) if "sum to" in note]
    assert score(targets, [DONE] * 3, *goals, weights="reconstructed").reconstructed


def test_a_plan_without_weights_has_no_score() -> None:
    made = kpi.Plan(id="p", period="2022", tables=[FACTS], targets=[target("1")])
    frame = pl.DataFrame(schema={"target": pl.String, "done": pl.Date, "condition": pl.Boolean})
    result = kpi.evaluate(made, {"reported": frame})
    assert result.score is None
    assert result.to_dict()["score"] is None


@pytest.mark.parametrize(
    ("targets", "goals", "message"),
    [
        ([target("1", goal="2")], [kpi.Goal(id="1")], r"targets\.0\.goal: unknown goal '2'; accepted: 1"),
        ([target("1", goal="1", weight=5)], [kpi.Goal(id="1", weight=10)], r"targets\.0\.weight: goal 1 has the weight 10"),
        ([target("1")], [kpi.Goal(id="1", weight=10)], r"goals\.0\.id: no requirement names this goal"),
        ([target("1")], [kpi.Goal(id="1"), kpi.Goal(id="1")], r"goals\.1\.id: duplicate id '1': goal number 1"),
        ([target("1")], [3], "found 3; accepted: a kpi.Goal"),
        ([FLOW], [], r"targets\.0\.weight: asks for nothing"),
        ([evolve(FLOW, weight=None, goal="1")], [kpi.Goal(id="1", weight=9)], r"goals\.0\.weight: asks for nothing"),
    ],
)  # fmt: skip
def test_weights_that_cannot_be(targets: Any, goals: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        kpi.Plan(id="p", period="2022", tables=[FACTS, CASES], targets=targets, goals=goals)


@pytest.mark.parametrize("weight", [-1, 101, "much", True])
def test_weights_that_are_none(weight: Any) -> None:
    with pytest.raises(kpi.PlanError, match="weight: found"):
        target("1", weight=weight)
    with pytest.raises(kpi.PlanError, match="weight: found"):
        kpi.Goal(id="1", weight=weight)
