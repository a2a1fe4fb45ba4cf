"""Measures without a demand (S31): cases worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

import kpi
from kpi.rules.clearance import Clearance
from kpi.rules.share import Share
from tests.counting_rules.hand_worked import D, plan, run

FILED = D(2017, 1, 2)
ENDED = (D(2017, 3, 1), D(2017, 6, 30), D(2017, 7, 1), None)
"""Two of four cases ended through 30 June."""


def cases() -> list[dict[str, object]]:
    return [{"filed": FILED, "decided": end, "flag": end is not None} for end in ENDED]


def clearance(**words: object) -> Clearance:
    deadline = {"through": dt.date(2017, 6, 30)}
    return Clearance(id="1", start="filed", end="decided", deadline=deadline, **words)


def test_s31_a_share_without_a_threshold_is_an_indicator() -> None:
    outcome = run(Share(id="1", having={"flag": True}), *cases())
    assert (outcome.met, outcome.counted, outcome.verdict) == (3, 4, "indicator")
    assert outcome.value == 0.75


def test_s31_a_clearance_without_a_threshold_is_an_indicator() -> None:
    outcome = run(clearance(), *cases())
    assert (outcome.met, outcome.counted, outcome.verdict) == (2, 4, "indicator")


def test_s31_without_a_demand_the_words_say_what_is_measured() -> None:
    assert clearance().requirement == "share ended through 2017-06-30"
    assert Share(id="1", having={"flag": True}).requirement == "share where flag is true"


def test_s31_an_indicator_earns_no_weight() -> None:
    with pytest.raises(kpi.PlanError, match="asks for nothing, so its weight cannot be earned"):
        plan(clearance(weight=10))


def test_s31_a_misspelt_threshold_is_named() -> None:
    text = """
        id = "p"
        period = "2017"
        [tables.cases]
        key = "case_id"
        entry = "filed"
        [[targets]]
        id = "1"
        rule = "share"
        having = { flag = true }
        treshold = 90
    """
    with pytest.raises(kpi.PlanError, match=r"treshold.*threshold"):
        kpi.parse_plan(text)
