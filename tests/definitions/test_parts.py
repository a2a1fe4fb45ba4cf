"""Requirements of several parts: their words and weights, and parts that are refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import kpi
from tests.builders import PLAIN_TABLE, TEN_AND_TWENTY_DAYS, asked, average, milestone


def test_a_requirement_of_parts_keeps_its_words_and_its_weight() -> None:
    words: dict[str, Any] = {"title": "Both", "title_da": "Begge", "source": "p. 3"}
    parts = kpi.Parts(
        id="1", **words, goal="g", weight=40, parts=[average(id="1a"), average(id="1b")]
    )
    made = kpi.Plan(
        id="p", period="2017", tables=[PLAIN_TABLE], goals=[kpi.Goal(id="g")], targets=[parts]
    )
    found = kpi.evaluate(made, TEN_AND_TWENTY_DAYS)["1"]
    assert {name: getattr(found, name) for name in words} == words
    assert (found.goal, found.weight) == ("g", Decimal(40))


THROUGH, BEFORE = {"through": "2017-06-30"}, {"before": "2017-06-30"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: kpi.Parts(id="t", parts=[milestone(THROUGH)]), "two targets or more"),
        (lambda: kpi.Parts(id="t", must_hold="one", parts=[milestone(THROUGH), milestone(THROUGH, "u")]), "must_hold: found 'one'; accepted: all, any"),
        (lambda: kpi.Parts(id="t", parts=[milestone(THROUGH), 3]), r"parts\.1: found 3"),
        (lambda: kpi.Parts(id="t", parts=[milestone(THROUGH), milestone(THROUGH, "u", weight=5)]), r"parts\.1\.weight: a part has none"),
        (lambda: asked(kpi.Parts(id="t", parts=[milestone(THROUGH), milestone(THROUGH, "u")])), "duplicate id 't'"),
    ],
)  # fmt: skip
def test_parts_that_are_none(wrong: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        wrong()
