"""Averages whose limit is in hours or minutes add up elapsed time, to the microsecond (S3, S16)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.report import words
from tests import builders
from tests.builders import average
from tests.counting_rules.hand_worked import D, T, buckets, run

NOON = T(2017, 5, 1, 12)
ALL_DAY = "25 hours"


def lasting(*lengths: dt.timedelta) -> list[dict[str, object]]:
    """Cases from noon on, of these lengths."""
    return [{"filed": NOON, "decided": NOON + length} for length in lengths]


def minutes(*numbers: float) -> list[dict[str, object]]:
    return lasting(*(dt.timedelta(minutes=n) for n in numbers))


def of_engine(target: kpi.Target, cases: list[dict[str, object]]) -> kpi.TargetResult:
    rows = [{"case_id": str(n), **case} for n, case in enumerate(cases)]
    made = kpi.Plan(id="p", period="2017", tables=[builders.PLAIN_TABLE], targets=[target])
    return kpi.evaluate(made, pl.DataFrame(rows))["t"]


@pytest.mark.parametrize(
    ("limit", "lengths", "value", "verdict"),
    [
        # 4 and 20 minutes are 24 over 2, and a microsecond more is too many.
        ("12 minutes", minutes(4, 20), Fraction(12), "met"),
        (
            "12 minutes",
            lasting(dt.timedelta(minutes=4), dt.timedelta(minutes=20, microseconds=1)),
            12 + Fraction(1, 120_000_000),
            "missed",
        ),
        # No length is cut to whole minutes: 90 and 31 seconds are 121 over 2.
        ("1 minute", minutes(1.5, 31 / 60), Fraction(121, 120), "missed"),
        # 3 and 5 hours, in hours; 1 hour and 30 minutes, in minutes.
        ("4 hours", minutes(180, 300), Fraction(4), "met"),
        ("1 hour and 30 minutes", minutes(60, 121), Fraction(181, 2), "missed"),
        ("0 minutes", minutes(0, 0), Fraction(0), "met"),
    ],
)
def test_s16_the_amount_of_a_case_is_its_elapsed_time(
    limit: str, lengths: list[dict[str, object]], value: Fraction, verdict: str
) -> None:
    outcome = run(average(limit), *lengths)
    assert (outcome.value, outcome.verdict) == (value, verdict)
    found = of_engine(average(limit), lengths)
    assert (found.value, found.verdict) == (float(value), verdict)


@pytest.mark.parametrize(
    ("filed", "decided", "hours"),
    [
        # On 26 March 2017 the clocks of Copenhagen go from 2 to 3, on 29 October from 3 to 2.
        (T(2017, 3, 26, 1, 30), T(2017, 3, 26, 3, 30), 1),
        (T(2017, 10, 29, 1, 30), T(2017, 10, 29, 3, 30), 3),
        # Midnight to midnight.
        (D(2017, 3, 26), D(2017, 3, 27), 23),
        (D(2017, 10, 29), D(2017, 10, 30), 25),
    ],
)
def test_s16_the_time_runs_on_when_the_clocks_are_changed(
    filed: dt.date, decided: dt.date, hours: int
) -> None:
    outcome = run(average(ALL_DAY), {"filed": filed, "decided": decided})
    assert (outcome.total, outcome.value) == (hours * 3_600_000_000, Fraction(hours))


def test_s16_by_the_clock_a_case_is_excluded_for_its_times() -> None:
    outcome = run(
        average("12 minutes"),
        *minutes(12, -1),
        # 2:30 was not on that day, and would do for a limit in days.
        {"filed": T(2017, 3, 26, 2, 30), "decided": T(2017, 3, 26, 4)},
        {"decided": NOON},
        {"filed": NOON},
    )
    assert buckets(outcome) == [
        "counted",
        "end before start",
        "no such local time",
        "start missing",
        "outside",
    ]
    assert outcome.total == 720_000_000


def test_s16_limits_by_value_are_added_up_in_the_smallest_unit() -> None:
    """5 minutes and an hour are 65 minutes allowed."""
    limit = {"by": "case_type", "limits": {"call": "5 minutes", "visit": "1 hour"}}
    cases = [
        {**case, "case_type": kind}
        for case, kind in zip(minutes(10, 55, 3), ("call", "visit", "letter"), strict=True)
    ]
    outcome = run(average(limit), *cases)
    assert outcome.figures == {"allowed": 65}
    assert outcome.excluded == {"limit missing": 1}
    assert (outcome.value, outcome.verdict) == (Fraction(65, 2), "met")
    later = [*cases[:1], {**cases[1], "decided": NOON + dt.timedelta(minutes=55, microseconds=1)}]
    assert run(average(limit), *later).verdict == "missed"
    found = of_engine(average(limit), cases)
    assert words.figures(found) == "allowed 65 minutes"


def test_s16_the_fastest_by_the_clock() -> None:
    """Of 4 cases half are kept: those of 1 and 3 minutes, though all took no whole day."""
    outcome = run(average("2 minutes", fastest=50), *minutes(9, 3, 10, 1))
    beyond = "beyond the fastest 50 %"
    assert buckets(outcome) == [beyond, "counted", beyond, "counted"]
    assert (outcome.value, outcome.verdict) == (Fraction(2), "met")


@pytest.mark.parametrize(
    ("limit", "lengths", "shown"),
    [
        ("12 minutes", lasting(dt.timedelta(minutes=12, microseconds=1)), "12.00000002 minutes"),
        ("12 minutes", lasting(dt.timedelta(minutes=12)), "12.0 minutes"),
        ("4 hours", minutes(200), "3.3 hours"),
        ("4 hours", minutes(239), "3.98 hours"),
        ("1 hour and 30 minutes", minutes(89.99), "89.99 minutes"),
    ],
)
def test_s16_what_is_printed_compares_with_the_limit_as_the_time_does(
    limit: str, lengths: list[dict[str, object]], shown: str
) -> None:
    assert words.value(of_engine(average(limit), lengths)) == shown


def test_s16_a_total_of_more_than_64_bits_is_exact() -> None:
    """1,000 cases of 7,000 years each, and a microsecond, as of the year 9000."""
    rows = {
        "case_id": [str(n) for n in range(1_000)],
        "filed": [T(1001, 1, 1)] * 1_000,
        "decided": [T(8001, 1, 1), *[T(8001, 1, 1, 0, 0, 0, 1)] * 999],
    }
    made = kpi.Plan(
        id="p",
        period="8001",
        time_zone="UTC",
        tables=[builders.PLAIN_TABLE],
        targets=[average("1 hour")],
    )
    state = [kpi.partial(made, pl.DataFrame(rows)[n::2], "9000-01-01") for n in range(2)]
    result = kpi.finish(kpi.merge(*state))
    days = (D(8001, 1, 1) - D(1001, 1, 1)).days
    assert result["t"].total == 1_000 * days * 24 * 3_600_000_000 + 999 > 2**67
    assert int(result.frame["total"].item()) == result["t"].total


@pytest.mark.parametrize(
    ("words_of_plan", "message"),
    [
        ({"pauses": "waiting"}, "found 'pauses' with the limit 4 hours; accepted: with a limit in"),
        ({"limit": "4 hours before"}, "unknown unit 'hours'"),
        ({"limit": "1 month", "fastest": 90}, "working days, hours or minutes"),
        (
            {"limit": {"by": "case_type", "limits": {"call": "1 hour", "visit": "1 day"}}},
            "accepted: one kind",
        ),
    ],
)
def test_s16_a_limit_by_the_clock_stands_alone(words_of_plan: dict[str, Any], message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        average(**{"limit": "4 hours", **words_of_plan})


def test_s16_by_the_clock_a_verdict_may_hang_on_a_rejected_row() -> None:
    rows = [{"case_id": str(n), **case} for n, case in enumerate(minutes(1, 2))]
    frame = pl.DataFrame([*rows, {**rows[0], "case_id": None}])
    made = kpi.Plan(
        id="p", period="2017", tables=[builders.PLAIN_TABLE], targets=[average("2 minutes")]
    )
    result = kpi.evaluate(made, frame)
    assert result["t"].verdict == "met"
    assert any("rejected" in note and "t" in note for note in result.notes)
