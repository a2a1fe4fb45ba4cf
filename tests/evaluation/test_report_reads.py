"""How often a report reads its extracts: once each, but for event logs, which are read for each day."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

import kpi
from kpi.evaluation.report_figures.figures import (
    Then,
    figures_before_the_end,
    follow_up_figures,
    report_figures,
)
from kpi.report.page.write import report_text
from kpi.tables import check as checking
from tests.evaluation.comparison.test_event_logs import EXTRACT, NEW, OLD
from tests.evaluation.comparison.test_event_logs import plan as plan_of_log
from tests.report.page import small_plan

DAY, THEN = "2022-10-15", "2022-06-30"
# The other reading counts the cases of an office, a column that the plan itself does not read.
APART = kpi.parse_plan(
    small_plan.PLAN.replace('name = "five days"\n', 'name = "north"\nwhere = { office = "north" }\n')
    .replace('limit = "5 days"\n', "", 1)
)  # fmt: skip


@pytest.fixture
def checked() -> Iterator[mock.Mock]:
    """The tables that are checked, one call each."""
    with mock.patch.object(checking, "_checked", side_effect=checking._checked) as calls:
        yield calls


@pytest.fixture
def extracts(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    small_plan.CASES.filter(pl.col("case_id") != "b3").write_csv(old)
    small_plan.CASES.write_csv(new)
    return old, new


def test_a_follow_up_is_that_of_its_parts(extracts: tuple[Path, Path]) -> None:
    old, new = extracts
    parts = follow_up_figures(
        kpi.follow(APART, new, DAY, by="office"),
        kpi.readings(APART, new, DAY),
        kpi.compare(APART, old, new, THEN, DAY),
        fingerprint=True,
    )
    whole = figures_before_the_end(
        APART, new, DAY, by=("office",), fingerprint=True, then=Then(old, THEN)
    )
    assert report_text(whole, "markdown") == report_text(parts, "markdown")


@pytest.mark.parametrize(("plan", "times"), [(small_plan.SMALL, 2), (APART, 3)])
def test_each_extract_is_checked_once(
    extracts: tuple[Path, Path], checked: mock.Mock, plan: kpi.Plan, times: int
) -> None:
    # A third time for readings of other columns: of rows that are read once.
    then = Then(extracts[0], THEN)
    figures_before_the_end(plan, extracts[1], DAY, then=then)
    assert checked.call_count == times
    report_figures(plan, extracts[1], "2022-12-31", then=then)
    assert checked.call_count == 2 * times


def test_standard_input_is_read_for_all_that_is_shown(
    extracts: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(extracts[1].read_bytes())))
    figures = figures_before_the_end(APART, "-", DAY, then=Then(extracts[0], THEN))
    assert figures.follow_up is not None
    assert figures.readings is not None
    assert figures.comparison is not None
    # a1 to a6 and b1 to b3 are decided by the end of June; OLD lacks b3.
    target = figures.comparison["1a"]
    assert target.then is not None
    assert [of.counted for of in (target.then, target.then_known_now, target.now)] == [8, 9, 12]


def test_the_cases_of_a_log_are_made_anew_for_each_day(tmp_path: Path, checked: mock.Mock) -> None:
    for name, log in (("old", OLD), ("new", NEW)):
        (tmp_path / f"{name}.csv").write_text(log)
        (tmp_path / f"{name}.toml").write_text(EXTRACT.format(name=name, which="last"))
    then = Then(tmp_path / "old.toml", "2022-06-30")
    figures = figures_before_the_end(plan_of_log(), tmp_path / "new.toml", "2022-09-30", then=then)
    # NEW for the page, NEW for the end of September and of June, and OLD.
    assert checked.call_count == 4
    assert figures.comparison is not None
    buckets = figures.comparison["t"].news.buckets
    assert {b.bucket: b.cases for b in buckets if b.cases} == {
        "entered": 1,
        "ended": 2,
        "only time passed": 1,
        "unchanged": 1,
    }
