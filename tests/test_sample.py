"""The synthetic extract: plausible, the same for a seed, and with the edges that plans turn on."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.sample import sample
from tables import average, clearance, plan, within

EXAMPLES = Path(__file__).parents[1] / "examples"
US_2017 = kpi.load_plan(EXAMPLES / "plans" / "us-2017.toml")


def test_every_target_of_the_2017_plan_counts_cases_of_every_kind() -> None:
    frame = sample(US_2017, 5000)["cases"]
    assert frame["case_id"].n_unique() == frame.height == 5000
    result = kpi.evaluate(US_2017, frame)
    assert all(target.counted > 50 for target in result.targets)
    trail = result.audit().collect().join(frame, left_on="case", right_on="case_id")
    on_the_limit = trail.filter(pl.col("decided") == pl.col("due"))["target"].unique()
    day_late = trail.filter(pl.col("decided") == pl.col("due").dt.offset_by("1d"))[
        "target"
    ].unique()
    # No case of 1.2e falls due in its window.
    limits = {t.id for t in US_2017.targets if t.rule == "within"} - {"1.2e"}
    assert limits <= set(on_the_limit)
    assert limits <= set(day_late)
    assert frame["decided"].null_count() > 100
    assert (frame["filed"] == frame["filed"].dt.month_end()).sum() > 100
    reasons = {reason for target in result.targets for reason in target.excluded}
    assert {"start missing", "end before start"} <= reasons


def test_the_same_for_a_seed_and_another_for_another() -> None:
    assert sample(US_2017, 300, 7)["cases"].equals(sample(US_2017, 300, 7)["cases"])
    assert not sample(US_2017, 300, 7)["cases"].equals(sample(US_2017, 300, 8)["cases"])
    assert sample(US_2017, 0)["cases"].height == 0


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.toml")), ids=lambda p: p.stem)
def test_every_example_plan_has_a_sample(path: Path) -> None:
    example = kpi.load_plan(path)
    result = kpi.evaluate(example, sample(example, 3000))
    assert all(target.counted for target in result.targets)


def test_conditions_of_every_kind_find_cases() -> None:
    wide = plan(
        within("2 weeks", id="a", where={"n": {"at_least": 3, "less_than": 9}, "flag": True}),
        within("1 year", id="b", where={"n": {"more_than": 7}, "kind": {"not": ["x", "y"]}}),
        average("10 days", id="c", where={"filed": {"in": "2017-Q1"}}, unless={"flag": True}),
        clearance({"through": "2017-06-30"}, id="d", open_at={"start_of": "2017"}),
        within({"column": "due"}, id="e", where={"documented": {"after": "2017-02-01"}}),
        within("1 month", id="f", month_end="refuse", denominator="cohort"),
    )
    result = kpi.evaluate(wide, sample(wide, 3000))
    assert all(target.counted for target in result.targets)
