"""The scores of the example plans."""

from __future__ import annotations

from decimal import Decimal

import pytest

import kpi
from tests.plans.small_tables import (
    ANNOUNCED,
    IDS,
    MILESTONES,
    PARTS,
    TEN,
    WEEKDAYS,
    Rows,
    done,
    in_return,
    pairs,
    run,
    slots,
    times,
    types,
    values,
)

ASYLUM = {"case_type": "asylum"}


ALL_MET: dict[str, dict[str, Rows]] = {
    "us-2017": {
        "cases": [
            *pairs(("2015-12-31", "2017-06-30"), ("2016-06-15", "2017-01-01"), **ASYLUM),
            *(
                {"case_type": kind, **ANNOUNCED, "announced_months": months, "documented": "2016-10-01", "decided": "2017-02-01"}
                for kind, months in (
                    ("family_simple", 5),
                    ("family_spouse_complex", 10),
                    ("family_child_complex", 10),
                    ("residence_extension", 5),
                    ("permanent_residence", 8),
                )
            ),
            *(
                {"case_type": kind, "filed": filed, "decided": "2017-06-01"}
                for kind, filed in (
                    ("family_simple", "2017-02-28"),
                    ("family_simple", "2017-03-01"),
                    ("asylum_extension", "2017-01-01"),
                    ("permanent_residence", "2017-01-01"),
                    ("visa_complaint", "2017-01-01"),
                )
            ),
        ],
        "contacts": [
            {"channel": channel, "arrived": TEN, "served": "2017-05-02 10:12"}
            for channel in ("in_person", "phone")
        ],
        "questions": [{"received": "2017-11-01", "due": "2017-11-08", "answered": "2017-11-08"}],
        "actions": [
            *times(8, {"kind": "register_check", "done": "2017-04-01"}),
            *times(20, {"kind": "profiled_case", "done": "2017-04-01"}),
            *times(100, {"kind": "media_case", "done": "2017-04-01"}),
        ],
        "reported": [
            *done({"2.1b": "2017-06-30", "3.1": "2017-12-31"}),
            *values({"4.2": 6.9}),
        ],
    },
    "us-2019": {
        "cases": [
            {**ASYLUM, "filed": "2019-01-01", "first_interview": "2019-01-31", "decided": "2019-05-01"},
            *(
                {"case_type": kind, "filed": "2019-01-01", "decided": "2019-08-01"}
                for kind in (
                    "asylum_extension",
                    "family_reunification",
                    "residence_extension",
                    "permanent_residence",
                )
            ),
        ],
        "contacts": [
            {"channel": channel, "arrived": "2019-05-02 10:00", "served": "2019-05-02 10:15"}
            for channel in ("in_person", "phone")
        ],
        "actions": [
            *times(16, {"kind": "deployment", "done": "2019-04-01"}),
            *times(300, {"kind": "revocation_review", "done": "2019-04-01"}),
        ],
        "reported": [
            *done({t: day for name, t, day, _ in MILESTONES if name == "us-2019"}),
            {"target": "2.2a", "done": "2019-09-30", "condition": True},
            *values(dict.fromkeys(PARTS["us-2019"]["2.4"], 1) | {"3.1": 6.9}),
        ],
    },
    "us-2022": {
        "cases": [
            {
                **ASYLUM,
                "residence_basis": False,
                "filed": "2022-04-01",
                "first_interview": "2022-05-01",
                "decided": "2022-07-30",
            },
            {"special_act": "afghanistan", "filed": "2021-09-01", "decided": "2022-03-31"},
            *(
                {"case_type": kind, "filed": "2022-04-15", "decided": "2022-07-14"}
                for kind in (
                    "asylum_extension",
                    "family_reunification",
                    "residence_extension",
                    "permanent_residence",
                    "passport",
                )
            ),
        ],
        "contacts": [
            {"channel": "phone", "arrived": "2022-05-02 10:00", "served": "2022-05-02 10:20"}
        ],
        "slots": slots(WEEKDAYS),
        "reported": done({t: day for name, t, day, _ in MILESTONES if name == "us-2022"}),
    },
    "hjemrejsestyrelsen-2022": {
        "in_return": in_return(10, 9),
        "transfers": [
            {"extension": "none", "clock_start": "2022-01-01", "transferred": "2022-07-01"}
        ],
        "expulsions": [
            {"destination_eu": True, "decided": "2022-03-01", "expelled": "2022-03-16"}
        ],
        "return_cases": [
            {"deadline_days": 7, "deadline_set": "2022-05-02", "first_interview": "2022-05-09"}
        ],
        "refusals": [
            {"relevant": True, "received": "2022-04-01", "interview_booked_for": "2022-04-09"}
        ],
        "convicted": [
            {"sentence_months": 4, "half_served": "2022-03-31", "first_interview": "2022-02-28"}
        ],
        "appeals": pairs(("2022-01-01", "2022-05-01"), case_type="spontaneous"),
        "complaints": pairs(*[("2020-06-29", "2022-12-31")] * 3500),
        "actions": times(12, {"kind": "return_project", "done": "2022-04-01"}),
        "reported": done(
            {t: day for name, t, day, _ in MILESTONES if name == "hjemrejsestyrelsen-2022"}
        ),
    },
    "siri-2018": {
        "cases": types(pay_limit=(9, 1), student=(9, 1)),
        "grants": types(grant_payment=(9, 1)),
        "sample": times(19, {"checked": "2018-04-01", "passed": True})
        + times(1, {"checked": "2018-04-01", "passed": False}),
        "actions": times(3, {"kind": "knowledge_effort", "done": "2018-04-01"}),
        "reported": [
            *done({t: day for name, t, day, _ in MILESTONES if name == "siri-2018"}),
            *values({"1.1": 1, "1.3": 1, "2.1": 6.9}),
        ],
    },
}  # fmt: skip


def score_of(name: str, /, **changed: Rows) -> kpi.Score:
    score = run(name, **{**ALL_MET[name], **changed}).score
    assert score is not None
    return score


@pytest.mark.parametrize("name", IDS)
def test_where_all_is_met_the_score_is_a_hundred(name: str) -> None:
    result = run(name, **ALL_MET[name])
    assert {target.verdict for target in result.targets} == {"met"}
    score = score_of(name)
    assert {score.met, score.of, score.if_all, score.if_split} == {Decimal(100)}
    assert not score.aside
    assert score.reconstructed == (name == "us-2017")


def without(name: str, target: str) -> Rows:
    """The facts reported, this one as not done."""
    return [
        {**row, "done": None, "value": 0 if "value" in row else None}
        if row["target"] == target
        else row
        for row in ALL_MET[name]["reported"]
    ]


@pytest.mark.parametrize(
    ("name", "fact", "met", "if_split"),
    [
        ("us-2017", "2.1b", 95, "97.5"),
        ("us-2017", "3.1", 95, "95"),
        ("us-2019", "2.1b-1", 90, "96.666667"),
        ("us-2019", "2.4c", 95, "95"),
        ("us-2022", "1.4b", 95, "97.5"),
        ("us-2022", "2.1a", 95, "97.5"),
        ("us-2022", "1.2x", 100, "100"),
        ("hjemrejsestyrelsen-2022", "1.1f", 95, "95"),
        ("hjemrejsestyrelsen-2022", "2.3b", 95, "97.5"),
        ("siri-2018", "1.1", 95, "95"),
        ("siri-2018", "2.2a", 95, "97.5"),
    ],
)
def test_a_fact_that_is_missing_costs_its_weight(
    name: str, fact: str, met: int, if_split: str
) -> None:
    score = score_of(name, reported=without(name, fact))
    assert (score.met, score.of) == (Decimal(met), Decimal(100))
    assert score.if_split == Decimal(if_split)


def test_what_a_missed_case_target_costs() -> None:
    name = "hjemrejsestyrelsen-2022"
    few = score_of(name, complaints=ALL_MET[name]["complaints"][1:])
    assert (few.met, few.if_split) == (Decimal(85), Decimal("92.5"))
    assert score_of(name, in_return=in_return(10, 10)).met == 80
    late = score_of("us-2022", slots=slots(WEEKDAYS, wait=22))
    assert (late.met, late.if_split) == (Decimal("97.5"), Decimal("97.5"))
    siri = score_of("siri-2018", cases=types(pay_limit=(8, 2)))
    assert (siri.met, siri.if_split) == (Decimal(40), Decimal(70))
    assert score_of("us-2017", questions=[]).met == 95


def test_a_robot_that_lapses_leaves_the_weight_to_the_others() -> None:
    reported = [
        row for row in ALL_MET["us-2019"]["reported"] if row["target"] not in {"2.2a", "2.2b"}
    ]
    lapsed: Rows = [{"target": "2.2a", "condition": False}]
    robot: Rows = [{"target": "2.2b", "done": "2019-09-30"}]
    assert score_of("us-2019", reported=reported + lapsed + robot).met == 100
    late: Rows = [{"target": "2.2b", "done": "2019-10-01"}]
    assert score_of("us-2019", reported=reported + lapsed + late).met == 90
    unknown = score_of("us-2019", reported=reported + robot)
    assert unknown.met == 90
    assert unknown.aside == {"not_assessable": 10}
