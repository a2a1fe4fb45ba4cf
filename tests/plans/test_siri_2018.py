"""The 2018 plan of SIRI: its edges."""

from __future__ import annotations

import polars as pl
import pytest

from tests.plans.small_tables import PLANS, done, plan, reads, run, types, values

LIMITS = pl.read_csv(PLANS / "siri-2018.limits.csv")


def test_siri_the_example_limits_are_for_both_tables_and_ask_for_90_per_cent() -> None:
    assert LIMITS.columns == ["table", "case_type", "limit", "threshold"]
    assert set(LIMITS["table"]) == {"cases", "grants"}
    assert set(LIMITS["threshold"]) == {90}
    assert not LIMITS.select("table", "case_type").is_duplicated().any()
    assert "example" in (plan("siri-2018").note or "")


@pytest.mark.parametrize(
    ("target", "table", "one", "other"),
    [
        ("1.5a", "cases", "pay_limit", "student"),
        ("1.5b", "grants", "grant_payment", "grant_accounts"),
    ],
)
def test_siri_every_type_must_reach_its_own_target(
    target: str, table: str, one: str, other: str
) -> None:
    def verdict(**shares: tuple[int, int]) -> str:
        return run("siri-2018", **{table: types(**shares)})[target].verdict

    assert verdict(**{one: (9, 1)}) == "met"
    assert verdict(**{one: (9, 1), other: (90, 10)}) == "met"
    # No netting: one type under its threshold, though the whole is over it.
    assert verdict(**{one: (8, 2), other: (1000, 0)}) == "missed"
    # A type that the file does not list cannot be assessed, and a missed one still decides.
    assert verdict(**{one: (9, 1), "unlisted": (5, 0)}) == "not_assessable"
    assert verdict(**{one: (8, 2), "unlisted": (5, 0)}) == "missed"
    assert run("siri-2018", **{table: []})[target].verdict == "not_assessable"


def test_siri_a_reported_score_is_another_reading_of_quality() -> None:
    for value, verdict in ((95, "met"), (94.9, "missed"), (None, "not_assessable")):
        reported = values({"1.6": value})
        assert reads("siri-2018", "1.6", "a reported score", reported=reported).verdict == verdict


def test_siri_the_task_force_may_be_due_with_the_agreements() -> None:
    autumn = done({"1.4a": "2018-10-01"})
    assert run("siri-2018", reported=autumn)["1.4a"].verdict == "met"
    reading = "in the first half-year, as the agreements"
    assert reads("siri-2018", "1.4a", reading, reported=autumn).verdict == "missed"
    summer = done({"1.4a": "2018-06-30"})
    assert reads("siri-2018", "1.4a", reading, reported=summer).verdict == "met"
    late = done({"1.4a": "2018-07-01"})
    assert reads("siri-2018", "1.4a", reading, reported=late).verdict == "missed"
