"""Earlier follow-ups as they were reported, beside the figures of today's extract (F50, F63)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from tests.evaluation.chart_series.small_register import AS_OF, PLAN, cases

WITHIN = PLAN.only("share", "number")


def then(day: str, frame: pl.DataFrame) -> str:
    """The follow-up of an earlier day, from the extract of that day."""
    return kpi.follow(WITHIN, frame, day, estimate=False).to_json(series=False)


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The follow-up of 28 February, before b's decision of 14 February was registered."""
    file = tmp_path / "february.json"
    file.write_text(then("2022-02-28", without_b()), encoding="utf-8")
    return file


def without_b() -> pl.DataFrame:
    decided = pl.when(pl.col("case_id") != "b").then("decided")
    return cases().with_columns(decided.alias("decided"))


def test_f50_figures_stand_as_they_were_reported(earlier: Path) -> None:
    found = kpi.follow(WITHIN, cases(), AS_OF, estimate=False, then=[earlier]).series
    february = found.to_date.filter(target="share", period="2022-02")
    # Then a and c were in time and nothing was late: b and h were open and late, d open.
    assert february.filter(pl.col("kind").str.starts_with("reported")).drop("target").rows() == [
        ("2022-02", "reported status", 1.0, None, None, 2, "open"),
        ("2022-02", "reported met", 2.0, None, None, 2, None),
        ("2022-02", "reported certain", None, 0.0, 1.0, None, None),
        ("2022-02", "reported if no new case", None, 2 / 5, 1.0, None, None),
    ]
    assert february.filter(kind="status")["value"].to_list() == [2 / 3]
    # A number without an upper bound.
    assert found.to_date.filter(target="number", kind="reported certain").select(
        "low", "high"
    ).rows() == [(3.0, None)]
    assert found.to_date.filter(target="share")["kind"].to_list()[-1] == "reported if no new case"


def test_days_stand_in_order_and_others_of_a_month_by_their_days(tmp_path: Path) -> None:
    days = ("2022-02-15", "2022-01-31")
    files = [tmp_path / f"{day}.json" for day in days]
    for day, file in zip(days, files, strict=True):
        file.write_text(then(day, cases()), encoding="utf-8")
    found = kpi.follow(WITHIN, cases(), AS_OF, estimate=False, then=files).series.to_date
    reported = found.filter(kind="reported status", target="share")["period"].to_list()
    assert reported == ["2022-01", "2022-02-01 to 2022-02-15"]


def test_what_is_final_has_no_bounds(tmp_path: Path) -> None:
    file = tmp_path / "then.json"
    data: dict[str, Any] = json.loads(then("2022-02-28", cases()))
    data["targets"][0] |= {"certain": None, "if": []}
    data["targets"][0]["status"]["met"] = None
    file.write_text(json.dumps(data), encoding="utf-8")
    found = kpi.follow(WITHIN, cases(), AS_OF, estimate=False, then=[file]).series.to_date
    kinds = found.filter(pl.col("kind").str.starts_with("reported"), target="share")["kind"]
    assert kinds.to_list() == ["reported status"]


def test_a_target_that_the_plan_no_longer_has_is_said(earlier: Path) -> None:
    plan = PLAN.only("share", "mean")
    found = kpi.follow(plan, cases(), AS_OF, estimate=False, then=[earlier]).series
    assert found.to_date.filter(kind="reported status")["target"].to_list() == ["share"]
    assert [(note.code, str(note)) for note in found.notes[1:]] == [
        (
            "series-unknown-target",
            f"{earlier}: left out, for the plan has no such target: number",
        )
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is no JSON"),
        ("[]", "is no follow-up of kpi"),
        ("{}", "is no follow-up of kpi"),
        (
            '{"schema": 2, "plan": "register", "as_of": "soon", "targets": []}',
            "is no follow-up of kpi",
        ),
        (
            '{"schema": 2, "plan": "register", "as_of": "2022-02-28", "targets": [{"id": "share"}]}',
            "is no follow-up of kpi",
        ),
        (
            '{"schema": 1, "plan": "register", "as_of": "2022-02-28", "targets": []}',
            "has version 1 of the schema, and this version of kpi reads 2",
        ),
        (
            '{"schema": 2, "plan": "other", "as_of": "2022-02-28", "targets": []}',
            "is a follow-up of other; accepted: one of register",
        ),
        (
            '{"schema": 2, "plan": "register", "as_of": "2022-04-01", "targets": []}',
            "is of 2022-04-01; accepted: a follow-up as of 2022-03-31 or earlier",
        ),
    ],
)
def test_f63_a_wrong_file_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "then.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(kpi.DataError, match=says) as refused:
        kpi.follow(WITHIN, cases(), AS_OF, then=[file])
    assert str(refused.value).startswith(f"{file}: {says}")
    assert "\n" not in str(refused.value)


def test_f63_an_absent_file_and_one_day_twice(tmp_path: Path, earlier: Path) -> None:
    with pytest.raises(kpi.KpiError, match=r"none\.json: cannot be read: "):
        kpi.follow(WITHIN, cases(), AS_OF, then=[tmp_path / "none.json"])
    again = tmp_path / "again.json"
    again.write_bytes(earlier.read_bytes())
    says = f"{again}: is of 2022-02-28, as {earlier} is; leave one out"
    with pytest.raises(kpi.DataError) as refused:
        kpi.follow(WITHIN, cases(), AS_OF, then=[earlier, again])
    assert str(refused.value) == says
