"""Empty denominators and facts that nobody reported (S25): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

import kpi
from kpi.definitions.target import Target
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.builders import (
    FACTS,
    asked,
    average,
    came_to,
    clearance,
    facts,
    milestone,
    one,
    spans,
    undated_table,
    within,
)
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T, buckets, of, reported, run


def test_s25_a_table_without_rows_is_not_assessable() -> None:
    for target in (within(), clearance({"before": "2017-07-01"})):
        found = one(target, spans())
        assert (found.rows, found.value, found.verdict) == (0, None, "not_assessable")


def test_s25_a_table_that_the_extract_lacks_is_not_assessable() -> None:
    other = kpi.Table("other", key="id", entry="filed", events="decided")
    plan = kpi.Plan(
        id="p",
        period="2017",
        tables=[undated_table(), other],
        targets=[within(), within(id="o", table="other")],
    )
    result = kpi.evaluate(plan, {"cases": spans(("2017-01-01", "2017-01-02"))})
    assert [t.verdict for t in result.targets] == ["met", "not_assessable"]
    assert any("no table other" in note for note in result.notes)


@pytest.mark.parametrize("target", [hand_worked.within(), average(), hand_worked.clearance()])
def test_s25_an_empty_denominator_is_not_assessable(target: Target) -> None:
    outcome = run(target)
    assert outcome.verdict == "not_assessable"
    assert outcome.value is None
    assert (outcome.met or 0, outcome.total or 0) == (0, 0)
    assert oracle.evaluate(hand_worked.plan(target), {})[target.id] == outcome


@pytest.mark.parametrize(
    ("deadline", "done", "met"),
    [
        ({"through": "2017-06-30"}, D(2017, 6, 30), True),
        ({"through": "2017-06-30"}, D(2017, 7, 1), False),
        ({"through": "2017-06-30"}, D(2001, 1, 1), True),
        ({"before": "2017-06-30"}, D(2017, 6, 30), False),
        ({"before": "2017-06-30"}, D(2017, 6, 29), True),
        ("2017-H1", D(2017, 1, 1), True),
        ("2017-H1", D(2016, 12, 31), False),
        ("2017-H1", None, False),
    ],
)
def test_s25_a_milestone_is_done_by_its_deadline(
    deadline: Any, done: dt.date | None, met: bool
) -> None:
    outcome = hand_worked.fact(hand_worked.milestone(deadline=deadline), done=done)
    last = D(2017, 6, 29) if deadline == {"before": "2017-06-30"} else D(2017, 6, 30)
    assert outcome.trail == (Row("counted", met=met, due=last),)
    assert outcome.verdict == ("met" if met else "missed")
    assert (outcome.met, outcome.value) == (int(met), Fraction(met))


def test_s25_a_milestone_that_nobody_reported_is_not_assessable() -> None:
    outcome = of(hand_worked.milestone(), FACTS, {"target": "2.1a", "done": D(2017, 1, 1)})
    assert buckets(outcome) == ["outside"]
    assert outcome.verdict == "not_assessable"
    outcome = of(
        hand_worked.milestone(fact="2.1a"),
        FACTS,
        {"target": "2.1a", "done": D(2017, 1, 1)},
    )
    assert outcome.verdict == "met"
    twice = {"target": "2.1b", "done": D(2017, 1, 1)}
    outcome = of(hand_worked.milestone(), FACTS, twice, twice)
    assert buckets(outcome) == ["repeated id"] * 2
    assert outcome.verdict == "not_assessable"
    gap = hand_worked.fact(hand_worked.milestone(), done=T(2017, 3, 26, 2, 30))
    assert (buckets(gap), gap.verdict) == (["counted"], "met")


def test_s25_a_milestone_is_a_miss_once_its_deadline_is_over() -> None:
    assert hand_worked.fact(hand_worked.milestone(), D(2017, 6, 29)).verdict == "open"
    assert hand_worked.fact(hand_worked.milestone(), D(2017, 6, 30)).verdict == "missed"
    late = {"done": D(2017, 7, 1)}
    assert hand_worked.fact(hand_worked.milestone(), D(2017, 6, 30), **late).trail[0].met is False


def test_s25_a_figure_that_nobody_reported_is_not_assessable() -> None:
    assert of(reported(), FACTS).verdict == "not_assessable"
    assert hand_worked.fact(reported(fact="2.1a"), value=1).verdict == "not_assessable"
    assert hand_worked.fact(reported(), D(2017, 12, 30), value=1).verdict == "open"
    assert hand_worked.fact(reported(window="2017-H1"), D(2017, 6, 30), value=1).verdict == "met"
    twice = {"target": "2.1b", "value": 1}
    assert buckets(of(reported(), FACTS, twice, twice)) == ["repeated id"] * 2


THROUGH, BEFORE = {"through": "2017-06-30"}, {"before": "2017-06-30"}


def test_s25_the_notes_name_what_nobody_reported() -> None:
    assert came_to(milestone(THROUGH)).verdict == "not_assessable"
    other = {"target": "other", "done": "2017-01-01"}
    result = kpi.evaluate(asked(milestone(THROUGH)), {"reported": facts(other)})
    assert result["t"].verdict == "not_assessable"
    assert "reported.target: nobody reported 't'" in result.notes
