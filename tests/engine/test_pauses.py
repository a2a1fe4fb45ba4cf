"""Tables of pauses beside their cases: keys, rejected intervals, batches."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

import kpi
from tests.builders import (
    PLAIN_TABLE,
    TEN_AND_TWENTY_DAYS,
    average,
    both_trails,
    paused,
    pauses,
    spans,
    within,
)


def test_pauses_that_cannot_be_used_are_set_aside_and_counted() -> None:
    made = paused(within("20 days", pauses="waiting"))
    its = pauses(
        (1, None, "2017-03-12"),
        (1, "2017-03-12", "2017-03-10"),
        (9, "2017-03-12", "2017-03-20"),
        (1, "2017-03-10", "2017-03-11"),
        (1, "2017-03-10", "2017-03-11"),
    )
    frame = spans(("2017-03-01", "2017-03-31"))
    result = kpi.evaluate(made, {"cases": frame, "waiting": its})
    assert result.audit().collect()["paused"].to_list() == [1]
    assert dict(result.facts["waiting"].rejected) == {"from missing": 1, "to before from": 1}
    assert "waiting: 1 row whose case is not in cases, left out" in result.notes
    assert not result.facts["waiting"].repeated
    with pytest.raises(kpi.DataError, match="rejected: from missing"):
        kpi.check(made, {"cases": frame, "waiting": its}, strict=True)


def test_ids_of_two_kinds_are_refused_not_matched_with_nothing() -> None:
    made = paused(within("20 days", pauses="waiting"))
    its = pauses((1, "2017-03-10", "2017-03-20"))
    frame = spans(("2017-03-01", "2017-03-31"))
    with pytest.raises(kpi.DataError) as raised:
        kpi.evaluate(made, {"cases": frame, "waiting": its.cast({"case": pl.Int32})})
    assert str(raised.value) == (
        "waiting: column case holds Int32, and case_id in cases holds String; hold ids of one "
        "kind in both"
    )
    numbers = {
        "cases": frame.cast({"case_id": pl.Int64}),
        "waiting": its.cast({"case": pl.UInt16}),
    }
    assert both_trails(made, numbers)[0]["paused"] == 10
    categories = {"cases": frame, "waiting": its.cast({"case": pl.Categorical})}
    assert both_trails(made, categories)[0]["paused"] == 10
    for key in (dt.date(2017, 1, 2), True):
        of_key = {
            "cases": frame.with_columns(case_id=pl.lit(key)),
            "waiting": its.with_columns(case=pl.lit(key)),
        }
        assert both_trails(made, of_key)[0]["paused"] == 10
    by_day = frame.with_columns(case_id=dt.date(2017, 1, 2))
    with pytest.raises(
        kpi.DataError, match="column case holds Boolean, and case_id in cases holds"
    ):
        kpi.evaluate(made, {"cases": by_day, "waiting": its.with_columns(case=pl.lit(value=True))})


def test_many_cases_with_pauses_do_not_run_into_each_other() -> None:
    """Each case's own stretch of the line that all pauses are merged on, at both ends of time."""
    n = 1_000
    filed = [dt.date(1, 1, 1) if i % 2 else dt.date(2017, 1, 1) for i in range(n)]
    frame = pl.DataFrame(
        {"case_id": [str(i) for i in range(n)], "filed": filed},
    ).with_columns(
        case_type=pl.lit("visa"),
        documented=pl.lit(None, pl.Date),
        decided=pl.lit(dt.date(2017, 6, 1)),
        due=pl.lit(None, pl.Date),
    )
    its = pl.DataFrame({"case": [str(i) for i in range(n)]}).with_columns(
        pl.lit(dt.date(2017, 3, 1)).alias("from"), pl.lit(dt.date(9999, 12, 31)).alias("to")
    )
    rows = both_trails(
        paused(within("20 days", pauses="waiting")),
        {"cases": frame.sample(fraction=1, shuffle=True, seed=1), "waiting": its},
        "9999-12-31",
    )
    assert {row["paused"] for row in rows} == {92}


def test_batches_with_their_own_pauses_add_up() -> None:
    made = paused(within("20 days", pauses="waiting"))
    frame = spans(*[("2017-03-01", "2017-03-31")] * 3)
    its = pauses((1, "2017-03-10", "2017-03-20"), (2, "2017-03-10", "2017-03-15"))
    whole = kpi.evaluate(made, {"cases": frame, "waiting": its})
    parts = [
        kpi.partial(
            made,
            {
                "cases": frame.filter(pl.col("case_id").is_in(ids)),
                "waiting": its.filter(pl.col("case").is_in(ids)),
            },
        )
        for ids in (["1"], ["2", "3"])
    ]
    assert kpi.finish(kpi.merge(*parts)).frame.equals(whole.frame)


D = dt.date


@pytest.mark.parametrize(
    ("cases_id", "pause_id"),
    [
        (pl.Series([7, 8], dtype=pl.Int32), pl.Series([8, 9], dtype=pl.UInt64)),
        (pl.Series(["7", "8"]), pl.Series(["8", "9"], dtype=pl.Categorical)),
        (pl.Series([D(2017, 1, 7), D(2017, 1, 8)]), pl.Series([D(2017, 1, 8), D(2017, 1, 9)])),
    ],
    ids=["whole numbers", "texts", "dates"],
)
def test_pauses_find_their_cases_by_keys_of_one_kind(
    cases_id: pl.Series, pause_id: pl.Series
) -> None:
    waiting = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")
    target = average("15 days", pauses="waiting")
    made = kpi.Plan(id="p", period="2017", tables=[PLAIN_TABLE, waiting], targets=[target])
    pauses = pl.DataFrame(
        {"case": pause_id, "from": [D(2017, 1, 3)] * 2, "to": [D(2017, 1, 6)] * 2}
    )
    found = kpi.evaluate(
        made, {"cases": TEN_AND_TWENTY_DAYS.with_columns(case_id=cases_id), "waiting": pauses}
    )
    # The second case took 20 days, of which 3 were paused.
    assert (found["t"].total, found["t"].counted) == (10 + 17, 2)
    assert found.facts["waiting"].orphan_pauses == 1


def test_pauses_by_keys_of_another_kind_are_refused() -> None:
    waiting = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")
    made = kpi.Plan(
        id="p", period="2017", tables=[PLAIN_TABLE, waiting], targets=[average(pauses="waiting")]
    )
    pauses = pl.DataFrame({"case": [D(2017, 1, 1)], "from": [D(2017, 1, 3)], "to": [D(2017, 1, 6)]})
    with pytest.raises(kpi.DataError) as caught:
        kpi.evaluate(made, {"cases": TEN_AND_TWENTY_DAYS, "waiting": pauses})
    assert str(caught.value) == (
        "waiting: column case holds Date, and case_id in cases holds String; hold ids of one kind "
        "in both"
    )
