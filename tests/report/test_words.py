"""Numbers and results in words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

import kpi
from kpi.report import words
from kpi.report.target_table import target_table
from kpi.report.terminal import plain
from tests.builders import (
    ACTIONS,
    actions,
    asked,
    average,
    by_type,
    facts,
    one,
    plan,
    spans,
    within,
)


def flow(**more: Any) -> kpi.Flow:
    return kpi.Flow(id="f", start="filed", end="decided", **more)


def shown(target: kpi.Target, *rows: dict[str, Any]) -> str:
    return words.value(kpi.evaluate(asked(target), {"reported": facts(*rows)})[target.id])


def test_the_words_for_what_people_report() -> None:
    milestone = kpi.Milestone(id="t", deadline={"through": "2017-06-30"})
    assert shown(milestone, {"target": "t", "done": "2017-06-30"}) == "done"
    assert shown(milestone, {"target": "t"}) == "not in time"
    assert shown(milestone) == "–"
    number = kpi.Reported(id="t", requires={"less_than": 7})
    for value, text in (
        (6.9, "6.9"),
        (7, "7"),
        (6.999999, "6.999999"),
        (-0.5, "-0.5"),
        (1200, "1200"),
    ):
        assert shown(number, {"target": "t", "value": value}) == text
    parts = kpi.Parts(id="1", parts=[milestone, evolve(milestone, id="u")])
    record = kpi.evaluate(asked(parts), {"reported": facts({"target": "t", "done": "2017-01-01"})})[
        "1"
    ]
    assert words.value(record) == "1 of 2"


def test_the_words_for_counts_and_changes() -> None:
    frame = actions(*[("2017-01-01", "a")] * 1234)
    target = kpi.Count(id="t", table="actions", requires={"at_least": 1})
    made = kpi.Plan(id="p", period="2017", tables=[ACTIONS], targets=[target])
    assert words.value(kpi.evaluate(made, frame)["t"]) == "1,234"

    def change(base: int, more: int) -> str:
        stock = kpi.Stock(
            id="t", start="filed", end="decided", at={"end_of": "2017"},
            against={"end_of": "2016"}, change={"at_most": 10},
        )  # fmt: skip
        rows = [("2016-01-01", None)] * base + [("2017-01-01", None)] * more
        return words.value(one(stock, spans(*rows)))

    assert [change(10, 0), change(10, 1), change(1000, 101)] == ["0.0 %", "+10.0 %", "+10.1 %"]
    days = [("2017-01-01", "2017-01-02")] * 99 + [("2017-01-01", "2017-01-03")]
    assert words.value(one(average("1 day"), spans(*days))) == "1.01 days"


def test_nine_decimals_are_shown_where_it_takes_them() -> None:
    record = one(within(threshold=90), spans(("2017-01-01", "2017-01-02")))
    record = evolve(record, met=89_999_999_999, counted=100_000_000_000)
    assert words.value(record) == "89.999999999 %"


def test_the_words_for_figures() -> None:
    found = one(
        flow(), spans(("2017-01-01", "2017-01-02"), ("2017-01-01", None), ("2017-12-31", None))
    )
    said = words.figures(found)
    assert said.startswith("intake 3, output 1, open start 0, open end 2, clearance rate 33.3 %, ")
    assert said.endswith(
        "disposition time 730.0 days, mean age 182.0 days, median age 0 days, p90 age 364 days, backlog –"
    )
    own = one(average(by_type(visa="1 month")), spans(("2017-01-01", "2017-01-02")))
    assert words.figures(own) == "allowed 31 days"


def test_the_words_for_what_the_excluded_leave() -> None:
    kept = ("2017-01-01", "2017-01-02")
    assert words.share_range(one(within(), spans(kept))) == ""
    assert words.share_range(one(within(), spans(kept, (None, "2017-01-02")))) == "50.0–100.0 %"


def test_a_goal_heads_its_first_requirement() -> None:
    """And the score."""
    targets = [
        average(id="1a", goal="1"), average(id="1b", goal="1"),
        average(id="2", goal="2"),
        average(id="3a", goal="3", weight=20), average(id="3b", goal="3", weight=0),
    ]  # fmt: skip
    goals = [kpi.Goal(id="1", weight=50), kpi.Goal(id="2", weight=30), kpi.Goal(id="3")]
    result = kpi.evaluate(plan(*targets, goals=goals, weights="reconstructed"), spans())
    assert [(goal and goal.id, t.id, weight) for goal, t, weight in words.weighed(result)] == [
        ("1", "1a", ""), (None, "1b", ""), (None, "2", "30"), ("3", "3a", "20"), (None, "3b", "0"),
    ]  # fmt: skip
    assert result.score is not None
    assert words.score(result.score) == "0 of 100, on reconstructed weights"
    assert words.score(evolve(result.score, reconstructed=False)) == "0 of 100"


@pytest.mark.parametrize(
    ("met", "counted", "threshold", "shown"),
    [
        (2249, 2500, 90, "89.96 %"),
        (2250, 2500, 90, "90.0 %"),
        (899_999, 1_000_000, 90, "89.9999 %"),
        (900_001, 1_000_000, 90, "90.0001 %"),
        (1, 3, 90, "33.3 %"),
        (2, 3, 66.7, "66.67 %"),
        (2, 3, 66.68, "66.67 %"),  # one decimal would lift it over
        (3, 3, 100, "100.0 %"),
        (9_999, 10_000, 100, "99.99 %"),
    ],
)
def test_a_share_is_never_printed_onto_or_across_its_threshold(
    met: int, counted: int, threshold: float, shown: str
) -> None:
    kept, late = ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-05-01")
    small = Fraction(met, counted)
    if counted > 10_000:
        record = one(within(threshold=threshold), spans(kept))
        from attrs import evolve  # noqa: PLC0415

        record = evolve(record, met=met, counted=counted)
    else:
        record = one(within(threshold=threshold), spans(*[kept] * met, *[late] * (counted - met)))
        assert Fraction(record.met or 0, record.counted) == small
    assert words.value(record) == shown


def test_an_average_is_never_printed_onto_its_limit() -> None:
    rows = [("2017-01-01", "2017-01-31")] * 99 + [("2017-01-01", "2017-02-01")]
    assert words.value(one(average("30 days"), spans(*rows))) == "30.01 days"
    assert words.value(one(average("30 days"), spans(("2017-01-01", "2017-01-31")))) == "30.0 days"
    assert words.value(one(average("30 days"), spans())) == "–"


def test_the_words_for_months_percentiles_and_parts_that_ask_for_nothing() -> None:
    """Of one case the 80th percentile is its own: a month and a day, which are two months begun."""
    slowest = kpi.Percentile(id="t", start="filed", end="decided", percentile=80, limit="2 months")
    assert words.value(one(slowest, spans(("2017-01-01", "2017-02-01")))) == "1 month"
    assert words.value(one(slowest, spans(("2017-01-01", "2017-02-02")))) == "2 months"
    nothing = kpi.Count(id="a", table="cases", on="filed")
    parts = kpi.Parts(id="1", parts=[nothing, evolve(nothing, id="b")])
    record = kpi.evaluate(plan(parts), spans())["1"]
    assert words.value(record) == "–"


@pytest.mark.parametrize(
    ("value", "verdict", "shown"),
    [
        (7.25, "lost", "7.25"),
        # A result has millionths; the verdict comes from the exact number (S19).
        (6.99999999, "secured", "just under 7"),
    ],
)
def test_a_number_that_is_judged_before_the_end_stands_to_its_bound_as_the_verdict_says(
    value: float, verdict: str, shown: str
) -> None:
    number = kpi.Reported(id="t", requires={"less_than": 7})
    record = kpi.evaluate(
        asked(number), {"reported": facts({"target": "t", "value": value})}, "2017-06-30"
    )["t"]
    assert (record.verdict, words.value(record)) == (verdict, shown)


def test_a_requirement_names_its_goal_where_others_stand_between() -> None:
    targets = [average(id="1a", goal="1"), average(id="2", goal="2"), average(id="1b", goal="1")]
    goals = [kpi.Goal(id="1", weight=25), kpi.Goal(id="2", weight=75)]
    result = kpi.evaluate(plan(*targets, goals=goals), spans())
    assert [(goal, t.id, weight) for goal, t, weight in words.weighed(result)] == [
        (None, "1a", "25, goal 1"), (None, "2", "75"), (None, "1b", "25, goal 1"),
    ]  # fmt: skip


def test_the_parts_of_a_requirement_stand_below_it_without_a_weight() -> None:
    parts = kpi.Parts(id="1", parts=[average(id="1a"), within(id="1b")], weight=10)
    result = kpi.evaluate(plan(parts), spans())
    assert [(t.id, weight) for _, t, weight in words.weighed(result)] == [
        ("1", "10"), ("1a", ""), ("1b", ""),
    ]  # fmt: skip
    wide = plain(target_table(result, 160), 160).splitlines()
    assert wide[0].split()[:2] == ["Target", "Weight"]
    assert [line.split()[0] for line in wide[1:]] == ["1", "1a", "1b"]
    assert [line.startswith("  ") for line in wide[1:]] == [False, True, True]


def test_a_goal_heads_its_requirements_in_a_wide_table() -> None:
    targets = [average(id="1a", goal="1"), average(id="1b", goal="1")]
    goals = [kpi.Goal(id="1", title="Faster decisions", weight=100)]
    result = kpi.evaluate(plan(*targets, goals=goals), spans())
    wide = plain(target_table(result, 160), 160).splitlines()
    assert wide[1].split() == ["1", "Faster", "decisions", "100"]
    without = evolve(result, score=None)
    plainly = plain(target_table(without, 160), 160).splitlines()
    assert plainly[1].split() == ["1", "Faster", "decisions"]


def test_what_stands_beside_the_value_of_a_comparison() -> None:
    """One case in 2016 and two in 2017: one more, which is twice as many."""
    target = kpi.Count(id="t", table="cases", on="filed", against="2016", change={"at_most": 10})
    found = one(target, spans(("2016-03-01", None), ("2017-03-01", None), ("2017-04-01", None)))
    assert words.base_value(found) == "1"
    assert words.difference(found) == "+1"
    assert words.change(found) == "+100.0 %"
    assert words.base_value(one(within(), spans())) == ""
