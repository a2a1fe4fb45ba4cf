"""Results as frames and records."""

from __future__ import annotations

import polars as pl
import pytest

import kpi
from tests.builders import average, plan, spans, within
from tests.sampled import US_2017, sampled


def test_frames_and_records() -> None:
    result = kpi.evaluate(US_2017, sampled(), by="office", every="half-year")
    assert result.frame["id"].to_list() == [t.id for t in US_2017.targets]
    assert result["1.2a"] is result.targets[2]
    assert [t.id for t in result] == [t.id for t in US_2017.targets]
    with pytest.raises(KeyError):
        result["9"]
    assert result.groups.columns[:3] == ["id", "office", "period"]
    assert result.groups["rows"].sum() == sum(t.rows for t in result.targets)
    assert kpi.evaluate(US_2017, sampled()).groups.height == 0
    reasons = result.frame.filter(pl.col("excluded") > 0)["reasons"]
    assert reasons.str.contains("start missing").any()


def test_the_frame_holds_the_range_that_the_excluded_leave() -> None:
    kept, late = ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-05-01")
    frame = spans(kept, kept, late, (None, "2017-02-01"))
    shares = kpi.evaluate(plan(within(id="1"), average(id="2")), frame).frame
    assert shares.select("id", "low", "high").rows() == [("1", 2 / 4, 3 / 4), ("2", None, None)]
