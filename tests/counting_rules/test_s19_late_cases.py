"""A number of late cases in place of a percentage (S19, S20, S25, S27): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.report import words
from tests import builders
from tests.builders import cases, of_days, one
from tests.counting_rules.hand_worked import D, buckets, run, that_took, within


def late(bounds: Any, **more: Any) -> kpi.Within:
    """So many cases may take longer than 30 days."""
    return within(**{"threshold": None, "late": bounds, **more})


@pytest.mark.parametrize(
    ("bounds", "days", "value", "verdict"),
    [
        ({"at_most": 2}, [30, 31, 32], 2, "met"),
        ({"at_most": 2}, [31, 32, 33], 3, "missed"),
        ({"less_than": 2}, [30, 31, 32], 2, "missed"),
        ({"less_than": 2}, [30, 30, 32], 1, "met"),
        ({"at_least": 1}, [30, 30, 30], 0, "missed"),
        ({"more_than": 1, "at_most": 2}, [31, 31, 31], 3, "missed"),
        ({"at_most": "1.5"}, [31, 30], 1, "met"),
    ],
)
def test_s19_the_late_cases_are_those_counted_and_not_met(
    bounds: dict[str, Any], days: list[int], value: int, verdict: str
) -> None:
    outcome = run(late(bounds), *that_took(*days))
    assert (outcome.value, outcome.verdict) == (Fraction(value), verdict)
    assert outcome.met == len(days) - value
    found = one(late(bounds, id="t"), of_days(*days))
    assert (found.value, found.unit, found.verdict) == (value, "count", verdict)
    assert words.value(found) == str(value)


def test_s19_an_open_case_of_a_cohort_is_late_and_an_excluded_one_is_not() -> None:
    outcome = run(
        late({"at_most": 1}, denominator="cohort"),
        {"filed": D(2017, 1, 1)},
        {"filed": D(2017, 1, 2), "decided": D(2017, 1, 1)},
        *that_took(30),
    )
    assert buckets(outcome) == ["counted", "end before start", "counted"]
    assert (outcome.value, outcome.verdict) == (Fraction(1), "met")


def test_s19_without_a_counted_case_none_is_late_and_none_in_time() -> None:
    outcome = run(late({"at_most": 0}), {"filed": D(2017, 1, 1)})
    assert (outcome.counted, outcome.value, outcome.verdict) == (0, None, "not_assessable")


def test_s19_each_value_has_so_many_late_cases_of_its_own() -> None:
    rows = [
        {**case, "case_type": kind}
        for kind, case in zip(("visa", "visa", "asylum"), that_took(31, 31, 31), strict=True)
    ]
    outcome = run(late({"at_most": 1}, each="case_type"), *rows)
    assert {part: found.verdict for part, found in outcome.each.items()} == {
        ("visa",): "missed",
        ("asylum",): "met",
    }
    assert outcome.verdict == "missed"


def test_s19_a_group_need_not_keep_the_bounds_of_all() -> None:
    frame = of_days(31, 30)
    made = builders.plan(late({"at_least": 1}, id="t"))
    found = kpi.evaluate(made, frame, by="case_id")["t"]
    assert [(g.value, g.verdict) for g in found.groups] == [(1, "indicator"), (0, "indicator")]
    assert found.verdict == "met"


def noted(target: kpi.Target, frame: pl.DataFrame, code: str, as_of: str | None = None) -> bool:
    """Whether a result has a note with such a code on its target."""
    notes = kpi.evaluate(builders.plan(target), frame, as_of).notes
    return any(getattr(note, "code", None) == code for note in notes)


@pytest.mark.parametrize(
    ("bounds", "turns"),
    [
        ({"at_most": 1}, True),  # One is late, and two could be.
        ({"at_most": 2}, True),
        ({"at_most": 3}, False),
        ({"at_most": 0}, False),
        ({"at_least": 2}, True),
        ({"at_least": 4}, False),
        ({"more_than": 1, "less_than": 3}, True),  # Two would do, and neither one nor three.
    ],
)
def test_s19_undetermined_cases_can_turn_the_number(bounds: dict[str, Any], turns: bool) -> None:
    """Of three cases one is late, and two are not yet due on the last day."""
    frame = cases(
        {"filed": "2017-01-01", "decided": "2017-02-20"},
        {"filed": "2017-12-20"},
        {"filed": "2017-12-21"},
    )
    target = late(bounds, id="t", denominator="overdue")
    assert noted(target, frame, "could-turn") is turns


def test_s19_excluded_and_rejected_cases_can_turn_the_number() -> None:
    excluded = cases({"filed": "2017-01-02", "decided": "2017-01-01"}, {"filed": "2017-01-01"})
    ended = excluded.with_columns(decided=pl.col("decided").fill_null(dt.date(2017, 1, 5)))
    assert noted(late({"at_most": 0}, id="t"), ended, "hangs-on-excluded")
    assert not noted(late({"at_most": 1}, id="t"), ended, "hangs-on-excluded")
    rejected = of_days(30, 30, 30).with_columns(
        case_id=pl.when(pl.col("case_id") == "1").then(pl.col("case_id"))
    )
    assert noted(late({"at_most": 1}, id="t"), rejected, "hangs-on-rejected")
    assert not noted(late({"at_most": 2}, id="t"), rejected, "hangs-on-rejected")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"threshold": 90}, "late: found 'late' beside a threshold; accepted: one or the other"),
        ({"late": 5}, "late: found '5'; accepted: bounds such as"),
    ],
)
def test_s19_a_share_or_a_number_is_asked_for_and_not_both(
    more: dict[str, Any], message: str
) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        late({"at_most": 5}, **more)


def test_s19_a_number_of_late_cases_in_words() -> None:
    assert late({"at_most": 5}).requirement == "at most 5 not within 30 days"
    target = late({"at_most": 5}, denominator="open", at={"end_of": "2017"})
    assert target.requirement == "at most 5 of those open at the end of 2017 not within 30 days"
