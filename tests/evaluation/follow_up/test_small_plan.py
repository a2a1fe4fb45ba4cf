"""Outlooks of a small plan, worked out by hand: numbers, frame, JSON, tables (F1, F13, F60, F61, H20)."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.definitions.measurement import Unit
from kpi.report import follow_words, terminal
from kpi.report.follow_markdown import follow_markdown
from kpi.report.follow_table import follow_table
from kpi.results.possible import Range
from tests.evaluation.follow_up.small_plan import AS_OF, PLAN, assessments, cases


@pytest.fixture(scope="module")
def followed() -> kpi.FollowUp:
    return kpi.follow(kpi.parse_plan(PLAN), cases(), AS_OF, by="office")


def test_verdicts_and_the_range_of_the_score(followed: kpi.FollowUp) -> None:
    assert {outlook.id: outlook.verdict for outlook in followed} == {
        "1": "secured",
        "2": "lost",
        "3": "open",
        "4": "open",
        "5": "not_assessable",
    }
    score = followed.score_range
    assert score is not None
    # Secured are 50; all but the 30 that are lost can still come.
    assert [score.at_least, score.at_most, score.of] == [Decimal(n) for n in (50, 70, 100)]


def test_the_frame_has_a_row_per_requirement(followed: kpi.FollowUp) -> None:
    rows = {row["id"]: row for row in followed.frame.iter_rows(named=True)}
    first = rows["1"]
    assert (first["met"], first["counted"], first["verdict"]) == (2, 3, "secured")
    # At worst d is late, and e is ended: 2 of 5. A new case can make it better without end.
    assert (first["certain_worst_numerator"], first["certain_worst_denominator"]) == (2, 5)
    assert (first["certain_worst"], first["certain_best"]) == (0.4, 1.0)
    # At best without a new case d is in time, and e does not end: 3 of 4.
    assert (first["if_no_new_case_worst"], first["if_no_new_case_best"]) == (0.4, 0.75)
    assert (first["certain_can_help"], first["certain_can_hurt"]) == (True, False)
    # 40 % of 5 are 2: two more late ones keep it; three late cases in two take two thirds.
    assert (first["certain_need"], first["certain_room"]) == (0, 2)
    assert first["certain_price"] == float(Fraction(2, 3))
    assert rows["2"]["certain_best"] == 2 / 3 == rows["2"]["if_no_new_case_best"]
    # (0.7 * 3 - 2) / 0.3 = 1 / 3: one case more.
    assert (rows["3"]["certain_need"], rows["3"]["certain_room"]) == (1, 0)
    mean = rows["4"]
    # 4, 4 and 18 days of 10 each; at worst d takes 16 and e 28, at best d takes 6.
    assert [mean[f"certain_slack_{of}"] for of in ("now", "worst", "best")] == [4, -20, 8]
    assert (mean["if_no_new_case_worst"], mean["if_no_new_case_best"]) == (70 / 5, 32 / 4)
    assert (mean["certain_worst"], mean["certain_best"]) == (14.0, 0.0)
    over = {name: cell for name, cell in rows["5"].items() if re.match("certain|if_", name)}
    assert set(over.values()) == {None}


def test_the_columns_of_the_frame_do_not_depend_on_the_plan(followed: kpi.FollowUp) -> None:
    one = kpi.follow(followed.plan.only("4"), cases(), AS_OF)
    assert one.frame.schema == followed.frame.schema
    assert one.groups.height == 0
    assert followed.groups.columns == ["id", "office", *followed.frame.columns[1:]]


def test_groups_have_outlooks_of_their_own(followed: kpi.FollowUp) -> None:
    rows = {(r["id"], r["office"]): r for r in followed.groups.iter_rows(named=True)}
    north, south = rows["3", "north"], rows["3", "south"]
    assert (north["met"], north["counted"]) == (2, 3)
    assert (north["if_no_new_case_worst"], north["if_no_new_case_best"]) == (2 / 3, 2 / 3)
    # In the south nothing is ended: d may come in time, e only late.
    assert (south["counted"], south["certain_may_be_empty"]) == (0, True)
    assert (south["if_no_new_case_worst"], south["if_no_new_case_best"]) == (0.0, 1.0)


def test_what_is_certain_and_what_depends_stand_apart_in_the_json(followed: kpi.FollowUp) -> None:
    data = json.loads(followed.to_json())
    assert data == followed.to_dict()
    third = next(t for t in data["targets"] if t["id"] == "3")
    assert third["status"]["verdict"] == "open"
    assert third["certain"] == {
        "possible": {"worst": [2, 5], "best": [1, 1]},
        "sharp": True,
        "may_be_empty": False,
        "newcomers": {"can_help": True, "can_hurt": False},
        "need": 1,
        "room": 0,
        "price": [7, 3],
    }
    assert third["if"] == [{"condition": "no new case is counted", "worst": [2, 5], "best": [3, 4]}]
    assert third["assessment"] is None
    assert [group["group"] for group in third["groups"]] == [
        {"office": "north"},
        {"office": "south"},
    ]
    assert data["score"] == {"at_least": 50, "at_most": 70, "of": 100}
    for record in records(data["targets"]):
        # H20: no bound over the known rows is in "certain", and nothing but a condition in "if".
        assert "known" not in (record["certain"] or {})
        assert all(set(one) == {"condition", "worst", "best"} for one in record["if"])
        assert "estimate" not in (record["certain"] or {})
        assert (record["certain"] is None) == (record["if"] == [])
    over = next(t for t in data["targets"] if t["id"] == "5")
    assert (over["certain"], over["if"]) == (None, [])


def records(targets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outlooks and their groups."""
    return [one for target in targets for one in (target, *target.get("groups", ()))]


def columns_of(text: str, ids: str) -> dict[str, dict[str, str]]:
    """The cells of each target of a Markdown table, by heading."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    header, *rows = lines[:6]
    cells = {row[0]: dict(zip(header, row, strict=False)) for row in rows}
    return {name: cells[name] for name in ids}


def test_what_is_certain_and_what_depends_stand_apart_in_markdown(followed: kpi.FollowUp) -> None:
    rows = columns_of(follow_markdown(followed), "1234")
    certain, depends = "Can become (certain)", "If no new case"
    assert rows["3"]["Verdict (certain)"] == "open"
    assert rows["3"][certain] == "40.0–100.0 %"
    assert rows["3"][depends] == "40.0–75.0 % (2/5 to 3/4)"
    assert rows["2"][certain] == rows["2"][depends] == "50.0–66.7 % (2/4 to 2/3)"
    assert rows["3"]["It takes (certain)"] == "1 more in time"
    assert rows["4"]["It takes (certain)"] == "4 days in hand"
    assert (rows["4"][certain], rows["4"][depends]) == ("0.0–14.0 days", "8.0–14.0 days")
    # Secured: the two late ones that it has room for are no news.
    assert rows["1"]["It takes (certain)"] == ""


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_a_terminal_shows_the_kinds_apart_at_every_width(
    followed: kpi.FollowUp, width: int
) -> None:
    text = terminal.plain(follow_table(followed, width), width)
    assert max(map(len, text.splitlines())) <= width
    words = " ".join(text.split())
    assert "1 secured, 1 lost, 2 open" in words
    assert "Score at the end, certain: from 50 to 70 of 100" in words
    assert "40.0–100.0 %" in words
    # The bounds over the known rows have their heading, or are not there.
    assert ("40.0–75.0 %" in words) == (width >= 64)
    assert "no case that entered" in words
    assert ("not shown in a window this narrow: counted cases, last days" in words) == (width < 108)
    assert ("what holds if no new case is counted;" in words) == (width < 64)
    assert ("2 of 3" in words) == (width >= 108)


@pytest.mark.parametrize(
    ("worst", "best", "printed"),
    [
        # 0.6996 rounds to 70.0 % and is below it; 0.7004 is above it (S19).
        (Fraction(6996, 10_000), Fraction(7004, 10_000), "69.96–70.04 %"),
        (Fraction(7, 10), Fraction(1), "70.0–100.0 %"),
        (Fraction(0), Fraction(9999, 10_000), "0.0–99.99 %"),
        (Fraction(7, 10), Fraction(7, 10), "70.0 %"),
        (Fraction(7, 10), None, "70.0 % or more"),
        (None, None, "any"),
    ],
)
def test_a_bound_is_never_rounded_onto_the_threshold(
    followed: kpi.FollowUp, worst: Fraction | None, best: Fraction | None, printed: str
) -> None:
    assert follow_words.bounds(Range(worst, best), followed["3"].status) == printed


def test_bounds_of_other_units(followed: kpi.FollowUp) -> None:
    record = followed["4"].status
    bounds = follow_words.bounds
    # The limit of 10 days is the mark of a mean.
    days = Range(Fraction(1004, 100), Fraction(996, 100))
    assert bounds(days, record) == "9.96–10.04 days"
    count = evolve(record, unit="count", limit=None)
    assert bounds(Range(Fraction(9), None), count) == "9 or more"
    assert bounds(Range(Fraction(1200), Fraction(3)), count) == "3–1,200"
    months = evolve(record, unit="months", limit=None)
    assert bounds(Range(Fraction(5), Fraction(3)), months) == "3–5 months"
    change = evolve(record, unit="change", limit=None)
    assert bounds(Range(Fraction(1, 10), Fraction(-1, 4)), change) == "-25.0 to +10.0 %"
    number = evolve(record, unit="number", limit=None)
    assert bounds(Range(Fraction(13, 2), Fraction(13, 2)), number) == "6.5"
    done = evolve(followed["3"].status, rule="milestone")
    assert bounds(Range(Fraction(0), Fraction(1)), done) == "done or not"
    assert bounds(Range(Fraction(0), Fraction(0)), done) == "not in time"
    assert bounds(Range(Fraction(1), Fraction(1)), done) == "done"
    none = Range.of_counts((1, 1), (0, 1))
    assert bounds(none, followed["3"].status) == "nothing counted"


def test_assessments_stand_beside_the_outlook_and_change_nothing(followed: kpi.FollowUp) -> None:
    own = assessments(
        ("1", "missed", "2022-12-01"),
        ("2", "met", "2022-12-19"),
        ("3", "partly", "2022-12-20"),
        ("3", "uncertain", "2022-10-01"),
        ("4", "met", "2022-12-21"),
    )
    assessed = kpi.follow(followed.plan, cases(), AS_OF, by="office", assessments=own)
    assert [outlook.verdict for outlook in assessed] == [outlook.verdict for outlook in followed]
    assert assessed.frame.drop("^assessed.*$").equals(followed.frame.drop("^assessed.*$"))
    shown = dict(assessed.frame.select("id", "assessed").iter_rows())
    # That of 21 December is hidden, and of two of target 3 the later one stands.
    assert shown == {"1": "missed", "2": "met", "3": "partly", "4": None, "5": None}
    notes = [str(note) for note in assessed.notes if note.code.startswith("assessment")]
    rests = "already: one of the two rests on a mistake"
    of = "the agency's assessment of"
    assert notes == [
        "assessments: 1 row of after 2022-12-20, left out",
        "assessments: 1 row with a later one of the same target, left out",
        f"1: {of} 2022-12-01 says missed, and the verdict is secured {rests}",
        f"2: {of} 2022-12-19 says met, and the verdict is lost {rests}",
    ]
    data = next(target for target in assessed.to_dict()["targets"] if target["id"] == "3")
    assert data["assessment"] == {
        "expected": "partly",
        "text": None,
        "by": None,
        "on": "2022-12-20",
    }
    text = terminal.plain(follow_table(assessed, 120))
    assert "• 3: partly met (2022-12-20)" in text
    assert columns_of(follow_markdown(assessed), "2")["2"]["Agency's assessment"].startswith("met")


def test_an_assessment_names_who_and_why() -> None:
    own = assessments(("3", "met", "2022-12-01"))
    reasons = own.with_columns(text=own["target"] + " is easy", by=own["target"] + "st office")
    assessed = kpi.follow(kpi.parse_plan(PLAN), cases(), AS_OF, assessments=reasons)
    assert assessed["3"].assessment is not None
    shown = follow_words.assessment(assessed["3"].assessment)
    assert shown == "met (3st office, 2022-12-01): 3 is easy"


def test_an_outlook_that_does_not_exist(followed: kpi.FollowUp) -> None:
    with pytest.raises(KeyError, match="6"):
        followed["6"]


def test_what_it_takes_in_words(followed: kpi.FollowUp) -> None:
    third, mean = followed["3"], followed["4"]
    of_share, of_mean = third.possibilities, mean.possibilities
    assert of_share is not None
    assert of_mean is not None

    def share(**more: Any) -> str:
        return follow_words.takes(evolve(third, possibilities=evolve(of_share, **more)))

    assert share(need=1_200) == "1,200 more in time"
    assert share(need=0, room=1_200) == "room for 1,200 late"
    assert share(need=0, room=0) == "no room for late"
    # Every case is asked for, and one was late.
    assert share(need=None, room=0, price=None) == ""

    def slack(now: int, unit: Unit) -> str:
        of = evolve(of_mean, slack=(now, now, now))
        status = evolve(mean.status, unit=unit)
        return follow_words.takes(evolve(mean, possibilities=of, status=status))

    assert slack(-1_200, "days") == "1,200 days over"
    assert slack(0, "days") == "0 days in hand"
    # Hours are added up in microseconds: 90 minutes.
    assert slack(90 * 60 * 1_000_000, "hours") == "1.5 hours in hand"


def test_counted_cases_in_words(followed: kpi.FollowUp) -> None:
    assert follow_words.status(followed["3"].status) == "2 of 3"
    assert follow_words.status(followed["4"].status) == "3"
    milestone = evolve(followed["3"].status, rule="milestone")
    assert follow_words.status(milestone) == ""


def test_a_score_that_is_settled_is_one_number(followed: kpi.FollowUp) -> None:
    assert followed.score_range is not None
    settled = evolve(followed, score_range=evolve(followed.score_range, at_most=Decimal(50)))
    assert follow_words.score_range(settled) == "50 of 100"
    assert follow_words.score_range(evolve(followed, score_range=None)) is None


def test_segments_show_their_own_limits() -> None:
    text = PLAN.split("[[targets]]")[0] + (
        '[[targets]]\nid = "1"\nrule = "within"\nstart = "filed"\nend = "decided"\neach = "office"\n'
        'limit = { by = "office", limits = { north = "10 days", south = "30 days" } }\nthreshold = 90\n'
    )
    ended = cases().with_columns(
        decided=pl.when(case_id="e").then(dt.date(2022, 12, 8)).otherwise("decided")
    )
    followed = kpi.follow(kpi.parse_plan(text), ended, AS_OF)
    # North: c is late, at best 2 of 3 without new cases; one of 21 December can still come in time.
    north, south = followed["1"].groups
    assert (north.status.group, north.verdict) == ({"office": "north"}, "open")
    assert north.known is not None
    assert (north.known.worst_of, north.known.best_of) == ((2, 3), (2, 3))
    # South: e took 5 days, and d is due on 14 January: in time on any day of the year.
    assert south.known is not None
    assert (south.known.worst_of, south.known.best_of) == ((1, 1), (2, 2))
    assert south.verdict == "secured"
    shown = terminal.plain(follow_table(followed, 120))
    assert "90 % within 10 days" in shown
    assert "90 % within 30 days" in shown
    assert "90 % within 10 days" in follow_markdown(followed)
