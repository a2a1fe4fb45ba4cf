"""Weights and score (S28): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.definitions.limits import ByValue
from kpi.definitions.on_condition import OnCondition
from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.target import Requirement, Target
from kpi.definitions.time_units import Span
from kpi.rules.flow import Flow
from kpi.testing import oracle
from kpi.testing.oracle import Outcome
from tests.builders import FACTS, PLAIN_TABLE, asked, by_type, facts
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import CASES, D, run, that_took, verdicts, within


def limits_file(**thresholds: int) -> ByValue:
    limits = {name: Span(days=30) for name in thresholds}
    return ByValue("case_type", limits, {k: Decimal(v) for k, v in thresholds.items()}, "l.csv")


def typed(*cases: tuple[str | None, int]) -> list[dict[str, object]]:
    """Cases of a type that took so many days."""
    found = that_took(*(days for _, days in cases))
    return [{**case, "case_type": name} for case, (name, _) in zip(found, cases, strict=True)]


def test_s28_no_value_makes_up_for_another() -> None:
    cases = typed(*[("visa", 1)] * 9, ("asylum", 31))
    assert run(within(), *cases).verdict == "met"
    assert run(within(), *cases).each == {}
    outcome = run(within(each="case_type"), *cases)
    assert outcome.verdict == "missed"
    assert verdicts(outcome) == {("visa",): "met", ("asylum",): "missed"}
    assert (outcome.met, outcome.counted, outcome.value) == (9, 10, Fraction(9, 10))
    part = outcome.each["asylum",]
    assert (part.met, part.counted, part.value, part.trail) == (0, 1, Fraction(0), ())


def test_s28_a_missing_value_is_a_value_of_its_own_and_one_outside_is_none() -> None:
    cases = [*typed((None, 1), ("visa", 31)), {"filed": D(2017, 1, 1), "case_type": "asylum"}]
    outcome = run(within(each="case_type"), *cases)
    assert verdicts(outcome) == {(None,): "met", ("visa",): "missed"}
    assert outcome.each["visa",].rows == 1


def test_s28_a_value_with_rows_of_which_none_counts_is_not_assessable() -> None:
    cases = [*typed(("visa", 1)), {"decided": D(2017, 1, 1), "case_type": "asylum"}]
    outcome = run(within(each="case_type"), *cases)
    assert verdicts(outcome) == {("visa",): "met", ("asylum",): "not_assessable"}
    assert outcome.each["asylum",].excluded == {"start missing": 1}
    assert outcome.verdict == "not_assessable"
    # One that is missed decides.
    cases += typed(("passport", 31))
    assert run(within(each="case_type"), *cases).verdict == "missed"
    assert run(within(each="case_type")).verdict == "not_assessable"
    assert run(within(each="case_type")).each == {}


def test_s28_each_value_has_the_threshold_of_its_own_and_one_without_cases_lapses() -> None:
    target = within(
        limit=limits_file(visa=90, asylum=50, passport=90), threshold=None, each="case_type"
    )
    outcome = run(target, *typed(*[("visa", 1)] * 9, ("visa", 31), ("asylum", 31), ("asylum", 1)))
    assert verdicts(outcome) == {
        ("visa",): "met",
        ("asylum",): "met",
        ("passport",): "lapsed",
    }
    assert outcome.verdict == "met"
    assert outcome.each["passport",] == Outcome(0, 0, 0, 0, {}, 0, None, None, "lapsed", ())
    outcome = run(target, *typed(("visa", 1), ("asylum", 1), ("asylum", 31), ("asylum", 31)))
    assert verdicts(outcome)["asylum",] == "missed"
    # A type that was decided and has no limit.
    outcome = run(target, *typed(("visa", 1), ("family", 1)))
    assert verdicts(outcome) == {
        ("visa",): "met",
        ("family",): "not_assessable",
        ("asylum",): "lapsed",
        ("passport",): "lapsed",
    }
    assert outcome.each["family",].excluded == {"limit missing": 1}
    assert outcome.verdict == "not_assessable"
    # None has cases.
    assert run(target).verdict == "not_assessable"


def test_s28_only_limits_by_the_same_column_list_values() -> None:
    outcome = run(within(limit=by_type(visa="30 days"), each="flag"))
    assert outcome.each == {}


def test_s28_parts_are_open_while_the_whole_is() -> None:
    target = within(each="case_type")
    outcome = run(target, *typed(("visa", 31)), as_of=D(2017, 12, 30))
    assert outcome.verdict == "open"
    assert verdicts(outcome) == {("visa",): "open"}


def both(
    target: Requirement, facts: list[dict[str, object]] | None, as_of: dt.date | None = None
) -> dict[str, Outcome]:
    """A plan with cases, one met and one missed, and facts."""
    found = Plan(id="p", period="2017", tables=[CASES, FACTS], targets=[target])
    tables: dict[str, list[dict[str, object]]] = {"cases": hand_worked.rows(*that_took(1))}
    if facts is not None:
        tables["reported"] = [{"done": None, "condition": None, **one} for one in facts]
    return oracle.evaluate(found, tables, as_of)


def on(condition: bool | None, name: str = "1") -> dict[str, object]:
    return {"target": name, "condition": condition}


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ([on(True)], "met"),
        ([on(False)], "lapsed"),
        ([on(None)], "not_assessable"),
        ([], "not_assessable"),
        ([on(True, "2")], "not_assessable"),
        ([on(True), on(True)], "not_assessable"),
        (None, "not_assessable"),
    ],
)
def test_s28_a_target_on_a_condition(facts: Any, verdict: str) -> None:
    target = within(on_condition=OnCondition("the case system was in place"))
    outcome = both(target, facts)["1"]
    assert (outcome.verdict, outcome.counted) == (verdict, 1)
    # Without its condition it would be met.
    assert both(within(), facts)["1"].verdict == "met"
    early = both(target, facts, D(2017, 6, 30))["1"].verdict
    assert early == ("open" if verdict == "met" else verdict)
    each = both(evolve(target, each="case_type"), facts)["1"]
    assert verdicts(each) == {(None,): verdict}


def test_s28_a_condition_told_by_another_fact() -> None:
    target = within(on_condition={"that": "the case system was in place", "fact": "2.2a"})
    assert both(target, [on(False), on(True, "2.2a")])["1"].verdict == "met"
    assert both(target, [on(True), on(False, "2.2a")])["1"].verdict == "lapsed"


def test_s28_a_condition_that_failed_lapses_also_without_the_table() -> None:
    target = within(on_condition=OnCondition("it was in place"))
    found = Plan(id="p", period="2017", tables=[CASES, FACTS], targets=[target])
    facts = [{"done": None, **on(False)}]
    assert oracle.evaluate(found, {"reported": facts})["1"].verdict == "lapsed"
    assert oracle.evaluate(found, {"reported": []})["1"].verdict == "not_assessable"


def parts(*of_them: Target) -> Parts:
    numbered = [evolve(part, id=f"1{letter}") for letter, part in zip("abc", of_them, strict=False)]
    return Parts(id="1", parts=numbered)


def named(verdict: str) -> Target:
    """A target that comes to a verdict in `both`, with the fact that 1x did not come about."""
    return {
        "met": within(),
        "missed": within(limit="0 days"),
        "not_assessable": within(window="2016"),
        "lapsed": within(on_condition=OnCondition("it came about", "1x")),
        "indicator": Flow(id="1", start="filed", end="decided"),
    }[verdict]


@pytest.mark.parametrize(
    ("of_them", "verdict"),
    [
        (("met", "met"), "met"),
        (("met", "missed"), "missed"),
        (("not_assessable", "missed", "met"), "missed"),
        (("met", "not_assessable"), "not_assessable"),
        (("met", "lapsed"), "met"),
        (("missed", "lapsed"), "missed"),
        (("lapsed", "not_assessable"), "not_assessable"),
        (("lapsed", "lapsed"), "lapsed"),
        (("met", "indicator"), "met"),
        (("indicator", "indicator"), "indicator"),
    ],
)
def test_s28_parts_must_all_hold(of_them: tuple[str, ...], verdict: str) -> None:
    found = both(parts(*map(named, of_them)), [on(False, "1x")])
    assert list(found) == ["1", *(f"1{letter}" for letter in "abc"[: len(of_them)])]
    assert [found[name].verdict for name in list(found)[1:]] == list(of_them)
    assert found["1"] == Outcome(0, 0, 0, 0, {}, None, None, None, verdict, ())


def test_s28_parts_are_open_until_the_last_of_their_days() -> None:
    early = within(window="2017-01", limit="0 days")
    found = both(parts(early, within()), [], D(2017, 12, 30))
    assert [found[name].verdict for name in ("1", "1a", "1b")] == ["open", "missed", "open"]
    assert both(parts(early, within()), [])["1"].verdict == "missed"
    # The day of a part that lapsed is left aside with it.
    facts = [on(False, "1x")]
    for of_them, verdict in (
        ((named("lapsed"), named("lapsed")), "lapsed"),
        ((early, named("lapsed")), "missed"),
        ((named("lapsed"), within()), "open"),
    ):
        assert both(parts(*of_them), facts, D(2017, 12, 30))["1"].verdict == verdict


def test_s28_a_weight_that_is_open_and_unknown_is_open() -> None:
    targets = [
        kpi.Milestone(id="a", goal="1", deadline="2017"),
        kpi.Milestone(id="b", goal="1", deadline="2017", on_condition={"that": "it came about"}),
    ]
    made = asked(*targets, goals=[kpi.Goal(id="1", weight=100)])
    result = kpi.evaluate(
        made, {"reported": facts({"target": "a", "done": "2017-01-01"})}, "2017-06-30"
    )
    assert [t.verdict for t in result] == ["secured", "not_assessable"]
    assert result.score is not None
    assert dict(result.score.aside) == {"open": 100}


def test_s28_a_requirement_of_parts_shares_the_weight_of_its_goal() -> None:
    """Its parts have no goal of their own."""
    parts = [kpi.Milestone(id=name, deadline="2017") for name in ("1a", "1b")]
    targets = [
        kpi.Parts(id="1", goal="1", parts=parts),
        kpi.Milestone(id="2", goal="1", deadline="2017"),
    ]
    made = asked(*targets, goals=[kpi.Goal(id="1", weight=100, sharing="split")])
    rows = [{"target": name, "done": "2017-01-01"} for name in ("1a", "1b")]
    score = kpi.evaluate(made, {"reported": facts(*rows, {"target": "2"})}).score
    assert score is not None
    assert [score.met, score.if_all, score.if_split] == [50, 0, 50]
    assert str(score.of) == "100"


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
def test_s28_the_score(
    states: Sequence[str], met: int, if_split: int, aside: dict[str, int]
) -> None:
    targets, goals = two()
    found = score(targets, states, *goals)
    assert [found.met, found.of, found.if_all, found.if_split] == [met, 100, met, if_split]
    assert {str(k): v for k, v in found.aside.items()} == aside
    assert found.to_dict() == {"met": met, "of": 100, "if_split": if_split}
    split = score(*(targets, states), *two(sharing="split")[1])
    assert [split.met, split.if_all, split.if_split] == [if_split, met, if_split]


def test_s28_a_split_weight_shows_its_unknown_part_apart() -> None:
    targets, goals = two(sharing="split")
    assert dict(score(targets, [DONE, UNKNOWN, DONE], *goals).aside) == {"not_assessable": 30}


def test_s28_weights_are_exact() -> None:
    targets = [target(str(n), weight=weight) for n, weight in enumerate(("2.5", 0.1, "0.2", 97.2))]
    found = score(targets, [DONE] * 4)
    assert (found.met, found.of) == (Decimal(100), Decimal(100))
    thirds = [target(f"1{n}", goal="1") for n in "abc"]
    found = score(thirds, [DONE, DONE, NOT_DONE], kpi.Goal(id="1", weight=100))
    assert [found.if_all, found.if_split] == [0, Decimal("66.666667")]


def test_s28_a_weight_of_nothing_is_a_weight() -> None:
    found = score([target("1", weight=0), target("2", weight=100)], [NOT_DONE, DONE])
    assert [found.met, found.of] == [100, 100]


def test_s28_parts_earn_one_weight_together() -> None:
    parts = kpi.Parts(id="1", weight=100, parts=[target("1a"), target("1b")])
    assert score([parts], [DONE, NOT_DONE]).met == 0
    assert score([parts], [DONE, NOT_DONE]).if_split == 0
    assert score([parts], [DONE, LAPSED]).met == 100


def test_s28_before_the_last_day_weights_are_open() -> None:
    targets, goals = two()
    found = score(targets, [DONE, DONE, NOT_DONE], *goals, as_of="2022-12-30")
    assert [found.met, dict(found.aside)] == [0, {"open": 100}]


def test_s28_an_indicator_earns_nothing_and_costs_nothing() -> None:
    flow = kpi.Flow(id="f", goal="1", start="filed", end="decided")
    targets = [target("1a", goal="1"), flow]
    made = kpi.Plan(
        id="p", period="2022", tables=[FACTS, PLAIN_TABLE], targets=targets,
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


def test_s28_what_is_said_of_weights() -> None:
    targets, goals = two(weight=50)
    said = notes(targets=targets, goals=goals, weights="reconstructed")
    assert "the weights sum to 90, not to 100" in said
    assert "the weights are a reconstruction: the score rests on it" in said
    assert "weight 90 of 90 is not assessable and earns nothing" in said
    assert not [note for note in notes(targets=two()[0], goals=two()[1]) if "sum to" in note]
    assert score(targets, [DONE] * 3, *goals, weights="reconstructed").reconstructed


def test_s28_a_plan_without_weights_has_no_score() -> None:
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
def test_s28_weights_that_cannot_be(targets: Any, goals: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        kpi.Plan(id="p", period="2022", tables=[FACTS, PLAIN_TABLE], targets=targets, goals=goals)


@pytest.mark.parametrize("weight", [-1, 101, "much", True])
def test_s28_weights_that_are_none(weight: Any) -> None:
    with pytest.raises(kpi.PlanError, match="weight: found"):
        target("1", weight=weight)
    with pytest.raises(kpi.PlanError, match="weight: found"):
        kpi.Goal(id="1", weight=weight)
