"""Percentiles whose limit is in hours or minutes go by elapsed time, to the microsecond (S3, S18)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import polars as pl
import pytest

import kpi
from kpi.report import words
from tests import builders
from tests.counting_rules.hand_worked import T, buckets, percentile, run

NOON = T(2017, 5, 1, 12)


def waits(*minutes: float, microseconds: int = 0) -> list[dict[str, object]]:
    """Calls from noon on, the last of them so many microseconds longer."""
    lengths = [dt.timedelta(minutes=n) for n in minutes]
    lengths[-1] += dt.timedelta(microseconds=microseconds)
    return [{"filed": NOON, "decided": NOON + length} for length in lengths]


@pytest.mark.parametrize(
    ("limit", "q", "calls", "value", "verdict"),
    [
        # k = 4 of 5, 3 of 5, and 1 of 5.
        ("12 minutes", 80, waits(30, 3, 1, 2, 12), Fraction(12), "met"),
        ("12 minutes", 80, waits(30, 3, 1, 2, 12, microseconds=1), 12 + Fraction(1, 6 * 10**7), "missed"),
        ("2 minutes", 50, waits(30, 3, 1, 2, 12), Fraction(3), "missed"),
        ("1 minute", 1, waits(30, 3, 1, 2, 12), Fraction(1), "met"),
        # 150 minutes are 2.5 hours, and 90.5 minutes are over an hour and a half.
        ("3 hours", 100, waits(60, 150), Fraction(5, 2), "met"),
        ("1 hour and 30 minutes", 100, waits(60, 90.5), Fraction(181, 2), "missed"),
    ],
)  # fmt: skip
def test_s18_the_value_is_the_elapsed_time_of_a_case(
    limit: str, q: int, calls: list[dict[str, object]], value: Fraction, verdict: str
) -> None:
    outcome = run(percentile(limit=limit, percentile=q), *calls)
    assert (outcome.value, outcome.verdict) == (value, verdict)


def test_s18_by_the_clock_a_case_is_excluded_for_its_times() -> None:
    skipped = {"filed": T(2017, 3, 26, 2, 30), "decided": T(2017, 3, 26, 4)}
    across = {"filed": T(2017, 3, 26, 1, 30), "decided": T(2017, 3, 26, 3, 30)}
    outcome = run(percentile(limit="1 hour"), *waits(-1), skipped, across)
    assert buckets(outcome) == ["end before start", "no such local time", "counted"]
    assert (outcome.value, outcome.verdict) == (Fraction(1), "met")


def test_s18_by_the_clock_merged_states_give_the_value_of_the_whole() -> None:
    rows = [{"case_id": str(n), **call} for n, call in enumerate(waits(*range(1, 11), 0.5))]
    frame = pl.DataFrame(rows)
    made = kpi.Plan(
        id="p",
        period="2017",
        tables=[builders.PLAIN_TABLE],
        targets=[percentile(limit="8 minutes", percentile=75)],
    )
    merged = kpi.finish(kpi.merge(*(kpi.partial(made, frame[n::3]) for n in range(3))))["1"]
    # k = ceil(8.25), the ninth of 0.5, 1, 2 ... 10.
    assert (merged.value, merged.unit, merged.verdict) == (8, "minutes", "met")
    assert words.value(merged) == "8.0 minutes"
    whole = kpi.evaluate(made, frame)
    assert whole["1"] == merged
    assert whole.audit().collect()["seconds"].to_list() == [*(60 * n for n in range(1, 11)), 30]


def test_s18_by_the_clock_nothing_is_paused() -> None:
    with pytest.raises(kpi.PlanError, match="pauses: found 'pauses' with the limit 1 hour"):
        percentile(limit="1 hour", pauses="waiting")
