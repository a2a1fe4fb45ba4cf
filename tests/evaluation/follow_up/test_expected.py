"""What a follow-up expects: estimates where the verdict is open, apart from what is certain (F20, F26, H20)."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from typing import Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.evaluation.forecast.outlook import OutlookWord, combined_outlook
from kpi.report import follow_words, terminal
from kpi.report.follow_markdown import follow_markdown
from kpi.report.follow_table import follow_table
from tests.docs.test_schemas import FOLLOW_UP_SCHEMA, validator
from tests.evaluation.follow_up import small_plan
from tests.evaluation.follow_up.steady_office import AS_OF, cases, plan, within


def parts(name: str, *of: kpi.Target, must_hold: str = "all") -> kpi.Parts:
    return kpi.Parts(id=name, must_hold=must_hold, parts=of)


def lost(name: str) -> kpi.Within:
    """Cases filed by 14 October: 24 of the north are counted in time, 61 of the south late."""
    return within(name, 60, where={"filed": {"before": dt.date(2022, 10, 15)}})


def unforeseen(name: str) -> kpi.Within:
    """Every month asked for by itself has no estimate."""
    return within(name, 40, every="month")


PLAN = plan(
    # At worst all 60 open cases are late: 61 of 182, which is 33.5 %.
    within("secured", 33),
    within("met", 40),
    within("missed", 60),
    lost("lost"),
    within("over", 40, window="2022-Q3"),
    within("shown", None),
    within("each", 40, each="office"),
    parts("all", within("a1", 40), within("a2", 60)),
    parts("any", within("b1", 40), within("b2", 60), must_hold="any"),
    parts("safe", within("c1", 33), within("c2", 40)),
    parts("none", lost("d1"), within("d2", 60), must_hold="any"),
    parts("dark", unforeseen("e1"), within("e2", 40)),
    parts("gone", within("f1", 40), lost("f2")),
    parts("with indicator", within("g1", 40), within("g2", None)),
)


@pytest.fixture(scope="module")
def followed() -> kpi.FollowUp:
    return kpi.follow(PLAN, cases(), AS_OF, by="office")


@pytest.fixture(scope="module")
def certain() -> kpi.FollowUp:
    return kpi.follow(PLAN, cases(), AS_OF, by="office", estimate=False)


def test_an_open_target_has_an_estimate(followed: kpi.FollowUp) -> None:
    estimate = followed["met"].estimate
    assert isinstance(estimate, kpi.Estimate)
    # Half are in time; that the south's ends are pooled by weeks of age moves it a little (F21).
    assert estimate.value == pytest.approx(0.5, abs=0.01)
    assert estimate.low is not None
    assert estimate.high is not None
    assert 0.48 < estimate.low <= estimate.value <= estimate.high < 0.52
    # From 30 November 2022 back to 31 December 2021, whose quarter has a year of entries before it.
    assert followed["met"].track is not None
    assert followed["met"].track.trials == 12


def test_outlooks_in_one_word(followed: kpi.FollowUp) -> None:
    assert {outlook.id: (outlook.verdict, outlook.outlook) for outlook in followed} == {
        "secured": ("secured", "secured"),
        "met": ("open", "expected met"),
        "missed": ("open", "expected missed"),
        "lost": ("lost", "lost"),
        "over": ("met", "met"),
        "shown": ("indicator", None),
        # Both offices share a life table: of the south's cases too, some are expected in time.
        "each": ("open", "uncertain"),
        "all": ("open", "expected missed"),
        "any": ("open", "expected met"),
        "safe": ("open", "expected met"),
        "none": ("open", "expected missed"),
        "dark": ("open", "no estimate"),
        "gone": ("lost", "lost"),
        "with indicator": ("open", "expected met"),
    }


def test_what_is_certain_or_not_asked_has_no_estimate(followed: kpi.FollowUp) -> None:
    leaves = [leaf for outlook in followed for leaf in outlook.leaves()]
    estimated = {leaf.id for leaf in leaves if leaf.estimate is not None}
    assert estimated == {
        "met", "missed", "each", "a1", "a2", "b1", "b2", "c2", "d2", "e1", "e2", "f1", "g1"
    }  # fmt: skip
    assert isinstance(followed["e1"].estimate, kpi.NoEstimate)
    assert followed["e1"].track is None
    groups = [group for leaf in leaves for group in leaf.groups]
    assert {(group.estimate, group.outlook) for group in groups} == {(None, None)}


def test_without_estimates(certain: kpi.FollowUp) -> None:
    leaves = [leaf for outlook in certain for leaf in outlook.leaves()]
    assert all(leaf.estimate is None for leaf in leaves)
    # What is certain comes before an estimate, and needs none.
    open_ones = [leaf.outlook for leaf in leaves if leaf.verdict == "open"]
    assert set(open_ones) == {None}
    assert (certain["secured"].outlook, certain["gone"].outlook) == ("secured", "lost")
    shown = terminal.plain(follow_table(certain, 120)) + follow_markdown(certain)
    assert "stimate" not in shown
    assert "xpected" not in shown


def without(data: Any) -> Any:
    """Plain data without what is expected."""
    if isinstance(data, list):
        return [without(one) for one in data]
    if isinstance(data, dict):
        return {k: without(v) for k, v in data.items() if k not in ("estimate", "outlook")}
    return data


def test_h20_no_estimate_is_in_what_is_certain_or_depends(
    followed: kpi.FollowUp, certain: kpi.FollowUp
) -> None:
    data = json.loads(followed.to_json(series=False))
    validator(FOLLOW_UP_SCHEMA).validate(data)
    assert not validator(FOLLOW_UP_SCHEMA).is_valid(
        {**data, "targets": [{**data["targets"][1], "outlook": "open"}]}
    )
    assert without(data) == without(json.loads(certain.to_json(series=False)))
    for target in data["targets"]:
        assert not {"worst", "best", "known", "condition"} & set(target["estimate"] or ())
    added = ["estimate_value", "estimate_low", "estimate_high", "outlook"]
    assert followed.frame.columns[-4:] == added
    assert followed.frame.drop(added).equals(certain.frame.drop(added))
    assert followed.groups.equals(certain.groups)


def test_an_estimate_in_the_json_and_in_the_frame(followed: kpi.FollowUp) -> None:
    data = {target["id"]: target for target in followed.to_dict(series=False)["targets"]}
    met = data["met"]
    known = json.loads(FOLLOW_UP_SCHEMA.read_text(encoding="utf-8"))["$defs"]
    # What an estimate without an interval has besides is `reason`.
    names = [name for name in known["estimate"]["properties"] if name != "reason"]
    assert [*data["each"]["estimate"]] == names
    assert [*known["track"]["properties"]] == [*met["estimate"]["track"]]
    keys = list(met)
    assert keys[keys.index("if") :][:4] == ["if", "estimate", "outlook", "assessment"]
    assert met["outlook"] == "expected met"
    assert met["estimate"]["track"]["trials"] == 12
    assert (data["lost"]["estimate"], data["lost"]["outlook"]) == (None, "lost")
    assert (data["all"]["estimate"], data["all"]["outlook"]) == (None, "expected missed")
    assert list(data["dark"]["parts"][0]["estimate"]) == ["reason"]
    offices = data["each"]["estimate"]["parts"]
    assert (offices["north"]["outlook"], offices["north"]["estimate"]["value"]) == (
        "expected met",
        1,
    )
    # Half of 10 open and of 21 new cases at 10 days of age, beside 61 late ones and one more a day.
    south = offices["south"]
    assert south["outlook"] == "uncertain"
    assert south["estimate"]["value"] == pytest.approx(15.5 / (15.5 + 61 + 31), abs=0.01)
    rows = {row["id"]: row for row in followed.frame.iter_rows(named=True)}
    assert rows["met"]["estimate_value"] == met["estimate"]["value"]
    assert rows["met"]["estimate_low"] == met["estimate"]["low"]
    assert rows["met"]["estimate_high"] == met["estimate"]["high"]
    assert (rows["e1"]["estimate_value"], rows["e1"]["outlook"]) == (None, "no estimate")


def test_f50_the_estimate_stands_in_the_series_at_the_last_day() -> None:
    found = kpi.follow(PLAN.only("met", "lost"), cases(), AS_OF)
    series, estimate = found.series, found["met"].estimate
    assert isinstance(estimate, kpi.Estimate)
    shown = series.to_date.filter(kind="estimate")
    assert shown.drop("kind").rows() == [
        ("met", "2022-12", estimate.value, estimate.low, estimate.high, None, "expected met")
    ]
    kinds = series.to_date.filter(target="met")["kind"].to_list()
    assert kinds == [*(["status", "met", "certain", "if no new case"] * 2), "estimate"]
    # What is certain, and what holds under a condition, have no value of their own (H20).
    assert (
        series.to_date.filter(pl.col("kind").is_in(["certain", "if no new case"]))["value"]
        .is_null()
        .all()
    )
    assert (
        kpi.follow(PLAN.only("met"), cases(), AS_OF, estimate=False)
        .series.to_date.filter(kind="estimate")
        .is_empty()
    )
    # One in time and one late a day, month after month.
    mean = series.by_end.filter(target="met").row(-1, named=True)
    assert (mean["period"], mean["n"]) == ("2020-12 to 2022-11", 24)
    assert (mean["value"], mean["low"], mean["high"], mean["mark"]) == (0.5, 0.5, 0.5, None)
    # Open are 10 of the north and 50 of the south, 20 of them filed by 31 October.
    last = series.flow.filter(target="met", period="2022-11")
    assert dict(last.select("kind", "value").iter_rows()) == {
        "intake": 60,
        "output": 60,
        "open": 60,
        "open and late": 20,
        "mean age": (sum(range(10)) + sum(range(50))) / 60,
        # The 54th of 60 ages: 20 are below 10, and then one of each.
        "90th percentile age": 43,
    }


@pytest.mark.parametrize("width", [60, 80, 108, 120])
def test_h20_a_terminal_marks_every_estimate(
    followed: kpi.FollowUp, certain: kpi.FollowUp, width: int
) -> None:
    text = terminal.plain(follow_table(followed, width), width)
    assert max(map(len, text.splitlines())) <= width
    above, _, below = text.partition("\nEstimates\n")
    # From 108 columns on the word stands in the table, under its name.
    assert ("Expected" in above) == ("missed" in above.replace("missed  ", "")) == (width >= 108)
    words = " ".join(below.split())
    assert "• met: estimate 50." in words
    assert "expected met; held the end in " in words
    assert "of 12 trials" in words
    assert "• e1: no estimate: every month is asked for by itself" in words
    assert words.count("as many cases start each day as on the same day a year ago") == 1
    bare = terminal.plain(follow_table(certain, width), width)
    if width < 108:
        assert bare.startswith(above.rstrip("\n"))


def test_h20_markdown_marks_every_estimate(followed: kpi.FollowUp, certain: kpi.FollowUp) -> None:
    def cells(text: str) -> dict[str, dict[str, str]]:
        lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line[:2] == "| "]
        return {row[0]: dict(zip(lines[0], row, strict=False)) for row in lines[1:15]}

    text, bare = follow_markdown(followed), cells(follow_markdown(certain))
    shown = cells(text)
    expected = {name: row.pop("Expected (estimate)", "") for name, row in shown.items()}
    assert (expected["met"], expected["missed"]) == ("expected met", "expected missed")
    # Where it is certain, the verdict says it.
    assert (expected["lost"], expected["secured"], expected["over"]) == ("", "", "")
    assert shown["met"] == bare["met"]
    section = text.partition("## Estimates")[2]
    assert "- met: estimate 50." in section
    assert "  - south: estimate 14." in section
    assert "  - north: estimate 100.0 %" in section


def test_less_than_a_year_of_entries() -> None:
    found = kpi.follow(kpi.parse_plan(small_plan.PLAN), small_plan.cases(), small_plan.AS_OF)
    reason = "less than a year of entries: the first case entered on 2022-12-01"
    assert found["3"].estimate == kpi.NoEstimate(reason)
    assert (found["3"].outlook, found["1"].estimate) == ("no estimate", None)
    assert f"• 3: no estimate: {reason}" in terminal.plain(follow_table(found, 120))


def test_f30_the_agency_and_the_estimate_disagree() -> None:
    day = "2022-11-30"
    own = small_plan.assessments(
        ("met", "missed", day), ("missed", "met", day), ("all", "met", day), ("safe", "met", day)
    )
    found = kpi.follow(PLAN.only("met", "missed", "all", "safe"), cases(), AS_OF, assessments=own)
    says = "the agency's assessment of 2022-11-30 says"
    notes = [str(note) for note in found.notes if note.code == "assessment-disagrees"]
    assert notes == [
        f"met: {says} missed, and the estimate says expected met: neither is certain",
        f"missed: {says} met, and the estimate says expected missed: neither is certain",
        f"all: {says} met, and the estimate says expected missed: neither is certain",
    ]


def test_tables_are_checked_once(followed: kpi.FollowUp) -> None:
    one = PLAN.only("met")
    by_hand = kpi.follow(one, kpi.check(one, cases(), as_of=AS_OF), AS_OF)
    assert (
        by_hand.to_dict(series=False)["targets"][0]["estimate"]
        == followed["met"].to_dict()["estimate"]
    )
    refuse = mock.Mock(side_effect=AssertionError)
    with (
        mock.patch("kpi.engine.partial.check_sources", refuse),
        mock.patch("kpi.evaluation.forecast.estimates.check", refuse),
    ):
        again = kpi.follow(one, cases(), AS_OF)
        assert again.to_dict(series=False) == by_hand.to_dict(series=False)


def test_f25_estimates_are_cut_to_what_is_possible() -> None:
    with mock.patch("kpi.evaluation.follow_up.estimates", wraps=kpi.estimates) as asked:
        kpi.follow(PLAN.only("met", "secured", "e1"), cases(), AS_OF)
    # All 60 open cases late, or newcomers in time without end; of what is certain nothing is asked.
    assert asked.call_args.kwargs["possible"]["met"] == (Fraction(61, 182), 1)
    assert {*asked.call_args.kwargs["targets"]} == {"met", "e1"}


def test_estimates_of_some_targets_alone() -> None:
    found = kpi.estimates(PLAN, cases(), AS_OF, targets=["e1", "met"])
    assert list(found) == ["met", "e1"]


@pytest.mark.parametrize(
    ("given", "all_hold", "any_holds"),
    [
        (["expected met"], "expected met", "expected met"),
        (["expected met", "uncertain"], "uncertain", "expected met"),
        (["expected met", "no estimate", "uncertain"], "no estimate", "expected met"),
        (["expected missed", "no estimate"], "expected missed", "no estimate"),
        (["expected missed", "uncertain"], "expected missed", "uncertain"),
        (["expected missed"], "expected missed", "expected missed"),
        ([], "no estimate", "no estimate"),
    ],
)
def test_combined_outlooks(
    given: list[OutlookWord], all_hold: OutlookWord, any_holds: OutlookWord
) -> None:
    assert combined_outlook(given) == all_hold
    assert combined_outlook(given, "any") == any_holds


def test_an_estimate_in_words(followed: kpi.FollowUp) -> None:
    outlook = followed["met"]
    assert isinstance(outlook.estimate, kpi.Estimate)
    track = evolve(
        outlook.estimate.track,
        trials=24,
        held=21,
        right=9,
        wrong=0,
        uncertain=15,
        error=0.02,
        error_as_it_stands=0.01,
        error_last_year=None,
    )
    # 39.996 % is below the 40 % that are asked, and is not rounded onto it (S19).
    of = evolve(
        outlook.estimate,
        value=0.39996,
        low=0.3,
        high=0.4,
        outlook="uncertain",
        reason=None,
        dormant=1_234,
        warnings=("ends come in batches",),
        track=track,
    )

    def words(**more: Any) -> tuple[str, list[str]]:
        return follow_words.estimate(evolve(outlook, estimate=evolve(of, **more)))

    assert words() == (
        "estimate 39.996 % (30.0–40.0 %), uncertain; held the end in 21 of 24 trials",
        [
            "open cases older than any that was ended in the last 12 months: 1,234",
            "outlooks in the trials: 9 right, 0 wrong, 15 uncertain",
            "ends come in batches",
        ],
    )
    better = evolve(track, error_as_it_stands=0.03)
    assert words(track=better, dormant=None, warnings=())[1] == []
    short: dict[str, Any] = {"low": None, "high": None, "outlook": "no estimate"}
    few = evolve(track, trials=3, held=None, right=None, wrong=None, uncertain=None)
    line, _ = words(**short, reason="no interval: 3 trials, and it takes 9", track=few)
    assert line == "estimate 39.996 %, no outlook: no interval: 3 trials, and it takes 9"
    count = evolve(outlook.status, unit="count", threshold=None, limit=None)
    shown = follow_words.estimate(
        evolve(
            outlook, status=count, estimate=evolve(of, value=1_234.56, low=1_000.0, high=1_300.25)
        )
    )
    assert shown[0].startswith("estimate 1,234.6 (1,000–1,300.2), uncertain;")
    change = evolve(count, unit="change")
    shown = follow_words.estimate(
        evolve(outlook, status=change, estimate=evolve(of, value=-0.1, low=-0.25, high=0.1))
    )
    assert shown[0].startswith("estimate -10.0 % (-25.0 to +10.0 %), uncertain;")
