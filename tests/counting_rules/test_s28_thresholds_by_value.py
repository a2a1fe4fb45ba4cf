"""Every value must reach the threshold of that value (S28): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import kpi
from kpi.testing.oracle import Row
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D
from tests.planfile.test_shared_keys import fits_the_schema

CLASSES = {"by": "case_type", "thresholds": {"minor": 70, "major": 60}}
FILED = D(2017, 1, 1)


def of_class(kind: str | None, met: int, late: int) -> list[dict[str, object]]:
    """Cases of a class that took 30 days, the limit, or 31."""
    days = [30] * met + [31] * late
    took = [FILED + dt.timedelta(n) for n in days]
    return [{"case_type": kind, "filed": FILED, "decided": day} for day in took]


def within(**words: Any) -> kpi.Within:
    return hand_worked.within(**{"threshold": CLASSES, "each": "case_type", **words})


def test_s28_each_value_must_reach_the_threshold_of_that_value() -> None:
    # 7 of 10 are 70 %, which is enough of the minor ones; 60 % of the major ones are 3 of 5.
    minor, major = of_class("minor", 7, 3), of_class("major", 3, 2)
    found = hand_worked.run(within(), *minor, *major)
    assert (found.met, found.counted, found.verdict) == (10, 15, "met")
    assert hand_worked.verdicts(found) == {("minor",): "met", ("major",): "met"}
    for worse, verdicts in (
        ([*of_class("minor", 6, 4), *major], {("minor",): "missed", ("major",): "met"}),
        ([*minor, *of_class("major", 2, 3)], {("minor",): "met", ("major",): "missed"}),
    ):
        found = hand_worked.run(within(), *worse)
        assert (found.verdict, hand_worked.verdicts(found)) == ("missed", verdicts)


def test_s28_a_case_without_a_threshold_is_excluded_and_a_value_without_a_case_lapses() -> None:
    cases = [*of_class("minor", 1, 0), *of_class("grave", 1, 0), *of_class(None, 1, 0)]
    found = hand_worked.run(within(), *cases)
    assert found.trail[1:] == (Row("excluded", "threshold missing"),) * 2
    assert hand_worked.verdicts(found) == {
        ("minor",): "met",
        ("grave",): "not_assessable",
        (None,): "not_assessable",
        ("major",): "lapsed",
    }
    assert found.verdict == "not_assessable"
    # The first reason of S12 that fits: a start, then a limit, then a threshold, then the order.
    limits = {"by": "office", "limits": {"north": "30 days"}}
    turned = {"filed": D(2017, 1, 2), "decided": FILED}
    for cells, reason in (
        ({"decided": FILED}, "start missing"),
        (turned | {"office": "south"}, "limit missing"),
        (turned | {"office": "north"}, "threshold missing"),
        (turned | {"office": "north", "case_type": "minor"}, "end before start"),
    ):
        assert hand_worked.one(within(limit=limits), **cells).reason == reason


def test_s28_limits_and_thresholds_by_the_same_values() -> None:
    limits = {"by": "case_type", "limits": {"major": "31 days", "minor": "30 days"}}
    cases = [*of_class("minor", 7, 3), *of_class("major", 0, 1)]
    found = hand_worked.run(within(limit=limits), *cases)
    assert hand_worked.verdicts(found) == {("minor",): "met", ("major",): "met"}


def test_s28_a_share_by_value() -> None:
    share = kpi.Share(
        id="1", having={"flag": True}, threshold=CLASSES, each="case_type", on="filed"
    )
    flags = {
        "minor": [True] * 7 + [False] * 3,
        "major": [True, True, False, False],
        "grave": [True],
    }
    cases = [
        {"case_type": kind, "filed": FILED, "flag": flag} for kind in flags for flag in flags[kind]
    ]
    found = hand_worked.run(share, *cases)
    assert (found.met, found.counted, found.excluded) == (9, 14, {"threshold missing": 1})
    assert hand_worked.verdicts(found) == {
        ("minor",): "met",
        ("major",): "missed",
        ("grave",): "not_assessable",
    }


def test_s28_the_words_of_each_value() -> None:
    target = within()
    assert (
        target.requirement_text == "70 % (minor), 60 % (major) within 30 days, for each case_type"
    )
    frame = hand_worked.rows(*of_class("minor", 1, 0), *of_class("grave", 1, 0))
    found = kpi.evaluate(hand_worked.plan(target), {"cases": frame})["1"]
    assert found.threshold is None
    assert {e.group["case_type"]: (e.threshold, e.requirement) for e in found.each} == {
        "minor": (70, "70 % within 30 days"),
        "grave": (None, "no threshold for this case_type"),
        "major": (60, "60 % within 30 days"),
    }


PLAN = """\
id = "p"
period = "2017"
[tables.cases]
key = "case_id"
entry = "filed"
events = "decided"
[[targets]]
id = "1"
rule = "within"
each = "case_type"
start = "filed"
end = "decided"
limit = "30 days"
threshold = { by = "case_type", thresholds = { minor = 70, major = "all" } }
"""


def test_s28_thresholds_by_value_in_a_plan_file() -> None:
    made = kpi.parse_plan(PLAN)
    assert kpi.parse_plan(kpi.dump_plan(made)) == made
    (target,) = made.leaves()
    shares = {key: int(share) for key, share in target.percentages()}
    assert shares == {"threshold of minor": 70, "threshold of major": 100}
    assert fits_the_schema(PLAN)


@pytest.mark.parametrize(
    ("right", "wrong", "said", "fits"),
    [
        ("minor = 70", "minor = 0", "14: target 1, threshold.thresholds.minor: found 0; ", False),
        ("by =", "bye =", "14: target 1, threshold: accepted: a percentage", False),
        ('by = "case_type"', "by = 1", "14: target 1, threshold.by: accepted: a text", False),
        ('{ minor = 70, major = "all" }', "{}", "14: target 1, threshold: found no thresh", False),
        (
            'each = "case_type"\n',
            "",
            "7: target 1, each: the thresholds stand by case_type; ",
            True,
        ),
        ('each = "case_type"', 'each = "office"', "10: target 1, each: the thresholds stand", True),
        (
            '"30 days"',
            '{ by = "case_type", limits = { minor = "1 day", grave = "1 day" } }',
            "14: target 1, threshold.thresholds: no threshold for grave; ",
            True,
        ),
        (
            '"30 days"',
            '{ by = "case_type", limits = { minor = "1 day" } }',
            "14: target 1, threshold.thresholds: no limit for major; ",
            True,
        ),
    ],
)
def test_s28_thresholds_by_value_that_are_none(
    right: str, wrong: str, said: str, *, fits: bool
) -> None:
    text = PLAN.replace(right, wrong)
    with pytest.raises(kpi.PlanError) as caught:
        kpi.parse_plan(text, "plan.toml")
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"plan.toml:{said}")
    assert fits_the_schema(text) == fits
