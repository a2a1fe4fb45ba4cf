"""Shares within a limit: words, thresholds, and targets that cannot be missed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kpi
from tests.builders import average, cases, day, one, plan, spans, undated_table, with_limits, within


def test_a_target_that_cannot_be_missed_says_so() -> None:
    plan = kpi.Plan(
        id="p", period="2017", tables=[undated_table()],
        targets=[
            within("10 months", id="never", where={"filed": {"since": "2017-03-01"}}),
            within("10 months", id="barely", where={"filed": {"since": "2017-02-28"}}),
        ],
    )  # fmt: skip
    notes = kpi.evaluate(plan, spans()).notes
    assert [n for n in notes if "cannot be missed" in n] == [
        "never: cannot be missed: no case falls due before 2018-01-01, and the window ends 2017-12-31"
    ]


@pytest.mark.parametrize("each", ["", 'each = "office"\n'])
def test_thresholds_of_a_file_are_for_its_own_parts(tmp_path: Path, each: str) -> None:
    text = "table,case_type,limit,threshold\ncases,a,30 days,90\n"
    with pytest.raises(
        kpi.PlanError, match=r"each: the thresholds stand by case_type; accepted: each"
    ):
        with_limits(tmp_path, text, each)


@pytest.mark.parametrize(
    ("limit", "since", "through", "more", "said"),
    [
        ("7 months", "2017-05-31", "2017-12-31", {}, True),  # due on the last day itself
        ("7 months", "2017-05-30", "2017-12-31", {}, False),
        ("1 month", "2017-01-31", "2017-03-01", {"month_end": "up"}, True),
        ("1 month", "2017-01-31", "2017-03-01", {}, False),
        ("7 months", "2017-05-31", "2017-12-31", {"denominator": "cohort"}, False),
        ("12 minutes", "2017-12-31", "2017-12-31", {}, False),  # a minute is no day
    ],
)  # fmt: skip
def test_what_cannot_be_missed_is_said(
    limit: str, since: str, through: str, more: dict[str, Any], said: bool
) -> None:
    target = within(
        limit, where={"filed": {"since": since}}, window={"since": "2017-01-01", "through": through}, **more
    )  # fmt: skip
    assert [r.startswith("cannot be missed") for r in target.remarks(plan(target))] == [True] * said


def test_the_requirement_backwards_names_the_date_it_is_before() -> None:
    target = within("1 month before", start="due")
    assert target.requirement == "90 % at the latest 1 month before due"


def test_the_whole_of_several_stretches_has_no_threshold_of_its_own() -> None:
    threshold = {"dated": "decided", "first": 50, "since": {"2017-07-01": 90}}
    found = one(within("1 month", threshold=threshold), spans(("2017-01-01", "2017-01-02")))
    assert (found.threshold, found.verdict) == (None, "met")
    assert [part.threshold for part in found.each] == [50]


def test_each_and_thresholds_that_change_over_time() -> None:
    """Of a value and a stretch, the stretch has the threshold."""
    frame = cases(
        {"case_type": "a", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": "a", "filed": "2017-01-01", "decided": "2017-06-01"},
        {"case_type": "b", "filed": "2017-07-01", "decided": "2017-07-02"},
        {"case_type": "b", "filed": "2017-01-01", "decided": "2017-08-01"},
    )
    threshold = {"dated": "decided", "first": 50, "since": {"2017-07-01": 90}}
    found = one(within("1 month", threshold=threshold, each="case_type"), frame)
    shown = [(*e.group.values(), str(e.threshold), str(e.verdict)) for e in found.each]
    assert shown == [
        ("a", "before 2017-07-01", "50", "met"),
        ("b", "since 2017-07-01", "90", "missed"),
    ]


def test_the_latest_of_several_filing_dates_decides_what_cannot_be_missed() -> None:
    """A population of objects may hold a column twice, which no plan file can."""
    from kpi.definitions.population import Condition, Population  # noqa: PLC0415
    from kpi.definitions.windows import Window  # noqa: PLC0415

    dates = [Condition("filed", Window(since=day(text))) for text in ("2017-06-30", "2017-01-01")]
    target = within("7 months", where=Population(tuple(dates)))
    (said,) = target.remarks(plan(target))
    assert said.startswith("cannot be missed: no case falls due before 2018-01-30")


@pytest.mark.parametrize(
    ("limit", "more", "said"),
    [
        ("30 days", {}, True),
        ("15 days", {}, True),
        ("14 days", {}, False),
        ({"column": "due"}, {}, False),
        ({"by": "case_type", "limits": {"visa": "30 days"}}, {}, False),
        ("30 hours", {}, False),
        ("30 days", {"denominator": "cohort"}, False),
    ],
)
def test_what_leaves_no_room_to_miss_it(limit: Any, more: dict[str, Any], *, said: bool) -> None:
    """Filed from 16 December on: due within 15 days on the last day, so all that end are in time."""
    target = within(limit, where={"filed": {"since": "2017-12-16"}}, **more)
    assert bool(list(target.remarks(plan(target)))) is said


def test_several_tables_of_pauses_in_words() -> None:
    target = average("30 days", pauses=["a", "b"], unless_paused=["c", "d"])
    assert target.requirement == "at most 30 days less the pauses in a, b unless paused by c, d"


def test_limits_with_thresholds_of_their_own_are_told_once_of_each_value() -> None:
    plan = kpi.load_plan(Path(__file__).parents[2] / "examples" / "plans" / "siri-2018.toml")
    words = {leaf.id: leaf.requirement_text for leaf in plan.leaves()}
    assert words["1.5a"] == "its own share within its own limit, for each case_type"
